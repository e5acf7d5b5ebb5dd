package starter

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"slipway/release"
)

// question is what a worker is asked by a short workflow that does nothing else. What
// says it for people; the workflow's id begins with stem.
type question struct{ what, workflow, stem string }

// view has a worker look something up and fills in what it found.
func (c *Client) view(ctx context.Context, q question, request, found any) error {
	return c.viewWithin(ctx, planningLimit, q, request, found)
}

// viewWithin is view of what may take longer than a moment.
func (c *Client) viewWithin(ctx context.Context, limit time.Duration, q question, request, found any) error {
	if err := c.needWorker(ctx, c.taskQueue); err != nil {
		return err
	}
	id := q.stem + ":" + rand.Text()
	run, err := c.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: id, TaskQueue: c.taskQueue, WorkflowExecutionTimeout: limit, StaticSummary: "Look " + q.what + " up",
	}, q.workflow, request)
	if err == nil {
		err = run.Get(ctx, found)
	}
	var (
		failed *temporal.ApplicationError
		late   *temporal.TimeoutError
	)
	switch {
	case errors.As(err, &failed) && failed.Type() == release.ErrorRefused:
		return failure(NotFound, err, "%s", failed.Message())
	case errors.As(err, &failed):
		return failure(Unavailable, err, "%s could not be looked up: %s", q.what, failed.Message())
	case errors.As(err, &late):
		return failure(NoWorker, err, "%s was not there within %v: is bin/worker running, on task queue %s?", q.what, limit, c.taskQueue)
	}
	return c.explain(ctx, id, err)
}
