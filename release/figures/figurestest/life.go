package figurestest

import (
	"fmt"
	"time"

	"slipway/release"
)

// build builds and tests until the tests pass.
func (g *generator) build(review *release.ReviewEntry) {
	for number := 1; ; number++ {
		var passed bool
		g.stage(review, release.StageBuild, 20*time.Minute, func() {
			b := release.BuildRecord{Number: number, Started: g.now, Builder: "worker", Elapsed: release.Duration(g.upTo(40 * time.Minute))}
			g.now = g.now.Add(b.Elapsed.Std())
			if g.one(8) {
				b.Failure = "step compile ended with exit status 2"
			}
			passed = b.Failure == ""
			g.add("build", func(e *release.Entry) { e.Build = &b })
		})
		if passed {
			g.stage(review, release.StageTest, 15*time.Minute, func() { passed = g.test(number) })
		}
		if passed || number == 4 {
			return
		}
		g.pass(8 * time.Hour)
	}
}

func (g *generator) test(number int) bool {
	passed := true
	for i, suite := range []string{"unit", "acceptance", "load"} {
		t := release.Evidence{Suite: suite, Build: number, Passed: 10}
		t.Execution = release.Execution{Name: suite, Started: g.now, Elapsed: release.Duration(g.upTo(20 * time.Minute))}
		g.now = g.now.Add(t.Execution.Elapsed.Std())
		if g.one(20 - 7*i) {
			t.Failure, t.Failed, passed = "1 of 10 cases failed", 1, false
		}
		g.add("test", func(e *release.Entry) { e.Evidence = &t })
	}
	return passed
}

// deploy goes into an environment, and through its early life support.
func (g *generator) deploy(environment string, review *release.ReviewEntry) (state release.EnvironmentState) {
	g.wait(release.WaitGate, release.DeployGate(environment), "", "1 of group cab", 24*time.Hour)
	for _, w := range []struct {
		kind string
		in   int
	}{{release.WaitWindow, 2}, {release.WaitLease, 5}, {release.WaitConflict, 9}} {
		if g.one(w.in) {
			g.wait(w.kind, "", environment, "the calendar", 48*time.Hour)
		}
	}
	state = release.EnvLive
	switch g.dice.IntN(20) {
	case 0:
		state = release.EnvNotDeployed
	case 1:
		state = release.EnvPartly
	case 2, 3:
		state = release.EnvBackedOut
	}
	if state != release.EnvNotDeployed {
		g.stage(review, release.StageIn(release.StageDeploy, environment), 30*time.Minute, func() { g.carryOut(environment, false) })
		g.audit(environment, release.AuditAfter)
	}
	g.ended(environment, state)
	if state != release.EnvLive && state != release.EnvPartly {
		return state
	}
	live := release.LiveSince{Environment: environment, At: g.now}
	if !g.one(3) {
		live.Planned = g.now.Add(24*time.Hour - g.upTo(60*time.Hour))
	}
	review.Live = append(review.Live, live)
	g.assets(environment)
	return g.support(environment, state)
}

func (g *generator) ended(environment string, state release.EnvironmentState) {
	g.add("deployment", func(e *release.Entry) {
		e.Deployment = &release.DeployState{Environment: environment, State: state}
	})
}

func (g *generator) carryOut(environment string, backOut bool) {
	for _, step := range []string{"transfer", "activate"} {
		for _, target := range []string{"one", "two"} {
			r := release.StepResult{
				Step: step, Target: target, BackOut: backOut, Fate: release.GoodFate(backOut), Started: g.now,
				Elapsed: release.Duration(g.upTo(10 * time.Minute)),
			}
			g.now = g.now.Add(r.Elapsed.Std())
			g.add("step", func(e *release.Entry) { e.Step = &release.StepEntry{Environment: environment, Result: r} })
		}
	}
}

// audit looks at the targets, and again when it found something.
func (g *generator) audit(environment, occasion string) {
	for look := 0; ; look++ {
		a := release.Audit{At: g.now, When: occasion, Targets: 2}
		if g.one(6) {
			a.Discrepancies = []release.Discrepancy{{Target: []string{"one", "two"}[g.dice.IntN(2)], Expected: "this", Found: "that"}}
			a.Unlisted = g.dice.IntN(3)
		}
		g.add("audit", func(e *release.Entry) { e.Audit = &release.AuditEntry{Environment: environment, Audit: a} })
		g.pass(time.Hour)
		if a.Found() == 0 || look == 2 {
			return
		}
	}
}

func (g *generator) assets(environment string) {
	report := release.AssetReport{
		Files:    &release.AssetCount{Introduced: g.dice.IntN(9), Changed: g.dice.IntN(9), Retired: g.dice.IntN(3), Unchanged: 100},
		Declared: release.CountDeclared([]release.Asset{{Name: "seats", Kind: "licence", Change: release.AssetIntroduced}}),
	}
	if !g.one(4) {
		report.Components = &release.AssetCount{Changed: g.dice.IntN(3)}
	}
	g.add("assets", func(e *release.Entry) { e.Assets = &release.AssetsEntry{Environment: environment, Report: report} })
}

// support is early life support, which may end in a back-out.
func (g *generator) support(environment string, state release.EnvironmentState) release.EnvironmentState {
	if environment == "staging" || g.one(8) {
		return state
	}
	s := release.SupportStatus{Started: g.now, Until: g.now.AddDate(0, 0, 14)}
	if !g.one(6) {
		s.Availability = []release.Availability{g.watched("one"), g.watched("two")}
	}
	backOut := false
	for i := range g.dice.IntN(4) {
		incident := release.Incident{
			ID: fmt.Sprintf("INC-%d", i+1), Severity: 1 + g.dice.IntN(4), Summary: "slow", By: "uwe", Opened: g.pass(72 * time.Hour),
			Unrelated: g.one(4),
		}
		if !g.one(5) {
			incident.Defect = release.Defects[g.dice.IntN(len(release.Defects))]
		}
		if !g.one(6) {
			incident.Resolved, incident.ResolvedBy = g.pass(30*time.Hour), "olga"
		} else if incident.Severity == 1 && !incident.Unrelated {
			backOut = true
		}
		g.add("incident", func(e *release.Entry) {
			e.Incident = &release.IncidentEntry{Environment: environment, Incident: incident}
		})
	}
	for i := range g.dice.IntN(5) {
		call := release.Call{ID: fmt.Sprintf("CALL-%d", i+1), At: g.pass(20 * time.Hour), By: "uwe", Summary: "is it slow?"}
		g.add("call", func(e *release.Entry) { e.Call = &release.CallEntry{Environment: environment, Call: call} })
	}
	s.Ended = g.pass(48 * time.Hour)
	g.add("support", func(e *release.Entry) { e.Support = &release.SupportEntry{Environment: environment, Status: s} })
	if !backOut {
		return state
	}
	g.carryOut(environment, true)
	g.ended(environment, release.EnvBackedOut)
	return release.EnvBackedOut
}

func (g *generator) watched(target string) release.Availability {
	a := release.Watched(target, g.now)
	a.Probes, a.Last = 100, g.now.AddDate(0, 0, 14)
	if g.one(2) {
		from := g.now.Add(g.upTo(time.Hour))
		a.Failed, a.Down = 1, []release.Interval{{From: from, To: from.Add(g.upTo(30 * time.Minute))}}
	}
	return a
}

// close is the review, with what people spent and said.
func (g *generator) close(review *release.ReviewEntry) {
	started := g.start.Started
	for i, role := range []string{"developer", "change-manager", "tester"} {
		if g.one(3) {
			continue
		}
		f := release.Effort{By: people[i], Role: role, Hours: float64(g.dice.IntN(400)) / 4, At: g.pass(time.Hour)}
		if g.one(5) {
			f.Expense = float64(g.dice.IntN(1000))
		}
		g.add("effort", func(e *release.Entry) { e.Effort = &release.EffortEntry{Started: started, Effort: f} })
	}
	for _, by := range people[:g.dice.IntN(3)] {
		r := release.Rating{By: by, Score: 1 + g.dice.IntN(5), At: g.pass(time.Hour)}
		g.add("rating", func(e *release.Entry) { e.Rating = &release.RatingEntry{Started: started, Rating: r} })
	}
	for _, m := range []release.Measure{release.MeasureDowntime, release.MeasureBuilds, release.MeasureCost} {
		p := release.Performance{PerformanceTarget: release.PerformanceTarget{Measure: m}, Unit: "any"}
		if actual := float64(g.dice.IntN(10)); !g.one(5) {
			p.Actual, p.Met = &actual, actual < 7
		}
		review.Review.Performance = append(review.Review.Performance, p)
	}
	review.Review.Opened = g.now
	g.start.Closed, g.start.Phase = g.pass(2*time.Hour), release.StageClosed
	g.add("review", func(e *release.Entry) { e.Review = review })
}
