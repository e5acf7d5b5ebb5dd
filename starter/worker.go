package starter

import (
	"context"
	"errors"
	"time"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
)

const (
	// patience is how long a worker may take to answer.
	patience = 10 * time.Second
	// hesitation is how long an answer may take before it is asked whether there
	// is a worker at all, and asked once more.
	hesitation = time.Second
	// tries is how often within that time a worker is looked for.
	tries = 10
)

// Polled tells whether a worker polls the task queue, as far as the server knows:
// it remembers a worker that went away for some minutes.
func (c *Client) Polled(ctx context.Context) (bool, error) { return c.polled(ctx, c.taskQueue) }

func (c *Client) polled(ctx context.Context, taskQueue string) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	queue, err := c.temporal.WorkflowService().DescribeTaskQueue(ctx, &workflowservice.DescribeTaskQueueRequest{
		Namespace: c.namespace, TaskQueue: &taskqueue.TaskQueue{Name: taskQueue}, TaskQueueType: enums.TASK_QUEUE_TYPE_WORKFLOW,
	})
	if err != nil {
		return false, c.explain(ctx, "", err)
	}
	return len(queue.GetPollers()) > 0, nil
}

// needWorker gives an error when no worker polls. One that is just starting gets
// a moment to do so.
func (c *Client) needWorker(ctx context.Context, taskQueue string) error {
	for deadline := time.Now().Add(hesitation); ; pause(ctx, hesitation/tries) {
		polled, err := c.polled(ctx, taskQueue)
		if err != nil || polled {
			return err
		}
		if ctx.Err() != nil || time.Now().After(deadline) {
			return noWorker(taskQueue, nil)
		}
	}
}

func noWorker(taskQueue string, cause error) error {
	return failure(NoWorker, cause, "no worker polls task queue %s, and only a worker can answer: start one with bin/worker", taskQueue)
}

// answered asks what a worker has to answer. When none does, it says so instead of
// waiting to the end.
//
// When the answer takes a while it asks once more, and takes what comes first: a server
// loses an answer that the worker gives sooner than the server listens for it.
func answered[T any](ctx context.Context, c *Client, id string, ask func(context.Context) (T, error)) (T, error) {
	type outcome struct {
		answer T
		err    error
	}
	outcomes := make(chan outcome, 2)
	// Each has its own time: a question that is given up takes the workflow from the
	// memory of the worker that answers it.
	asked := func() {
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		answer, err := ask(ctx)
		outcomes <- outcome{answer, err}
	}
	go asked()
	var first outcome
	select {
	case first = <-outcomes:
	case <-time.After(hesitation):
		if err := c.answerable(ctx, id); err != nil {
			return first.answer, err
		}
		go asked()
		first = <-outcomes
	}
	return first.answer, c.unanswered(ctx, id, first.err)
}

// unanswered tells from other errors that no worker answered.
func (c *Client) unanswered(ctx context.Context, id string, err error) error {
	var precondition *serviceerror.FailedPrecondition
	switch {
	case err == nil:
		return nil
	case errors.As(err, &precondition):
		return noWorker(c.queueOf(ctx, id), err)
	case ctx.Err() == nil && timedOut(err):
		if err := c.answerable(ctx, id); err != nil {
			return err
		}
		return failure(NoWorker, err, "no worker answered for %s within %v: is bin/worker running, on task queue %s?", id, patience, c.queueOf(ctx, id))
	}
	return err
}

// answerable gives an error when the server, or every worker, is away.
func (c *Client) answerable(ctx context.Context, id string) error {
	taskQueue := c.queueOf(ctx, id)
	polled, err := c.polled(ctx, taskQueue)
	if err == nil && !polled {
		err = noWorker(taskQueue, nil)
	}
	return err
}

func timedOut(err error) bool {
	var late *serviceerror.DeadlineExceeded
	return errors.As(err, &late) || errors.Is(err, context.DeadlineExceeded)
}

// queueOf names the task queue that a workflow is on; the client's own one when
// the workflow is not to be found.
func (c *Client) queueOf(ctx context.Context, id string) string {
	d, err := c.describe(ctx, id)
	if err != nil {
		return c.taskQueue
	}
	return d.GetExecutionConfig().GetTaskQueue().GetName()
}
