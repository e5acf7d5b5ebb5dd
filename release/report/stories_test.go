package report

import (
	"strings"
	"time"

	"slipway/release"
)

// upstreamKey signed the tag of a component.
const upstreamKey = "SHA256:7wV2pA3jT0G4n1CqYx9kL5sZ8dBfHrM6uEoIaKtWvQc"

// completed was revised once, built twice, deployed twice, and had a bad moment.
func (s story) completed() release.Record {
	r := s.record()
	r.Outcome, r.Reason, r.Closed, r.Revision = release.CompletedWithIssues, "production was down for 3 s on one target", s.at(214), 2
	r.Gates = []release.Gate{
		s.gate("plan", 1, 12, release.ReviseIt, s.vote(12, "ben", release.ReviseIt, "Say what becomes of KE-101.")),
		s.gate("plan", 14, 31, release.Authorize, s.vote(20, "ana", release.Authorize, ""), s.vote(31, "ben", release.Authorize, "Clear now.")),
		{Name: "build", Digest: named("build gate"), Opened: s.at(33), Decision: release.PreAuthorized, Decided: s.at(33)},
		s.gate("deploy:staging", 91, 97, release.Authorize, s.vote(94, "ana", release.Authorize, ""), s.vote(97, "eva", release.Authorize, "")),
		s.gate("deploy:production", 133, 160, release.Authorize, withKey(s.vote(144, "ana", release.Authorize, "Staging was quiet.")), withKey(standingIn(s.vote(160, "ben", release.Authorize, ""), "eva"))),
	}
	for i := range r.Gates {
		r.Gates[i].Excluded = []release.Exclusion{
			{Person: "rita", Why: "requested the release and cannot authorize it"}, {Person: "marc", Why: "manages the release and cannot authorize it"},
		}
	}
	r.Gates[0].Decision, r.Gates[0].Reason = release.VoidedGate, "the definition was revised"
	last := &r.Gates[4]
	last.Policy.Signed, last.Policy.Escalate, last.Escalated = true, &release.Escalation{To: "directors"}, s.at(150)
	r.Notices = []release.Notice{
		{At: s.at(133), Kind: release.NoticeAsked, Gate: last.Name, To: []string{"ana", "ben", "eva"}, Unreached: map[string]string{"eva": "no contact"}},
		{At: s.at(150), Kind: release.NoticeEscalated, Gate: last.Name, To: []string{"ben"}},
	}
	r.Amendments = []release.Amendment{{
		Environment: "production", From: named("plan 1 before"), To: named("plan 1"), Why: "the targets of production were production-1, production-2 and are production-1, production-2, production-3",
	}}
	r.Ledger = release.Ledger{Count: 9, Head: named("ledger")}
	r.Attestation = &release.Blob{Digest: named("attestation"), Size: 9000}
	failed, passed := s.build(1, 34), s.build(2, 60)
	for i := range passed.Sources { // the first build kept them
		failed.Sources[i].Master, passed.Sources[i].Master = named("master "+passed.Sources[i].Component), named("master "+passed.Sources[i].Component)
		passed.Sources[i].Kept = true
	}
	passed.Sources[0].SignedBy, failed.Sources[0].SignedBy = upstreamKey, upstreamKey
	passed.Steps[0].PeakMemory, passed.Provenance = 412_000_000, &release.Blob{Digest: named("provenance 2"), Size: 3100}
	r.Builds, r.Package = []release.BuildRecord{failed, passed}, passed.Package
	r.Evidence = []release.Evidence{
		s.evidence(1, "upstream", 46, 212, 0), s.evidence(1, "acceptance", 52, 9, 1),
		s.evidence(2, "upstream", 73, 212, 0), s.evidence(2, "acceptance", 80, 10, 0),
	}
	r.Evidence[1].Failures[0].File = "avif_test.go:31"
	r.Evidence[2].Flaky, r.Evidence[2].Runs = []string{"TestStreaming/chunked"}, 2
	staging, production := s.deployed("staging", 1, 100), s.deployed("production", 3, 163)
	production.Audits[0].Discrepancies = []release.Discrepancy{{Target: "production-3", Expected: "2.25.0", Found: "2.25.0, changed by hand"}}
	production.Audits[0].Accepted = &release.Acceptance{By: "marc", Reason: "the log level, until Friday", At: s.at(164)}
	full := s.ran("disk", 163, 0.1, 1, "3 GB are free, 5 GB are needed\n")
	production.Readiness = []release.Confirmation{
		{Item: "desk", Kind: release.ReadySupportStaff, Text: "The service desk is named", At: s.at(150), By: "olga", Comment: "Olga and Pia"},
		{Item: "port", Kind: release.ReadyOther, Text: "The port is free", At: s.at(163)},
		{
			Item: "disk", Kind: release.ReadyOther, Text: "There is room", At: s.at(164), By: "marc", Comment: "It will do",
			Execution: &full, Failure: "exit status 1: 3 GB are free, 5 GB are needed",
		},
	}
	two, three := &production.Support.Availability[1], &production.Support.Availability[2]
	two.Failed, two.Down = 3, []release.Interval{{From: s.at(180), To: s.at(183), Reason: "status 503"}}
	three.Probes, three.Unobserved = 16, []release.Interval{{From: s.at(184), To: s.at(188)}}
	looksAfter := func(who string, since float64) release.Assignment {
		return release.Assignment{Assignee: who, Assigned: s.at(since)}
	}
	production.Support.Incidents = []release.Incident{{
		ID: "INC-1", Severity: 2, CI: "httpbin", Summary: "503 from production-2", By: "olga", Opened: s.at(182), Defect: release.DefectConfiguration,
		Resolved: s.at(190), ResolvedBy: "olga", Resolution: "It came back after a restart", Workaround: "Ask again",
		Assignment: looksAfter("dora", 183), KnownError: "KE-2", RFC: "RFC-1",
	}}
	production.Support.Calls = []release.Call{
		{At: s.at(186), By: "olga", CI: "httpbin", Summary: "A team got 503 for a while"},
		{ID: "CALL-2", At: s.at(187), By: "olga", Summary: "Where is AVIF?", Assignment: looksAfter("uwe", 188), Resolved: s.at(191), ResolvedBy: "uwe", Resolution: "Sent the guide"},
	}
	production.Support.EarlierCalls = 1
	production.Support.KnownErrors = []release.FoundError{{
		KnownError: release.KnownError{ID: "KE-2", Summary: "503 right after a restart", Workaround: "Ask again"}, Incident: "INC-1", By: "olga", At: s.at(189),
	}}
	production.Support.RFCs = []release.RaisedRFC{{ID: "RFC-1", Title: "Wait for the caches", Incident: "INC-1", CI: "httpbin", By: "olga", At: s.at(189)}}
	production.Support.Acts = []release.Act{s.act(182, release.ActIncident, "olga", "incident of severity 2: 503 from production-2", "")}
	staging.ModulesNote = "package b71e206fbf16 has no sbom.cdx.json in the DML"
	production.Modules = []release.Change{
		{Kind: release.ChangeModule, What: "golang.org/x/net", Was: "v0.30.0", Is: "v0.33.0"}, {Kind: release.ChangeModule, What: "github.com/gen2brain/avif", Is: "v0.4.2"},
	}
	staging.Assets = &release.AssetReport{
		Components: &release.AssetCount{Introduced: 2}, Files: &release.AssetCount{Introduced: 1204},
		Declared: []release.KindCount{{Kind: "licence", AssetCount: release.AssetCount{Introduced: 1}}},
	}
	production.Assets = &release.AssetReport{
		Against: "httpbin@2.25.0", Components: &release.AssetCount{Changed: 1, Unchanged: 1},
		Notes:    []string{"package b71e206fbf16 has no contents.json in the DML"},
		Declared: []release.KindCount{{Kind: "licence", AssetCount: release.AssetCount{Introduced: 1}}},
	}
	r.Histories = []release.ExportedHistory{
		{Workflow: r.ID, Run: "01a203f5-f9c0-7f1d-a3d4-e5857e5d06e0", Type: release.WorkflowRelease, Events: 312, Blob: release.Blob{Digest: named("history 1"), Size: 412_000}},
		{Workflow: r.ID + ":production", Run: "01a203f6-0a11-7c5e-9c02-11d2b7a60be1", Type: release.WorkflowDeployment, Events: 1180, Blob: release.Blob{Digest: named("history 2"), Size: 99_000}},
	}
	r.Environments = []release.EnvironmentRecord{staging, production}
	r.Stages = []release.Stage{
		s.stage(release.StagePlan, "", 0, 1, ""), s.stage(release.StagePlanGate, "", 1, 12, "a revision was asked for"),
		s.stage(release.StagePlan, "", 12, 14, "revision 2"), s.stage(release.StagePlanGate, "", 14, 31, ""),
		s.stage(release.StagePrepare, "", 31, 33, ""),
		s.stage(release.StageBuild, "", 34, 46, ""), s.stage(release.StageTest, "", 46, 60, "1 of 10 cases failed"),
		s.stage(release.StageBuild, "", 60, 73, ""), s.stage(release.StageTest, "", 73, 90, ""),
	}
	for i, from := range []float64{91, 133} {
		environment := []string{"staging", "production"}[i]
		start := []float64{100, 163}[i]
		r.Stages = append(r.Stages,
			s.stage(release.StageDeployGate, environment, from, start-3, ""), s.stage(release.StageReady, environment, start-3, start, ""),
			s.stage(release.StageDeploy, environment, start, start+9, ""), s.stage(release.StageVerify, environment, start+9, start+10, ""),
			s.stage(release.StageSupport, environment, start+10, start+30, ""), s.stage(release.StageHandOver, environment, start+30, start+31, ""),
		)
	}
	r.Stages = append(r.Stages, s.stage(release.StageReview, "", 210, 214, ""))
	r.Acts = []release.Act{
		s.act(9, release.ActAuthorize, "rita", "authorize gate plan", "rita is not in group cab, which votes at gate plan"),
		s.act(12, release.ActAuthorize, "ben", "revise gate plan: Say what becomes of KE-101.", ""),
		s.act(13, release.ActRevise, "marc", "revise: KE-101 is told in the release notes", ""),
		s.act(60, release.ActRebuild, "marc", "rebuild: the route for AVIF was missing", ""),
		s.act(182.01, release.ActIncident, "olga", "incident of severity 2: 503 from production-2", ""),
	}
	s.review(&r)
	return r
}

// backedOut failed on the second of three targets.
func (s story) backedOut() release.Record {
	r := s.record()
	r.Outcome, r.Closed = release.BackedOut, s.at(128)
	r.Reason = "step image-cache failed on production-2; everything that happened was undone"
	build := s.build(1, 20)
	r.Builds, r.Package = []release.BuildRecord{build}, build.Package
	r.Evidence = []release.Evidence{s.evidence(1, "upstream", 33, 212, 0), s.evidence(1, "acceptance", 39, 10, 0)}
	r.Gates = []release.Gate{
		s.gate("plan", 1, 18, release.Authorize, s.vote(9, "ana", release.Authorize, ""), s.vote(18, "ben", release.Authorize, "")),
		s.gate("deploy:staging", 46, 50, release.Authorize, s.vote(48, "ana", release.Authorize, ""), s.vote(50, "ben", release.Authorize, "")),
		s.gate("deploy:production", 85, 105, release.Authorize, s.vote(95, "ana", release.Authorize, ""), s.vote(105, "eva", release.Authorize, "")),
	}
	production := release.EnvironmentRecord{
		Name: "production", State: release.EnvBackedOut, Previous: "2.25.0", Reason: "step image-cache failed on production-2",
		Targets: targetsOf("production", 3, release.TargetRestored, "2.25.0"),
		Audits: []release.Audit{
			{At: s.at(107), When: "before deployment", Targets: 3},
			{At: s.at(127), When: "after back-out", Targets: 3},
		},
	}
	production.Targets[2].State = release.TargetOld
	ran := s.ran("image-cache", 114, 0.2, 1, "production-2 grants 8 MB for the image cache, 16 MB are needed\n")
	production.Steps = []release.StepResult{
		s.done("on-call-note", "", 0, 107, 0.1),
		s.done("transfer", "production-1", 1, 108, 1.1), s.done("switch", "production-1", 1, 109, 0.4), s.done("image-cache", "production-1", 1, 110, 0.1),
		s.done("transfer", "production-2", 2, 112, 1.3), s.done("switch", "production-2", 2, 113, 0.4),
		{Step: "image-cache", Target: "production-2", Wave: 2, Fate: release.FateFailed, Message: "exit status 1", Started: s.at(114), Elapsed: s.lasts(0.2), Execution: &ran},
		{Step: "transfer", Target: "production-3", Wave: 2, Fate: release.FateNotStarted},
		s.undone("image-cache", "production-2", 2, 116), s.undone("switch", "production-2", 2, 117), s.undone("transfer", "production-2", 2, 118),
		s.undone("image-cache", "production-1", 1, 120), s.undone("switch", "production-1", 1, 121), s.undone("transfer", "production-1", 1, 122),
		s.undone("on-call-note", "", 0, 124),
	}
	staging := s.deployed("staging", 1, 52)
	r.Environments = []release.EnvironmentRecord{staging, production}
	r.Stages = []release.Stage{
		s.stage(release.StagePlan, "", 0, 1, ""), s.stage(release.StagePlanGate, "", 1, 18, ""), s.stage(release.StagePrepare, "", 18, 20, ""),
		s.stage(release.StageBuild, "", 20, 33, ""), s.stage(release.StageTest, "", 33, 46, ""),
		s.stage(release.StageDeployGate, "staging", 46, 50, ""), s.stage(release.StageReady, "staging", 50, 52, ""),
		s.stage(release.StageDeploy, "staging", 52, 61, ""), s.stage(release.StageVerify, "staging", 61, 62, ""),
		s.stage(release.StageSupport, "staging", 62, 82, ""), s.stage(release.StageHandOver, "staging", 82, 84, ""),
		s.stage(release.StageDeployGate, "production", 85, 105, ""), s.stage(release.StageReady, "production", 105, 107, ""),
		s.stage(release.StageDeploy, "production", 107, 115, "image-cache failed on production-2"),
		s.stage(release.StageBackOut, "production", 115, 126, ""), s.stage(release.StageReview, "", 126, 128, ""),
	}
	return r
}

// rejected never got past its first gate.
func (s story) rejected() release.Record {
	r := s.record()
	r.Outcome, r.Closed, r.Reason = release.Rejected, s.at(40), "gate plan: rejected by ben"
	r.Risk = release.Risk{Score: 65, Reasons: []string{"+30 emergency: less time to prepare", "+20 30 targets", "+15 1 open releases touch the same configuration items"}}
	r.Conflicts = []release.Conflict{{Release: "gateway@7.1.0", Reason: "it changes the same configuration item httpbin"}}
	r.Gates = []release.Gate{s.gate("plan", 1, 40, release.Reject, s.vote(21, "ana", release.Authorize, ""), s.vote(40, "ben", release.Reject, "Not in the week of the fair."))}
	r.Stages = []release.Stage{s.stage(release.StagePlan, "", 0, 1, ""), s.stage(release.StagePlanGate, "", 1, 40, "rejected"), s.stage(release.StageReview, "", 40, 40.2, "")}
	r.KnownErrors, r.Documents = nil, nil
	return r
}

// stopped was rejected before production, with staging live.
func (s story) stopped() release.Record {
	r := s.running()
	r.Outcome, r.Closed, r.Phase, r.Awaiting = release.Rejected, s.at(110), release.StageClosed, nil
	r.Reason = "gate deploy:production was rejected by ben"
	r.Gates[2] = s.gate("deploy:production", 85, 105, release.Reject, s.vote(95, "ana", release.Authorize, ""), s.vote(105, "ben", release.Reject, "Not in the week of the fair."))
	r.Environments[1].State = release.EnvNotDeployed
	r.Stages[11].Ended = s.at(105)
	return r
}

// running waits for the second vote before production.
func (s story) running() release.Record {
	r := s.backedOut()
	r.Outcome, r.Reason, r.Closed, r.Phase = "", "", time.Time{}, release.StageIn(release.StageDeployGate, "production")
	r.Gates[2] = s.gate("deploy:production", 85, 0, release.Pending, s.vote(95, "ana", release.Authorize, ""))
	r.Environments[1] = release.EnvironmentRecord{
		Name: "production", State: release.EnvWaiting, Previous: "2.25.0", Targets: targetsOf("production", 3, release.TargetOld, "2.25.0"),
	}
	r.Stages = r.Stages[:12]
	r.Stages[11].Ended = time.Time{}
	r.Acts = []release.Act{{At: s.at(102), Action: release.ActAuthorize, By: "zoe", Summary: "authorize gate deploy:production", Refusal: "zoe is not on the roster"}}
	r.Awaiting = []release.Awaiting{{
		Kind: release.WaitGate, Gate: "deploy:production", Environment: "production", Digest: r.Gates[2].Digest,
		Needs: "1 more of group cab (ben, eva)", Since: s.at(85), Deadline: s.at(85 + 3600), Action: release.ActAuthorize,
		Command: "starter authorize httpbin@2.26.0 --gate deploy:production --by YOUR-ID --sign YOUR-KEY --print",
	}}
	return r
}

// hostile puts something into every text that a person can write.
func (s story) hostile() release.Record {
	const attack = "</title><script>alert(1)</script> | `x` *b* [l](javascript:alert(1)) \x1b[31m\u202e"
	r := s.completed()
	r.Title, r.Reason = attack, attack
	r.Gates[1].Votes[0].Comment, r.Gates[0].Reason = attack, attack
	r.Amendments[0].Why, r.Notices[0].Unreached["eva"] = attack, attack
	r.Environments[0].ModulesNote, r.Environments[1].Modules[0].Is = attack, attack
	r.Acts[0].Refusal, r.Acts[0].By = attack, attack
	r.Documents[0].Location = "javascript:alert(1)"
	r.Documents[1].Location = "https://example.org/\"><script>alert(1)</script>"
	r.Evidence[1].Failures[0].Message = strings.Repeat(attack, 2)
	r.Environments[1].Support.Incidents[0].Summary = attack
	r.Awaiting = []release.Awaiting{{Kind: release.WaitStep, Needs: attack, Since: s.at(1), Payload: "```\n" + attack}}
	return r
}
