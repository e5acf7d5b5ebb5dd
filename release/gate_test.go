package release_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"slipway/release"
)

// unchanged is a copy of a gate that later votes leave alone.
func unchanged(g release.Gate) release.Gate {
	g.Votes = slices.Clone(g.Votes)
	return g
}

func TestAVoteThatCannotCountIsRefusedWithTheReason(t *testing.T) {
	shown := opened(t, asks("cab", 2)).Digest.Short()
	stale := func(digest string) string {
		return "digest " + digest + " is not what gate plan shows now: it shows " + shown + "; read what changed and vote on that"
	}
	none := func(by string) string {
		return by + " is none of those whom gate plan asks: 2 of group cab"
	}
	open := func(*release.Gate) {}
	for _, c := range []struct {
		name   string
		before func(*release.Gate)
		by     string
		digest string
		want   string
	}{
		{"stranger", open, "zoe", "", "zoe is not on the roster"},
		{"line as it was shown", open, release.YourID, "", "YOUR-ID is not on the roster: put your own id in place of YOUR-ID"},
		{"nobody", open, "", "", " is not on the roster"},
		{"name in another case", open, "Ana", "", "Ana is not on the roster"},
		{"another group", open, "sven", "", none("sven")},
		{"no group", open, "sam", "", none("sam")},
		{"requester", open, "rita", "", "rita requested the release and cannot authorize it (separation of duties)"},
		{"manager, also in the place of somebody who may vote", open, "marc", "", "marc manages the release and cannot authorize it (separation of duties)"},
		{"builder", open, "bob", "", "bob builds the release and cannot authorize it (separation of duties)"},
		{"in the place of the requester", open, "uwe", "", none("uwe")},
		{"in the place of somebody whose delegation is over, or to come", open, "pia", "", none("pia")},
		{"escalation that did not happen", func(g *release.Gate) { g.Policy.Escalate = &release.Escalation{To: "directors", For: days(1)} }, "dora", "", none("dora")},
		{"decided gate", func(g *release.Gate) { g.Close(release.ExpiredGate, noon) }, "ana", "", "gate plan is already decided (expired)"},
		{"past the deadline", func(g *release.Gate) { g.Deadline = noon.Add(-time.Nanosecond) }, "ana", "", "gate plan closed at 2026-03-01T11:59:59Z"},
		{"stale digest", open, "ana", "sha256:0123456789abcdef", stale("sha256:0123456789abcdef")},
		{"digest too short", open, "ana", shown[:11], stale(shown[:11])},
		{"blank digest", open, "ana", " ", stale(" ")},
		{
			"no digest where one is wanted", func(g *release.Gate) { g.Policy.RequireDigest = true }, "ana", "",
			`gate plan wants votes that say what they are about: add "digest":"` + shown + `"`,
		},
		{
			"unsigned where a signature is wanted", func(g *release.Gate) { g.Policy.Signed = true }, "ana", "",
			"gate plan wants signed votes: make one with starter authorize web@2.30 --gate plan --by ana --sign KEY",
		},
	} {
		g := opened(t, asks("cab", 2))
		c.before(&g)
		before := unchanged(g)
		v := vote(c.by, release.Authorize)
		v.Digest = c.digest
		err := g.Cast(v, release.Voter{Seats: house().Seats(c.by, noon)}, noon)
		var refusal release.Refusal
		require.ErrorAs(t, err, &refusal, c.name)
		assert.Equal(t, c.want, refusal.Error(), c.name)
		assert.Equal(t, before, g, "%s: a refused vote leaves no trace", c.name)
	}
}

// idle is a vote that may never count at a gate of the cab and of security, though
// it may look much like one that does.
func idle(t *rapid.T) (release.Authorization, release.Voter, time.Time) {
	kind := rapid.SampledFrom([]string{"stranger", "excluded", "stands in", "outside", "late", "unsigned", "digest", "old signature"}).Draw(t, "kind")
	by := map[string][]string{
		"stranger": {"zoe", "", "ANA", "ana ", "cab"}, "excluded": {"rita", "marc", "bob"}, "stands in": {"uwe", "tim", "pia"}, "outside": {"sam", "dora"},
	}[kind]
	if by == nil {
		by = []string{"ana", "ben", "eva", "sven", "kim"}
	}
	v := vote(rapid.SampledFrom(by).Draw(t, "by"), rapid.SampledFrom(release.Votes).Draw(t, "decision"))
	v.Digest = string(opened(t, release.GatePolicy{}).Digest)
	voter, at := release.Voter{Seats: house().Seats(v.By, noon), Key: "SHA256:key of " + v.By, Issued: noon.Add(time.Second)}, noon.Add(time.Minute)
	switch kind {
	case "late":
		at = noon.Add(time.Hour + time.Duration(rapid.Int64Range(1, int64(time.Hour)).Draw(t, "late")))
	case "unsigned":
		voter.Key, voter.Issued = "", time.Time{}
	case "digest":
		v.Digest = rapid.SampledFrom([]string{"", string(release.DigestOfBytes([]byte(rapid.String().Draw(t, "other"))))}).Draw(t, "digest")
	case "old signature":
		voter.Issued = noon.Add(-time.Duration(rapid.Int64Range(1, int64(time.Hour)).Draw(t, "old")))
	}
	return v, voter, at
}

func TestNoVotesThatMayNotCountEverDecideAGate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := opened(t, release.GatePolicy{
			Votes:      map[string]int{"cab": rapid.IntRange(0, 2).Draw(t, "cab"), "security": rapid.IntRange(1, 2).Draw(t, "security")},
			Mandatory:  rapid.SampledFrom([][]string{nil, {"ben"}, {"ciso"}, {"rita"}}).Draw(t, "mandatory"),
			Veto:       rapid.SampledFrom([][]string{nil, {"security"}, {"marc", "ciso"}}).Draw(t, "veto"),
			Rejections: rapid.IntRange(0, 2).Draw(t, "rejections"), CountTwice: rapid.Bool().Draw(t, "count twice"),
			Signed: true, RequireDigest: true, Deadline: release.Duration(time.Hour), Escalate: &release.Escalation{To: "directors", For: days(1)},
		})
		if rapid.Bool().Draw(t, "a vote that counts") { // and decides nothing
			g.Policy.Votes["security"] = 2
			require.NoError(t, g.Cast(release.Authorization{Sender: release.Sender{By: "sven"}, Decision: release.Authorize, Digest: string(g.Digest)},
				release.Voter{Seats: house().Seats("sven", noon), Key: "SHA256:key of sven", Issued: noon}, noon))
		}
		before := unchanged(g)
		for range rapid.IntRange(1, 20).Draw(t, "votes") {
			v, voter, at := idle(t)
			var refusal release.Refusal
			require.ErrorAs(t, g.Cast(v, voter, at), &refusal)
			require.NotEmpty(t, refusal.Error())
			require.Equal(t, before, g)
		}
	})
}

func TestAVoteMayNameTheDigestThatTheGateShows(t *testing.T) {
	g := opened(t, asks("cab", 2))
	for by, digest := range map[string]string{"ana": g.Digest.Short(), "ben": string(g.Digest)} {
		v := vote(by, release.Authorize)
		v.Digest = digest
		require.NoError(t, g.Cast(v, release.Voter{Seats: house().Seats(by, noon)}, noon))
	}
	assert.Equal(t, release.Authorize, g.Decision)
}

func TestAVoteIsKeptAsItWasCast(t *testing.T) {
	g := opened(t, asks("cab", 2))
	v := vote("ana", release.Authorize)
	v.Comment, v.Signature = "looks fine", "SIGNED"
	at := noon.Add(time.Minute)
	require.NoError(t, g.Cast(v, release.Voter{Seats: house().Seats("ana", at), Key: "SHA256:a", Issued: noon.Add(time.Second)}, at))
	assert.Equal(t, []release.Vote{{
		At: at, By: "ana", Decision: release.Authorize, Comment: "looks fine", Key: "SHA256:a", Signature: "SIGNED", Issued: noon.Add(time.Second),
		Seats: []release.Seat{{Person: "ana", Groups: []string{"cab"}}, {Person: "eva", Groups: []string{"cab"}}},
	}}, g.Votes)
	assert.Equal(t, g, stored(t, g))
}

func TestASeatOfSomebodyWhoNeverCountsIsNotKept(t *testing.T) {
	g := opened(t, asks("users", 1))
	require.NoError(t, cast(&g, "uwe", release.Authorize, noon)) // who also stands in for rita
	assert.Equal(t, []release.Seat{{Person: "uwe", Groups: []string{"users"}}}, g.Votes[0].Seats)
}

func TestADecidedGateTakesNothing(t *testing.T) {
	for _, d := range []release.Decision{release.Authorize, release.Reject, release.ReviseIt, release.ExpiredGate, release.VoidedGate, release.LapsedGate, release.PreAuthorized} {
		g := opened(t, asks("cab", 1))
		if slices.Contains(release.Votes, d) {
			require.NoError(t, cast(&g, "ana", d, noon))
		} else {
			g.Close(d, noon)
		}
		require.Equal(t, d, g.Decision)
		before := unchanged(g)
		for _, by := range []string{"ana", "ben", "sam", "zoe"} {
			for _, again := range release.Votes {
				require.EqualError(t, cast(&g, by, again, noon.Add(time.Minute)), "gate plan is already decided ("+string(d)+")")
			}
		}
		assert.Equal(t, before, g)
	}
}

func TestADeadlineCountsFromTheOpeningAndIsTheLastMoment(t *testing.T) {
	policy := asks("cab", 2)
	policy.Deadline = days(3)
	g := opened(t, policy)
	last := noon.AddDate(0, 0, 3)
	assert.Equal(t, last, g.Deadline)
	require.NoError(t, cast(&g, "ana", release.Authorize, last))
	require.EqualError(t, cast(&g, "ben", release.Authorize, last.Add(time.Nanosecond)), "gate plan closed at 2026-03-04T12:00:00Z")
	assert.Zero(t, opened(t, asks("cab", 1)).Deadline, "no deadline is for ever")
}

// changedFields gives a gate's content with one field changed, for each field.
func changedFields(t *testing.T, content release.GateContent) map[string]release.GateContent {
	all := map[string]release.GateContent{}
	of := reflect.TypeOf(content)
	for i := range of.NumField() {
		other := content
		switch into := reflect.ValueOf(&other).Elem().Field(i).Addr().Interface().(type) {
		case *string:
			*into += "x"
		case *release.Digest:
			*into += "x"
		case *[]string:
			*into = append(slices.Clone(*into), "x")
		case *time.Time:
			*into = into.Add(time.Nanosecond)
		default:
			t.Fatalf("say how field %s changes", of.Field(i).Name)
		}
		all[of.Field(i).Name] = other
	}
	return all
}

func TestAnyChangeOfTheContentVoidsVotesOnTheOldDigest(t *testing.T) {
	for _, content := range []release.GateContent{
		{},
		{
			Release: "web@2.30", Started: noon, Gate: "deploy:production", Plan: "sha256:p", Package: "sha256:k", Evidence: "sha256:e",
			Targets: []string{"p1", "p2"}, Window: "at any time", BackOut: "sha256:b",
		},
	} {
		was, err := release.OpenGate("plan", asks("cab", 1), content, nil, noon)
		require.NoError(t, err)
		seen := map[release.Digest]string{was.Digest: "as it was"}
		for field, other := range changedFields(t, content) {
			g, err := release.OpenGate("plan", asks("cab", 1), other, nil, noon)
			require.NoError(t, err)
			require.NotContains(t, seen, g.Digest, field)
			seen[g.Digest] = field
			v := vote("ana", release.Authorize)
			v.Digest = was.Digest.Short()
			require.ErrorContains(t, g.Cast(v, release.Voter{Seats: house().Seats("ana", noon)}, noon), "is not what gate plan shows now", field)
			require.Empty(t, g.Votes, field)
		}
	}
}

func TestTargetsAreToldApartInTheDigest(t *testing.T) {
	seen := map[release.Digest]bool{}
	for _, targets := range [][]string{nil, {""}, {"p1"}, {"p1", "p2"}, {"p2", "p1"}, {"p1p2"}, {"p1,p2"}, {`p1","p2`}} {
		g, err := release.OpenGate("plan", release.GatePolicy{}, release.GateContent{Targets: targets}, nil, noon)
		require.NoError(t, err)
		assert.False(t, seen[g.Digest], "%q", targets)
		seen[g.Digest] = true
	}
}

func TestASignatureIsOfThisGateAndNewerThanTheVoteThatItReplaces(t *testing.T) {
	const second = time.Second
	opening := noon.Add(second / 2)
	type ballot struct {
		by     string
		issued time.Duration // after noon
		want   string
	}
	for _, c := range []struct {
		name    string
		ballots []ballot
	}{
		{"after the opening", []ballot{{"ana", second, ""}}},
		{"in the second of the opening, which is all that a ballot can tell", []ballot{{"ana", 0, ""}}},
		{"before the opening", []ballot{{
			"ana", -second,
			"the signature was issued at 2026-03-01T11:59:59Z, before gate plan was opened at 2026-03-01T12:00:00Z: sign what it shows now",
		}}},
		{"later than the vote before", []ballot{{"ana", second, ""}, {"ana", 2 * second, ""}}},
		{"the same again", []ballot{{"ana", second, ""}, {
			"ana", second,
			"the signature was issued at 2026-03-01T12:00:01Z, not after the vote of ana that it would replace: sign again",
		}}},
		{"an older one after a newer one", []ballot{{"ana", 2 * second, ""}, {
			"ana", second,
			"the signature was issued at 2026-03-01T12:00:01Z, not after the vote of ana that it would replace: sign again",
		}}},
		{"an older one of somebody else", []ballot{{"ana", 2 * second, ""}, {"ben", second, ""}}},
	} {
		policy := asks("cab", 3)
		policy.Signed = true
		g, err := release.OpenGate("plan", policy, release.GateContent{}, nil, opening)
		require.NoError(t, err)
		for _, b := range c.ballots {
			before := unchanged(g)
			err := g.Cast(vote(b.by, release.Authorize), release.Voter{
				Seats: house().Seats(b.by, noon), Key: "SHA256:" + b.by, Issued: noon.Add(b.issued),
			}, noon.Add(5*second))
			if b.want == "" {
				require.NoError(t, err, c.name)
				continue
			}
			require.EqualError(t, err, b.want, c.name)
			require.Equal(t, before, g, c.name)
		}
	}
}

func TestWhereNoSignatureIsAskedForOneMayBeGiven(t *testing.T) {
	g := opened(t, asks("cab", 3))
	signed := release.Voter{Seats: house().Seats("ana", noon), Key: "SHA256:a", Issued: noon.Add(time.Second)}
	require.NoError(t, cast(&g, "ana", release.Authorize, noon))
	require.NoError(t, g.Cast(vote("ana", release.Authorize), signed, noon), "an unsigned vote is older than any signature")
	require.NoError(t, cast(&g, "ben", release.Authorize, noon))
	assert.Equal(t, []string{"SHA256:a", ""}, []string{g.Votes[0].Key, g.Votes[1].Key})
}

func TestAGateIsLookedAtForRemindersAndAtItsDeadline(t *testing.T) {
	const hour = time.Hour
	for _, c := range []struct {
		name            string
		every, deadline time.Duration
		after, want     time.Duration // the opening; a negative one is never
	}{
		{"neither", 0, 0, hour, -1},
		{"only a deadline", 0, 5 * hour, hour, 5 * hour},
		{"the first reminder", 2 * hour, 0, 0, 2 * hour},
		{"the next one, as one is due", 2 * hour, 0, 2 * hour, 4 * hour},
		{"the next one, after a late one", 2 * hour, 0, 7 * hour, 8 * hour},
		{"a reminder before the deadline", 2 * hour, 5 * hour, 3 * hour, 4 * hour},
		{"no reminder after the deadline", 2 * hour, 5 * hour, 4 * hour, 5 * hour},
		{"no reminder at the deadline", 2 * hour, 4 * hour, 3 * hour, 4 * hour},
		{"past the deadline", 2 * hour, 4 * hour, 9 * hour, 4 * hour},
	} {
		policy := asks("cab", 1)
		policy.RemindEvery, policy.Deadline = release.Duration(c.every), release.Duration(c.deadline)
		g := opened(t, policy)
		want := noon.Add(c.want)
		if c.want < 0 {
			want = time.Time{}
		}
		assert.Equal(t, want, g.Wakes(noon.Add(c.after)), c.name)
	}
}

func TestRemindersComeOneAfterTheOtherUntilTheDeadlineAlsoOfAnEscalation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		policy := escalating(map[string]int{"cab": 1})
		policy.RemindEvery = release.Duration(rapid.Int64Range(1, int64(2*time.Hour)).Draw(t, "every"))
		g := opened(t, policy)
		if rapid.Bool().Draw(t, "escalated") {
			g.Escalate(noon.Add(time.Hour + time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "late"))))
		}
		now := noon.Add(time.Duration(rapid.Int64Range(0, int64(g.Deadline.Sub(noon))-1).Draw(t, "now")))
		next := g.Wakes(now)
		require.True(t, next.After(now))
		require.False(t, next.After(g.Deadline))
		require.LessOrEqual(t, next.Sub(now), policy.RemindEvery.Std())
	})
}

func TestAnAuthorizationHoldsAsLongAsThePolicySays(t *testing.T) {
	g := opened(t, asks("cab", 1))
	require.NoError(t, cast(&g, "ana", release.Authorize, noon.Add(time.Hour)))
	assert.Zero(t, g.ValidUntil(), "it does not lapse")
	g.Policy.Validity = days(2)
	assert.Equal(t, noon.Add(time.Hour).AddDate(0, 0, 2), g.ValidUntil())
}

// escalating is a policy that lets the directors stand in after an hour, for two.
func escalating(votes map[string]int, mandatory ...string) release.GatePolicy {
	return release.GatePolicy{
		Votes: votes, Mandatory: mandatory, Deadline: release.Duration(time.Hour),
		Escalate: &release.Escalation{To: "directors", For: release.Duration(2 * time.Hour)},
	}
}

func TestAnEscalationHappensOnceAndGivesANewDeadline(t *testing.T) {
	plain := opened(t, asks("cab", 1))
	assert.False(t, plain.MayEscalate(), "there is nobody to escalate to")
	g := opened(t, escalating(map[string]int{"cab": 2}))
	require.True(t, g.MayEscalate())
	require.EqualError(t, cast(&g, "dora", release.Authorize, noon), "dora is none of those whom gate plan asks: 2 of group cab")
	at := noon.Add(time.Hour + time.Second)
	g.Escalate(at)
	assert.False(t, g.MayEscalate())
	assert.Equal(t, at, g.Escalated)
	assert.Equal(t, at.Add(2*time.Hour), g.Deadline)
	assert.Equal(t, release.Pending, g.Decision)
	require.NoError(t, cast(&g, "dora", release.Authorize, at.Add(2*time.Hour)))
	require.ErrorContains(t, cast(&g, "ana", release.Authorize, at.Add(2*time.Hour+1)), "gate plan closed at")
}

func TestInAnEscalationAGroupStandsInForWhoeverIsMissing(t *testing.T) {
	yes := func(by ...string) (votes []release.Authorization) {
		for _, b := range by {
			votes = append(votes, vote(b, release.Authorize))
		}
		return votes
	}
	for _, c := range []struct {
		name          string
		policy        release.GatePolicy
		before, after []release.Authorization
		want          release.Decision
	}{
		{"for one who is missing", escalating(map[string]int{"cab": 2}), yes("ana"), yes("dora"), release.Authorize},
		{"each for one only", escalating(map[string]int{"cab": 2}), nil, yes("dora"), release.Pending},
		{"two for two", escalating(map[string]int{"cab": 1, "security": 1}), nil, yes("dora", "dirk"), release.Authorize},
		{"for a person", escalating(nil, "sven"), nil, yes("dora"), release.Authorize},
		{"for a role", escalating(map[string]int{"cab": 1}, "ciso"), yes("ana"), yes("dora"), release.Authorize},
		{"what counted before still does", escalating(map[string]int{"cab": 2}), yes("ana"), yes("ben"), release.Authorize},
		{"who voted as another before stands in now", escalating(map[string]int{"cab": 1, "security": 1}), yes("dirk"), yes("ana"), release.Authorize},
		{"those who stand in may reject", escalating(map[string]int{"cab": 2}), yes("ana"), []release.Authorization{vote("dora", release.Reject)}, release.Reject},
		{"those who stand in may ask for a revision", escalating(map[string]int{"cab": 2}), yes("ana"), []release.Authorization{vote("dora", release.ReviseIt)}, release.ReviseIt},
	} {
		g := opened(t, c.policy)
		for _, v := range c.before {
			require.NoError(t, cast(&g, v.By, v.Decision, noon), c.name)
		}
		g.Escalate(noon.Add(time.Hour))
		for _, v := range c.after {
			require.NoError(t, cast(&g, v.By, v.Decision, noon.Add(time.Hour)), c.name)
		}
		assert.Equal(t, c.want, g.Decision, c.name)
	}
}

func TestAnEscalationDecidesWhenTheVotesAreThereAlready(t *testing.T) {
	g := opened(t, escalating(map[string]int{"security": 1}, "cab"))
	require.NoError(t, cast(&g, "dirk", release.Authorize, noon)) // of the cab, and a director
	require.Equal(t, release.Pending, g.Decision)
	at := noon.Add(time.Hour)
	g.Escalate(at)
	assert.Equal(t, release.Authorize, g.Decision)
	assert.Equal(t, at, g.Decided)
}

func TestNobodyStandsInWhoNeverCounts(t *testing.T) {
	g := opened(t, escalating(map[string]int{"cab": 1}))
	g.Excluded = append(slices.Clone(g.Excluded), release.Exclusion{Person: "dora", Why: "is kin of the requester"})
	g.Escalate(noon)
	require.EqualError(t, cast(&g, "dora", release.Authorize, noon), "dora is kin of the requester (separation of duties)")
	require.ErrorContains(t, cast(&g, "uwe", release.Authorize, noon), "uwe is none of those whom gate plan asks")
}

func TestTheGateOfAnEnvironmentIsThatOfItsNameThenOfItsPurposeThenTheCommonOne(t *testing.T) {
	m := release.Model{Gates: map[string]release.GatePolicy{
		"deploy": asks("common", 1), "deploy:production": asks("purpose", 1), "deploy:emea": asks("name", 1),
		"deploy:trial": asks("nobody", 0), "plan": {Veto: []string{"cab"}},
	}}
	for _, c := range []struct {
		gate, purpose string
		policy        release.GatePolicy
		asked         bool
	}{
		{"deploy:emea", "production", asks("name", 1), true},
		{"deploy:apac", "production", asks("purpose", 1), true},
		{"deploy:staging", "staging", asks("common", 1), true},
		{"deploy:staging", "", asks("common", 1), true},
		{"deploy:trial", "production", asks("nobody", 0), false},
		{"plan", "", release.GatePolicy{Veto: []string{"cab"}}, false},
		{"review", "", release.GatePolicy{}, false},
	} {
		policy := m.Gate(c.gate, c.purpose)
		assert.Equal(t, c.policy, policy, c.gate)
		assert.Equal(t, c.asked, policy.Asks(), c.gate)
	}
}

func TestAnUnsignedVoteNeverReplacesASignedOne(t *testing.T) {
	g, err := release.OpenGate("plan", release.GatePolicy{Votes: map[string]int{"cab": 2}}, release.GateContent{}, nil, noon)
	require.NoError(t, err)
	seats := []release.Seat{{Person: "ana", Groups: []string{"cab"}}}
	vote := release.Authorization{Sender: release.Sender{By: "ana"}, Gate: "plan", Decision: release.Authorize}
	require.NoError(t, g.Cast(vote, release.Voter{Seats: seats, Key: "SHA256:x", Issued: noon}, noon))
	vote.Decision = release.Reject
	require.ErrorContains(t, g.Cast(vote, release.Voter{Seats: seats}, noon), "sign this one too")
	require.Equal(t, release.Pending, g.Decision)
}
