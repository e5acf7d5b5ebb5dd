package starter

import (
	"context"
	"errors"
	"strings"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"

	"slipway/release"
)

// state gives what a release itself knows of its status, and whether it is still open.
func (c *Client) state(ctx context.Context, id string) (release.Record, bool, error) {
	var record release.Record
	open, err := c.statusOf(ctx, id, &record)
	if err == nil && !open {
		record, err = c.result(ctx, id)
	}
	return record, open, err
}

// DeploymentStatus gives the state of the deployment to one environment, while it
// goes on.
func (c *Client) DeploymentStatus(ctx context.Context, id, environment string) (release.DeploymentStatus, error) {
	var status release.DeploymentStatus
	return status, c.ask(ctx, release.DeploymentID(id, environment), release.QueryStatus, &status)
}

// SupportStatus gives the state of the early life support in one environment,
// while it goes on.
func (c *Client) SupportStatus(ctx context.Context, id, environment string) (release.SupportStatus, error) {
	var status release.SupportStatus
	return status, c.ask(ctx, release.SupportID(id, environment), release.QueryStatus, &status)
}

// PlanOf gives the plan of a release, in its latest revision. It needs a worker,
// even when the release is closed.
func (c *Client) PlanOf(ctx context.Context, id string) (release.Plan, error) {
	var plan release.Plan
	return plan, c.ask(ctx, id, release.QueryPlan, &plan)
}

// Authorizations lists what people did to a release, whether it counted or not.
// It needs a worker, even when the release is closed.
func (c *Client) Authorizations(ctx context.Context, id string) ([]release.Act, error) {
	var acts []release.Act
	return acts, c.ask(ctx, id, release.QueryAuthorizations, &acts)
}

// ask queries a workflow, open or closed.
func (c *Client) ask(ctx context.Context, id, query string, result any) error {
	value, err := answered(ctx, c, id, func(ctx context.Context) (converter.EncodedValue, error) {
		return c.temporal.QueryWorkflow(ctx, id, "", query)
	})
	if err == nil {
		err = value.Get(result)
	}
	return c.explain(ctx, id, err)
}

// statusOf asks an open workflow how it stands; of a closed one it gives false and
// nothing else.
func (c *Client) statusOf(ctx context.Context, id string, result any) (open bool, err error) {
	answer, err := answered(ctx, c, id, func(ctx context.Context) (*client.QueryWorkflowWithOptionsResponse, error) {
		return c.temporal.QueryWorkflowWithOptions(ctx, &client.QueryWorkflowWithOptionsRequest{
			WorkflowID: id, QueryType: release.QueryStatus, QueryRejectCondition: enums.QUERY_REJECT_CONDITION_NOT_OPEN,
		})
	})
	if err == nil && answer.QueryRejected == nil {
		open = true
		err = answer.QueryResult.Get(result)
	}
	return open, c.explain(ctx, id, err)
}

// result gives the record of a closed release, as far as it can be had: without a worker,
// no more than what the release ended with. When its workflow ended without that, what a
// worker still knows of it is completed with the reason.
func (c *Client) result(ctx context.Context, id string) (release.Record, error) {
	var ended struct {
		release.Record
		Brief bool `json:"brief"`
	}
	err := c.temporal.GetWorkflow(ctx, id, "").Get(ctx, &ended)
	record := ended.Record
	if ended.Brief {
		if err := c.ask(ctx, id, release.QueryStatus, &record); CodeOf(err) != NoWorker {
			return record, err
		}
		return record, nil
	}
	var broken *temporal.WorkflowExecutionError
	if !errors.As(err, &broken) {
		return record, c.explain(ctx, id, err)
	}
	if c.ask(ctx, id, release.QueryStatus, &record) != nil {
		service, version, _ := strings.Cut(id, "@")
		record = release.Record{ID: id, Service: service, Version: version}
	}
	if record.Outcome == "" {
		record.Outcome, record.Reason = release.Failed, "its workflow "+endOf(broken)
	}
	d, err := c.temporal.DescribeWorkflowExecution(ctx, id, "")
	if err == nil {
		info := d.GetWorkflowExecutionInfo()
		record.Started, record.Closed = info.GetStartTime().AsTime(), info.GetCloseTime().AsTime()
	}
	return record, c.explain(ctx, id, err)
}

// endOf says how a workflow ended that gave no result.
func endOf(err error) string {
	var (
		terminated *temporal.TerminatedError
		cancelled  *temporal.CanceledError
		late       *temporal.TimeoutError
	)
	switch {
	case errors.As(err, &terminated):
		return "was terminated"
	case errors.As(err, &cancelled):
		return "was cancelled"
	case errors.As(err, &late):
		return "ran out of time"
	}
	return "failed: " + errors.Unwrap(err).Error()
}
