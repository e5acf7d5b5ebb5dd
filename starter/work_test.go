package starter_test

import (
	"context"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"slipway/starter"
)

func TestWorkThatNoWorkerTakesUpIsToldWithItsTaskQueue(t *testing.T) {
	t.Parallel()
	c, server := dial(t), shared(t).Client()
	zone := t.Name() + "-zone"
	run := func(queue string, register func(worker.Worker)) {
		w := worker.New(server, queue, worker.Options{})
		register(w)
		ok(t, w.Start())
		t.Cleanup(w.Stop)
	}
	run(t.Name(), func(w worker.Worker) {
		w.RegisterWorkflowWithOptions(func(ctx workflow.Context) error {
			there := workflow.WithActivityOptions(ctx, workflow.ActivityOptions{TaskQueue: zone, StartToCloseTimeout: time.Minute})
			return workflow.ExecuteActivity(there, "RunPass").Get(ctx, nil)
		}, workflow.RegisterOptions{Name: "Zoned"})
	})
	began := time.Now()
	running, err := server.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: t.Name(), TaskQueue: t.Name()}, "Zoned")
	ok(t, err)
	pending := awaitWork(t, c, func(starter.Work) bool { return true })
	if !pending.Unclaimed.IsZero() && time.Since(began) < 5*time.Second {
		t.Errorf("it is called unclaimed at once: %+v", pending)
	}
	unclaimed := awaitWork(t, c, func(w starter.Work) bool { return !w.Unclaimed.IsZero() })
	if unclaimed.TaskQueue != zone || unclaimed.Unclaimed.Before(began.Add(-time.Second)) {
		t.Errorf("%+v, want task queue %s since %s", unclaimed, zone, began)
	}

	goOn := make(chan struct{})
	run(zone, func(w worker.Worker) {
		w.RegisterActivityWithOptions(func(context.Context) error { <-goOn; return nil }, activity.RegisterOptions{Name: "RunPass"})
	})
	awaitWork(t, c, func(w starter.Work) bool { return w.Unclaimed.IsZero() })
	close(goOn)
	ok(t, running.Get(t.Context(), nil))
}

// awaitWork waits until the only activity of the test's workflow is as it should be.
func awaitWork(t *testing.T, c *starter.Client, holds func(starter.Work) bool) starter.Work {
	t.Helper()
	for limit := time.Now().Add(30 * time.Second); time.Now().Before(limit); time.Sleep(50 * time.Millisecond) {
		all, err := c.Working(t.Context(), t.Name())
		ok(t, err)
		if len(all) == 1 && holds(all[0]) {
			return all[0]
		}
	}
	t.Fatal("the work did not get there")
	return starter.Work{}
}
