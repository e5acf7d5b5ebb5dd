package workflows_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/release"
)

func TestAPersonDecidesAboutAStepOfUnknownFate(t *testing.T) {
	for _, c := range []struct {
		how     release.Resolution
		mishaps []mishap
		outcome release.Outcome
		asked   int
		done    int
	}{
		{release.ResolveRetry, []mishap{lost}, release.Completed, 1, 1},
		{release.ResolveRetry, []mishap{lost, lost, fails}, release.Completed, 3, 1},
		{release.ResolveSkip, []mishap{lostLate}, release.Completed, 1, 1},
		{release.ResolveDone, []mishap{lostLate}, release.Completed, 1, 1},
		{release.ResolveBackOut, []mishap{lost}, release.BackedOut, 1, 0},
		{release.ResolveBackOut, []mishap{lostLate}, release.BackedOut, 1, 1},
		{release.ResolveRetry, []mishap{breaks}, release.Completed, 1, 1},
	} {
		t.Run(string(c.how)+" "+string(c.mishaps[0]), func(t *testing.T) {
			r := newRig(t)
			r.world.blind = true
			r.world.goesWrong("activate production/p2", c.mishaps...)
			asked := 0
			r.people["step:production"] = func(a release.Awaiting) {
				asked++
				assert.Contains(t, a.Needs, "step activate on p2")
				assert.Contains(t, a.Needs, "dan")
				r.resolve("activate", "p2", c.how)
			}
			record := r.run(onWavesOfOne("standard"))

			assert.Equal(t, c.outcome, record.Outcome)
			assert.Equal(t, c.asked, asked)
			assert.Len(t, r.world.done("activate production/p2"), c.done)
			if c.outcome == release.BackedOut {
				assert.Equal(t, undoneInProduction, r.world.done("undo")[:5])
				assert.Contains(t, record.Reason, "dan decided so about step activate on p2: looked at it")
				r.assertOld("staging", "production")
				return
			}
			r.assertNew("staging", "production")
		})
	}
}

func TestAPolicyMayDecideAboutAStepOfUnknownFate(t *testing.T) {
	r := newRig(t)
	r.model("standard", func(m *release.Model) { m.BackOut.Unknown = release.UnknownBackOut })
	r.world.blind = true
	r.world.goesWrong("activate production/p2", lostLate)
	record := r.run(onWavesOfOne("standard"))
	assert.Equal(t, release.BackedOut, record.Outcome)
	assert.Contains(t, record.Reason, "the fate of step activate on p2 is unknown")
	assert.Empty(t, r.seen)
	r.assertOld("staging", "production")
}

func TestWhatALostWorkerToldIsCertain(t *testing.T) {
	r := newRig(t)
	d := definition("standard")
	d.Environments[1].Waves = nil
	r.world.blind = true
	r.world.goesWrong("activate production/p2", lost)
	var asked []string
	r.people["step:production"] = func(a release.Awaiting) {
		target := []string{"p2", "p3"}[len(asked)]
		asked = append(asked, target)
		assert.Contains(t, a.Needs, "step activate on "+target)
		states := map[string]release.TargetState{}
		now := r.status()
		for _, s := range now.Environment("production").Targets {
			states[s.Name] = s.State
		}
		assert.Equal(t, release.TargetNew, states["p1"])
		assert.Equal(t, release.TargetUndecided, states["p3"])
		r.resolve("activate", target, release.ResolveRetry)
	}
	record := r.run(d)
	assert.Equal(t, release.Completed, record.Outcome)
	assert.Equal(t, []string{"p2", "p3"}, asked, "p1 is certain, the others are asked about one by one")
	assert.Len(t, r.world.done("activate production/p1"), 1)
	r.assertNew("production")
}

func TestTheTargetsBehindOneOfUnknownFateAreReachedOnceItIsDecided(t *testing.T) {
	for _, how := range []release.Resolution{release.ResolveRetry, release.ResolveBackOut} {
		t.Run(string(how), func(t *testing.T) {
			r := newRig(t)
			d := definition("standard")
			d.Environments[1].Waves = nil
			r.world.blind = true
			r.world.goesWrong("activate production/p1", breaks)
			r.people["step:production"] = func(release.Awaiting) { r.resolve("activate", "p1", how) }
			record := r.run(d)
			if how == release.ResolveBackOut {
				assert.Equal(t, release.BackedOut, record.Outcome)
				assert.Empty(t, r.world.done("activate production/"))
				r.assertOld("staging", "production")
				return
			}
			assert.Equal(t, release.Completed, record.Outcome)
			for _, target := range []string{"p1", "p2", "p3"} {
				assert.Len(t, r.world.done("activate production/"+target), 1, target)
			}
			r.assertNew("staging", "production")
		})
	}
}

func TestAStepThatRunsOnceMayBeOfUnknownFateToo(t *testing.T) {
	r := newRig(t)
	r.world.blind = true
	r.world.goesWrong("migrate staging/", lostLate)
	r.people["step:staging"] = func(release.Awaiting) { r.resolve("migrate", "", release.ResolveDone) }
	assert.Equal(t, release.Completed, r.run(definition("standard")).Outcome)
}

func TestADecisionAboutAStepIsRefused(t *testing.T) {
	r := newRig(t)
	r.world.blind = true
	r.world.goesWrong("activate staging/s1", lost)
	send := func(by, step, target string, how release.Resolution) {
		r.send(release.ActResolveStep, release.ResolveStep{Sender: sender(by), Step: step, Target: target, Action: how, Reason: "x"})
	}
	r.people["step:staging"] = func(release.Awaiting) {
		send("uwe", "activate", "s1", release.ResolveDone)
		send("zoe", "activate", "s1", release.ResolveDone)
		send("dan", "transfer", "s1", release.ResolveDone)
		send("dan", "activate", "p1", release.ResolveDone)
		send("dan", "activate", "s1", "guess")
		r.after(60, func() { send("dan", "activate", "s1", release.ResolveRetry) })
	}
	record := r.run(definition("standard"))
	assert.Equal(t, release.Completed, record.Outcome)
	reasons := refusals(record, release.ActResolveStep)
	require.Len(t, reasons, 5)
	r.assertNew("staging", "production")
}

func TestABackOutThatFailsWaitsForAPersonAndIsTriedAgain(t *testing.T) {
	for _, how := range []release.Resolution{release.ResolveRetry, release.ResolveBackOut} {
		t.Run(string(how), func(t *testing.T) {
			r := newRig(t)
			r.world.goesWrong("activate production/p2", fails)
			r.world.goesWrong("undo activate production/p1", fails, fails)
			r.people["step:production"] = func(a release.Awaiting) {
				assert.Contains(t, a.Needs, "its back-out failed")
				now := r.status()
				assert.Equal(t, release.EnvBackingOut, now.Environment("production").State)
				r.resolve("activate", "p1", how)
			}
			record := r.run(onWavesOfOne("standard"))
			assert.Equal(t, release.BackedOut, record.Outcome)
			assert.Len(t, r.seen, 2)
			assert.Equal(t, undoneInProduction, r.world.done("undo")[:5])
			r.assertOld("staging", "production")
		})
	}
}

func TestABackOutThatWasDoneByHandIsDone(t *testing.T) {
	r := newRig(t)
	r.world.goesWrong("activate production/p2", fails)
	r.world.goesWrong("undo migrate production/", fails)
	r.people["step:production"] = func(release.Awaiting) {
		r.world.change(func(w *world) { w.places["production/"].steps = nil })
		r.resolve("migrate", "", release.ResolveDone)
	}
	record := r.run(onWavesOfOne("standard"))
	assert.Equal(t, release.BackedOut, record.Outcome)
	r.assertOld("staging", "production")
}

func TestABackOutThatIsGivenUpIsListedAsUndecided(t *testing.T) {
	r := newRig(t)
	r.scope("standard", release.ScopeEnvironment)
	r.world.goesWrong("activate production/p2", fails)
	r.world.goesWrong("undo activate production/p1", fails)
	r.people["step:production"] = func(release.Awaiting) { r.resolve("activate", "p1", release.ResolveSkip) }
	record := r.run(onWavesOfOne("standard"))

	production := record.Environment("production")
	assert.Equal(t, release.EnvUndecided, production.State)
	for _, target := range production.Targets {
		assert.Equal(t, target.Name == "p1", target.State == release.TargetUndecided, "%+v", target)
	}
	assert.Equal(t, newVersion, r.world.held("production/p1").version)
	assert.Equal(t, release.Failed, record.Outcome)
}

func TestALostWorkerInABackOutLosesNothing(t *testing.T) {
	r := newRig(t)
	r.world.goesWrong("activate production/p2", failsLate)
	r.world.goesWrong("undo activate production/p2", lost, lostLate)
	r.world.goesWrong("undo transfer production/p1", lostLate)
	record := r.run(onWavesOfOne("standard"))
	assert.Equal(t, release.BackedOut, record.Outcome)
	assert.Empty(t, r.seen, "a back-out may always run again")
	r.assertOld("staging", "production")
}
