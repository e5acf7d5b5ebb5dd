package cms_test

import (
	"fmt"
	"slices"
	"time"

	"slipway/release"
)

// wholeRelease has an entry of every kind, with all that an entry can carry.
func wholeRelease(id string) []release.Entry {
	script := release.Execution{Name: "compile", Started: at(1), Elapsed: 1500e6, Exit: 1, Log: release.Blob{Digest: digest("log"), Size: 9}}
	p := pack(id)

	started := state(id, "build", 1)
	s := started.ReleaseState
	s.Title, s.Risk, s.PlanDigest, s.Package = "avif", 15, digest("plan"), p.Digest
	s.ConfigurationItems, s.Environments = []string{"web", "cache"}, []string{"staging", "production"}
	s.RFCs, s.Emergency = []string{"RFC-7"}, true

	build := entry(id, "build/1", 2)
	build.Build = &release.BuildRecord{
		Number: 1, Started: at(1), Elapsed: 60e9, Builder: "worker-1", Package: &p,
		Record: &release.Blob{Digest: digest("record"), Size: 12},
		Sources: []release.Acquired{{
			Component: "httpbin", Source: "module github.com/mccutchen/go-httpbin/v2 v2.26.0", Sum: "h1:x",
			Master: digest("master"), Kept: true, SignedBy: "SHA256:of-upstream",
		}},
		Steps: []release.Execution{script},
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
		Name: "plan", Digest: digest("gate"), Opened: at(1), Deadline: at(600), Escalated: at(3),
		Policy:   release.GatePolicy{Votes: map[string]int{"cab": 1, "audit": 2}, Mandatory: []string{"sven"}, Signed: true},
		Votes:    []release.Vote{vote("ana", "ben")},
		Decision: release.VoidedGate, Decided: at(4), Reason: "the plan was revised",
	}
	ballots := ledger(id, 2)
	notice := entry(id, "notice/1", 1)
	notice.Notice = &release.Notice{
		At: at(1), Kind: release.NoticeAsked, Gate: "plan", To: []string{"ana", "ben"}, Text: "vote, please",
		Unreached: map[string]string{"ben": "the mailbox is full"},
	}
	return append([]release.Entry{started, build, test, act, ballots[0], ballots[1], gate, notice}, wholeDeployment(id, script)...)
}

// vote is a signed authorization, also in the place of somebody else.
func vote(by, delegator string) release.Vote {
	return release.Vote{
		At: at(4), By: by, Decision: release.Authorize, Comment: "fine", Key: "SHA256:of-" + by, Signature: "ballot", Issued: at(3),
		Seats: []release.Seat{{Person: by, Groups: []string{"cab"}}, {Person: delegator, Groups: []string{"audit"}}},
	}
}

// ledger is what came in for a release that started at minute zero.
func ledger(id string, votes int) []release.Entry {
	book := release.Ledger{Release: id, Started: at(0)}
	var entries []release.Entry
	for i := range votes {
		e := entry(id, fmt.Sprintf("vote/%d", i+1), i+2)
		l := release.LedgerEntry{
			At: at(i + 2).Add(1234567 * time.Nanosecond), Gate: "plan", Decision: release.Authorize, By: "ana",
			Shown: digest("gate"), Signature: "ballot", Key: "SHA256:of-ana", Counted: true,
		}
		if i%2 == 1 {
			l = release.LedgerEntry{At: at(i + 2), Refusal: "the payload cannot be read"}
		}
		l, err := book.Append(l, []byte("what was \x00 sent \xff"))
		if err != nil {
			panic(err) // it is made of texts and times
		}
		e.Ballot = &release.BallotEntry{Started: at(0), Entry: l}
		entries = append(entries, e)
	}
	return entries
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
		Outputs: map[string]string{"SCHEMA": "42", "POOL": "blue"},
	}}
	announce := entry(id, "production/step/announce", 6)
	announce.Step = &release.StepEntry{Environment: environment, Result: release.StepResult{
		Step: "announce", Fate: release.FateUndone, BackOut: true, Message: "nobody was told",
	}}
	audit := entry(id, "production/audit/after", 7)
	audit.Audit = &release.AuditEntry{Environment: environment, Audit: release.Audit{
		At: at(7), When: "after", Targets: 2, Unlisted: 7, Discrepancies: []release.Discrepancy{{Target: "two", Expected: "2.26.0", Found: "nothing"}},
		Accepted: &release.Acceptance{By: "olga", Reason: "it is switched off", At: at(8)},
	}}
	trained, mounted := entry(id, "production/readiness/desk", 5), entry(id, "production/readiness/disk", 5)
	trained.Readiness = &release.ReadinessEntry{Environment: environment, Confirmation: release.Confirmation{
		Item: "desk", Kind: release.ReadyTraining, Text: "the service desk is trained", At: at(5), By: "sam", Comment: "all five",
	}}
	mounted.Readiness = &release.ReadinessEntry{Environment: environment, Confirmation: release.Confirmation{
		Item: "disk", Kind: release.ReadyOther, Text: "there is room", At: at(5), By: "marc", Comment: "enough for now",
		Execution: &script, Failure: "exit status 1: 3 GB are free",
	}}
	partly := runs(id, id, 7)
	partly.Baseline.Baseline.Others = []release.Holding{{Version: "2.25.0", Package: pack("httpbin@2.25.0"), Targets: []string{"p3"}}}
	freeze := calendarEntry(release.CalendarEntry{ID: "freeze-1", Added: addedAt(1, ""), Freeze: &release.Freeze{
		Reason: "year end", From: at(10), To: at(60), Environments: []string{environment},
	}}, 1)
	all := append(wholeService(id, environment), trained, mounted, deployment, step, announce, audit, partly, freeze)
	return slices.Concat(all, wholeSupport(id, environment), wholeReview(id))
}

// wholeService is what a release that went live says of assets and of its service.
func wholeService(id, environment string) []release.Entry {
	assets, service := entry(id, "production/assets", 7), entry(id, "production/service", 7)
	declared := []release.Asset{{Name: "seats", Kind: "licence", Change: release.AssetIntroduced}, {Name: "balancer", Change: release.AssetRetired}}
	inService := release.InService(nil, declared, id)
	assets.Assets = &release.AssetsEntry{
		Environment: environment, Package: pack(id).Digest, Declared: declared,
		Report: release.AssetReport{
			Against: "httpbin@2.25.0", Components: &release.AssetCount{Changed: 1}, Notes: []string{"no contents.json", "too old"},
			Declared: release.CountDeclared(declared), InService: inService,
		},
	}
	service.Service = &release.ServiceEntry{
		Service: "httpbin", Environment: environment, Package: pack(id).Digest, Title: "avif", Description: "an echo",
		Requester: "rita", Manager: "max", Targets: 2, Assets: inService,
		KnownErrors: []release.KnownError{{ID: "KE-1", Summary: "slow", Workaround: "wait"}, {ID: "KE-2", Summary: "loud"}},
		Documents:   []release.Document{{Name: "runbook", For: "operations", Location: "https://wiki/runbook"}, {Name: "guide"}},
	}
	return []release.Entry{assets, service}
}
