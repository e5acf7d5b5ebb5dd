package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/release"
)

func TestAPersonAsksForABackOutDuringADeployment(t *testing.T) {
	for _, during := range []string{
		"ready production", "migrate production/", "transfer production/p1", "activate production/p2", "activate production/p3",
		"verify production " + newVersion,
	} {
		t.Run(during, func(t *testing.T) {
			r := newRig(t)
			r.world.when(during, r.meanwhile(r.askBackOut))
			record := r.run(onWavesOfOne("standard"))

			assert.Equal(t, release.BackedOut, record.Outcome)
			assert.Contains(t, record.Reason, "olga asked for it: users complain")
			r.assertOld("staging", "production")
			assert.Equal(t, oldVersion, r.world.baselines["production"].Version)
		})
	}
}

func TestABackOutThatComesTooLateForTheDeploymentIsNotLost(t *testing.T) {
	r := newRig(t)
	r.world.when("return production", r.meanwhile(r.askBackOut))
	record := r.run(definition("standard"))
	assert.Equal(t, release.BackedOut, record.Outcome)
	assert.Contains(t, record.Reason, "olga asked for it")
	r.assertOld("staging", "production")
}

func TestABackOutAskedBeforeTheFirstStepTouchesNothing(t *testing.T) {
	r := newRig(t)
	r.scope("standard", release.ScopeEnvironment)
	r.world.when("ready production", r.meanwhile(r.askBackOut))
	record := r.run(definition("standard"))
	assert.Empty(t, r.world.done("migrate production", "undo"))
	assert.Equal(t, release.EnvNotDeployed, record.Environment("production").State)
	assert.Equal(t, release.Withdrawn, record.Outcome)
	r.assertNew("staging")
	r.assertOld("production")
}

func TestAfterTheStepThatRunsTheDeploymentBacksOut(t *testing.T) {
	r := newRig(t)
	r.world.when("transfer production/p1", r.meanwhile(r.askBackOut))
	r.run(onWavesOfOne("standard"))
	assert.Len(t, r.world.done("transfer production/p1"), 1, "the step itself is not torn")
	assert.Empty(t, r.world.done("activate production", "transfer production/p2"))
	assert.Equal(t, []string{"undo transfer production/p1", "undo migrate production/"}, r.world.done("undo")[:2])
}

func TestAPersonAsksForABackOutBetweenDeployments(t *testing.T) {
	for _, c := range []struct {
		at      string
		scope   string
		staging string
		prod    string
	}{
		{"deploy:production", release.ScopeRelease, oldVersion, oldVersion},
		{"deploy:production", release.ScopeEnvironment, oldVersion, oldVersion},
		{"acceptance:production", release.ScopeRelease, oldVersion, oldVersion},
		{"acceptance:production", release.ScopeEnvironment, newVersion, oldVersion},
		{"hand-over:production", release.ScopeRelease, oldVersion, oldVersion},
		{"hand-over:production", release.ScopeEnvironment, newVersion, oldVersion},
	} {
		t.Run(c.at+" "+c.scope, func(t *testing.T) {
			r := newRig(t)
			r.scope("normal", c.scope)
			r.people[c.at] = func(release.Awaiting) { r.askBackOut() }
			record := r.run(definition("normal"))

			assert.Equal(t, release.BackedOut, record.Outcome)
			assert.Contains(t, record.Reason, "olga asked for it")
			r.assertHeld(c.staging, []string{"staging"})
			r.assertHeld(c.prod, []string{"production"})
		})
	}
}

func TestAPersonAsksForABackOutDuringEarlyLifeSupport(t *testing.T) {
	for _, in := range []string{"staging", "production"} {
		t.Run(in, func(t *testing.T) {
			r := newRig(t)
			r.world.when("watch "+in, func(context.Context) { r.after(10*time.Hour, r.askBackOut) })
			record := r.run(definition("standard"))

			assert.Equal(t, release.BackedOut, record.Outcome)
			r.assertOld("staging", "production")
			support := record.Environment(in).Support
			require.NotNil(t, support)
			assert.Less(t, support.Ended.Sub(support.Started), 11*time.Hour)
			assert.Equal(t, release.EnvBackedOut, record.Environment(in).State)
		})
	}
}

func TestABackOutIsRefusedWhenNothingIsDeployed(t *testing.T) {
	r := newRig(t)
	r.people[release.GatePlan] = func(a release.Awaiting) {
		r.update(release.ActBackOut, release.BackOut{Sender: sender("olga"), Reason: "why not"})
		r.update(release.ActBackOut, release.BackOut{Sender: sender("uwe"), Reason: "why not"})
		r.after(time.Minute, func() { r.authorize(a) })
	}
	record := r.run(definition("normal"))
	assert.Equal(t, release.Completed, record.Outcome)
	r.assertRefused(r.answers[0], "use withdraw")
	r.assertRefused(r.answers[1], "uwe may not back-out")
}

func TestWithdrawIsRefusedWhileADeploymentRuns(t *testing.T) {
	r := newRig(t)
	r.world.when("transfer staging/s1", r.meanwhile(func() {
		r.update(release.ActWithdraw, release.Withdraw{Sender: sender("max"), Reason: "no"})
	}))
	assert.Equal(t, release.Completed, r.run(definition("standard")).Outcome)
	r.assertRefused(r.answers[0], "use back-out")
}

func TestABackOutWhileADeploymentWaitsForItsWindow(t *testing.T) {
	r := newRig(t)
	r.world.org.Freezes = []release.Freeze{{Reason: "Easter", From: monday, To: monday.Add(20 * 24 * time.Hour), Environments: []string{"production"}}}
	r.people["window:production"] = func(release.Awaiting) { r.askBackOut() }
	record := r.run(definition("standard"))
	assert.Equal(t, release.BackedOut, record.Outcome, "staging is live, and the scope is the release")
	assert.Equal(t, release.EnvNotDeployed, record.Environment("production").State)
	r.assertOld("staging", "production")
	assert.Less(t, record.Closed.Sub(monday), 10*24*time.Hour)
}

func TestASecondBackOutChangesNothing(t *testing.T) {
	r := newRig(t)
	r.world.when("transfer production/p1", r.meanwhile(func() { r.askBackOut(); r.askBackOut() }))
	r.world.when("undo transfer production/p1", r.meanwhile(r.askBackOut))
	record := r.run(definition("standard"))
	assert.Equal(t, release.BackedOut, record.Outcome)
	assert.Len(t, r.world.done("undo transfer production/p1"), 1)
	r.assertOld("staging", "production")
}

func TestAReleaseThatEndsTakesNoMoreActions(t *testing.T) {
	r := newRig(t)
	r.people[release.GatePlan] = func(release.Awaiting) {
		// The CMS is down when it is withdrawn, so it takes a while to close.
		r.world.goesWrong("record", breaks, breaks, breaks, breaks, breaks, breaks)
		r.withdraw()
		r.rebuild(nil)
		r.after(3*time.Second, func() {
			r.revise(retitled("normal", "too late"))
			r.withdraw()
		})
	}
	record := r.run(definition("normal"))
	assert.Equal(t, release.Withdrawn, record.Outcome)
	assert.Equal(t, "max withdrew it: not now", record.Reason)
	assert.Equal(t, 1, record.Revision)
	r.assertRefused(r.answers[0], "the release ends already")
	r.assertRefused(r.answers[1], "the release ends already")
	assert.Len(t, refusals(record, release.ActWithdraw), 1)
}
