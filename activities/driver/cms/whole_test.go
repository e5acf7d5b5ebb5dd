package cms_test

import "slipway/release"

// wholeRelease has an entry of every kind, with all that an entry can carry.
func wholeRelease(id string) []release.Entry {
	script := release.Execution{Name: "compile", Started: at(1), Elapsed: 1500e6, Exit: 1, Log: release.Blob{Digest: digest("log"), Size: 9}}
	p := pack(id)

	started := state(id, "build", 1)
	s := started.ReleaseState
	s.Title, s.Risk, s.PlanDigest, s.Package = "avif", 15, digest("plan"), p.Digest
	s.ConfigurationItems, s.Environments = []string{"web", "cache"}, []string{"staging", "production"}

	build := entry(id, "build/1", 2)
	build.Build = &release.BuildRecord{
		Number: 1, Started: at(1), Elapsed: 60e9, Builder: "worker-1", Package: &p,
		Record:  &release.Blob{Digest: digest("record"), Size: 12},
		Sources: []release.Acquired{{Component: "httpbin", Source: "module github.com/mccutchen/go-httpbin/v2 v2.26.0", Sum: "h1:x"}},
		Steps:   []release.Execution{script},
	}
	test := entry(id, "test/1/acceptance", 3)
	test.Evidence = &release.Evidence{
		Suite: "acceptance", Kind: "acceptance", Covers: []string{"R1", "R2"}, Package: p.Digest, Build: 1,
		Passed: 7, Failed: 1, Failures: []release.CaseFailure{{Case: "TestAvif", Message: "404"}},
		Execution: script, Failure: "1 of 8 cases failed",
	}
	act := entry(id, "act/1", 4)
	act.Act = &release.Act{At: at(4), Action: release.ActAuthorize, By: "ana", Summary: "authorize gate plan", Counted: true}
	gate := entry(id, "gate/plan", 4)
	gate.Gate = &release.Gate{
		Name: "plan", Policy: release.GatePolicy{Group: "cab", Quorum: 1}, Digest: digest("gate"), Opened: at(1), Deadline: at(600),
		Votes:    []release.Vote{{At: at(4), By: "ana", Decision: release.Authorize, Comment: "fine"}},
		Decision: release.Authorize, Decided: at(4),
	}
	return append([]release.Entry{started, build, test, act, gate}, wholeDeployment(id, script)...)
}

func wholeDeployment(id string, script release.Execution) []release.Entry {
	const environment = "production"
	deployment := entry(id, "production/state", 6)
	deployment.Deployment = &release.DeployState{
		Environment: environment, State: release.EnvUndecided, Reason: "a step's fate is unknown",
		Targets: []release.TargetStatus{
			{Name: "one", State: release.TargetNew, Version: "2.26.0"},
			{Name: "two", State: release.TargetUndecided, Message: "worker lost"},
		},
	}
	step := entry(id, "production/step/activate/one", 6)
	step.Step = &release.StepEntry{Environment: environment, Result: release.StepResult{
		Step: "activate", Target: "one", Wave: 1, Fate: release.FateDone, Started: at(5), Elapsed: 2e9, Execution: &script,
	}}
	announce := entry(id, "production/step/announce", 6)
	announce.Step = &release.StepEntry{Environment: environment, Result: release.StepResult{
		Step: "announce", Fate: release.FateUndone, BackOut: true, Message: "nobody was told",
	}}
	audit := entry(id, "production/audit/after", 7)
	audit.Audit = &release.AuditEntry{Environment: environment, Audit: release.Audit{
		At: at(7), When: "after", Targets: 2, Discrepancies: []release.Discrepancy{{Target: "two", Expected: "2.26.0", Found: "nothing"}},
	}}
	incident := entry(id, "production/incident/1", 9)
	incident.Incident = &release.IncidentEntry{Environment: environment, Incident: release.Incident{
		ID: "INC-1", Severity: 2, CI: "web", Summary: "slow", By: "uwe", Opened: at(8), Resolved: at(9),
		ResolvedBy: "olga", Resolution: "restarted", Workaround: "restart",
	}}
	call := entry(id, "production/call/1", 9)
	call.Call = &release.CallEntry{Environment: environment, Call: release.Call{At: at(8), By: "uwe", CI: "web", Summary: "is it slow?"}}
	return []release.Entry{deployment, step, announce, audit, runs(id, id, 7), incident, call}
}
