package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"

	"slipway/release"
)

func TestBuildsAndTestsGoToTheWorkersOfTheirQueueAndWaitForThem(t *testing.T) {
	r := newRig(t)
	r.world.org.Builds.TaskQueue = "builders"
	r.world.goesWrong("here builders", lost, "", lost) // there for the build, gone before the test
	queues := map[string]string{}
	for _, what := range []string{"prepare", "build 1", "suite unit of build 1"} {
		r.world.when(what, func(ctx context.Context) { queues[what] = activity.GetInfo(ctx).TaskQueue })
	}
	var waits []release.Awaiting
	r.people["worker"] = func(a release.Awaiting) {
		waits = append(waits, a)
		assert.Equal(t, "a worker on task queue builders, which alone builds and tests: start one with: worker --zone builders", a.Needs)
		r.workerComes(a)
	}
	record := r.run(onWavesOfOne("standard"))
	require.Equal(t, release.Completed, record.Outcome, record.Reason)
	assert.Equal(t, map[string]string{"prepare": "builders", "build 1": "builders", "suite unit of build 1": "builders"}, queues)
	require.Len(t, waits, 2)
	assert.Equal(t, 5*time.Second, waits[0].Since.Sub(begun(t, record, "prepare")))
	assert.Equal(t, 5*time.Second, waits[1].Since.Sub(begun(t, record, "test")))
	r.assertNew("production")
}

func TestAReleaseCanBeWithdrawnWhileNobodyBuilds(t *testing.T) {
	r := newRig(t)
	r.world.org.Builds.TaskQueue = "builders"
	r.world.goesWrong("here builders", lost)
	r.people["worker"] = func(release.Awaiting) { r.after(time.Hour, r.withdraw) }
	record := r.run(onWavesOfOne("standard"))
	require.Equal(t, release.Withdrawn, record.Outcome, record.Reason)
	assert.Empty(t, r.world.builds)
}
