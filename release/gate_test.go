package release_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"slipway/release"
)

// electorate is the authority of a release that rita requested: ana, ben and eva
// of the cab may vote.
var electorate = release.Authority{Model: "normal", Requester: "rita", Manager: "marc", Roster: roster}

// opened is a gate of the cab.
func opened(t require.TestingT, quorum, rejections int) release.Gate {
	policy := release.GatePolicy{Group: "cab", Quorum: quorum, Rejections: rejections}
	g, err := release.OpenGate("plan", policy, release.GateContent{Release: "web@2.30", Gate: "plan"}, noon)
	require.NoError(t, err)
	return g
}

func vote(by string, d release.Decision) release.Authorization {
	return release.Authorization{Sender: release.Sender{By: by}, Gate: "plan", Decision: d}
}

func TestAGateIsDecidedByItsVotes(t *testing.T) {
	const yes, no, revise, pending = release.Authorize, release.Reject, release.ReviseIt, release.Pending
	for _, c := range []struct {
		name               string
		quorum, rejections int
		votes              []release.Authorization
		want               release.Decision
	}{
		{"no votes", 1, 0, nil, pending},
		{"quorum of one", 1, 0, []release.Authorization{vote("ana", yes)}, yes},
		{"too few", 2, 0, []release.Authorization{vote("ana", yes)}, pending},
		{"quorum", 2, 0, []release.Authorization{vote("ana", yes), vote("ben", yes)}, yes},
		{"one person counts once", 2, 0, []release.Authorization{vote("ana", yes), vote("ana", yes)}, pending},
		{"one rejection rejects by default", 2, 0, []release.Authorization{vote("ana", no)}, no},
		{"as many rejections as asked for", 2, 2, []release.Authorization{vote("ana", no), vote("ben", no)}, no},
		{"fewer rejections do not stop the quorum", 2, 2, []release.Authorization{vote("ana", no), vote("ben", yes), vote("eva", yes)}, yes},
		{"one wish for a revision", 2, 0, []release.Authorization{vote("ana", yes), vote("ben", revise)}, revise},
		{"a later vote replaces the earlier one", 2, 2, []release.Authorization{vote("ana", no), vote("ana", yes), vote("ben", yes)}, yes},
		{"an authorization can be taken back", 2, 2, []release.Authorization{vote("ana", yes), vote("ana", no), vote("ben", yes)}, pending},
	} {
		g := opened(t, c.quorum, c.rejections)
		for i, v := range c.votes {
			require.NoError(t, g.Cast(v, electorate, noon.Add(time.Duration(i)*time.Minute)), c.name)
		}
		assert.Equal(t, c.want, g.Decision, c.name)
		if c.want == pending {
			assert.Zero(t, g.Decided, c.name)
		} else {
			assert.Equal(t, noon.Add(time.Duration(len(c.votes)-1)*time.Minute), g.Decided, c.name)
		}
	}
}

func TestAVoteThatCannotCountIsRefusedWithTheReason(t *testing.T) {
	decided := func(g *release.Gate) { g.Close(release.ExpiredGate, noon) }
	open := func(*release.Gate) {}
	digest := opened(t, 2, 0).Digest
	for _, c := range []struct {
		name   string
		before func(*release.Gate)
		by     string
		digest string
		want   string
	}{
		{"stranger", open, "zoe", "", "zoe is not on the roster"},
		{"nobody", open, "", "", " is not on the roster"},
		{"another group", open, "uwe", "", "uwe is not in group cab, which votes at gate plan"},
		{"no group", open, "sam", "", "sam is not in group cab, which votes at gate plan"},
		{"requester", open, "rita", "", "rita requested the release and cannot authorize it (separation of duties)"},
		{"name in another case", open, "Ana", "", "Ana is not on the roster"},
		{"decided gate", decided, "ana", "", "gate plan is already decided (expired)"},
		{"stale digest", open, "ana", "sha256:0123456789abcdef", "digest sha256:0123456789abcdef is not what gate plan shows now: it shows " + digest.Short() + "; read what changed and vote on that"},
		{"digest too short", open, "ana", digest.Short()[:11], "digest " + digest.Short()[:11] + " is not what gate plan shows now: it shows " + digest.Short() + "; read what changed and vote on that"},
		{"blank digest", open, "ana", " ", "digest   is not what gate plan shows now: it shows " + digest.Short() + "; read what changed and vote on that"},
	} {
		g := opened(t, 2, 0)
		c.before(&g)
		before := g
		v := vote(c.by, release.Authorize)
		v.Digest = c.digest
		err := g.Cast(v, electorate, noon)
		var refusal release.Refusal
		require.ErrorAs(t, err, &refusal, c.name)
		assert.Equal(t, c.want, refusal.Error(), c.name)
		assert.Equal(t, before, g, "%s: a refused vote leaves no trace", c.name)
	}
}

func TestAVoteMayNameTheDigestThatTheGateShows(t *testing.T) {
	g := opened(t, 2, 0)
	for by, digest := range map[string]string{"ana": g.Digest.Short(), "ben": string(g.Digest)} {
		v := vote(by, release.Authorize)
		v.Digest = digest
		require.NoError(t, g.Cast(v, electorate, noon))
	}
	assert.Equal(t, release.Authorize, g.Decision)
}

func TestAnyChangeOfTheContentChangesTheDigestOfTheGate(t *testing.T) {
	seen := map[release.Digest]bool{}
	for _, c := range []release.GateContent{
		{},
		{Release: "web@2.30"},
		{Gate: "plan"},
		{Plan: "sha256:a"},
		{Package: "sha256:a"},
		{Evidence: "sha256:a"},
		{Targets: []string{"p1"}},
		{Targets: []string{"p1", "p2"}},
		{Targets: []string{"p1p2"}},
		{Window: "fridays"},
		{BackOut: "sha256:a"},
	} {
		g, err := release.OpenGate("plan", release.GatePolicy{}, c, noon)
		require.NoError(t, err)
		assert.False(t, seen[g.Digest], "%+v", c)
		seen[g.Digest] = true
	}
}

func TestADeadlineCountsFromTheOpening(t *testing.T) {
	g, err := release.OpenGate("plan", release.GatePolicy{Deadline: days(3)}, release.GateContent{}, noon)
	require.NoError(t, err)
	assert.Equal(t, noon.AddDate(0, 0, 3), g.Deadline)
	g, err = release.OpenGate("plan", release.GatePolicy{}, release.GateContent{}, noon)
	require.NoError(t, err)
	assert.Zero(t, g.Deadline, "no deadline is for ever")
}

func TestAGateSaysWhoIsStillNeeded(t *testing.T) {
	for _, c := range []struct {
		name      string
		quorum    int
		requester string
		votes     []release.Authorization
		needs     string
		progress  string
	}{
		{"nobody voted", 2, "rita", nil, "2 more of group cab (ana, ben, eva)", "0 of 2 authorized"},
		{"one authorized", 2, "rita", []release.Authorization{vote("ben", release.Authorize)}, "1 more of group cab (ana, eva)", "1 of 2 authorized"},
		{"who rejected may still change their mind", 2, "rita", []release.Authorization{vote("ben", release.Reject)}, "2 more of group cab (ana, ben, eva)", "0 of 2 authorized"},
		{"only the needed ones are left", 3, "rita", []release.Authorization{vote("ben", release.Authorize)}, "2 more of group cab (ana, eva)", "1 of 3 authorized"},
		{"too few", 4, "rita", nil, "4 more of group cab, but only ana, ben, eva may vote", "0 of 4 authorized"},
		{"nobody", 5, "sam", []release.Authorization{
			vote("rita", release.Authorize), vote("ana", release.Authorize), vote("ben", release.Authorize), vote("eva", release.Authorize),
		}, "1 more of group cab, but nobody is left who may vote", "4 of 5 authorized"},
	} {
		g, authority := opened(t, c.quorum, 2), electorate
		authority.Requester = c.requester
		for _, v := range c.votes {
			require.NoError(t, g.Cast(v, authority, noon), c.name)
		}
		assert.Equal(t, c.needs, g.Needs(authority), c.name)
		assert.Equal(t, c.progress, g.Progress(), c.name)
	}
}

// anyVote is a vote of anybody, also of people who may not vote or do not exist.
func anyVote(t *rapid.T, by []string) release.Authorization {
	return vote(rapid.SampledFrom(by).Draw(t, "by"), rapid.SampledFrom(release.Votes).Draw(t, "decision"))
}

func TestNoVotesOfPeopleWhoMayNotVoteEverDecideAGate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := opened(t, rapid.IntRange(1, 3).Draw(t, "quorum"), rapid.IntRange(0, 2).Draw(t, "rejections"))
		for range rapid.IntRange(1, 20).Draw(t, "votes") {
			require.Error(t, g.Cast(anyVote(t, []string{"rita", "marc", "uwe", "sam", "zoe", "", "ANA", "ana "}), electorate, noon))
			require.Equal(t, release.Pending, g.Decision)
			require.Empty(t, g.Votes)
		}
	})
}

func TestAnOpenedGateHasItsQuorumOfDistinctPeopleWhoMayVote(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		quorum := rapid.IntRange(1, 3).Draw(t, "quorum")
		g := opened(t, quorum, rapid.IntRange(0, 3).Draw(t, "rejections"))
		latest := map[string]release.Decision{}
		for range rapid.IntRange(1, 30).Draw(t, "votes") {
			v := anyVote(t, []string{"rita", "uwe", "zoe", "ana", "ben", "eva"})
			was := g.Decision
			err := g.Cast(v, electorate, noon)
			if was != release.Pending {
				require.Error(t, err, "a decided gate takes no more votes")
				require.Equal(t, was, g.Decision)
				continue
			}
			if slices.Contains([]string{"ana", "ben", "eva"}, v.By) {
				require.NoError(t, err)
				latest[v.By] = v.Decision
			}
			require.Len(t, g.Votes, len(latest), "one vote a person")
			for _, cast := range g.Votes {
				require.Equal(t, latest[cast.By], cast.Decision)
			}
		}
		authorized := 0
		for _, d := range latest {
			if d == release.Authorize {
				authorized++
			}
		}
		if g.Decision == release.Authorize {
			require.GreaterOrEqual(t, authorized, quorum)
		} else {
			require.Less(t, authorized, quorum)
		}
	})
}

func TestTheOrderOfAuthorizationsDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		authority := electorate
		authority.Roster = nil
		people := rapid.IntRange(1, 8).Draw(t, "people")
		var votes []release.Authorization
		for i := range people {
			id := fmt.Sprintf("p%d", i)
			authority.Roster = append(authority.Roster, release.Person{ID: id, Groups: []string{"cab"}})
			votes = append(votes, vote(id, release.Authorize))
		}
		quorum := rapid.IntRange(1, 9).Draw(t, "quorum")
		voters := votes[:rapid.IntRange(0, min(quorum, people)).Draw(t, "voters")]
		end := func(votes []release.Authorization) (release.Decision, string) {
			g := opened(t, quorum, 0)
			for _, v := range votes {
				require.NoError(t, g.Cast(v, authority, noon))
			}
			return g.Decision, g.Needs(authority)
		}
		decision, needs := end(voters)
		again, needsAgain := end(rapid.Permutation(voters).Draw(t, "order"))
		require.Equal(t, decision, again)
		require.Equal(t, needs, needsAgain)
		require.Equal(t, len(voters) >= quorum, decision == release.Authorize)
	})
}

func TestTheGateOfAnEnvironmentIsThatOfItsNameThenOfItsPurposeThenTheCommonOne(t *testing.T) {
	m := release.Model{Gates: map[string]release.GatePolicy{
		"deploy": {Group: "common", Quorum: 1}, "deploy:production": {Group: "purpose", Quorum: 1}, "deploy:emea": {Group: "name", Quorum: 1},
		"deploy:trial": {Group: "nobody"}, "plan": {Group: "cab"},
	}}
	for _, c := range []struct {
		gate, purpose, group string
		asked                bool
	}{
		{"deploy:emea", "production", "name", true},
		{"deploy:apac", "production", "purpose", true},
		{"deploy:staging", "staging", "common", true},
		{"deploy:staging", "", "common", true},
		{"deploy:trial", "production", "nobody", false},
		{"plan", "", "cab", false},
		{"review", "", "", false},
	} {
		policy, asked := m.Gate(c.gate, c.purpose)
		assert.Equal(t, c.group, policy.Group, c.gate)
		assert.Equal(t, c.asked, asked, c.gate)
	}
}
