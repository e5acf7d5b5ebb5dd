package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"slipway/release"
)

// moments are when a release may be cancelled: while something is done, or while
// something is waited for.
var moments = []struct {
	doing, waiting string
	// begun tells that something was deployed that has to be undone.
	begun bool
}{
	{waiting: "plan"},
	{doing: "build 1"},
	{doing: "suite unit of build 1"},
	{waiting: "rebuild"},
	{waiting: "deploy:staging"},
	{doing: "ready staging"},
	{doing: "migrate staging/", begun: true},
	{doing: "after migrate staging/", begun: true},
	{doing: "after activate staging/s1", begun: true},
	{doing: "verify staging " + newVersion, begun: true},
	{doing: "els staging", begun: true},
	{waiting: "deploy:production", begun: true},
	{waiting: "window:production", begun: true},
	{doing: "after transfer production/p1", begun: true},
	{doing: "activate production/p2", begun: true},
	{doing: "after activate production/p2", begun: true},
	{waiting: "step:production", begun: true},
	{waiting: "acceptance:production", begun: true},
	{doing: "els production", begun: true},
	{waiting: "hand-over:production", begun: true},
}

func TestACancellationAtAnyMomentLeavesTheWholeOldRelease(t *testing.T) {
	for _, c := range moments {
		t.Run(c.doing+c.waiting, func(t *testing.T) {
			r := newRig(t)
			cancel := r.env.CancelWorkflow
			switch c.doing + c.waiting {
			case "rebuild":
				r.world.goesWrong("build 1", fails, fails)
				r.world.goesWrong("build 2", fails)
			case "window:production":
				r.world.org.Freezes = []release.Freeze{{Reason: "Easter", From: monday, To: monday.Add(500 * 24 * time.Hour), Environments: []string{"production"}}}
			case "step:production":
				r.world.blind = true
				r.world.goesWrong("activate production/p3", lostLate)
			case "els staging":
				r.world.when("watch staging", func(context.Context) { r.after(time.Hour, cancel) })
			case "els production":
				r.world.when("watch production", func(context.Context) { r.after(time.Hour, cancel) })
			}
			if c.doing != "" {
				r.world.when(c.doing, r.interrupting(cancel))
			}
			r.people[c.waiting] = func(release.Awaiting) { r.after(time.Hour, cancel) }
			record := r.run(onWavesOfOne("normal"))

			assert.Equal(t, release.Cancelled, record.Outcome)
			assert.Equal(t, "the workflow was cancelled", record.Reason)
			r.assertOld("staging", "production")
			for name, b := range r.world.baselines {
				assert.Equal(t, oldVersion, b.Version, "baseline of %s", name)
			}
			if !c.begun {
				assert.Empty(t, r.world.done("undo"))
			}
		})
	}
}

func TestACancellationTouchesNoTargetThatWasNotBegun(t *testing.T) {
	r := newRig(t)
	r.world.when("after transfer production/p1", r.interrupting(r.env.CancelWorkflow))
	r.run(onWavesOfOne("standard"))
	assert.Empty(t, r.world.done("transfer production/p2", "undo transfer production/p2", "undo activate production/p2"))
	assert.Equal(t, []string{"undo transfer production/p1", "undo migrate production/"}, r.world.done("undo")[:2])
}

func TestACancellationWhileBackingOutDoesNotStopTheBackOut(t *testing.T) {
	r := newRig(t)
	r.world.goesWrong("activate production/p2", fails)
	r.world.when("undo activate production/p2", r.meanwhile(r.env.CancelWorkflow))
	record := r.run(onWavesOfOne("standard"))
	assert.Equal(t, release.Cancelled, record.Outcome)
	assert.Equal(t, undoneInProduction, r.world.done("undo")[:5])
	r.assertOld("staging", "production")
}

func TestABackOutOfACancelledReleaseStillAsksPeople(t *testing.T) {
	r := newRig(t)
	r.world.when("after activate production/p1", r.interrupting(r.env.CancelWorkflow))
	r.world.goesWrong("undo migrate production/", fails, fails)
	r.people["step:production"] = func(release.Awaiting) {
		r.after(100*time.Hour, func() { r.resolve("migrate", "", release.ResolveRetry) })
	}
	record := r.run(onWavesOfOne("standard"))
	assert.Equal(t, release.Cancelled, record.Outcome)
	assert.Len(t, r.seen, 2)
	r.assertOld("staging", "production")
}
