package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/release"
)

// evenings is a window that opens at six every evening, for four hours.
var evenings = release.Window{Name: "evenings", Rule: "FREQ=DAILY", Start: "2026-01-01T18:00", Length: release.Duration(4 * time.Hour)}

// window gives an environment change windows.
func (r *rig) window(environment string, windows ...release.Window) {
	r.world.change(func(w *world) {
		for i := range w.org.Environments {
			if e := &w.org.Environments[i]; e.Name == environment {
				e.Windows = windows
			}
		}
	})
}

func (r *rig) freeze(from, to time.Time) {
	r.world.change(func(w *world) {
		w.org.Freezes = append(w.org.Freezes, release.Freeze{Reason: "Easter", From: from, To: to})
	})
}

// begun is when the first step of an environment began, by the record.
func begun(t *testing.T, record release.Record, stage release.StageName) time.Time {
	t.Helper()
	for _, s := range record.Stages {
		if s.Name == stage {
			return s.Started
		}
	}
	require.Fail(t, "no such stage", "%s of %v", stage, stages(record))
	return time.Time{}
}

func TestAClosedWindowParksTheDeploymentUntilItOpens(t *testing.T) {
	r := newRig(t)
	r.window("staging", evenings)
	record := r.run(definition("standard"))
	assert.Equal(t, release.Completed, record.Outcome)
	assert.Equal(t, monday.Add(9*time.Hour), begun(t, record, "deploy:staging"))
	require.Len(t, r.seen, 1)
	assert.Equal(t, "window:staging", r.seen[0].Key())
	assert.Contains(t, r.seen[0].Needs, "outside the change windows; the next one is evenings")
	assert.Empty(t, r.world.done("migrate staging/")[1:])
}

func TestAFreezeThatIsAddedWhileADeploymentWaitsIsNoticed(t *testing.T) {
	r := newRig(t)
	r.window("staging", evenings)
	r.people["window:staging"] = func(release.Awaiting) {
		r.freeze(monday.Add(8*time.Hour), monday.Add(3*24*time.Hour))
	}
	record := r.run(definition("standard"))
	assert.Equal(t, release.Completed, record.Outcome)
	assert.Equal(t, monday.Add(3*24*time.Hour+9*time.Hour), begun(t, record, "deploy:staging"))
}

func TestAFreezeThatIsLiftedWhileADeploymentWaitsIsNoticed(t *testing.T) {
	r := newRig(t)
	r.freeze(monday, monday.Add(30*24*time.Hour))
	r.people["window:staging"] = func(release.Awaiting) {
		r.after(5*time.Hour, func() { r.world.change(func(w *world) { w.org.Freezes = nil }) })
	}
	record := r.run(definition("standard"))
	assert.Equal(t, release.Completed, record.Outcome)
	assert.WithinDuration(t, monday.Add(5*time.Hour), begun(t, record, "deploy:staging"), time.Hour+time.Minute)
}

func TestTheWindowIsLookedAtAgainBeforeEveryWave(t *testing.T) {
	for name, d := range map[string]release.Definition{
		"of one run of steps": onWavesOfOne("standard"),
		"of the second run of steps": func() release.Definition {
			d := onWavesOfOne("standard")
			d.Environments[1].Waves = release.Sizes(2)
			d.Steps = append(d.Steps,
				release.Step{Name: "announce", Kind: release.RemovalOfRedundantAssets, Run: "announce", BackOut: "take back"},
				release.Step{Name: "tidy", Kind: release.RemovalOfRedundantAssets, Per: release.PerTarget, Run: "tidy", BackOut: "untidy"})
			return d
		}(),
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			closes := "after activate production/p1"
			late := []string{"activate production/p2", "activate production/p3"}
			if len(d.Steps) > 3 {
				closes, late = "after announce production/", []string{"tidy production/p1", "tidy production/p3"}
			}
			r.world.when(closes, func(context.Context) { r.freeze(monday, monday.Add(10*24*time.Hour)) })
			r.people["window:production"] = func(release.Awaiting) { assert.Empty(t, r.world.done(late...)) }
			record := r.run(d)
			assert.Equal(t, release.Completed, record.Outcome)
			assert.True(t, r.waited("window:production"))
			assert.True(t, record.Closed.After(monday.Add(10*24*time.Hour)))
			r.assertNew("production")
		})
	}
}

func TestAWindowThatNeverOpensWaitsForAPerson(t *testing.T) {
	r := newRig(t)
	r.freeze(monday, monday.Add(3*365*24*time.Hour))
	r.people["window:staging"] = func(a release.Awaiting) {
		assert.Equal(t, "no change window opens within 400 days", a.Needs)
		r.after(20*24*time.Hour, r.askBackOut)
	}
	record := r.run(definition("standard"))
	assert.Equal(t, release.Withdrawn, record.Outcome)
	assert.Empty(t, r.world.steps())
}

func TestWaitingForAWindowIsOneWaitHoweverLong(t *testing.T) {
	r := newRig(t)
	r.freeze(monday, monday.Add(40*24*time.Hour))
	record := r.run(definition("standard"))
	assert.Equal(t, release.Completed, record.Outcome)
	require.Len(t, r.seen, 1)
	assert.Equal(t, monday.Add(40*24*time.Hour), r.seen[0].Deadline, "people see when it opens")
	assert.True(t, r.seen[0].Since.Equal(monday))
}
