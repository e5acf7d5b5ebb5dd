package report

import (
	"fmt"
	"strings"
	"time"

	"slipway/release"
)

// story writes records whose times are counted in units from a beginning: in
// seconds for a release of minutes, in hours for one of weeks.
type story struct {
	begin time.Time
	unit  time.Duration
}

var (
	quick = story{time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), time.Second}
	slow  = story{time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), time.Hour}
)

func (s story) at(n float64) time.Time { return s.begin.Add(s.lasts(n).Std()) }

func (s story) lasts(n float64) release.Duration {
	return release.Duration(n * float64(s.unit))
}

func named(content string) release.Digest { return release.DigestOfBytes([]byte(content)) }

func (s story) plan() release.Plan {
	p := release.Plan{
		Release: "httpbin@2.26.0", Revision: 1, Digest: named("plan 1"),
		Definition: release.Definition{
			Service: "httpbin", Version: "2.26.0", Title: "AVIF images and stricter WebSocket frames",
			Description: "Teams that serve AVIF need it from httpbin too.",
			Model:       "normal", Requester: "rita", Manager: "marc",
			ConfigurationItems: []string{"httpbin"},
			Assets:             []release.Asset{{Name: "avif-encoder", Kind: "licence", Change: release.AssetIntroduced}},
			Requirements: []release.Requirement{
				{ID: "REQ-1", Text: "Requests are echoed and statuses given as HTTP clients expect"},
				{ID: "REQ-2", Text: "The service tells which version answers"},
				{ID: "REQ-3", Text: "/image/avif gives an AVIF image"},
			},
			Test: release.Test{Suites: []release.Suite{
				{Name: "upstream", Kind: "unit", Covers: []string{"REQ-1"}},
				{Name: "acceptance", Kind: "acceptance", Covers: []string{"REQ-1", "REQ-2", "REQ-3"}},
			}},
		},
		Model: release.Model{Name: "normal"},
		Roster: []release.Person{
			{ID: "rita", Name: "Rita Roth"},
			{ID: "marc", Name: "Marc Meier"},
			{ID: "ana", Name: "Ana Alves", Groups: []string{"cab"}},
			{ID: "ben", Name: "Ben Brunner", Groups: []string{"cab"}},
			{ID: "eva", Groups: []string{"cab"}},
			{ID: "olga", Name: "Olga Ott", Groups: []string{"service-operations"}},
		},
	}
	expect := func(name release.StageName, n float64) {
		p.Stages = append(p.Stages, release.PlannedStage{Name: name, Expected: s.lasts(n)})
	}
	expect(release.StagePlan, 0)
	expect(release.StagePlanGate, 30)
	expect(release.StagePrepare, 2)
	expect(release.StageBuildGate, 0)
	expect(release.StageBuild, 30)
	expect(release.StageTest, 20)
	for _, e := range []string{"staging", "production"} {
		p.Environments = append(p.Environments, release.PlannedEnvironment{Name: e, Changes: []release.Change{
			{Kind: release.ChangeComponent, What: "component httpbin", Was: "v2.25.0", Is: "v2.26.0"},
			{Kind: release.ChangeKnownError, What: "known error KE-102", Is: "/image gives PNG to a client that accepts AVIF too"},
		}})
		expect(release.StageIn(release.StageDeployGate, e), 15)
		expect(release.StageIn(release.StageReady, e), 5)
		expect(release.StageIn(release.StageDeploy, e), 10)
		expect(release.StageIn(release.StageVerify, e), 5)
		expect(release.StageIn(release.StageSupport, e), 20)
		expect(release.StageIn(release.StageHandOver, e), 0)
	}
	expect(release.StageReview, 5)
	p.Environments[1].Changes = append(p.Environments[1].Changes,
		release.Change{Kind: release.ChangeConfiguration, What: "CACHE_MB of production-2", Was: "8", Is: "64"})
	return p
}

func (s story) stage(name release.StageName, environment string, from, to float64, note string) release.Stage {
	if environment != "" {
		name = release.StageIn(name, environment)
	}
	stage := release.Stage{Name: name, Started: s.at(from), Note: note}
	if to > from {
		stage.Ended = s.at(to)
	}
	return stage
}

func (s story) gate(name string, from, to float64, decision release.Decision, votes ...release.Vote) release.Gate {
	g := release.Gate{
		Name: name, Policy: release.GatePolicy{Votes: map[string]int{"cab": 2}}, Digest: named(fmt.Sprint(name, from)),
		Opened: s.at(from), Votes: votes, Decision: decision,
	}
	if decision != release.Pending {
		g.Decided = s.at(to)
	}
	return g
}

func (s story) vote(n float64, by string, decision release.Decision, comment string) release.Vote {
	return release.Vote{
		At: s.at(n), By: by, Decision: decision, Comment: comment, Seats: []release.Seat{{Person: by, Groups: []string{"cab"}}},
	}
}

// withKey is the vote with a signature.
func withKey(v release.Vote) release.Vote {
	v.Key = "SHA256:" + strings.Repeat("Zy8", 12) + v.By
	return v
}

// standingIn is the vote for somebody else too.
func standingIn(v release.Vote, absent string) release.Vote {
	v.Seats = []release.Seat{{Person: v.By, Groups: []string{"cab"}}, {Person: absent, Groups: []string{"cab"}}}
	return v
}

func (s story) act(n float64, action release.Action, by, summary, refusal string) release.Act {
	return release.Act{At: s.at(n), Action: action, By: by, Summary: summary, Counted: refusal == "", Refusal: refusal}
}

func (s story) ran(name string, from, took float64, exit int, tail string) release.Execution {
	return release.Execution{
		Name: name, Started: s.at(from), Elapsed: s.lasts(took), Exit: exit, Tail: tail,
		Log: release.Blob{Digest: named("log of " + fmt.Sprint(name, from)), Size: 2048},
	}
}

func (s story) record() release.Record {
	return release.Record{
		ID: "httpbin@2.26.0", Service: "httpbin", Version: "2.26.0", Title: "AVIF images and stricter WebSocket frames",
		Model: "normal", Requester: "rita", Manager: "marc", Phase: release.StageClosed,
		Started: s.at(0), Revision: 1, PlanDigest: named("plan 1"), RFCs: []string{"RFC-2260", "RFC-2261"},
		Risk: release.Risk{Score: 5, Reasons: []string{"+5 4 targets"}},
		KnownErrors: []release.KnownError{{
			ID: "KE-102", Summary: "/image gives PNG, WebP, SVG or JPEG to a client that accepts AVIF beside them",
			Workaround: "Ask for /image/avif",
		}},
		Documents: []release.Document{
			{Name: "User guide", For: "users", Location: "https://github.com/mccutchen/go-httpbin/blob/v2.26.0/README.md"},
			{Name: "Restart by hand", For: "service operations", Location: "wiki, page httpbin"},
		},
	}
}

func (s story) build(number int, from float64) release.BuildRecord {
	return release.BuildRecord{
		Number: number, Started: s.at(from), Elapsed: s.lasts(12), Builder: "slipway@build-1 go1.26.8 linux/amd64",
		Sources: []release.Acquired{
			{Component: "httpbin", Source: "module github.com/mccutchen/go-httpbin/v2 v2.26.0", Sum: "h1:JbKBrX9F9wjwXedIJkWe+jjYRjysHZrWKgJRPDSIxVw="},
			{Component: "acceptance", Source: "dir /srv/demo/acceptance", Sum: "h1:YpPBoAIKYIyyPEwXZkEqBVIKwon02TK7CELwAkt1mLU="},
		},
		Steps: []release.Execution{s.ran("compile", from+1, 10, 0, "")},
		Package: &release.Package{
			Digest: named(fmt.Sprint("package ", number)), Content: named(fmt.Sprint("content ", number)),
			Tag: fmt.Sprintf("httpbin:2.26.0-%d", number), Size: 8_412_331, Files: 1,
		},
		Record: &release.Blob{Digest: named(fmt.Sprint("build record ", number)), Size: 2210},
	}
}

func (s story) evidence(build int, suite string, from float64, passed, failed int) release.Evidence {
	e := release.Evidence{
		Suite: suite, Kind: "unit", Covers: []string{"REQ-1"}, Package: named(fmt.Sprint("package ", build)), Build: build,
		Passed: passed, Failed: failed, Skipped: 1, Execution: s.ran(suite, from, 6, min(failed, 1), ""),
	}
	if suite == "acceptance" {
		e.Kind, e.Covers = "acceptance", []string{"REQ-1", "REQ-2", "REQ-3"}
	}
	if failed > 0 {
		e.Failure = fmt.Sprintf("%d of %d cases failed", failed, passed+failed)
		e.Failures = []release.CaseFailure{{Case: "TestAVIF", Message: "GET /image/avif: status 404, wanted 200"}}
	}
	return e
}

// targetsOf lists the targets of an environment in a state.
func targetsOf(environment string, n int, state release.TargetState, version string) []release.TargetStatus {
	var list []release.TargetStatus
	for i := range n {
		list = append(list, release.TargetStatus{Name: fmt.Sprintf("%s-%d", environment, i+1), State: state, Version: version})
	}
	return list
}

func (s story) done(step, target string, wave int, from, took float64) release.StepResult {
	return release.StepResult{Step: step, Target: target, Wave: wave, Fate: release.FateDone, Started: s.at(from), Elapsed: s.lasts(took)}
}

func (s story) undone(step, target string, wave int, from float64) release.StepResult {
	return release.StepResult{Step: step, Target: target, Wave: wave, Fate: release.FateUndone, BackOut: true, Started: s.at(from), Elapsed: s.lasts(0.3)}
}

func (s story) watched(target string, from, to float64, probes int) release.Availability {
	return release.Availability{
		Target: target, Since: s.at(from), Last: s.at(to), Probes: probes,
		MaxLatency: release.Duration(14 * time.Millisecond), MeanLatency: release.Duration(1200 * time.Microsecond),
	}
}

// deployed is an environment in which all went well.
func (s story) deployed(name string, targets int, from float64) release.EnvironmentRecord {
	e := release.EnvironmentRecord{
		Name: name, Purpose: name, State: release.EnvLive, Previous: "2.25.0",
		Targets: targetsOf(name, targets, release.TargetNew, "2.26.0"),
		Audits: []release.Audit{
			{At: s.at(from), When: "before deployment", Targets: targets},
			{At: s.at(from + 9), When: "after deployment", Targets: targets},
		},
		HandedOver: &release.Act{At: s.at(from + 31), Action: release.ActHandOver, By: "olga", Summary: "hand over " + name, Counted: true},
		Support:    &release.SupportStatus{Environment: name, Started: s.at(from + 10), Until: s.at(from + 30), Ended: s.at(from + 30)},
	}
	for i, t := range e.Targets {
		wave := min(i, 1) + 1
		for n, step := range []string{"transfer", "switch", "tidy-up"} {
			e.Steps = append(e.Steps, s.done(step, t.Name, wave, from+float64(3*i+n), []float64{1.2, 0.35, 0.04}[n]))
		}
		e.Support.Availability = append(e.Support.Availability, s.watched(t.Name, from+10, from+30, 20))
	}
	return e
}
