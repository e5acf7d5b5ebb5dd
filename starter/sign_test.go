package starter_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"slipway/release"
	"slipway/starter"
)

func TestTheGateIsTheOneThatWaits(t *testing.T) {
	c := dial(t)
	attend(t)
	hold(t, "opengate@1", opened(t, "opengate@1", "plan", time.Minute, release.GatePolicy{}))
	hold(t, "opengate@2", opened(t, "opengate@2", "deploy:production", time.Minute, release.GatePolicy{}), opened(t, "opengate@2", "review", time.Minute, release.GatePolicy{}))

	gate, err := c.OpenGate(t.Context(), "opengate@1", "")
	ok(t, err)
	require.Equal(t, "plan", gate.Name)
	gate, err = c.OpenGate(t.Context(), "opengate@2", "review")
	ok(t, err)
	require.Equal(t, "review", gate.Name)

	_, err = c.OpenGate(t.Context(), "opengate@2", "")
	want(t, err, starter.Ambiguous)
	require.EqualError(t, err, "more than one gate of opengate@2 waits for votes (deploy:production, review): name it with --gate")
	_, err = c.OpenGate(t.Context(), "opengate@2", "plan")
	want(t, err, starter.Refused)
	require.EqualError(t, err, "refused: gate plan of opengate@2 does not wait for votes; these do: deploy:production, review")
	_, err = c.OpenGate(t.Context(), "opengate@3", "plan")
	want(t, err, starter.NotFound)
	ok(t, shared(t).Client().TerminateWorkflow(t.Context(), "opengate@1", "", "a test"))
	_, err = c.OpenGate(t.Context(), "opengate@1", "")
	want(t, err, starter.Closed)
}

func TestABallotIsForWhatTheGateShowsAndCountsAtOnce(t *testing.T) {
	gate := opened(t, "ballot@1", "plan", 0, release.GatePolicy{})
	vote := release.Authorization{Sender: release.Sender{By: "ana"}, Gate: "plan", Decision: release.Reject}
	issued := func(now time.Time) time.Time {
		b, err := starter.BallotFor("ballot@1", gate, vote, now, time.Hour)
		ok(t, err)
		require.Equal(t, gate.Digest, b.Digest)
		require.Equal(t, time.Hour, b.Expires.Sub(b.Issued))
		return b.Issued
	}
	now := gate.Opened.Add(90 * time.Minute)
	require.Equal(t, now.UTC().Truncate(time.Second), issued(now))
	require.Equal(t, gate.Opened.UTC().Truncate(time.Second), issued(gate.Opened.Add(-time.Minute)), "the clock here is behind")
	gate.Votes = []release.Vote{{By: "ben", Issued: now.Add(time.Hour)}, {By: "ana", Issued: now.UTC().Truncate(time.Second)}}
	require.True(t, issued(now).After(gate.Votes[1].Issued), "it replaces the vote before")
	require.Less(t, issued(now).Sub(now), 2*time.Second)

	vote.Digest = gate.Digest.Short()
	issued(now)
	vote.Digest = "3f9a0c1b7d22"
	_, err := starter.BallotFor("ballot@1", gate, vote, now, time.Hour)
	want(t, err, starter.Refused)
	require.EqualError(t, err, "refused: digest 3f9a0c1b7d22 is not what gate plan of ballot@1 shows now: it shows "+gate.Digest.Short()+"; read what changed and vote on that")
}
