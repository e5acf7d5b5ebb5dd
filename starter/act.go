package starter

import (
	"context"
	"crypto/rand"
	"errors"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"slipway/release"
)

// Authorize casts a vote at a gate.
func (c *Client) Authorize(ctx context.Context, id string, m release.Authorization) (release.Receipt, error) {
	return c.act(ctx, id, id, release.ActAuthorize, m)
}

// Revise replaces the definition of a release; votes on the old plan are void.
func (c *Client) Revise(ctx context.Context, id string, m release.Revise) (release.Receipt, error) {
	return c.act(ctx, id, id, release.ActRevise, m)
}

// Rebuild asks for another build.
func (c *Client) Rebuild(ctx context.Context, id string, m release.Rebuild) (release.Receipt, error) {
	return c.act(ctx, id, id, release.ActRebuild, m)
}

// Withdraw takes back a release that is not being deployed.
func (c *Client) Withdraw(ctx context.Context, id string, m release.Withdraw) (release.Receipt, error) {
	return c.act(ctx, id, id, release.ActWithdraw, m)
}

// BackOut asks for the old state again.
func (c *Client) BackOut(ctx context.Context, id string, m release.BackOut) (release.Receipt, error) {
	return c.act(ctx, id, id, release.ActBackOut, m)
}

// HandOver says that service operations take over. The environment may be left
// out when only one waits for that.
func (c *Client) HandOver(ctx context.Context, id string, m release.HandOver) (release.Receipt, error) {
	place, err := c.place(ctx, id, m.Environment, awaits(release.WaitHandOver))
	if err != nil && CodeOf(err) != Refused {
		return release.Receipt{}, err
	}
	m.Environment = place // when none waits, the release itself says why not
	return c.act(ctx, id, id, release.ActHandOver, m)
}

// Accept says that an environment works for its users. The environment may be
// left out when only one waits for that.
func (c *Client) Accept(ctx context.Context, id string, m release.Accept) (release.Receipt, error) {
	place, err := c.place(ctx, id, m.Environment, awaits(release.WaitAcceptance))
	if err != nil {
		return release.Receipt{}, err
	}
	m.Environment = place
	return c.act(ctx, id, release.DeploymentID(id, place), release.ActAccept, m)
}

// Confirm says that an item of readiness is there, or during early life support that
// knowledge was transferred. The environment may be left out
// when a deployment waits for the item, or when it is for only one.
func (c *Client) Confirm(ctx context.Context, id string, m release.Confirm) (release.Receipt, error) {
	record, open, err := c.state(ctx, id)
	switch {
	case err != nil:
		return release.Receipt{}, err
	case !open:
		return release.Receipt{}, c.closed(ctx, id, id)
	}
	if m.Item == release.KnowledgeItem {
		for _, place := range supported.met(record) {
			if m.Environment == "" || m.Environment == place {
				m.Environment = place
				return c.act(ctx, id, release.SupportID(id, place), release.ActConfirm, m)
			}
		}
	}
	for _, w := range record.Awaiting {
		if w.Kind == release.WaitReadiness && w.Item == m.Item && (m.Environment == "" || m.Environment == w.Environment) {
			m.Environment = w.Environment
			return c.act(ctx, id, release.DeploymentID(id, m.Environment), release.ActConfirm, m)
		}
	}
	return c.act(ctx, id, id, release.ActConfirm, m)
}

// ResolveStep decides about a step whose fate nobody knows. The environment may
// be empty when only one waits for that.
func (c *Client) ResolveStep(ctx context.Context, id, environment string, m release.ResolveStep) (release.Receipt, error) {
	place, err := c.place(ctx, id, environment, awaits(release.WaitStep))
	if err != nil {
		return release.Receipt{}, err
	}
	return c.act(ctx, id, release.DeploymentID(id, place), release.ActResolveStep, m)
}

// OverrideFreeze lets a deployment go on in its windows although a freeze holds. The
// environment may be left out when only one waits for its window.
func (c *Client) OverrideFreeze(ctx context.Context, id string, m release.OverrideFreeze) (release.Receipt, error) {
	place, err := c.place(ctx, id, m.Environment, awaits(release.WaitWindow))
	if err != nil {
		return release.Receipt{}, err
	}
	m.Environment = place
	return c.act(ctx, id, release.DeploymentID(id, place), release.ActOverrideFreeze, m)
}

// act sends an action to a workflow of a release, and waits until it counted or
// was refused. It is not sent when nobody could receive it: it would count
// whenever a worker comes back, unknown to the sender.
func (c *Client) act(ctx context.Context, id, workflow string, action release.Action, message release.Message) (release.Receipt, error) {
	var receipt release.Receipt
	d, err := c.temporal.DescribeWorkflowExecution(ctx, workflow, "")
	if err != nil {
		return receipt, c.explain(ctx, workflow, err)
	}
	if d.GetWorkflowExecutionInfo().GetStatus() != enums.WORKFLOW_EXECUTION_STATUS_RUNNING {
		return receipt, c.closed(ctx, id, workflow)
	}
	taskQueue := d.GetExecutionConfig().GetTaskQueue().GetName()
	if err := c.needWorker(ctx, taskQueue); err != nil {
		return receipt, err
	}
	return c.send(ctx, id, workflow, taskQueue, action, message)
}

// send sends an action to a workflow whose task queue is polled.
func (c *Client) send(ctx context.Context, id, workflow, taskQueue string, action release.Action, message release.Message) (release.Receipt, error) {
	var receipt release.Receipt
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := c.update(waiting, client.UpdateWorkflowOptions{
		UpdateID: rand.Text(), WorkflowID: workflow, UpdateName: string(action), Args: []any{message},
		WaitForStage: client.WorkflowUpdateStageCompleted,
	}, &receipt)
	return receipt, c.notDone(ctx, id, workflow, taskQueue, err)
}

// update sends an action until it counted or was refused. One whose workflow task is lost,
// because something else happened to the workflow at its end, has done nothing yet.
func (c *Client) update(ctx context.Context, options client.UpdateWorkflowOptions, receipt *release.Receipt) error {
	for {
		update, err := c.temporal.UpdateWorkflow(ctx, options)
		if err == nil {
			err = update.Get(ctx, receipt)
		}
		var lost *serviceerror.WorkflowNotReady
		if !errors.As(err, &lost) || ctx.Err() != nil {
			return err
		}
		pause(ctx, settle)
	}
}

// notDone says why an action was not done.
func (c *Client) notDone(ctx context.Context, id, workflow, taskQueue string, err error) error {
	var (
		failed *temporal.ApplicationError
		late   *client.WorkflowUpdateServiceTimeoutOrCanceledError
		gone   *serviceerror.NotFound
	)
	switch {
	case errors.As(err, &failed) && failed.Type() == release.ErrorRefused:
		return failure(Refused, err, "refused: %s", failed.Message())
	case errors.As(err, &failed):
		return failure(Unavailable, err, "%s could not do it: %s", kindOf(workflow), failed.Message())
	case errors.As(err, &late) && ctx.Err() == nil:
		return failure(NoWorker, err, "no worker on task queue %s answered within %v: see in `starter status %s` whether it counted", taskQueue, patience, id)
	case errors.As(err, &gone):
		return c.closed(ctx, id, workflow)
	}
	return c.explain(ctx, workflow, err)
}

// closed says that a workflow has ended, and how the release did.
func (c *Client) closed(ctx context.Context, id, workflow string) error {
	record, open, err := c.state(ctx, id)
	switch {
	case workflow != id && err == nil && open:
		return failure(Closed, nil, "%s has ended; the release goes on: see `starter status %s`", kindOf(workflow), id)
	case err == nil && !open:
		return failure(Closed, nil, "%s is closed (%s): nothing can be done to it; see `starter report %s`", id, record.Outcome, id)
	}
	return failure(Closed, err, "%s is closed", kindOf(workflow))
}
