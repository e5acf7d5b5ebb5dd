package e2e_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"slipway/release"
	"slipway/starter"
)

func TestAReleaseGoesFromRequestToClose(t *testing.T) {
	s := newSite(t)
	id := s.start(s.definition("1.0"))
	r := s.carry(id)

	require.Equal(t, release.Completed, r.Outcome, r.Reason)
	s.serves("staging", "1.0")
	s.serves("production", "1.0")
	require.Len(t, r.Builds, 1)
	require.Len(t, r.Evidence, 1)
	require.Empty(t, r.Evidence[0].Failure)
	for _, e := range r.Environments {
		require.Equal(t, release.EnvLive, e.State, e.Name)
		require.NotNil(t, e.Support, e.Name)
		require.Len(t, e.Audits, 2, e.Name)
	}
	facts, err := s.store().Facts(s.ctx(), s.name, []string{s.env("staging"), s.env("production")}, []string{s.name}, time.Now())
	require.NoError(t, err)
	require.Len(t, facts.Baselines, 2)
	require.Equal(t, []release.Outcome{release.Completed}, facts.Ended)
	require.Empty(t, facts.Open)
	s.keep(id, "completed")
}

func TestAFailingStepOnTheSecondTargetBringsTheOldVersionBackEverywhere(t *testing.T) {
	s := newSite(t)
	s.carry(s.start(s.definition("1.0")))
	d := s.definition("2.0")
	d.Steps = append(d.Steps, release.Step{
		Name: "licence", Kind: release.ServiceDeployment, Per: release.PerTarget,
		Run:     `echo "$TARGET" >>"` + s.path("marks") + `"; [ "$TARGET" != production-2 ] || { echo no licence >&2; exit 3; }`,
		BackOut: `echo "undo $TARGET" >>"` + s.path("marks") + `"`,
	})
	id := s.start(d)
	s.authorize(id, release.GatePlan, "ana", "ben")
	s.authorize(id, release.DeployGate(s.env("staging")), "ana")
	s.authorize(id, release.DeployGate(s.env("production")), "ana", "ben")
	r := s.ended(id)

	require.Equal(t, release.BackedOut, r.Outcome, r.Reason)
	require.Contains(t, r.Reason, "licence on production-2 failed: exit status 3: no licence")
	s.serves("staging", "1.0")
	s.serves("production", "1.0")
	require.Equal(t, []string{
		"staging-1", "production-1", "production-2",
		"undo_production-2", "undo_production-1", "undo_staging-1",
	}, s.lines("marks"))
	for _, e := range r.Environments {
		require.Equal(t, release.EnvBackedOut, e.State, e.Name)
		for _, target := range e.Targets {
			require.Equal(t, release.TargetRestored, target.State, target.Name)
		}
	}
	s.keep(id, "backed-out")
}

func TestAStandardReleaseAsksNobody(t *testing.T) {
	s := newSite(t)
	r := s.ended(s.start(s.standard("1.0")))
	require.Equal(t, release.Completed, r.Outcome, r.Reason)
	for _, g := range r.Gates {
		require.Equal(t, release.PreAuthorized, g.Decision, g.Name)
	}
	s.serves("production", "1.0")
	s.keep(r.ID, "standard")
}

func TestAnEmergencyOwesTheCABAReviewBeforeItIsClosed(t *testing.T) {
	s := plainSite(t)
	s.config.Organization.Freezes = []release.Freeze{{Reason: "year end", From: time.Now().Add(-time.Hour), To: time.Now().Add(time.Hour)}}
	s.work()
	d := s.definition("1.0")
	d.Model, d.Emergency = "emergency", &release.Emergency{Reason: "CVE-2026-1", OverrideFreeze: "the hole is being used"}
	id := s.start(d)
	s.authorize(id, release.GatePlan, "eva")
	s.authorize(id, release.DeployGate(s.env("staging")), "eva")
	s.authorize(id, release.DeployGate(s.env("production")), "eva")
	s.takeOver(id)
	s.awaits(id, release.GateReview)
	owed, err := s.starter.Agenda(s.ctx(), starter.AgendaFilter{Group: "cab"})
	require.NoError(t, err)
	require.True(t, slices.ContainsFunc(owed, func(i starter.AgendaItem) bool { return i.Release == id && i.Gate == release.GateReview }), owed)
	s.authorize(id, release.GateReview, "ana", "ben")
	require.Equal(t, release.Completed, s.ended(id).Outcome)
	s.keep(id, "emergency")
}

func TestARequestedCancellationBacksOutWhatWasDeployed(t *testing.T) {
	s := newSite(t)
	s.ended(s.start(s.standard("1.0")))
	d := s.definition("2.0")
	id := s.start(d)
	s.authorize(id, release.GatePlan, "ana", "ben")
	s.authorize(id, release.DeployGate(s.env("staging")), "ana")
	s.authorize(id, release.DeployGate(s.env("production")), "ana", "ben")
	s.awaits(id, release.WaitAcceptance+":"+s.env("production"))
	s.serves("production", "2.0")
	require.NoError(t, temporal.CancelWorkflow(s.ctx(), id, ""))
	r := s.ended(id)
	require.Equal(t, release.Cancelled, r.Outcome, r.Reason)
	s.serves("staging", "1.0")
	s.serves("production", "1.0")
	s.keep(id, "cancelled")
}

func TestARevisionVoidsTheVotesAndAsksAgain(t *testing.T) {
	s := newSite(t)
	id := s.start(s.definition("1.0"))
	s.awaits(id, release.GatePlan)
	require.NoError(t, temporal.SignalWorkflow(s.ctx(), id, "", string(release.ActAuthorize), "I authorize"))
	s.authorize(id, release.GatePlan, "ana")
	before := s.awaits(id, release.GatePlan).Awaiting[0].Digest
	revised := s.definition("1.0")
	revised.Environments = revised.Environments[:1]
	_, err := s.starter.Revise(s.ctx(), id, release.Revise{
		Sender: release.Sender{By: "marc"}, Definition: &revised, Reason: "staging first",
	})
	require.NoError(t, err)
	r := s.until(id, "a new gate", func(r release.Record) bool {
		return r.Revision == 2 && len(r.Awaiting) == 1 && r.Awaiting[0].Gate == release.GatePlan
	})
	require.NotEqual(t, before, r.Awaiting[0].Digest)
	require.Equal(t, release.VoidedGate, r.Gates[0].Decision)
	require.Empty(t, r.Gates[1].Votes)
	_, err = s.starter.Withdraw(s.ctx(), id, release.Withdraw{Sender: release.Sender{By: "rita"}, Reason: "not needed any more"})
	require.NoError(t, err)
	require.Equal(t, release.Withdrawn, s.ended(id).Outcome)
	s.keep(id, "revised-and-withdrawn")
}
