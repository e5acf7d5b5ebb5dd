package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/release"
)

// zone gives an environment a task queue of its own.
func (r *rig) zone(environment, queue string) {
	r.world.change(func(w *world) {
		for i := range w.org.Environments {
			if e := &w.org.Environments[i]; e.Name == environment {
				e.TaskQueue = queue
			}
		}
	})
}

// workerComes lets the worker of a zone come an hour after it is waited for.
func (r *rig) workerComes(release.Awaiting) { r.after(time.Hour, r.world.workerComes) }

func TestADeploymentSaysWithinSecondsThatItsZoneHasNoWorker(t *testing.T) {
	r := newRig(t)
	r.zone("production", "zone-b")
	r.world.goesWrong("here zone-b", lost)
	r.people["worker:production"] = func(a release.Awaiting) {
		assert.Equal(t, "a worker on task queue zone-b, which alone reaches the targets of production: start one there with: worker --zone zone-b", a.Needs)
		assert.Empty(t, r.world.done("ready production", "migrate production"), "nothing began")
		r.workerComes(a)
	}
	record := r.run(onWavesOfOne("standard"))
	require.Equal(t, release.Completed, record.Outcome, record.Reason)
	require.True(t, r.waited("worker:production"))
	since := r.seen[0].Since
	assert.Equal(t, 5*time.Second, since.Sub(begun(t, record, "prepare-deployment:production")))
	assert.GreaterOrEqual(t, begun(t, record, "deploy:production").Sub(since), time.Hour)
	r.assertNew("production")
}

func TestAZoneWhoseWorkerGoesAwayBetweenWavesIsWaitedForAgain(t *testing.T) {
	r := newRig(t)
	r.zone("production", "zone-b")
	r.world.goesWrong("here zone-b", "", lost) // there at first, gone after the first wave
	r.people["worker:production"] = func(a release.Awaiting) {
		assert.NotEmpty(t, r.world.done("activate production/p1"))
		assert.Empty(t, r.world.done("transfer production/p2"), "the next wave did not begin")
		r.workerComes(a)
	}
	record := r.run(onWavesOfOne("standard"))
	require.Equal(t, release.Completed, record.Outcome, record.Reason)
	require.True(t, r.waited("worker:production"))
	r.assertNew("production")
}

func TestABackOutIsHeardWhileAZoneHasNoWorker(t *testing.T) {
	r := newRig(t)
	r.zone("production", "zone-b")
	r.world.goesWrong("here zone-b", lost)
	r.people["worker:production"] = func(release.Awaiting) { r.after(time.Hour, r.askBackOut) }
	record := r.run(onWavesOfOne("standard"))
	require.Equal(t, release.BackedOut, record.Outcome, record.Reason)
	assert.Empty(t, r.world.done("migrate production"), "nothing began there")
}
