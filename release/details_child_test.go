package release_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"slipway/release"
)

func TestADeploymentsPageShowsItsTargetsAndSteps(t *testing.T) {
	golden(t, "details-deployment.md", release.DeploymentDetails(release.DeploymentStatus{
		ID: "web@2.30:production", Environment: "production", State: release.EnvBackingOut, Reason: "step switch on p2 failed: exit status 1",
		Awaiting: []release.Awaiting{{
			Kind: release.WaitStep, Environment: "production", Needs: "somebody to look at p2", Since: noon, Action: release.ActResolveStep,
			Payload: `{"by":"marc","step":"switch","target":"p2","action":"done","reason":"WHY"}`,
		}},
		Readiness: []release.Confirmation{
			desk.Confirmation(noon, "uwe", "all | five"), disk.Confirmation(noon, "", ""),
			{Item: "room", Text: "there is room", At: noon, By: "marc", Comment: "it will do", Failure: "exit status 1"},
			{Item: "port", Text: "the port is free", At: noon, Failure: "exit status 2"},
		},
		Targets: []release.TargetStatus{{Name: "p1", State: release.TargetNew, Version: "2.30"}, {Name: "p2", State: release.TargetUndecided}},
		Steps: []release.StepResult{
			{Step: "switch", Target: "p1", Wave: 1, Fate: release.FateDone},
			{Step: "switch", Target: "p2", Wave: 2, Fate: release.FateUnknown, Message: "a | b\nc"},
			{Step: "switch", Target: "p1", Wave: 1, Fate: release.FateUndone, BackOut: true},
		},
		Acts: []release.Act{{At: noon, Action: release.ActResolveStep, By: "uwe", Refusal: "uwe may not resolve-step"}},
	}))
}

func TestThePageOfTenThousandTargetsIsAPage(t *testing.T) {
	s := release.DeploymentStatus{ID: "web@2.30:production", State: release.EnvDeploying}
	for i := range 10_000 {
		target := release.TargetStatus{Name: fmt.Sprintf("production-%05d", i), State: release.TargetNew, Version: "2.30"}
		if i%100 == 7 {
			target.State = release.TargetUndecided
			s.Steps = append(s.Steps, release.StepResult{
				Step: "switch", Target: target.Name, Fate: release.FateFailed, Message: strings.Repeat("it is broken ", 50),
			})
		}
		s.Targets = append(s.Targets, target)
	}
	s.Steps = append(s.Steps, release.StepResult{Step: "switch", Fate: release.FateDone, Targets: 99})
	page := release.DeploymentDetails(s)
	require.Less(t, len(page), 20_000)
	for _, line := range []string{
		"10000 targets: 9900 new, 100 undecided.", "| production-00007 | undecided | 2.30 |", "| and 60 more | | |",
		"61 results of steps are before these.", "| switch | 99 targets | done |  |",
	} {
		require.Contains(t, page, line+"\n")
	}
	require.NotContains(t, page, "production-00008")
	require.NotContains(t, page, "production-00107 | failed", "it is not among the latest")
}

func TestASupportsPageShowsIncidentsAndWhatIsNotMet(t *testing.T) {
	resolved := incident("INC-1", 1, false)
	resolved.ResolvedBy, resolved.Resolution = "ben", "more | memory"
	golden(t, "details-support.md", release.SupportDetails(release.SupportStatus{
		ID: "web@2.30:production:els", Environment: "production", Started: noon, Until: noon.AddDate(0, 0, 14),
		Unmet:     []string{"incident INC-2 of severity 2 is open: it is slow"},
		Incidents: []release.Incident{resolved, incident("INC-2", 2, true)},
		Calls:     []release.Call{{At: noon, By: "sam", Summary: "how do I order?"}},
		Awaiting: []release.Awaiting{{
			Kind: release.WaitIncidents, Environment: "production", Needs: "incident INC-2 of severity 2 is open", Since: noon,
			Action: release.ActResolveIncident, Payload: `{"by":"uwe","incident":"INC-2","resolution":"HOW"}`,
		}},
		Acts: []release.Act{{At: noon, Action: release.ActIncident, By: "zoe", Refusal: "zoe is not on the roster"}},
	}))
}

func TestThePagesSayWhoOverrodeAFreeze(t *testing.T) {
	override := &release.Act{At: noon, Action: release.ActOverrideFreeze, By: "eva", Summary: "orders | are lost", Counted: true}
	page := release.DeploymentDetails(release.DeploymentStatus{ID: "web@2.30:production", State: release.EnvDeploying, Override: override})
	require.Contains(t, page, "Freezes are overridden since 2026-03-01 12:00 UTC: **orders ")
	require.Contains(t, page, ", by eva.")
	page = release.Details(release.Record{
		Service: "web", Version: "2.30", Environments: []release.EnvironmentRecord{{Name: "production", Override: override}, {Name: "staging"}},
	}, release.Plan{})
	require.Contains(t, page, "Freezes of production are overridden since 2026-03-01 12:00 UTC by eva: **orders ")
	require.NotContains(t, page, "Freezes of staging")
}
