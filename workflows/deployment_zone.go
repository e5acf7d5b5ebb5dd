package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"slipway/activities"
	"slipway/release"
)

// workerGrace is how soon a worker that is there takes up its work.
const workerGrace = 5 * time.Second

// awaitWorkers waits until a worker serves the environment's own task queue, and
// says so when there is none. What it waits with is the work itself: the first
// worker to come takes it up.
func (d *deployment) awaitWorkers(ctx workflow.Context) error {
	queue := d.order.In.TaskQueue
	if queue == "" {
		return nil
	}
	within, giveUp := workflow.WithCancel(ctx)
	defer giveUp()
	var a *activities.Activities
	answer := workflow.ExecuteActivity(there(lookup(within, "Is a worker there for "+d.order.In.Name+"?"), queue), a.Here)
	came, err := awaitUntil(ctx, workflow.Now(ctx).Add(workerGrace), "Does a worker serve task queue "+queue+"?", answer.IsReady)
	if err == nil && !came {
		err = d.waitFor(ctx, release.Awaiting{
			Kind:  release.WaitWorker,
			Needs: "a worker on task queue " + queue + ", which alone reaches the targets of " + d.order.In.Name + ": start one there with: worker --zone " + queue,
		}, answer.IsReady)
	}
	if err != nil {
		return err
	}
	return answer.Get(ctx, nil)
}
