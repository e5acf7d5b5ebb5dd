package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/release"
)

// scope sets how far a back-out reaches.
func (r *rig) scope(model, scope string) {
	r.model(model, func(m *release.Model) { m.BackOut.Scope = scope })
}

// onWavesOfOne is the sample that goes through production target after target.
func onWavesOfOne(model string) release.Definition {
	d := definition(model)
	d.Environments[1].Waves = release.Sizes(1)
	return d
}

// undoneInProduction is what has to be undone when activation fails on p2.
var undoneInProduction = []string{
	"undo activate production/p2", "undo transfer production/p2",
	"undo activate production/p1", "undo transfer production/p1", "undo migrate production/",
}

func TestAStepThatFailsOnTheSecondTargetUndoesExactlyWhatHappenedInReverse(t *testing.T) {
	for _, how := range []mishap{fails, failsLate} {
		t.Run(string(how), func(t *testing.T) {
			r := newRig(t)
			r.scope("standard", release.ScopeEnvironment)
			r.world.goesWrong("activate production/p2", how)
			record := r.run(onWavesOfOne("standard"))

			assert.Equal(t, release.BackedOut, record.Outcome)
			assert.Contains(t, record.Reason, "step activate on p2 failed")
			assert.Equal(t, undoneInProduction, r.world.done("undo"))
			assert.Empty(t, r.world.done("transfer production/p3", "activate production/p3"), "p3 was never begun")
			r.assertOld("production")
			assert.Equal(t, release.EnvBackedOut, record.Environment("production").State)
			assert.Equal(t, oldVersion, r.world.baselines["production"].Version)
		})
	}
}

func TestATargetOfTheSameWaveThatWasNotBegunIsNotTouched(t *testing.T) {
	r := newRig(t)
	r.scope("standard", release.ScopeEnvironment)
	d := definition("standard")
	d.Environments[1].Waves = nil
	r.world.goesWrong("transfer production/p2", fails)
	record := r.run(d)

	assert.Equal(t, release.BackedOut, record.Outcome)
	assert.Equal(t, []string{"undo transfer production/p1", "undo transfer production/p2", "undo migrate production/"}, r.world.done("undo"))
	states := map[string]release.TargetState{}
	for _, target := range record.Environment("production").Targets {
		states[target.Name] = target.State
	}
	assert.Equal(t, release.TargetOld, states["p3"])
}

func TestTheScopeOfABackOut(t *testing.T) {
	for scope, staging := range map[string]release.EnvironmentState{
		release.ScopeRelease: release.EnvBackedOut, release.ScopeEnvironment: release.EnvLive,
	} {
		t.Run(scope, func(t *testing.T) {
			r := newRig(t)
			r.scope("standard", scope)
			r.world.goesWrong("activate production/p2", fails)
			record := r.run(onWavesOfOne("standard"))

			assert.Equal(t, release.BackedOut, record.Outcome)
			assert.Equal(t, staging, record.Environment("staging").State)
			r.assertOld("production")
			if scope == release.ScopeEnvironment {
				r.assertNew("staging")
				assert.Empty(t, r.world.done("undo activate staging"))
				return
			}
			r.assertOld("staging")
			assert.Equal(t, []string{"undo activate staging/s1", "undo transfer staging/s1", "undo migrate staging/"}, r.world.done("undo")[5:])
			assert.Equal(t, oldVersion, r.world.baselines["staging"].Version)
			assert.Contains(t, stages(record), "back-out:staging")
		})
	}
}

func TestAStepThatMayRunAgainDoesSo(t *testing.T) {
	r := newRig(t)
	d := definition("standard")
	d.Steps[0].Retries = 2
	r.world.goesWrong("migrate production/", fails, fails)
	assert.Equal(t, release.Completed, r.run(d).Outcome)
}

func TestSlipwaysOwnActionsSurviveALostWorker(t *testing.T) {
	r := newRig(t)
	r.world.goesWrong("transfer production/p2", lost, lostLate)
	record := r.run(definition("standard"))
	assert.Equal(t, release.Completed, record.Outcome)
	assert.False(t, r.waited("step:production"))
	assert.Equal(t, []string{"transfer production/p2", "transfer production/p2"}, r.world.done("transfer production/p2"))
	assert.Len(t, r.world.done("transfer production/p3"), 1)
}

func TestAVerificationThatFailsBacksOut(t *testing.T) {
	r := newRig(t)
	r.world.goesWrong("verify production "+newVersion, fails)
	record := r.run(definition("standard"))
	assert.Equal(t, release.BackedOut, record.Outcome)
	assert.Contains(t, record.Reason, "verification failed: status 503")
	r.assertOld("staging", "production")
	assert.Equal(t, []string{"verify production " + newVersion, "verify production " + oldVersion}, r.world.done("verify production"))
	audits := record.Environment("production").Audits
	assert.Equal(t, "after the back-out", audits[len(audits)-1].When)
}

func TestATargetThatHoldsSomethingElseAfterwardsBacksOut(t *testing.T) {
	r := newRig(t)
	r.world.when("after activate production/p3", r.meanwhile(func() {
		r.world.change(func(w *world) { w.places["production/p1"].content = "sha256:tampered" })
	}))
	record := r.run(definition("standard"))
	assert.Equal(t, release.BackedOut, record.Outcome)
	assert.Contains(t, record.Reason, "the configuration audit failed: p1 holds 2.26.0, expected 2.26.0")
	r.assertOld("production")
}

func TestAnOldVersionThatDoesNotServeAfterABackOutIsUndecided(t *testing.T) {
	r := newRig(t)
	r.world.goesWrong("verify staging "+newVersion, fails)
	r.world.goesWrong("verify staging "+oldVersion, fails)
	record := r.run(definition("standard"))
	assert.Equal(t, release.EnvUndecided, record.Environment("staging").State)
	assert.Equal(t, release.Failed, record.Outcome)
	assert.Contains(t, record.Reason, "after the back-out, verification failed")
}

func TestADriftedTargetWaitsForADecisionBeforeAnythingHappens(t *testing.T) {
	for how, outcome := range map[release.Resolution]release.Outcome{
		release.ResolveRetry: release.Completed, release.ResolveSkip: release.Completed, release.ResolveBackOut: release.Withdrawn,
	} {
		t.Run(string(how), func(t *testing.T) {
			r := newRig(t)
			r.world.places["staging/s1"].content, r.world.places["staging/s1"].version = "sha256:other", "2.24.0"
			r.people["step:staging"] = func(a release.Awaiting) {
				assert.Contains(t, a.Needs, "s1 holds 2.24.0, expected 2.25.0")
				assert.Empty(t, r.world.steps())
				if how != release.ResolveSkip {
					r.world.change(func(w *world) {
						w.places["staging/s1"].content, w.places["staging/s1"].version = pack(oldVersion, 1).Content, oldVersion
					})
				}
				r.resolve("configuration-audit", "", how)
			}
			record := r.run(definition("standard"))
			assert.Equal(t, outcome, record.Outcome)
			if outcome == release.Withdrawn {
				assert.Empty(t, r.world.steps())
				assert.Equal(t, release.EnvNotDeployed, record.Environment("staging").State)
			}
		})
	}
}

func TestWhatIsNotReadyWaitsForADecision(t *testing.T) {
	r := newRig(t)
	r.world.goesWrong("ready production", fails, fails)
	r.people["step:production"] = func(a release.Awaiting) {
		assert.Contains(t, a.Needs, "step readiness")
		assert.Contains(t, a.Needs, "nobody is trained")
		r.resolve("readiness", "", release.ResolveRetry)
	}
	record := r.run(definition("standard"))
	assert.Equal(t, release.Completed, record.Outcome)
	assert.Len(t, r.seen, 2)
}

func TestAcceptanceWaitsForSomebodyOfTheGroup(t *testing.T) {
	r := newRig(t)
	r.people[release.WaitAcceptance] = func(a release.Awaiting) {
		assert.Contains(t, a.Needs, "group users (uwe)")
		for _, by := range []string{"max", "zoe"} {
			r.update(release.ActAccept, release.Accept{InEnvironment: in(by, "production")})
		}
		r.update(release.ActAccept, release.Accept{InEnvironment: in("uwe", "staging")})
		r.after(30*24*time.Hour, func() {
			assert.Equal(t, release.StageName("verify:production"), r.status().Phase)
			r.update(release.ActAccept, release.Accept{InEnvironment: in("uwe", "")})
		})
	}
	record := r.run(definition("normal"))
	assert.Equal(t, release.Completed, record.Outcome)
	require.Len(t, r.answers, 4)
	r.assertRefused(r.answers[0], "max may not accept: model normal leaves it to group users (uwe)")
	r.assertRefused(r.answers[1], "zoe is not on the roster")
	r.assertRefused(r.answers[2], "no deployment to staging is running")
	assert.NoError(t, r.answers[3].failed)
	assert.Len(t, refusals(record, release.ActAccept), 3)
}

func TestALeaseThatIsNotFreeIsWaitedFor(t *testing.T) {
	r := newRig(t)
	r.world.occupied["production"] = true
	r.people["lease:production"] = func(release.Awaiting) {
		r.after(5*time.Hour, func() {
			assert.Empty(t, r.world.done("migrate production"))
			r.world.change(func(w *world) {
				w.occupied["production"] = false
				r.fakes.lend(w.holders["production"])
			})
		})
	}
	record := r.run(definition("standard"))
	assert.Equal(t, release.Completed, record.Outcome)
	assert.True(t, r.waited("lease:production"))
}

func TestAReleaseThatLeavesSomethingUndecidedIsNotSaidToBeBackedOut(t *testing.T) {
	for name, prepare := range map[string]func(r *rig){
		"backed out": func(r *rig) { r.world.goesWrong("activate production/p2", fails) },
		"cancelled": func(r *rig) {
			r.world.when("after activate production/p2", r.interrupting(r.env.CancelWorkflow))
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			prepare(r)
			r.world.goesWrong("undo activate staging/s1", fails)
			r.people["step:staging"] = func(release.Awaiting) { r.resolve("activate", "s1", release.ResolveSkip) }
			record := r.run(onWavesOfOne("standard"))
			assert.Equal(t, release.Failed, record.Outcome)
			assert.Contains(t, record.Reason, "staging is undecided")
			assert.Contains(t, record.Reason, map[string]string{"cancelled": "the workflow was cancelled", "backed out": "step activate on p2 failed"}[name])
			r.assertOld("production")
			assert.Equal(t, newVersion, r.world.held("staging/s1").version)
		})
	}
}
