package e2e_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"slipway/release"
	"slipway/starter"
)

func TestASignalThatCannotCountIsRecordedAsRefusedAndTheReleaseWaitsOn(t *testing.T) {
	s := newSite(t)
	id := s.start(s.definition("1.0"))
	s.awaits(id, release.GatePlan)
	for _, sent := range []struct {
		payload any
		refusal string
	}{
		{"I authorize", "it is a text"},
		{42, "it is a number"},
		{[]string{"authorize"}, "it is a list"},
		{nil, "the signal came without its payload: paste the line from this page"},
		{strings.Repeat("authorize ", 100_000), "bytes"},
		{map[string]string{"gate": "plan", "decision": "authorize"}, `"by" is missing`},
		{map[string]string{"gate": "plan", "decision": "maybe", "by": "ana"}, "not a decision"},
		{map[string]string{"gate": "plan", "decision": "authorize", "by": "ana", "colour": "red"}, "unknown field"},
		{map[string]string{"gate": "moon", "decision": "authorize", "by": "ana"}, "gate moon is not open"},
		{map[string]string{"gate": "plan", "decision": "authorize", "by": "mallory"}, "mallory is not on the roster"},
		{map[string]string{"gate": "plan", "decision": "authorize", "by": strings.Repeat("mallory ", 1500)}, "mallory mallory"},
		{map[string]string{"gate": "plan", "decision": "authorize", "by": release.YourID}, "put your own id in place of YOUR-ID"},
		{map[string]string{"gate": "plan", "decision": "authorize", "by": "olga"}, "olga is none of those whom gate plan asks"},
		{map[string]string{"gate": "plan", "decision": "authorize", "by": "ana", "digest": "0123456789ab"}, "is not what gate plan shows"},
	} {
		before := len(s.awaits(id, release.GatePlan).Acts)
		require.NoError(t, temporal.SignalWorkflow(s.ctx(), id, "", string(release.ActAuthorize), sent.payload))
		r := s.until(id, "a refusal of "+sent.refusal, func(r release.Record) bool { return len(r.Acts) > before })
		last := r.Acts[len(r.Acts)-1]
		require.False(t, last.Counted)
		require.Contains(t, last.Refusal, sent.refusal)
		require.Equal(t, release.GatePlan, r.Awaiting[0].Gate)
	}
	r := s.carry(id)
	require.Equal(t, release.Completed, r.Outcome)
}

func TestAnOpenReleaseCannotBeStartedAgain(t *testing.T) {
	s := newSite(t)
	id := s.start(s.definition("1.0"))
	_, err := s.starter.Start(s.ctx(), s.definition("1.0"))
	require.Equal(t, starter.AlreadyRunning, starter.CodeOf(err))
	require.ErrorContains(t, err, "run id")
	_, err = s.starter.Withdraw(s.ctx(), id, release.Withdraw{Sender: release.Sender{By: "marc"}, Reason: "test"})
	require.NoError(t, err)
	require.Equal(t, release.Withdrawn, s.ended(id).Outcome)
}

func TestAnInvalidDefinitionIsToldByThePlanAndStartsNothing(t *testing.T) {
	s := newSite(t)
	d := s.definition("1.0")
	d.Requester, d.Environments[1].Name = "nobody", "moon"
	_, err := s.starter.Plan(s.ctx(), d)
	var problems release.Problems
	require.ErrorAs(t, err, &problems)
	require.Len(t, problems, 2)
	_, err = s.starter.Status(s.ctx(), release.ID(d.Service, d.Version))
	require.Equal(t, starter.NotFound, starter.CodeOf(err))
}

func TestARejectionClosesTheReleaseAndUndoesNothing(t *testing.T) {
	s := newSite(t)
	id := s.start(s.definition("1.0"))
	s.authorize(id, release.GatePlan, "ana", "ben")
	s.authorize(id, release.DeployGate(s.env("staging")), "ana")
	gate := release.DeployGate(s.env("production"))
	vote := signed(t, s.awaits(id, gate), gate, release.Reject, "ben")
	vote.Comment = "not on a Friday"
	_, err := s.starter.Authorize(s.ctx(), id, vote)
	require.NoError(t, err)
	r := s.ended(id)
	require.Equal(t, release.Rejected, r.Outcome)
	require.Contains(t, r.Reason, "not on a Friday")
	s.serves("staging", "1.0")
	s.serves("production", "")
	s.keep(id, "rejected")
}
