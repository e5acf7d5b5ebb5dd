package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"slipway/activities"
)

// workerGrace is how soon a worker that is there takes up its work.
const workerGrace = 5 * time.Second

// awaitServed waits until a worker serves a task queue, for somebody or something;
// when none has come after a grace, say tells so until one does. What it waits with is
// the work itself: the first worker to come takes it up.
func awaitServed(ctx workflow.Context, queue, whom string, say func(came func() bool) error) error {
	within, giveUp := workflow.WithCancel(ctx)
	defer giveUp()
	var a *activities.Activities
	answer := workflow.ExecuteActivity(there(lookup(within, "Is a worker there for "+whom+"?"), queue), a.Here)
	came, err := awaitUntil(ctx, workflow.Now(ctx).Add(workerGrace), "Does a worker serve task queue "+queue+"?", answer.IsReady)
	if err == nil && !came {
		err = say(answer.IsReady)
	}
	if err != nil {
		return err
	}
	return answer.Get(ctx, nil)
}
