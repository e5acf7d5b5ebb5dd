package release_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"slipway/release"
)

func TestAGateIsDecidedByItsVotes(t *testing.T) {
	const yes, no, revise, pending = release.Authorize, release.Reject, release.ReviseIt, release.Pending
	type votes = []release.Authorization
	two, with := asks("cab", 2), func(change func(*release.GatePolicy)) release.GatePolicy {
		p := asks("cab", 2)
		p.Rejections = 2
		change(&p)
		return p
	}
	both := release.GatePolicy{Votes: map[string]int{"cab": 2, "security": 1}}
	twice := release.GatePolicy{Votes: map[string]int{"cab": 2, "security": 1}, CountTwice: true}
	patient := with(func(*release.GatePolicy) {})
	for _, c := range []struct {
		name   string
		policy release.GatePolicy
		votes  votes
		want   release.Decision
	}{
		{"no votes", asks("cab", 1), nil, pending},
		{"nobody is asked", release.GatePolicy{Veto: []string{"ana"}}, votes{vote("ana", yes)}, pending},
		{"one is enough", asks("cab", 1), votes{vote("ana", yes)}, yes},
		{"too few", two, votes{vote("ana", yes)}, pending},
		{"enough", two, votes{vote("ana", yes), vote("ben", yes)}, yes},
		{"one person counts once", two, votes{vote("ana", yes), vote("ana", yes)}, pending},
		{"one rejection rejects by default", two, votes{vote("ana", no)}, no},
		{"as many rejections as asked for", patient, votes{vote("ana", no), vote("ben", no)}, no},
		{"fewer rejections do not stop those who authorize", patient, votes{vote("ana", no), vote("ben", yes), vote("eva", yes)}, yes},
		{"rejections are not those of one person", patient, votes{vote("ana", no), vote("ana", no)}, pending},
		{"one wish for a revision", two, votes{vote("ana", yes), vote("ben", revise)}, revise},
		{"a wish for a revision weighs more than one rejection of two", patient, votes{vote("ana", no), vote("ben", revise)}, revise},
		{"a later vote replaces the earlier one", patient, votes{vote("ana", no), vote("ana", yes), vote("ben", yes)}, yes},
		{"an authorization can be taken back", patient, votes{vote("ana", yes), vote("ana", no), vote("ben", yes)}, pending},

		{"veto of a person", with(func(p *release.GatePolicy) { p.Veto = []string{"sven"} }), votes{vote("sven", no)}, no},
		{"veto of a group", with(func(p *release.GatePolicy) { p.Veto = []string{"directors", "security"} }), votes{vote("ben", no)}, no},
		{"veto of a role", with(func(p *release.GatePolicy) { p.Veto = []string{"ciso"} }), votes{vote("sven", no)}, no},
		{"rejection of somebody without a veto", with(func(p *release.GatePolicy) { p.Veto = []string{"ciso"} }), votes{vote("ana", no)}, pending},
		{"veto in the place of who has it", with(func(p *release.GatePolicy) { p.Veto = []string{"ciso"} }), votes{vote("kim", no)}, no},
		{"who has a veto only does not help to authorize", with(func(p *release.GatePolicy) { p.Veto = []string{"ciso"} }), votes{vote("sven", yes), vote("ana", yes)}, pending},
		{"who has a veto only may ask for a revision", with(func(p *release.GatePolicy) { p.Veto = []string{"ciso"} }), votes{vote("sven", revise)}, revise},
		{"who has a veto only is one of those who reject", with(func(p *release.GatePolicy) { p.Veto = []string{"uwe"} }), votes{vote("uwe", no)}, no},

		{"two groups, by three people", both, votes{vote("ana", yes), vote("ben", yes), vote("sven", yes)}, yes},
		{"two groups, by too few who are in both", both, votes{vote("ben", yes), vote("ana", yes)}, pending},
		{"who is in both groups counts for where they are needed", both, votes{vote("ben", yes), vote("ana", yes), vote("eva", yes)}, yes},
		{"who is in both groups moves over to the other", both, votes{vote("ana", yes), vote("eva", yes), vote("ben", yes)}, yes},
		{"who is in both groups counts for both", twice, votes{vote("ben", yes), vote("ana", yes)}, yes},
		{"who counts twice still counts once in a group", twice, votes{vote("ben", yes), vote("ben", yes)}, pending},

		{"a person who has to be there is not", with(func(p *release.GatePolicy) { p.Mandatory = []string{"dirk"} }), votes{vote("ana", yes), vote("ben", yes)}, pending},
		{"a person who has to be there is", with(func(p *release.GatePolicy) { p.Mandatory = []string{"eva"} }), votes{vote("eva", yes), vote("ben", yes)}, yes},
		{"a group that has to be there is", with(func(p *release.GatePolicy) { p.Mandatory = []string{"security"} }), votes{vote("ana", yes), vote("ben", yes)}, yes},
		{"a role that has to be there comes on top", with(func(p *release.GatePolicy) { p.Mandatory = []string{"ciso"} }), votes{vote("ana", yes), vote("ben", yes), vote("sven", yes)}, yes},
		{"who has to be there may be stood in for", with(func(p *release.GatePolicy) { p.Mandatory = []string{"sven"} }), votes{vote("ana", yes), vote("ben", yes), vote("kim", yes)}, yes},
		{"nobody else is asked", release.GatePolicy{Mandatory: []string{"sven", "ana"}}, votes{vote("ana", yes), vote("sven", yes)}, yes},
		{"a rejection of who has to be there", release.GatePolicy{Mandatory: []string{"sven", "ana"}, Rejections: 2}, votes{vote("sven", no), vote("ana", yes)}, pending},

		{"who stands in counts", asks("security", 1), votes{vote("kim", yes)}, yes},
		{"who stands in and votes for themself has one vote", two, votes{vote("ana", yes)}, pending},
		{"who is stood in for votes themself", two, votes{vote("ana", yes), vote("eva", yes)}, yes},
		{"a seat falls back to who votes themself", asks("security", 2), votes{vote("kim", yes), vote("sven", yes)}, pending},
		{"a seat falls back to who rejects themself", release.GatePolicy{Votes: map[string]int{"security": 1, "cab": 1}, Rejections: 2}, votes{
			vote("kim", yes), vote("sven", no), vote("ana", yes),
		}, pending},
		{"a rejection falls with the seat", release.GatePolicy{Votes: map[string]int{"security": 2}, Rejections: 2}, votes{
			vote("kim", no), vote("sven", yes), vote("ben", no),
		}, pending},
	} {
		g := opened(t, c.policy)
		for i, v := range c.votes {
			require.NoError(t, cast(&g, v.By, v.Decision, noon.Add(time.Duration(i)*time.Minute)), "%s: %s", c.name, v.By)
		}
		assert.Equal(t, c.want, g.Decision, c.name)
		if c.want == pending {
			assert.Zero(t, g.Decided, c.name)
		} else {
			assert.Equal(t, noon.Add(time.Duration(len(c.votes)-1)*time.Minute), g.Decided, c.name)
		}
	}
}

func TestWhatWasSaidInSomebodysPlaceFallsWhenTheyVoteThemselves(t *testing.T) {
	for _, d := range release.Votes {
		g := opened(t, release.GatePolicy{Votes: map[string]int{"security": 2}, Veto: []string{"ciso"}})
		g.Votes = []release.Vote{
			{By: "kim", Decision: d, Seats: house().Seats("kim", noon)},
			{By: "sven", Decision: release.Authorize, Seats: house().Seats("sven", noon)},
		}
		assert.Equal(t, release.Pending, g.Tally(), d)
	}
}

func TestAVoteInThePlaceOfSomebodyWhoVotedAlreadyIsRefused(t *testing.T) {
	for _, d := range release.Votes {
		g := opened(t, asks("security", 2))
		require.NoError(t, cast(&g, "sven", release.Authorize, noon))
		before := unchanged(g)
		require.Error(t, cast(&g, "kim", d, noon), d)
		require.Equal(t, before, g)
	}
}

// Two people may stand in for a third one after the other.
func TestASeatCountsOnceHoweverManyStandIn(t *testing.T) {
	for _, d := range []release.Decision{release.Authorize, release.Reject} {
		policy := asks("security", 2)
		policy.Rejections = 2
		g, o := opened(t, policy), house()
		o.Delegations = []release.Delegation{
			{From: "sven", To: "kim", Start: noon, End: noon.Add(time.Hour)}, {From: "sven", To: "tim", Start: noon.Add(time.Hour), End: noon.Add(2 * time.Hour)},
		}
		for i, by := range []string{"kim", "tim"} {
			at := noon.Add(time.Duration(i) * time.Hour)
			// Whether the second is refused, or takes the seat over, is not said here.
			_ = g.Cast(vote(by, d), release.Voter{Seats: o.Seats(by, at)}, at)
		}
		assert.Equal(t, release.Pending, g.Decision, d)
	}
}

var groups = []string{"cab", "security", "operations"}

// anyPolicy asks some of the groups, and sometimes people among them.
func anyPolicy(t *rapid.T, people []string) release.GatePolicy {
	p := release.GatePolicy{Votes: map[string]int{}, CountTwice: rapid.Bool().Draw(t, "count twice"), Rejections: rapid.IntRange(0, 3).Draw(t, "rejections")}
	for _, group := range groups {
		if n := rapid.IntRange(0, 2).Draw(t, group); n > 0 {
			p.Votes[group] = n
		}
	}
	some := rapid.SliceOfNDistinct(rapid.SampledFrom(slices.Concat(people, groups)), 0, 2, rapid.ID)
	p.Mandatory, p.Veto = some.Draw(t, "mandatory"), some.Draw(t, "veto")
	return p
}

// electors are some people in some groups, each with their own seat and those that
// others delegated to them, at most so many of each.
func electors(t *rapid.T, delegates int) (people []string, seats map[string][]release.Seat) {
	seats = map[string][]release.Seat{}
	for i := range rapid.IntRange(1, 6).Draw(t, "people") {
		id := fmt.Sprintf("p%d", i)
		people = append(people, id)
		seats[id] = []release.Seat{{Person: id, Groups: rapid.SliceOfNDistinct(rapid.SampledFrom(groups), 0, 3, rapid.ID).Draw(t, id)}}
	}
	own := map[string]release.Seat{}
	for id, s := range seats {
		own[id] = s[0]
	}
	for _, from := range people {
		for _, to := range rapid.SliceOfNDistinct(rapid.SampledFrom(people), 0, min(delegates, len(people)), rapid.ID).Draw(t, "for "+from) {
			if to != from {
				seats[to] = append(seats[to], own[from])
			}
		}
	}
	return people, seats
}

// anyVotes are votes of some of the people.
func anyVotes(t *rapid.T, people []string, seats map[string][]release.Seat, decisions []release.Decision) []release.Vote {
	var votes []release.Vote
	for i, by := range rapid.SliceOfNDistinct(rapid.SampledFrom(people), 0, len(people), rapid.ID).Draw(t, "voters") {
		votes = append(votes, release.Vote{
			At: noon.Add(time.Duration(i) * time.Minute), By: by, Decision: rapid.SampledFrom(decisions).Draw(t, by), Seats: seats[by],
		})
	}
	return votes
}

// oracle tries out everything that the votes could come to.
type oracle struct {
	policy release.GatePolicy
	votes  []release.Vote
}

// as tells whether a vote counts for a name, as the voter's own or in the place of
// somebody who did not vote.
func (o oracle) as(v release.Vote, names ...string) bool {
	for _, seat := range v.Seats {
		owner := slices.ContainsFunc(o.votes, func(other release.Vote) bool { return other.By == seat.Person })
		if (seat.Person == v.By || !owner) && seat.Is(names...) {
			return true
		}
	}
	return false
}

func (o oracle) decides() release.Decision {
	asked := slices.Concat(slices.Collect(maps.Keys(o.policy.Votes)), o.policy.Mandatory, o.policy.Veto)
	rejections, revise, veto := 0, false, false
	var yes []release.Vote
	for _, v := range o.votes {
		if !o.as(v, asked...) {
			continue
		}
		switch v.Decision {
		case release.Reject:
			rejections++
			veto = veto || o.as(v, o.policy.Veto...)
		case release.ReviseIt:
			revise = true
		case release.Authorize:
			yes = append(yes, v)
		}
	}
	switch {
	case veto || rejections >= max(1, o.policy.Rejections):
		return release.Reject
	case revise:
		return release.ReviseIt
	case o.policy.Asks() && o.enough(yes) && o.present(yes):
		return release.Authorize
	}
	return release.Pending
}

func (o oracle) present(yes []release.Vote) bool {
	return !slices.ContainsFunc(o.policy.Mandatory, func(name string) bool {
		return !slices.ContainsFunc(yes, func(v release.Vote) bool { return o.as(v, name) })
	})
}

func (o oracle) enough(yes []release.Vote) bool {
	var places []string
	for group, n := range o.policy.Votes {
		able := 0
		for _, v := range yes {
			if o.as(v, group) {
				able++
			}
		}
		if able < n {
			return false
		}
		places = append(places, slices.Repeat([]string{group}, n)...)
	}
	return o.policy.CountTwice || o.fill(places, yes)
}

// fill tries every vote for the first of the places, and all others for the rest.
func (o oracle) fill(places []string, yes []release.Vote) bool {
	if len(places) == 0 {
		return true
	}
	for i, v := range yes {
		if o.as(v, places[0]) && o.fill(places[1:], slices.Delete(slices.Clone(yes), i, i+1)) {
			return true
		}
	}
	return false
}

func TestATallyIsWhatTryingEverythingOutComesTo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		people, seats := electors(t, 1)
		g := release.Gate{Policy: anyPolicy(t, people), Votes: anyVotes(t, people, seats, release.Votes)}
		require.Equal(t, oracle{g.Policy, g.Votes}.decides(), g.Tally())
	})
}

// Mostly authorizations, so that gates do open.
func TestWhoCountsForWhichGroupIsChosenWell(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		people, seats := electors(t, 1)
		policy := release.GatePolicy{Votes: map[string]int{"cab": 2, "security": 1}, CountTwice: rapid.Bool().Draw(t, "count twice")}
		g := release.Gate{Policy: policy, Votes: anyVotes(t, people, seats, []release.Decision{release.Authorize})}
		require.Equal(t, oracle{policy, g.Votes}.decides(), g.Tally())
	})
}

func TestTheOrderOfVotesDoesNotMatterForWhatTheyComeTo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		people, seats := electors(t, 2)
		g := release.Gate{Name: "plan", Policy: anyPolicy(t, people), Votes: anyVotes(t, people, seats, release.Votes)}
		if rapid.Bool().Draw(t, "escalated") {
			g.Policy.Escalate, g.Escalated = &release.Escalation{To: "operations"}, noon
		}
		other := g
		other.Votes = rapid.Permutation(g.Votes).Draw(t, "order")
		var authority release.Authority
		for _, id := range people {
			authority.Roster = append(authority.Roster, release.Person{ID: id, Groups: seats[id][0].Groups})
		}
		require.Equal(t, g.Tally(), other.Tally())
		require.Equal(t, g.Needs(authority), other.Needs(authority))
		require.Equal(t, g.Progress(), other.Progress())
		require.Equal(t, g.Asked(authority), other.Asked(authority))
	})
}

func TestWhetherAuthorizationsOpenAGateDoesNotDependOnWhoVotesFirst(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		people, seats := electors(t, 1)
		policy := anyPolicy(t, people)
		voters := rapid.SliceOfNDistinct(rapid.SampledFrom(people), 0, len(people), rapid.ID).Draw(t, "voters")
		end := func(order []string) release.Decision {
			g := opened(t, policy)
			for _, by := range order {
				// Refusals are part of it: of those who are not asked, and once it is open.
				_ = g.Cast(vote(by, release.Authorize), release.Voter{Seats: seats[by]}, noon)
			}
			return g.Decision
		}
		require.Equal(t, end(voters), end(rapid.Permutation(voters).Draw(t, "order")))
	})
}

func TestADelegateNeverAddsAVoteToWhatOwnerAndDelegateCouldGiveTogether(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		people, seats := electors(t, 2)
		g := opened(t, anyPolicy(t, people))
		for i, by := range rapid.Permutation(people).Draw(t, "order") {
			at := noon.Add(time.Duration(i) * time.Minute)
			_ = g.Cast(vote(by, release.Authorize), release.Voter{Seats: seats[by]}, at)
		}
		if g.Decision != release.Authorize {
			return
		}
		inPerson := map[string]release.Vote{}
		for _, v := range g.Votes {
			for _, seat := range v.Seats {
				inPerson[seat.Person] = release.Vote{By: seat.Person, Decision: release.Authorize, Seats: []release.Seat{seat}}
			}
		}
		all := release.Gate{Policy: g.Policy}
		for _, v := range inPerson {
			all.Votes = append(all.Votes, v)
		}
		require.Equal(t, release.Authorize, all.Tally())
	})
}

func TestAnOpenedGateHasTheVotesThatItAskedFor(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := house()
		policy := anyPolicy(t, []string{"ben", "sven"})
		g := opened(t, policy)
		latest := map[string]release.Vote{}
		for i := range rapid.IntRange(1, 30).Draw(t, "votes") {
			by := rapid.SampledFrom([]string{"rita", "uwe", "kim", "zoe", "ana", "ben", "eva", "sven", "bob"}).Draw(t, "by")
			d := rapid.SampledFrom(append(slices.Repeat([]release.Decision{release.Authorize}, 4), release.Votes...)).Draw(t, "decision")
			at := noon.Add(time.Duration(i) * time.Second)
			was := g.Decision
			err := g.Cast(vote(by, d), release.Voter{Seats: o.Seats(by, at)}, at)
			if was != release.Pending {
				require.Error(t, err, "a decided gate takes no more votes")
				require.Equal(t, was, g.Decision)
				continue
			}
			if err == nil {
				latest[by] = release.Vote{By: by, Decision: d, Seats: o.Seats(by, at)}
			}
			require.Len(t, g.Votes, len(latest), "one vote a person")
			for _, v := range g.Votes {
				require.Equal(t, latest[v.By].Decision, v.Decision)
			}
		}
		counted := oracle{policy: policy}
		for by, v := range latest {
			require.NotContains(t, []string{"rita", "bob", "zoe"}, by)
			counted.votes = append(counted.votes, v)
		}
		require.Equal(t, counted.decides(), g.Decision)
	})
}

func TestAGateSaysWhoIsStillNeeded(t *testing.T) {
	const yes, no = release.Authorize, release.Reject
	type votes = []release.Authorization
	three := func(change func(*release.GatePolicy)) release.GatePolicy {
		p := release.GatePolicy{Votes: map[string]int{"cab": 2, "security": 1}, Rejections: 2}
		change(&p)
		return p
	}
	none, signed := func(*release.GatePolicy) {}, func(p *release.GatePolicy) { p.Signed = true }
	for _, c := range []struct {
		name            string
		policy          release.GatePolicy
		votes           votes
		escalated       bool
		needs, progress string
		asked           []string
	}{
		{name: "nobody voted", policy: asks("cab", 2), needs: "2 more of group cab (ana, ben, eva, dirk)", progress: "0 of 2 authorized", asked: []string{"ana", "ben", "eva", "dirk"}},
		{name: "one authorized", policy: asks("cab", 2), votes: votes{vote("ben", yes)}, needs: "1 more of group cab (ana, eva, dirk)", progress: "1 of 2 authorized", asked: []string{"ana", "eva", "dirk"}},
		{name: "who rejected may still change their mind", policy: three(none), votes: votes{vote("ben", no)}, needs: "2 more of group cab (ana, ben, eva, dirk) and 1 more of group security (ben, sven)", progress: "0 of 3 authorized", asked: []string{"ana", "ben", "eva", "sven", "dirk"}},
		{name: "only one group is left", policy: three(none), votes: votes{vote("ana", yes), vote("eva", yes)}, needs: "1 more of group security (ben, sven)", progress: "2 of 3 authorized", asked: []string{"ben", "sven"}},
		{name: "who could count for both is put where it helps", policy: three(none), votes: votes{vote("ben", yes), vote("sven", yes)}, needs: "1 more of group cab (ana, eva, dirk)", progress: "2 of 3 authorized", asked: []string{"ana", "eva", "dirk"}},
		{name: "each group by itself, and several are missing", policy: three(func(p *release.GatePolicy) { p.CountTwice = true }), needs: "2 more of group cab (ana, ben, eva, dirk) and 1 more of group security (ben, sven)", progress: "0 of 3 authorized", asked: []string{"ana", "ben", "eva", "sven", "dirk"}},
		{name: "each group by itself", policy: three(func(p *release.GatePolicy) { p.CountTwice = true }), votes: votes{vote("ben", yes)}, needs: "1 more of group cab (ana, eva, dirk)", progress: "2 of 3 authorized", asked: []string{"ana", "eva", "dirk"}},
		{name: "too few", policy: asks("security", 3), needs: "3 more of group security, but only ben, sven may vote", progress: "0 of 3 authorized", asked: []string{"ben", "sven"}},
		{name: "nobody left", policy: asks("security", 3), votes: votes{vote("ben", yes), vote("sven", yes)}, needs: "1 more of group security, but nobody is left who may vote", progress: "2 of 3 authorized"},
		{name: "a person", policy: three(func(p *release.GatePolicy) { p.Mandatory = []string{"sven"} }), votes: votes{vote("ana", yes), vote("eva", yes), vote("ben", yes)}, needs: "sven", progress: "3 of 3 authorized, without sven", asked: []string{"sven"}},
		{name: "a role", policy: three(func(p *release.GatePolicy) { p.Mandatory = []string{"ciso"} }), votes: votes{vote("ana", yes)}, needs: "1 more of group cab (ben, eva, dirk) and 1 more of group security (ben, sven) and 1 more of group ciso (sven)", progress: "1 of 3 authorized, without ciso", asked: []string{"ben", "eva", "sven", "dirk"}},
		{name: "only certain people", policy: release.GatePolicy{Mandatory: []string{"sven", "eva"}}, votes: votes{vote("eva", yes)}, needs: "sven", progress: "1 of 2 authorized", asked: []string{"sven"}},
		{name: "in somebody's place", policy: asks("security", 2), votes: votes{vote("kim", yes)}, needs: "1 more of group security (ben, sven)", progress: "1 of 2 authorized", asked: []string{"ben", "sven"}},
		{name: "signed", policy: three(signed), votes: votes{vote("ana", yes), vote("eva", yes)}, needs: "1 more of group security (ben, sven), signed", progress: "2 of 3 authorized", asked: []string{"ben", "sven"}},
		{name: "escalated", policy: escalating(map[string]int{"cab": 2}), votes: votes{vote("ana", yes)}, escalated: true, needs: "1 more of group cab (ben, eva, dirk), or in their place group directors (dora, dirk), to whom it was escalated", progress: "1 of 2 authorized", asked: []string{"ben", "eva", "dora", "dirk"}},
		{name: "who stood in is there already", policy: escalating(map[string]int{"cab": 2}), votes: votes{vote("dora", yes)}, escalated: true, needs: "1 more of group cab (ana, ben, eva, dirk), or in their place group directors (dirk), to whom it was escalated", progress: "1 of 2 authorized", asked: []string{"ana", "ben", "eva", "dirk"}},
	} {
		g, authority := opened(t, c.policy), release.Authority{Roster: house().Roster}
		if c.escalated {
			g.Escalate(noon)
		}
		for _, v := range c.votes {
			at := noon
			voter := release.Voter{Seats: house().Seats(v.By, at)}
			if c.policy.Signed {
				voter.Key, voter.Issued = "SHA256:"+v.By, at
			}
			require.NoError(t, g.Cast(v, voter, at), c.name)
		}
		assert.Equal(t, c.needs, g.Needs(authority), c.name)
		assert.Equal(t, c.progress, g.Progress(), c.name)
		assert.Equal(t, c.asked, g.Asked(authority), c.name)
	}
}
