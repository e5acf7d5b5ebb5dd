package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"slipway/release"
	"slipway/starter"
)

func at(minutes int) time.Time { return today.Add(time.Duration(minutes) * time.Minute) }

const digest = release.Digest("sha256:3f9a0c1b7d22aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")

// waiting is a release that waits at its plan gate.
func waiting() release.Record {
	return release.Record{
		ID: "httpbin@2.26.0", Service: "httpbin", Version: "2.26.0", Title: "AVIF images", Model: "normal",
		Requester: "rita", Manager: "marc", Phase: release.StagePlanGate, Started: at(-10), Revision: 1, PlanDigest: digest,
		Risk: release.Risk{Score: 25},
		Awaiting: []release.Awaiting{{
			Kind: release.WaitGate, Gate: "plan", Digest: digest, Needs: "2 more of group cab (ana, ben)", Since: at(-9), Deadline: at(60 * 24),
			Action: release.ActAuthorize, Payload: `{"gate":"plan","decision":"authorize","by":"ana"}`,
		}},
		Gates:        []release.Gate{{Name: "plan", Digest: digest, Opened: at(-9)}},
		Environments: []release.EnvironmentRecord{{Name: "production", State: release.EnvPlanned}},
		Stages: []release.Stage{
			{Name: release.StagePlan, Started: at(-10), Ended: at(-9)}, {Name: release.StagePlanGate, Started: at(-9)},
		},
	}
}

// deploying is the same release later, with one target done and one step lost.
func deploying() release.Record {
	r := waiting()
	r.Phase = release.StageIn(release.StageDeploy, "production")
	r.Stages[1].Ended = at(-8)
	r.Stages = append(r.Stages,
		release.Stage{Name: release.StageBuild, Started: at(-8), Ended: at(-6), Expected: release.Duration(time.Minute)},
		release.Stage{Name: r.Phase, Started: at(-5)})
	r.Acts = []release.Act{
		{At: at(-9), Action: release.ActAuthorize, By: "mallory", Refusal: "mallory is not on the roster"},
		{At: at(-8), Action: release.ActAuthorize, By: "ana", Counted: true, Summary: "authorize gate plan: fine\x1b[31m"},
	}
	r.Gates[0].Decision, r.Gates[0].Decided = release.Authorize, at(-8)
	r.Package = &release.Package{Digest: digest, Files: 3}
	r.Builds = []release.BuildRecord{
		{Number: 1, Started: at(-8), Elapsed: release.Duration(1234567890), Failure: "step compile ended with exit status 2\nsyntax error"},
		{Number: 2, Started: at(-7), Elapsed: release.Duration(30 * time.Second), Package: r.Package},
	}
	r.Evidence = []release.Evidence{{Suite: "upstream", Build: 2, Passed: 120, Skipped: 1, Execution: release.Execution{Started: at(-6), Elapsed: release.Duration(9 * time.Second)}}}
	r.Environments = []release.EnvironmentRecord{{
		Name: "production", State: release.EnvDeploying, Previous: "2.25.0",
		Targets: []release.TargetStatus{
			{Name: "prod-1", State: release.TargetNew, Version: "2.26.0"}, {Name: "prod-2", State: release.TargetUndecided, Version: "2.25.0"},
		},
		Steps: []release.StepResult{
			{Step: "switch", Target: "prod-1", Fate: release.FateDone},
			{Step: "switch", Target: "prod-2", Fate: release.FateUnknown, Message: "the worker was lost", Started: at(-2), Elapsed: release.Duration(time.Minute)},
		},
	}}
	r.Awaiting = []release.Awaiting{{
		Kind: release.WaitStep, Environment: "production", Needs: "dora to say what became of step switch on prod-2", Since: at(-1),
		Action: release.ActResolveStep, Payload: `{"step":"switch","target":"prod-2","action":"done","by":"dora","reason":"looked"}`,
	}}
	return r
}

// closed is how it ended.
func closed() release.Record {
	r := deploying()
	r.Phase, r.Outcome, r.Reason, r.Closed, r.Awaiting = release.StageClosed, release.BackedOut, "step switch failed on prod-2", at(-1), nil
	r.Environments[0].State, r.Environments[0].Reason = release.EnvBackedOut, "the old version runs everywhere"
	r.Environments[0].Assets = &release.AssetReport{
		Against: "httpbin@2.25.0", Components: &release.AssetCount{Changed: 1}, Files: &release.AssetCount{Introduced: 1204, Changed: 2},
	}
	return r
}

// partly is how it ended on many targets, of which some were left on the new release,
// after a step that a person did.
func partly() release.Record {
	r := closed()
	e := &r.Environments[0]
	e.State, e.Reason = release.EnvPartly, "step switch on prod-3 failed: disk full; 2.26.0 is live on 146 of 150 targets"
	e.Targets = nil
	for i := range 150 {
		e.Targets = append(e.Targets, release.TargetStatus{Name: fmt.Sprintf("prod-%d", i+1), State: release.TargetNew, Version: "2.26.0"})
	}
	for i, state := range []release.TargetState{release.TargetUndecided, release.TargetRestored, release.TargetRestored, release.TargetOld} {
		e.Targets[i].State, e.Targets[i].Version = state, "2.25.0"
	}
	e.Aside = []string{release.Aside("prod-2", "step switch on prod-2 failed: exit status 1")}
	e.Steps = []release.StepResult{
		{Step: "cable", Fate: release.FateDone, Message: "dora: plugged in\nat last", Started: at(-4), Elapsed: release.Duration(time.Minute)},
		{Step: "migrate", Fate: release.FateDone, Message: release.KnownByMark, Outputs: map[string]string{"SCHEMA": "42"}, Started: at(-3)},
		{Step: "switch", Target: "prod-2", Wave: 2, Fate: release.FateFailed, Message: "exit status 1", Started: at(-2)},
	}
	for wave := range 5 {
		e.Steps = append(e.Steps, release.StepResult{Step: "switch", Wave: wave + 1, Fate: release.FateDone, Targets: 29 + wave/2, Report: &release.Blob{Digest: digest}})
	}
	e.Audits = []release.Audit{{When: release.AuditAfterBackOut, At: at(-1), Targets: 150, Unlisted: 2, Discrepancies: []release.Discrepancy{
		{Target: "prod-1", Expected: "2.25.0", Found: "nothing"},
	}}}
	return r
}

// byHand is a release that waits for a person to do a step.
func byHand() release.Record {
	r := deploying()
	r.Awaiting = []release.Awaiting{
		{
			Kind: release.WaitStep, Environment: "production", Since: at(-1), Action: release.ActResolveStep,
			Needs:   "step cable to be done by hand on prod-1, prod-2, by marc (release manager): Unplug the red cable.\nPlug in the blue one.",
			Payload: `{"step":"cable","action":"done","by":"marc","reason":"WHY"}`,
		},
		{Kind: release.WaitPause, Environment: "production", Since: at(-1), Deadline: at(9), Needs: "a pause of 10m after wave 1 of 3, to see whether it does well"},
	}
	return r
}

func viewer(out *bytes.Buffer) *app {
	return &app{out: out, errs: out, zone: time.UTC, now: func() time.Time { return today }}
}

func TestAFreezeThatMayBeOverriddenIsShownWithItsCommand(t *testing.T) {
	var text bytes.Buffer
	r := deploying()
	r.Awaiting = []release.Awaiting{{
		Kind: release.WaitWindow, Environment: "production", Needs: "frozen until 2026-03-08T06:00:00Z: year end; group ecab (eva) may override the freeze",
		Since: at(-1), Action: release.ActOverrideFreeze, Payload: `{"by":"eva","environment":"production","reason":"why"}`,
	}}
	viewer(&text).writeStatus(&text, r)
	require.Contains(t, text.String(), "    starter override-freeze httpbin@2.26.0 --environment production --by eva --reason WHY\n")
	text.Reset()
	r.Awaiting, r.Environments[0].Override = nil, &release.Act{By: "eva", Summary: "orders\nare lost"}
	viewer(&text).writeStatus(&text, r)
	require.Contains(t, text.String(), "Freezes of production are overridden by eva: orders are lost\n")
}

func TestAReviewIsShownWithTheCommandsThatEndItsWaits(t *testing.T) {
	var text bytes.Buffer
	r := deploying()
	r.Awaiting = []release.Awaiting{
		{Kind: release.WaitRating, Needs: "a rating by uwe", Since: today, Action: release.ActRate, Payload: `{"by":"uwe","score":4}`},
		{Kind: release.WaitReview, Needs: "the review to be closed by group release-managers (marc)", Since: today, Action: release.ActCloseReview, Payload: `{"by":"marc"}`},
	}
	viewer(&text).writeStatus(&text, r)
	require.Contains(t, text.String(), "    starter rate httpbin@2.26.0 --score 1-5 --by uwe\n")
	require.Contains(t, text.String(), "    starter review close httpbin@2.26.0 --by marc\n")
}

func TestStatusView(t *testing.T) {
	var text bytes.Buffer
	a := viewer(&text)
	for _, r := range []release.Record{waiting(), deploying(), closed(), byHand(), partly()} {
		if err := a.print(r, func(w io.Writer) { a.writeStatus(w, r) }); err != nil {
			t.Fatal(err)
		}
		text.WriteString("\n----\n\n")
	}
	golden(t, "status", text.String())
}

func TestStory(t *testing.T) {
	var text bytes.Buffer
	a := viewer(&text)
	w := watcher{app: a, shown: map[string]shown{}}
	w.changed(waiting())
	w.changed(waiting())
	w.working([]starter.Work{
		{Workflow: "w", Activity: "Build", Attempt: 1, Progress: release.Progress{
			What: "build 1 of httpbin 2.26.0 · step compile", Line: "compiling", Since: today.Add(-12 * time.Second),
		}},
		{Workflow: "w", Activity: "Record", Attempt: 3, Failure: "database is locked"},
		{Workflow: "w", Activity: "Quiet", Attempt: 1},
		{Workflow: "w", Activity: "RunPass", Attempt: 1, TaskQueue: "zone-b", Unclaimed: today.Add(-9 * time.Second)},
	})
	w.changed(deploying())
	w.working([]starter.Work{{Workflow: "v", Wave: &release.WaveStatus{Step: "switch", Wave: 2, Waves: 3, Targets: 1790, Over: 412, Failed: 1}}})
	w.working([]starter.Work{{Workflow: "v", Wave: &release.WaveStatus{Step: "switch", Wave: 2, Waves: 3, Targets: 1790, Over: 413, Failed: 1}}})
	w.changed(closed())
	fmt.Fprintln(&text, "---- late")
	(&watcher{app: a}).changed(closed())
	fmt.Fprintln(&text, "---- many targets")
	w.changed(byHand())
	w.changed(partly())
	golden(t, "story", text.String())
	if strings.ContainsRune(text.String(), '\x1b') {
		t.Error("a terminal would be steered")
	}
}

func TestPlanView(t *testing.T) {
	var text bytes.Buffer
	a := viewer(&text)
	plan := release.Plan{
		Release: "httpbin@2.26.0", Digest: digest, Model: release.Model{Name: "normal"},
		Risk: release.Risk{Score: 10, Reasons: []string{"+5 4 targets", "+5 first deployment of httpbin to staging: nothing to go back to"}},
		Definition: release.Definition{
			Version: "2.26.0", Title: "AVIF images", Requester: "rita", Manager: "marc",
			Components: []release.Component{{Name: "httpbin", Source: release.Source{Module: "github.com/mccutchen/go-httpbin/v2", Version: "v2.26.0"}}},
			Steps: []release.Step{
				{Name: "note", Kind: release.ServiceManagement, Run: "true"},
				{Name: "tell", Kind: release.ServiceManagement, Run: "true", BackOut: "false"},
				{Name: "cable", Kind: release.ServiceTransfer, Manual: true, Run: "Plug in the blue cable.", BackOut: "Plug in the red cable."},
				{Name: "switch", Kind: release.ServiceDeployment, Action: release.Activate},
			},
			Environments: []release.EnvironmentDefinition{{Name: "fleet", Select: map[string]string{"zone": "a", "disk": "fast"}}},
		},
		Environments: []release.PlannedEnvironment{
			{Name: "staging", Waves: [][]release.Target{{{Name: "stage-1"}}}, Opening: release.Opening{Open: true}},
			{
				Name: "production", Waves: [][]release.Target{{{Name: "prod-1"}}, {{Name: "prod-2"}, {Name: "prod-3"}}},
				Previous: &release.Baseline{Version: "2.25.0"}, Opening: release.Opening{At: at(60 * 30)},
			},
			{
				Name: "fleet", Waves: [][]release.Target{make([]release.Target, 10), make([]release.Target, 200), make([]release.Target, 790)},
				Parallel: 8, VerifyWaves: true, Pause: release.Duration(10 * time.Minute), MayFail: 5, TaskQueue: "dmz", Opening: release.Opening{Open: true},
			},
		},
		Conflicts: []release.Conflict{{Release: "other@1", Reason: "it changes the same configuration item httpbin"}},
		Stages:    []release.PlannedStage{{Name: release.StagePlan}, {Name: release.StageBuild, Expected: release.Duration(time.Minute)}},
	}
	if err := a.print(plan, func(w io.Writer) { a.writePlan(w, plan) }); err != nil {
		t.Fatal(err)
	}
	golden(t, "plan", text.String())
}

func TestForms(t *testing.T) {
	var text bytes.Buffer
	a := viewer(&text)
	list := []starter.Listed{{ID: "a@1", Phase: "build", Risk: 5, Started: at(-1)}, {ID: "b@2", Outcome: "completed", Started: at(-60 * 24), Closed: at(-60)}}
	for _, a.format = range append([]string{""}, formats...) {
		fmt.Fprintf(&text, "---- %s\n", a.format)
		if err := a.print(list, func(w io.Writer) { a.writeList(w, list) }); err != nil {
			t.Fatal(err)
		}
	}
	golden(t, "forms", text.String())
}

func TestCommandFor(t *testing.T) {
	for _, w := range []release.Awaiting{
		{Action: release.ActAuthorize, Gate: "deploy:production", Digest: digest, Payload: `{"gate":"deploy:production","decision":"authorize","by":"ana o'neill"}`},
		{Action: release.ActRevise},
		{Action: release.ActRebuild},
		{Action: release.ActAccept, Environment: "staging", Payload: `{"by":"uwe","environment":"staging"}`},
		{Action: release.ActHandOver, Environment: "staging"},
		{Action: release.ActResolveIncident, Environment: "staging"},
		{Action: release.ActWithdraw},
		{Kind: release.WaitWindow},
	} {
		t.Log(commandFor("a@1", w))
	}
	got := commandFor("a@1", release.Awaiting{Action: release.ActAuthorize, Gate: "plan", Digest: digest, Payload: `{"gate":"plan","decision":"authorize","by":"ana o'neill"}`})
	if want := `starter authorize a@1 --gate plan --by 'ana o'\''neill' --digest 3f9a0c1b7d22`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	ready := release.Awaiting{Kind: release.WaitReadiness, Item: "desk", Environment: "production", Action: release.ActConfirm, Payload: `{"by":"sam","item":"desk"}`}
	if got, want := commandFor("a@1", ready), "starter confirm a@1 desk --environment production --by sam"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := commandFor("a@1", release.Awaiting{Kind: release.WaitWindow}); got != "" {
		t.Errorf("a window asks for %s", got)
	}
}

func TestStatusShowsWhatWasFlakyAndWhatIsProved(t *testing.T) {
	r := deploying()
	r.Evidence[0].Runs, r.Evidence[0].Flaky = 2, []string{"TestOrder"}
	r.Requirements = []release.Proof{
		{Requirement: release.Requirement{ID: "REQ-1"}, Suites: []release.SuiteProof{{Suite: "upstream", Ran: true, Passed: true}}},
		{Requirement: release.Requirement{ID: "REQ-2"}},
	}
	var page bytes.Buffer
	(&app{zone: time.UTC, now: func() time.Time { return today }}).writeStatus(&page, r)
	require.Contains(t, page.String(), "120 passed, 0 failed, 1 skipped, passed on run 2; flaky: TestOrder")
	require.Regexp(t, `REQ-1 +proved +upstream`, page.String())
	require.Regexp(t, `REQ-2 +not covered`, page.String())
}
