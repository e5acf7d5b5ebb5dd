package release

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Tally says what the votes come to. It looks at who voted what, never at the
// order: a veto and enough rejections weigh first, then a single wish for a
// revision, then whether everybody who is asked has authorized.
func (g *Gate) Tally() Decision {
	rejections := g.with(Reject)
	veto := slices.ContainsFunc(rejections, func(v Vote) bool { return g.holds(v, g.Policy.Veto...) })
	switch {
	case veto, len(rejections) >= max(g.Policy.Rejections, 1):
		return Reject
	case len(g.with(ReviseIt)) > 0:
		return ReviseIt
	case !g.Policy.Asks():
		return Pending
	case len(g.missing()) == 0 && len(g.missingMandatory()) == 0:
		return Authorize
	}
	return Pending
}

// with gives the votes of a decision, in the order of the names: of those that
// still speak for somebody whom the gate asks.
func (g *Gate) with(d Decision) []Vote {
	votes := slices.DeleteFunc(slices.Clone(g.Votes), func(v Vote) bool { return v.Decision != d || !slices.ContainsFunc(g.usable(v), g.entitles) })
	slices.SortFunc(votes, func(a, b Vote) int { return cmp.Compare(a.By, b.By) })
	return votes
}

// usable gives the seats that a vote fills. A delegated seat falls back to its
// owner as soon as the owner votes.
func (g *Gate) usable(v Vote) []Seat {
	return slices.DeleteFunc(slices.Clone(v.Seats), func(s Seat) bool {
		return s.Person != v.By && slices.ContainsFunc(g.Votes, func(other Vote) bool { return other.By == s.Person })
	})
}

// holds tells whether a vote fills a seat of one of these names.
func (g *Gate) holds(v Vote, names ...string) bool {
	return slices.ContainsFunc(g.usable(v), func(s Seat) bool { return s.Is(names...) })
}

// fills tells whether a vote may count for a name that is asked: as such, or
// because the gate was escalated.
func (g *Gate) fills(v Vote, name string) bool {
	return g.holds(v, name) || slices.ContainsFunc(g.usable(v), g.standsIn)
}

// missing lists the groups whose votes are missing, each as often as one is. Each
// person counts for one vote only, unless the policy lets them count for several
// groups; who counts for whom is chosen so that as few as possible are missing.
func (g *Gate) missing() []string {
	voters := g.with(Authorize)
	if g.Policy.CountTwice {
		return g.missingApart(voters)
	}
	slots := g.Policy.slots()
	taken := make([]int, len(voters)) // by which slot, counted from 1
	var missing []string
	for slot, group := range slots {
		if !g.seat(slot, slots, voters, taken, make([]bool, len(voters))) {
			missing = append(missing, group)
		}
	}
	return missing
}

// seat finds a voter for a slot, moving others to other slots where that helps
// (a maximum matching by augmenting paths).
func (g *Gate) seat(slot int, slots []string, voters []Vote, taken []int, tried []bool) bool {
	for i, v := range voters {
		if tried[i] || !g.fills(v, slots[slot]) {
			continue
		}
		tried[i] = true
		if taken[i] == 0 || g.seat(taken[i]-1, slots, voters, taken, tried) {
			taken[i] = slot + 1
			return true
		}
	}
	return false
}

// missingApart counts for each group by itself.
func (g *Gate) missingApart(voters []Vote) []string {
	var missing []string
	for _, group := range slices.Sorted(maps.Keys(g.Policy.Votes)) {
		need := g.Policy.Votes[group]
		for _, v := range voters {
			if g.fills(v, group) {
				need--
			}
		}
		for range max(need, 0) {
			missing = append(missing, group)
		}
	}
	return missing
}

// missingMandatory lists who has to authorize and has not.
func (g *Gate) missingMandatory() []string {
	voters := g.with(Authorize)
	return slices.DeleteFunc(slices.Clone(g.Policy.Mandatory), func(name string) bool {
		return slices.ContainsFunc(voters, func(v Vote) bool { return g.fills(v, name) })
	})
}

// Needs says who is still needed: "1 more of group cab (ben, eva) and sven".
func (g *Gate) Needs(authority Authority) string {
	missing := g.missing()
	var parts []string
	for _, group := range slices.Compact(slices.Clone(missing)) {
		n := len(slices.DeleteFunc(slices.Clone(missing), func(m string) bool { return m != group }))
		parts = append(parts, needsOf(group, n, g.able(authority, group)))
	}
	for _, name := range g.missingMandatory() {
		if _, person := authority.Person(name); person {
			parts = append(parts, name)
			continue
		}
		parts = append(parts, needsOf(name, 1, g.able(authority, name)))
	}
	text := strings.Join(parts, " and ")
	if g.Policy.Signed {
		text += ", signed"
	}
	if !g.Escalated.IsZero() {
		text += ", or in their place group " + g.Policy.Escalate.To + " (" + few(g.able(authority, g.Policy.Escalate.To)) + "), to whom it was escalated"
	}
	return text
}

func needsOf(group string, n int, able []string) string {
	text := fmt.Sprintf("%d more of group %s", n, group)
	switch {
	case len(able) == 0:
		return text + ", but nobody is left who may vote"
	case len(able) < n:
		return text + ", but only " + list(able) + " may vote"
	}
	return text + " (" + few(able) + ")"
}

// few lists names that a person would still read.
func few(names []string) string {
	const most = 10
	if len(names) <= most {
		return list(names)
	}
	return fmt.Sprintf("%s and %d more", list(names[:most]), len(names)-most)
}

// able lists the people of a group or role who could still authorize.
func (g *Gate) able(authority Authority, name string) []string {
	var able []string
	for _, p := range authority.Roster {
		_, excluded := g.excludes(p.ID)
		voted := slices.ContainsFunc(g.Votes, func(v Vote) bool { return v.By == p.ID && v.Decision == Authorize })
		if p.Seat().Is(name) && !excluded && !voted {
			able = append(able, p.ID)
		}
	}
	return able
}

// Asked lists the people whose vote could still bring the gate on, for reminders.
func (g *Gate) Asked(authority Authority) []string {
	names := slices.Concat(g.missing(), g.missingMandatory())
	if !g.Escalated.IsZero() {
		names = append(names, g.Policy.Escalate.To)
	}
	var asked []string
	for _, p := range authority.Roster {
		if slices.ContainsFunc(names, func(name string) bool { return slices.Contains(g.able(authority, name), p.ID) }) {
			asked = append(asked, p.ID)
		}
	}
	return asked
}

func list(names []string) string { return strings.Join(names, ", ") }
