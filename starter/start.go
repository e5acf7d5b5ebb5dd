package starter

import (
	"context"
	"errors"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"slipway/release"
)

// Run names a release that was started.
type Run struct {
	ID        string `json:"id"`
	RunID     string `json:"runId"`
	Namespace string `json:"namespace"`
	TaskQueue string `json:"taskQueue"`
}

// Start launches a release. A release id is used by one open release at a time;
// one that has ended may be started again.
func (c *Client) Start(ctx context.Context, d release.Definition) (Run, error) {
	id := release.ID(d.Service, d.Version)
	run, err := c.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: id, TaskQueue: c.taskQueue,
		WorkflowIDConflictPolicy:                 enums.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
		WorkflowIDReusePolicy:                    enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
		StaticSummary:                            d.Headline(),
		StaticDetails:                            d.Description,
	}, release.WorkflowRelease, release.Request{Definition: d})
	var running *serviceerror.WorkflowExecutionAlreadyStarted
	switch {
	case errors.As(err, &running):
		return Run{}, failure(AlreadyRunning, err, "%s is already running: run id %s; follow it with `starter watch %s`", id, running.RunId, id)
	case err != nil:
		return Run{}, c.explain(ctx, id, err)
	}
	return Run{ID: id, RunID: run.GetRunID(), Namespace: c.namespace, TaskQueue: c.taskQueue}, nil
}
