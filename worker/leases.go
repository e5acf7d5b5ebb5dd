package worker

import (
	"context"
	"errors"
	"fmt"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"slipway/activities"
	"slipway/release"
	"slipway/workflows"
)

// leases talks to the workflows of the environments, and starts them when they are
// needed for the first time.
type leases struct {
	client    client.Client
	taskQueue string
}

func (l leases) Request(ctx context.Context, r activities.LeaseRequest) error {
	return l.signal(ctx, workflows.SignalLeaseRequest, r)
}

// Take asks the environment and waits for its answer, which it gives at once.
func (l leases) Take(ctx context.Context, r activities.LeaseRequest) (bool, error) {
	id := release.EnvironmentID(r.Environment)
	handle, err := l.client.UpdateWithStartWorkflow(ctx, client.UpdateWithStartWorkflowOptions{
		StartWorkflowOperation: l.client.NewWithStartWorkflowOperation(l.options(id, r), release.WorkflowEnvironment, release.EnvironmentStatus{Name: r.Environment}),
		UpdateOptions: client.UpdateWorkflowOptions{
			WorkflowID: id, UpdateName: workflows.UpdateTakeLease, Args: []any{r}, WaitForStage: client.WorkflowUpdateStageCompleted,
		},
	})
	var taken bool
	if err == nil {
		err = handle.Get(ctx, &taken)
	}
	var (
		refused *temporal.ApplicationError
		unknown *serviceerror.Unimplemented
	)
	if errors.As(err, &refused) || errors.As(err, &unknown) {
		return false, nil // a worker or a server of an earlier version: it can be asked for as before
	}
	if err != nil {
		return false, fmt.Errorf("environment %s: %w", r.Environment, err)
	}
	return taken, nil
}

func (l leases) options(id string, r activities.LeaseRequest) client.StartWorkflowOptions {
	return client.StartWorkflowOptions{
		ID: id, TaskQueue: l.taskQueue,
		WorkflowIDReusePolicy:    enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		WorkflowIDConflictPolicy: enums.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		StaticSummary:            "Lends " + r.Environment + " to one deployment at a time",
	}
}

func (l leases) Return(ctx context.Context, r activities.LeaseRequest) error {
	return l.signal(ctx, workflows.SignalLeaseReturn, r)
}

func (l leases) signal(ctx context.Context, name string, r activities.LeaseRequest) error {
	id := release.EnvironmentID(r.Environment)
	_, err := l.client.SignalWithStartWorkflow(ctx, id, name, r, l.options(id, r), release.WorkflowEnvironment, release.EnvironmentStatus{Name: r.Environment})
	if err != nil {
		return fmt.Errorf("environment %s: %w", r.Environment, err)
	}
	return nil
}

func (l leases) Running(ctx context.Context, workflowID, runID string) (bool, error) {
	return running(ctx, l.client, workflowID, runID)
}

// Holder asks the environment itself.
func (l leases) Holder(ctx context.Context, environment string) (string, error) {
	answer, err := l.client.QueryWorkflow(ctx, release.EnvironmentID(environment), "", release.QueryStatus)
	if err != nil {
		return "", fmt.Errorf("who has environment %s: %w", environment, err)
	}
	var status release.EnvironmentStatus
	if err := answer.Get(&status); err != nil {
		return "", fmt.Errorf("who has environment %s: %w", environment, err)
	}
	if status.Holder == nil {
		return "", nil
	}
	return status.Holder.Holder, nil
}

// running tells whether a workflow is still open.
func running(ctx context.Context, c client.Client, workflowID, runID string) (bool, error) {
	found, err := c.DescribeWorkflowExecution(ctx, workflowID, runID)
	var gone *serviceerror.NotFound
	if errors.As(err, &gone) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("does %s still run: %w", workflowID, err)
	}
	return found.GetWorkflowExecutionInfo().GetStatus() == enums.WORKFLOW_EXECUTION_STATUS_RUNNING, nil
}
