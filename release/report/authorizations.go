package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"slipway/release"
)

var decisionTones = map[release.Decision]tone{
	release.Authorize:     good,
	release.PreAuthorized: good,
	release.Reject:        bad,
	release.ExpiredGate:   bad,
	release.ReviseIt:      warn,
	release.VoidedGate:    warn,
	release.LapsedGate:    warn,
	release.Pending:       pending,
}

// decisions says a decision as something that happened.
var decisions = map[release.Decision]string{
	release.Authorize:     "authorized",
	release.PreAuthorized: "pre-authorized",
	release.Reject:        "rejected",
	release.ExpiredGate:   "expired",
	release.ReviseIt:      "asked for a revision",
	release.VoidedGate:    "voided",
	release.LapsedGate:    "lapsed",
	release.Pending:       "waiting",
}

func decided(d release.Decision) cell {
	said, found := decisions[d]
	if !found {
		said = words(d)
	}
	return toned(decisionTones[d], "%s", said)
}

func (c composer) authorizations() []block {
	if len(c.Gates) == 0 {
		return append([]block{paragraph("No gate was opened.")}, c.refused()...)
	}
	var gates, votes [][]cell
	for i := range c.Gates {
		g := &c.Gates[i]
		gates = append(gates, []cell{
			text(g.Name), digest(g.Digest), c.clock.at(g.Opened), c.clock.at(g.Decided), c.decision(g), asked(g), text(c.progress(g)),
		})
		for _, v := range g.Votes {
			votes = append(votes, []cell{
				c.clock.at(v.At), text(g.Name), digest(g.Digest), text(c.who(v.By)), decided(v.Decision),
				signature(v), text(c.whose(g.InPlaceOf(v))), text(v.Comment),
			})
		}
	}
	blocks := []block{columns(gates, "Gate", "Showed", "Opened", "Decided", "Decision", "Asked for", "Votes")}
	if len(votes) > 0 {
		blocks = append(blocks, heading("Votes that counted"),
			columns(votes, "At", "Gate", "On", "By", "Vote", "Signature", "In place of", "Comment"))
	} else {
		blocks = append(blocks, paragraph("Nobody voted."))
	}
	return slices.Concat(blocks, c.exclusions(), c.refused(), c.notices())
}

// decision says how a gate ended, why it was voided, and that it was escalated.
func (c composer) decision(g *release.Gate) cell {
	said := decided(g.Decision)
	if !g.Escalated.IsZero() && g.Policy.Escalate != nil {
		said = lines(said, textf("escalated to group %s at", g.Policy.Escalate.To).with(c.clock.at(g.Escalated)))
	}
	return lines(said, text(g.Reason))
}

func asked(g *release.Gate) cell {
	if !g.Policy.Asks() {
		return nil
	}
	return text(g.Policy.String())
}

// progress says how far the votes of a gate came, and who is still needed.
func (c composer) progress(g *release.Gate) string {
	switch g.Decision {
	case release.PreAuthorized:
		return "none needed: the model says so beforehand"
	case release.Pending:
		return g.Progress() + "; needs " + g.Needs(c.plan.Authority())
	}
	count := map[release.Decision]int{}
	for _, v := range g.Votes {
		count[v.Decision]++
	}
	var parts []string
	for _, d := range release.Votes {
		if count[d] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", count[d], decisions[d]))
		}
	}
	return strings.Join(parts, ", ")
}

// signature shows which key signed a vote.
func signature(v release.Vote) cell {
	if v.Key == "" {
		return toned(muted, "unsigned")
	}
	return cell{{Text: "signed "}, {Text: v.KeyEnd(), Full: v.Key, Code: true}}
}

func (c composer) whose(ids []string) string {
	named := make([]string, len(ids))
	for i, id := range ids {
		named[i] = c.who(id)
	}
	return strings.Join(named, ", ")
}

// exclusions lists who did not count at any gate, each once.
func (c composer) exclusions() []block {
	var rows [][]cell
	seen := map[release.Exclusion]bool{}
	for _, g := range c.Gates {
		for _, e := range g.Excluded {
			if !seen[e] {
				seen[e] = true
				rows = append(rows, []cell{text(c.who(e.Person)), text(e.Why)})
			}
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return []block{heading("Who could not vote"), columns(rows, "Who", "Because")}
}

// notices lists who was told what, and who was not reached.
func (c composer) notices() []block {
	var rows [][]cell
	for _, n := range c.Notices {
		var unreached []cell
		for _, person := range slices.Sorted(maps.Keys(n.Unreached)) {
			unreached = append(unreached, toned(warn, "%s:", c.who(person)).with(text(n.Unreached[person])))
		}
		rows = append(rows, []cell{c.clock.at(n.At), text(n.Gate), text(words(n.Kind)), text(c.whose(n.To)), lines(unreached...)})
	}
	if len(rows) == 0 {
		return nil
	}
	return []block{heading("Notices"), columns(rows, "At", "Gate", "Notice", "To", "Not reached")}
}

// refused lists what people tried and may want to be told about again.
func (c composer) refused() []block {
	var rows [][]cell
	for _, a := range c.acts {
		if !a.Counted {
			rows = append(rows, []cell{c.clock.at(a.At), text(c.who(a.By)), text(string(a.Action)), text(a.Summary), text(a.Refusal)})
		}
	}
	if len(rows) == 0 {
		return []block{paragraph("No action was refused.")}
	}
	return []block{heading("Refused actions"), columns(rows, "At", "By", "Action", "Wanted", "Refused because")}
}

// otherActions lists what people did that no other section tells.
func (c composer) otherActions() []block {
	var rows [][]cell
	for _, a := range c.acts {
		if a.Counted && !c.toldElsewhere(a) {
			rows = append(rows, []cell{c.clock.at(a.At), text(c.who(a.By)), text(string(a.Action)), text(a.Summary)})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return []block{columns(rows, "At", "By", "Action", "Summary")}
}

// toldElsewhere leaves votes that their voter replaced: a gate keeps the latest
// of each.
func (c composer) toldElsewhere(a release.Act) bool {
	switch a.Action {
	case release.ActIncident, release.ActResolveIncident, release.ActServiceDeskCall, release.ActHandOver,
		release.ActNote, release.ActRate, release.ActLogEffort, release.ActCloseReview:
		return true
	case release.ActAuthorize:
		return slices.ContainsFunc(c.Gates, func(g release.Gate) bool {
			return slices.ContainsFunc(g.Votes, func(v release.Vote) bool {
				return v.By == a.By && v.At.Sub(a.At).Abs() < forwarding
			})
		})
	}
	return false
}
