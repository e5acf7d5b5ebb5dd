package workflows_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/release"
)

// targetsOf gives what the targets of production are said to be.
func targetsOf(record release.Record) map[string]release.TargetState {
	states := map[string]release.TargetState{}
	for _, t := range record.Environment("production").Targets {
		states[t.Name] = t.State
	}
	return states
}

func TestATargetThatMayFailIsBackedOutAloneAndTheOthersGoOn(t *testing.T) {
	r := newRig(t)
	d := onWavesOfOne("standard")
	d.Environments[1].MayFail = release.Share{Count: 40, Percent: true}
	r.world.goesWrong("activate production/p2", failsLate)
	record := r.run(d)

	assert.Equal(t, release.CompletedWithIssues, record.Outcome)
	assert.Equal(t, "production: p2 was set aside: step activate on p2 failed: ", record.Reason)
	assert.Equal(t, map[string]release.TargetState{
		"p1": release.TargetNew, "p2": release.TargetRestored, "p3": release.TargetNew,
	}, targetsOf(record))
	assert.Equal(t, []string{"undo activate production/p2", "undo transfer production/p2"}, r.world.done("undo"))
	baseline := r.world.baselines["production"]
	assert.Equal(t, newVersion, baseline.Version)
	require.Len(t, baseline.Others, 1)
	assert.Equal(t, release.Holding{Version: oldVersion, Package: pack(oldVersion, 1), Targets: []string{"p2"}}, baseline.Others[0])
}

func TestBeyondWhatMayFailTheDeploymentStops(t *testing.T) {
	r := newRig(t)
	d := onWavesOfOne("standard")
	d.Environments[1].MayFail = release.Share{Count: 1}
	r.world.goesWrong("activate production/p1", fails)
	r.world.goesWrong("transfer production/p2", fails)
	record := r.run(d)
	assert.Equal(t, release.BackedOut, record.Outcome)
	assert.Contains(t, record.Reason, "step transfer on p2 failed")
	assert.Empty(t, r.world.done("transfer production/p3"))
	r.assertOld("staging", "production")
}

func TestPolicySaysHowFarABackOutReaches(t *testing.T) {
	newOld := func(states ...release.TargetState) map[string]release.TargetState {
		return map[string]release.TargetState{"p1": states[0], "p2": states[1], "p3": states[2]}
	}
	const fresh, restored, old = release.TargetNew, release.TargetRestored, release.TargetOld
	for _, c := range []struct {
		scope, fails string
		waves        []int
		want         map[string]release.TargetState
	}{
		{release.ScopeTarget, "activate production/p3", []int{1}, newOld(fresh, fresh, restored)},
		{release.ScopeTarget, "activate production/p2", []int{1}, newOld(fresh, restored, old)},
		{release.ScopeTarget, "activate production/p3", []int{1, 2}, newOld(fresh, fresh, restored)},
		{release.ScopeTarget, "transfer production/p3", []int{1, 2}, newOld(fresh, old, old)},
		{release.ScopeWave, "activate production/p3", []int{1, 2}, newOld(fresh, restored, restored)},
		{release.ScopeWave, "activate production/p2", []int{1, 1}, newOld(fresh, restored, old)},
		{release.ScopeEnvironment, "activate production/p3", []int{1}, newOld(restored, restored, restored)},
	} {
		t.Run(c.scope+" "+c.fails, func(t *testing.T) {
			r := newRig(t)
			r.scope("standard", c.scope)
			d := definition("standard")
			d.Environments[1].Waves = release.Sizes(c.waves...)
			r.world.goesWrong(c.fails, failsLate)
			record := r.run(d)
			assert.Equal(t, release.BackedOut, record.Outcome)
			assert.Equal(t, c.want, targetsOf(record))
			r.assertNew("staging")
			if c.scope != release.ScopeEnvironment {
				assert.Equal(t, release.EnvPartly, record.Environment("production").State)
				assert.Contains(t, record.Reason, "2.26.0 is live on ")
			}
		})
	}
}

func TestWhatRunsOnceAndFailsConcernsTheWholeEnvironment(t *testing.T) {
	r := newRig(t)
	r.scope("standard", release.ScopeTarget)
	d := definition("standard")
	d.Steps = append(d.Steps, release.Step{Name: "announce", Kind: release.RemovalOfRedundantAssets, Run: "announce", BackOut: "take back"})
	r.world.goesWrong("announce production/", fails)
	assert.Equal(t, release.BackedOut, r.run(d).Outcome)
	r.assertOld("production")
}

func TestAWaveIsVerifiedAndRestsBeforeTheNextOne(t *testing.T) {
	r := newRig(t)
	d := onWavesOfOne("standard")
	d.Environments[1].Pause, d.Environments[1].VerifyWaves = release.Duration(3*time.Hour), true
	record := r.run(d)
	assert.Equal(t, release.Completed, record.Outcome)
	assert.True(t, r.waited("pause:production"))
	assert.Len(t, r.world.done("verify production "+newVersion), 3, "after the first two waves, and at the end")
	started := map[string]time.Time{}
	for _, stage := range record.Stages {
		started[string(stage.Name)] = stage.Started
	}
	assert.GreaterOrEqual(t, started["verify:production"].Sub(started["deploy:production"]), 6*time.Hour)
}

func TestAWaveThatDoesNotVerifyIsTheLast(t *testing.T) {
	r := newRig(t)
	r.scope("standard", release.ScopeWave)
	d := onWavesOfOne("standard")
	d.Environments[1].VerifyWaves = true
	r.world.when("activate production/p2", func(context.Context) { r.world.goesWrong("verify production "+newVersion, fails) })
	record := r.run(d)
	assert.Equal(t, release.BackedOut, record.Outcome)
	assert.Contains(t, record.Reason, "wave 2: verification failed: status 503")
	assert.Empty(t, r.world.done("transfer production/p3"))
	assert.Equal(t, release.TargetNew, targetsOf(record)["p1"])
}

func TestADeploymentThatIsParkedPastItsAuthorizationIsAuthorizedAgain(t *testing.T) {
	for _, how := range []release.Decision{release.Authorize, release.Reject} {
		t.Run(string(how), func(t *testing.T) {
			r := newRig(t)
			r.reachable()
			r.policy("normal", "deploy:production", func(p *release.GatePolicy) { p.Validity = days(2) })
			r.world.when("after activate production/p1", func(context.Context) { r.freeze(monday, monday.Add(6*24*time.Hour)) })
			asked := 0
			r.people["deploy:production"] = func(a release.Awaiting) {
				if asked++; asked == 1 || how == release.Authorize {
					r.authorize(a)
					return
				}
				assert.True(t, slices.ContainsFunc(r.status().Awaiting, func(a release.Awaiting) bool {
					return a.Kind == release.WaitAuthorization && strings.Contains(a.Needs, "at gate deploy:production again: it was valid until")
				}))
				assert.Empty(t, r.world.done("transfer production/p2"), "everything stays as it is")
				r.vote("ana", "deploy:production", release.Reject)
			}
			record := r.run(onWavesOfOne("normal"))
			if how == release.Authorize {
				assert.Equal(t, 3, asked, "at first, after two days, and after four")
				assert.Equal(t, release.Completed, record.Outcome)
				r.assertNew("staging", "production")
				return
			}
			assert.Equal(t, 2, asked)
			assert.Equal(t, release.BackedOut, record.Outcome)
			assert.Contains(t, record.Reason, "its authorization lapsed and was not given again")
			r.assertOld("staging", "production")
		})
	}
}

func TestAnotherReleaseThatRunsByNowIsLeftAlone(t *testing.T) {
	r := newRig(t)
	r.world.when("watch production", func(context.Context) {
		r.world.change(func(w *world) {
			b := w.baselines["staging"]
			b.Release, b.Version, b.Package = "httpbin@3.0.0", "3.0.0", pack("3.0.0", 1)
			w.baselines["staging"] = b
			w.places["staging/s1"].holding = holding{"3.0.0", b.Package.Content}
		})
		r.after(time.Hour, r.askBackOut)
	})
	record := r.run(definition("standard"))
	assert.Equal(t, release.BackedOut, record.Outcome)
	assert.Equal(t, release.EnvReplaced, record.Environment("staging").State)
	assert.Contains(t, record.Environment("staging").Reason, "httpbin@3.0.0 runs in staging by now and is left alone")
	assert.Equal(t, "3.0.0", r.world.held("staging/s1").version)
	assert.Equal(t, "3.0.0", r.world.baselines["staging"].Version)
	assert.Empty(t, r.world.done("undo activate staging", "undo migrate staging"))
	r.assertOld("production")
}

func TestAStepByHandWaitsForSomebodyWhoSaysWhatTheyDid(t *testing.T) {
	r := newRig(t)
	d := definition("standard")
	d.Steps = append(d.Steps, release.Step{
		Name: "racks", Kind: release.FinancialAssets, Manual: true, Run: "move the contracts", BackOut: "move them back",
	})
	r.people["step:staging"] = func(a release.Awaiting) {
		assert.Contains(t, a.Needs, "step racks to be done by hand, by")
		assert.Contains(t, a.Needs, ": move the contracts")
		assert.Contains(t, a.Payload, `"action":"done"`)
		r.resolve("racks", "", release.ResolveDone)
	}
	undone := false
	r.people["step:production"] = func(a release.Awaiting) {
		if undone = strings.Contains(a.Needs, "back-out of step racks to be done by hand"); undone {
			assert.Contains(t, a.Needs, "move them back")
			assert.Contains(t, a.Payload, `"ofBackOut":true`)
			// What was sent about the step itself says nothing about its back-out.
			r.send(release.ActResolveStep, release.ResolveStep{Sender: sender("dan"), Step: "racks", Action: release.ResolveDone, Reason: "moved"})
		}
		r.after(time.Minute, func() { r.resolve("racks", "", release.ResolveDone) })
	}
	r.scope("standard", release.ScopeEnvironment)
	r.world.goesWrong("activate production/p1", fails)
	record := r.run(d)
	assert.Equal(t, release.BackedOut, record.Outcome)
	assert.True(t, undone)
	require.Len(t, refusals(record, release.ActResolveStep), 1)
	assert.Contains(t, refusals(record, release.ActResolveStep)[0], "step racks is being backed out by now")
	done := record.Environment("staging").Steps[0]
	assert.Equal(t, "dan: looked at it", done.Message)
}
