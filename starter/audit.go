package starter

import (
	"context"
	"errors"
	"time"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"slipway/release"
)

// auditLimit is how long an audit may take at most; the server ends it then.
const auditLimit = time.Hour

// AuditObserver is told what an audit does. What it leaves nil is not told.
type AuditObserver struct {
	// Joined says that one is under way already that finds what was asked for.
	Joined func(release.AuditReport)
	// Working gets what goes on, every second, from when it takes longer than two.
	Working func([]Work)
}

// quickAudit is how long an audit takes of which nobody needs to see how far it is.
const quickAudit = 2 * time.Second

// Audit compares what the targets of an environment hold with what should run there. A
// report comes back whether all holds or not. One audit of an environment runs at a
// time: one that finds what is asked for is joined, another one is AlreadyRunning. An
// environment in which there is nothing to audit is NotFound.
func (c *Client) Audit(ctx context.Context, r release.AuditRequest, o AuditObserver) (release.AuditReport, error) {
	if err := c.needWorker(ctx, c.taskQueue); err != nil {
		return release.AuditReport{}, err
	}
	id := release.AuditID(r.Environment)
	run, err := c.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: id, TaskQueue: c.taskQueue, WorkflowExecutionTimeout: auditLimit,
		WorkflowIDConflictPolicy:                 enums.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
		WorkflowIDReusePolicy:                    enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
		StaticSummary:                            "Configuration audit of " + r.Environment,
	}, release.WorkflowAudit, r)
	var running *serviceerror.WorkflowExecutionAlreadyStarted
	if errors.As(err, &running) {
		run, err = c.joinAudit(ctx, r, o)
	}
	if err != nil {
		return release.AuditReport{}, c.explain(ctx, id, err)
	}
	var report release.AuditReport
	stop := c.showing(ctx, id, o.Working)
	err = run.Get(ctx, &report)
	stop()
	var (
		failed *temporal.ApplicationError
		late   *temporal.TimeoutError
	)
	switch {
	case err == nil:
		return report.Of(r), nil
	case errors.As(err, &failed) && failed.Type() == release.ErrorRefused:
		return report, failure(NotFound, err, "%s", failed.Message())
	case errors.As(err, &failed):
		return report, failure(Unavailable, err, "%s could not be audited: %s", r.Environment, failed.Message())
	case errors.As(err, &late):
		return report, failure(Unavailable, err, "%s was not audited within %v; the Temporal Web UI shows under %s how far it came", r.Environment, auditLimit, id)
	}
	return report, c.explain(ctx, id, err)
}

// joinAudit gives the audit that is under way, when it finds what is asked for.
func (c *Client) joinAudit(ctx context.Context, r release.AuditRequest, o AuditObserver) (client.WorkflowRun, error) {
	id := release.AuditID(r.Environment)
	var status release.AuditReport
	if err := c.ask(ctx, id, release.QueryStatus, &status); err != nil {
		return nil, err
	}
	if !status.Covers(r) {
		return nil, failure(AlreadyRunning, nil, "an audit of %s is under way, of service %s alone: ask again when it is done", r.Environment, status.Service)
	}
	if o.Joined != nil {
		o.Joined(status)
	}
	return c.temporal.GetWorkflow(ctx, id, ""), nil
}

// showing tells what goes on in a workflow until it is stopped.
func (c *Client) showing(ctx context.Context, id string, tell func([]Work)) (stop func()) {
	if tell == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for pause(ctx, quickAudit); ctx.Err() == nil; pause(ctx, progressEvery) {
			if work, err := c.Working(ctx, id); err == nil {
				tell(work)
			}
		}
	}()
	return func() {
		cancel()
		<-done
	}
}
