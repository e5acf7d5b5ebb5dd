package starter

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"slipway/release"
)

// planningLimit is how long a plan may take; after that the server forgets that
// it was asked for.
const planningLimit = 30 * time.Second

// Plan checks a definition against the organization and the records, and gives
// the plan that a release of it would have. It starts nothing. What is wrong with
// the definition comes back as release.Problems.
func (c *Client) Plan(ctx context.Context, d release.Definition) (release.Plan, error) {
	var plan release.Plan
	if err := c.needWorker(ctx, c.taskQueue); err != nil {
		return plan, err
	}
	id := "planning:" + release.ID(d.Service, d.Version) + ":" + rand.Text()
	run, err := c.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: id, TaskQueue: c.taskQueue, WorkflowExecutionTimeout: planningLimit, StaticSummary: "Plan " + d.Headline(),
	}, release.WorkflowPlanning, release.Request{Definition: d})
	if err != nil {
		return plan, c.explain(ctx, id, err)
	}
	return plan, c.planned(ctx, id, run.Get(ctx, &plan))
}

// planned puts the error of a planning into the problems that it carries, or into
// a sentence.
func (c *Client) planned(ctx context.Context, id string, err error) error {
	var (
		failed *temporal.ApplicationError
		late   *temporal.TimeoutError
	)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &failed) && failed.Type() == release.ErrorInvalidDefinition:
		var problems release.Problems
		if failed.Details(&problems) == nil && len(problems) > 0 {
			return problems
		}
		return release.Problems{{Message: failed.Message()}}
	case errors.As(err, &failed):
		return failure(Unavailable, err, "the plan could not be made: %s", failed.Message())
	case errors.As(err, &late):
		return c.notPlanned(ctx, id, err)
	}
	return c.explain(ctx, id, err)
}

// notPlanned tells a worker that went away from one that could not do it in time.
func (c *Client) notPlanned(ctx context.Context, id string, cause error) error {
	history := c.temporal.GetWorkflowHistory(ctx, id, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for history.HasNext() {
		event, err := history.Next()
		if err == nil && event.GetEventType() != enums.EVENT_TYPE_WORKFLOW_TASK_STARTED {
			continue
		}
		return failure(Unavailable, cause, "the plan was not ready within %v: the log of the worker says why", planningLimit)
	}
	return failure(NoWorker, cause, "no worker on task queue %s took the planning within %v: is bin/worker still running?", c.taskQueue, planningLimit)
}
