package workflows

import (
	"go.temporal.io/sdk/workflow"

	"slipway/activities"
	"slipway/release"
)

// atBuilders lets those workers do it that build and test.
func (r *run) atBuilders(ctx workflow.Context) workflow.Context { return there(ctx, r.plan.BuildQueue) }

// awaitBuilders waits until a worker serves the task queue of those who build and
// test, when they have one of their own, and says so when there is none.
func (r *run) awaitBuilders(ctx workflow.Context) error {
	queue := r.plan.BuildQueue
	if queue == "" {
		return nil
	}
	return awaitServed(ctx, queue, "builds and tests", func(came func() bool) error {
		_, err := r.waitFor(ctx, release.Awaiting{
			Kind:  release.WaitWorker,
			Needs: "a worker on task queue " + queue + ", which alone builds and tests: start one with: worker --zone " + queue,
		}, came)
		return err
	})
}

// checkBuilders asks those who build and test whether they can.
func (r *run) checkBuilders(ctx workflow.Context) (ready activities.ReadyResult, err error) {
	const what = "Check the build and test environment"
	var a *activities.Activities
	in := activities.PrepareInput{Components: r.components}
	if r.plan.BuildQueue == "" {
		return ready, r.quick(ctx, what, a.Prepare, in, &ready)
	}
	if err := r.awaitBuilders(ctx); err != nil {
		return ready, err
	}
	err = workflow.ExecuteActivity(r.atBuilders(lookup(ctx, what)), a.Prepare, in).Get(ctx, &ready)
	return ready, err
}
