package workflows

import (
	"go.temporal.io/sdk/workflow"

	"slipway/release"
)

// awaitWorkers waits until a worker serves the environment's own task queue, and
// says so when there is none.
func (d *deployment) awaitWorkers(ctx workflow.Context) error {
	queue := d.order.In.TaskQueue
	if queue == "" {
		return nil
	}
	return awaitServed(ctx, queue, d.order.In.Name, func(came func() bool) error {
		return d.waitFor(ctx, release.Awaiting{
			Kind:  release.WaitWorker,
			Needs: "a worker on task queue " + queue + ", which alone reaches the targets of " + d.order.In.Name + ": start one there with: worker --zone " + queue,
		}, came)
	})
}
