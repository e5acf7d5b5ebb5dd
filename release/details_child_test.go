package release_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
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

func TestASupportsPageShowsItsCriteriaAndWhatAPersonMayDecide(t *testing.T) {
	s := release.SupportStatus{
		ID: "web@2.30:production:els", Environment: "production", Started: noon, Until: noon.AddDate(0, 0, 17),
		Availability: []release.Availability{downFor("p1", 90), {Target: "p2", Probes: 9}},
		Incidents:    []release.Incident{incident("INC-1", 1, true)},
		Extensions:   []release.Extension{{At: noon, From: noon.AddDate(0, 0, 14), Until: noon.AddDate(0, 0, 17), Reason: "incident INC-1 | open"}},
	}
	plan := release.Support{Period: days(14), Exit: release.ExitCriteria{MaxDowntime: release.Duration(time.Minute), Knowledge: true}}
	s.Criteria = plan.Evaluate(s, s.Until)
	s.Unmet = release.Unmet(s.Criteria)
	order := release.SupportOrder{Environment: "production", Plan: plan, Authority: release.Authority{
		Model: "normal", Manager: "max", Requester: "rita", Roster: []release.Person{{ID: "max"}, {ID: "rita"}},
	}}
	s.Awaiting = order.Waits(s, s.Until)
	golden(t, "details-support-decision.md", release.SupportDetails(s))
	s.Awaiting, s.BackOut = nil, "incident INC-1 of severity 1 is open"
	require.Contains(t, release.SupportDetails(s), "**The release is backed out automatically: incident INC-1 of severity 1 is open.**")
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

// deploying is a deployment to so many targets in its last wave: some were set aside,
// one is undecided, 30 are still old.
func deploying(n int) release.DeploymentStatus {
	s := release.DeploymentStatus{ID: "web@2.30:fleet", Environment: "fleet", State: release.EnvDeploying}
	for i := range n {
		s.Targets = append(s.Targets, release.TargetStatus{Name: fmt.Sprintf("t%d", i), State: release.TargetNew, Version: "2.30"})
	}
	for i := range 30 {
		s.Targets[n-1-i].State, s.Targets[n-1-i].Version = release.TargetOld, "2.29"
	}
	s.Targets[1].State, s.Targets[1].Version = release.TargetRestored, "2.29"
	s.Targets[2].State, s.Targets[2].Version = release.TargetUndecided, ""
	s.Aside = []string{release.Aside("t1", "step switch on t1 failed: disk full")}
	for _, step := range []string{"transfer", "switch", "check"} {
		for i := range n / 100 {
			s.Steps = append(s.Steps,
				release.StepResult{Step: step, Wave: 1 + i%90, Fate: release.FateDone, Targets: 99, Report: &release.Blob{Digest: release.DigestOfBytes([]byte{byte(i)})}},
				release.StepResult{Step: step, Target: fmt.Sprintf("t%d", i), Wave: 1 + i%90, Fate: release.FateFailed, Message: strings.Repeat("exit status 1 ", 20)},
			)
		}
	}
	s.Audits = []release.Audit{{When: release.AuditBefore, Targets: n, Unlisted: n, Discrepancies: make([]release.Discrepancy, 100)}}
	return s
}

func TestTheDeploymentOfTenThousandTargetsHasAShortPage(t *testing.T) {
	page := release.DeploymentDetails(deploying(10_000))
	assert.Less(t, len(page), 20_000)
	assert.Contains(t, page, "10,000 targets: **1 undecided, 9,968 new, 1 restored, 30 old**.")
	assert.Contains(t, page, "| t2 | undecided |  |  |\n| t1 | restored | 2.29 | set aside: step switch on t1 failed: disk full |\n")
	assert.Contains(t, page, "| transfer | 9,900 targets in waves 1 to 90 | done | reports in the DML: `")
	assert.Contains(t, page, " and 97 more |")
	assert.Contains(t, page, "10,100 of 10,000 targets held something else")
}

func TestOfManyTargetsThoseThatAreNotLikeTheOthersAreShown(t *testing.T) {
	names := func(targets []release.TargetStatus) (all []string) {
		for _, t := range targets {
			all = append(all, t.Name)
		}
		return all
	}
	s := deploying(1000)
	require.Len(t, release.TargetsToShow(s.Targets[:30], nil), 30, "few are all shown")
	require.Equal(t, []string{"t2", "t1"}, names(release.TargetsToShow(s.Targets[:900], s.Aside)))
	require.Equal(t, []string{"t2", "t1"}, names(release.TargetsToShow(s.Targets, s.Aside)), "30 more are too many")
	require.Len(t, release.TargetsToShow(s.Targets[:972], s.Aside), 4, "2 that are still old are not")
	for i := range s.Targets {
		s.Targets[i].State = release.TargetUndecided
	}
	require.Len(t, release.TargetsToShow(s.Targets, nil), release.TargetsShown)
}

func TestAStepToBeDoneByHandIsShownWithItsInstructionsLineByLine(t *testing.T) {
	wait := release.Awaiting{
		Kind: release.WaitStep, Environment: "production", Since: noon, Action: release.ActResolveStep,
		Needs:   "back-out of step cable to be done by hand on p1, p2, by marc (release manager): Unplug the `red` cable: it is hot.\n\n  Plug in the | blue one.",
		Payload: `{"by":"marc","step":"cable","action":"done","reason":"WHY"}`,
	}
	page := release.DeploymentDetails(release.DeploymentStatus{ID: "web@2.30:production", State: release.EnvDeploying, Awaiting: []release.Awaiting{wait}})
	assert.Contains(t, page, "**back-out of step cable to be done by hand on p1, p2, by marc (release manager)**.\n\n- Unplug the 'red' cable: it is hot.\n- Plug in the \\| blue one.\n\n`{\"by\":\"marc\"")
	r, p := waiting(t)
	r.Awaiting = []release.Awaiting{wait}
	assert.Contains(t, release.Details(r, p), "## web 2.30 waits for a step to be done by hand in production\n")
	wait.Needs = "a decision (retry, skip, done or back-out) about step cable by marc, because it was to be done\nby hand"
	_, _, is := wait.ByHand()
	assert.False(t, is)
}

func TestHowADeploymentGoesIsSaidInOneLine(t *testing.T) {
	waves := func(sizes ...int) (all [][]release.Target) {
		for _, n := range sizes {
			all = append(all, make([]release.Target, n))
		}
		return all
	}
	e := release.PlannedEnvironment{
		Waves: waves(10, 200, 790), Parallel: 8, VerifyWaves: true, Pause: hours(1) / 6, MayFail: 5, TaskQueue: "dmz",
	}
	assert.Equal(t, "3 waves: 10, 200, 790 targets, 8 at the same time, verified after each wave, 10m pause, up to 5 may fail, by the workers of task queue dmz", e.Course())
	assert.Equal(t, "5 waves: 1, 3 of 10, 7 targets", release.PlannedEnvironment{Waves: waves(1, 10, 10, 10, 7)}.Course())
	assert.Equal(t, "10 waves: 1, 2, 3, 4, 5, 6, 7, 8, … targets", release.PlannedEnvironment{Waves: waves(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)}.Course())
	assert.Equal(t, "1,000 targets in one wave", release.PlannedEnvironment{Waves: waves(1000), VerifyWaves: true, Pause: hours(1)}.Course())
	assert.Equal(t, "switch, wave 2 of 3: 412 of 790 targets, 1 failed", release.WaveStatus{Step: "switch", Wave: 2, Waves: 3, Targets: 790, Over: 412, Failed: 1}.String())
}
