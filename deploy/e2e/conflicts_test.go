package e2e_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"slipway/release"
	"slipway/starter"
)

// to gives the definition for staging alone, of a service beside the site's own.
func to(d release.Definition, service, environment string) release.Definition {
	d.Service = service
	d.Environments = []release.EnvironmentDefinition{{Name: environment}}
	return d
}

func conflictWith(id string, kind release.ConflictKind) func(release.Record) bool {
	return func(r release.Record) bool {
		return slices.ContainsFunc(r.Conflicts, func(c release.Conflict) bool { return c.Release == id && c.Kind == kind })
	}
}

func (s *site) withdraw(ids ...string) {
	s.t.Helper()
	for _, id := range ids {
		_, err := s.starter.Withdraw(s.ctx(), id, release.Withdraw{Sender: release.Sender{By: "marc"}, Reason: "the test is over"})
		require.NoError(s.t, err)
		require.Equal(s.t, release.Withdrawn, s.ended(id).Outcome)
	}
}

func TestTwoReleasesToOneEnvironmentAreToldOfEachOther(t *testing.T) {
	s := newSite(t)
	first := s.start(to(s.definition("1.0"), s.name, s.env("staging")))
	s.awaits(first, release.GatePlan)
	second := s.start(to(s.definition("7.0"), s.name+"-shop", s.env("staging")))
	s.until(second, "a conflict with the first", conflictWith(first, release.ConflictEnvironment))
	told := s.until(first, "a conflict with the second", conflictWith(second, release.ConflictEnvironment))
	require.Contains(t, release.Details(told, release.Plan{Environments: []release.PlannedEnvironment{{Name: s.env("staging")}}}), "**Conflict** with "+second)
	s.withdraw(second)
	s.until(first, "the end of the conflict", func(r release.Record) bool { return !r.Conflicts[0].Over.IsZero() })
	s.withdraw(first)
}

func TestANewerReleaseSupersedesOneThatWaits(t *testing.T) {
	s := newSite(t)
	older := s.start(s.definition("1.0"))
	s.authorize(older, release.GatePlan, "ana")
	d := s.definition("1.1")
	d.Supersedes = []string{older}
	newer := s.start(d)
	s.awaits(newer, release.GatePlan)
	r, err := s.starter.Status(s.ctx(), older)
	require.NoError(t, err)
	require.Empty(t, r.Outcome, "the plan that supersedes it is not authorized yet")
	s.authorize(newer, release.GatePlan, "ana", "ben")
	ended := s.ended(older)
	require.Equal(t, release.Superseded, ended.Outcome)
	require.Equal(t, newer+" supersedes it", ended.Reason)
	require.Len(t, ended.Gate(release.GatePlan).Votes, 1, "the vote stays recorded")
	s.until(newer, "the end of the older one", func(r release.Record) bool { return len(r.Supersedes) == 1 && r.Supersedes[0].Done })
	s.withdraw(newer)
}

func TestADependencyThatIsNotLiveBlocksTheDeploymentUntilItIs(t *testing.T) {
	s := newSite(t)
	d := to(s.standard("1.0"), s.name, s.env("staging"))
	billing := s.name + "-billing"
	d.Requires = []string{billing + "@>=2.0"}
	id := s.start(d)
	r := s.awaits(id, release.WaitConflict+":"+s.env("staging"))
	require.Equal(t, "requires "+billing+">=2.0 in "+s.env("staging")+", which runs nothing of it", r.Awaiting[0].Needs)
	s.serves("staging", "")
	brings := to(s.standard("2.1"), billing, s.env("staging"))
	// A target holds one service: billing is live by what it announces.
	brings.Steps = []release.Step{{Name: "announce", Kind: release.ProcessAndMaterial, Run: "true", BackOut: "true"}}
	brings.Verification, brings.EarlyLifeSupport = release.Verification{}, release.Support{}
	require.Equal(t, release.Completed, s.ended(s.start(brings)).Outcome)
	// It is told, and does not wait for its next look in an hour.
	require.Equal(t, release.Completed, s.ended(id).Outcome)
	s.serves("staging", "1.0")
}

func TestTheLeaseOfATerminatedHolderIsFreeAtOnceForTheNext(t *testing.T) {
	s := newSite(t)
	lost := to(s.standard("1.0"), s.name+"-lost", s.env("staging"))
	lost.Steps = slices.Insert(lost.Steps, 0, release.Step{
		Name: "hang", Kind: release.ProcessAndMaterial, Run: "echo ran >>" + s.path("marks") + "; sleep 600", BackOut: "true",
	})
	holder := s.start(lost)
	s.until(holder, "a deployment", func(r release.Record) bool {
		e := r.Environment(s.env("staging"))
		return e != nil && e.State == release.EnvDeploying
	})
	require.Eventually(t, func() bool {
		held := s.environmentOf("staging").Holder
		return held != nil && held.Holder == release.DeploymentID(holder, s.env("staging"))
	}, patience, 50*time.Millisecond)
	require.NoError(t, temporal.TerminateWorkflow(s.ctx(), release.DeploymentID(holder, s.env("staging")), "", "lost"))
	_ = temporal.TerminateWorkflow(s.ctx(), holder, "", "lost") // it may have ended by itself, without its deployment

	next := s.start(to(s.standard("1.0"), s.name, s.env("staging")))
	r := s.ended(next)
	require.Equal(t, release.Completed, r.Outcome)
	require.Empty(t, r.Conflicts, "a release whose workflow is gone is in nobody's way")
	for _, stage := range r.Stages {
		if stage.Name == release.StageIn(release.StageReady, s.env("staging")) {
			require.Less(t, stage.Ended.Sub(stage.Started), 20*time.Second, "it did not wait for the next poll")
		}
	}
	is := s.environmentOf("staging")
	require.Nil(t, is.Holder)
	require.Len(t, is.Baselines, 1)
	require.Equal(t, next, is.Baselines[0].Release)
	states, err := s.store().Releases(s.ctx(), 10)
	require.NoError(t, err)
	for _, state := range states {
		require.NotEmpty(t, state.Outcome, "%s@%s is closed in the CMS", state.Service, state.Version)
	}
}

func (s *site) environmentOf(purpose string) starter.Environment {
	s.t.Helper()
	list, err := s.starter.Environments(s.ctx())
	require.NoError(s.t, err)
	i := slices.IndexFunc(list, func(e starter.Environment) bool { return e.Name == s.env(purpose) })
	require.GreaterOrEqual(s.t, i, 0)
	return list[i]
}
