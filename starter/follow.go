package starter

import (
	"context"
	"errors"
	"time"

	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
)

const (
	// longPoll is a little more than a server lets a request for news wait.
	longPoll = 70 * time.Second
	// retryAfter is the pause before a lost connection is tried again.
	retryAfter = 500 * time.Millisecond
)

// follow reads the history of a workflow as it grows, each event once and in
// order, until the workflow is closed. A run that was continued or reset is
// followed into the next one. A lost connection is told, and tried again.
func (c *Client) follow(ctx context.Context, id string, event func(*history.HistoryEvent), lost func(error)) error {
	for run := ""; ; {
		latest, err := c.latestRun(ctx, id)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case temporary(err):
			lost(c.explain(ctx, id, err))
			pause(ctx, retryAfter)
			continue
		case err != nil:
			return c.explain(ctx, id, err)
		case latest == run:
			return nil
		}
		run = latest
		if err := c.followRun(ctx, id, run, event, lost); err != nil {
			return c.explain(ctx, id, err)
		}
	}
}

// followRun does so for one run.
func (c *Client) followRun(ctx context.Context, id, run string, event func(*history.HistoryEvent), lost func(error)) error {
	var (
		seen int64
		next []byte
	)
	for {
		page, err := c.news(ctx, id, run, next)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case temporary(err):
			// A page token may be worth nothing to a server that was restarted.
			next = nil
			lost(c.explain(ctx, id, err))
			pause(ctx, retryAfter)
			continue
		case err != nil:
			return err
		}
		for _, e := range page.GetHistory().GetEvents() {
			if e.GetEventId() > seen {
				seen = e.GetEventId()
				event(e)
			}
		}
		if next = page.GetNextPageToken(); len(next) == 0 {
			return nil
		}
	}
}

// news waits for the next page of a history. It goes past the retries of the
// Temporal client, so that a lost connection is known at once.
func (c *Client) news(ctx context.Context, id, run string, next []byte) (*workflowservice.GetWorkflowExecutionHistoryResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, longPoll)
	defer cancel()
	return c.temporal.WorkflowService().GetWorkflowExecutionHistory(ctx, &workflowservice.GetWorkflowExecutionHistoryRequest{
		Namespace: c.namespace, Execution: &common.WorkflowExecution{WorkflowId: id, RunId: run},
		WaitNewEvent: true, SkipArchival: true, NextPageToken: next,
	})
}

func (c *Client) latestRun(ctx context.Context, id string) (string, error) {
	d, err := c.describe(ctx, id)
	return d.GetWorkflowExecutionInfo().GetExecution().GetRunId(), err
}

// describe gives what the server knows of the latest run of a workflow. It goes
// past the retries of the Temporal client, too.
func (c *Client) describe(ctx context.Context, id string) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return c.temporal.WorkflowService().DescribeWorkflowExecution(ctx, &workflowservice.DescribeWorkflowExecutionRequest{
		Namespace: c.namespace, Execution: &common.WorkflowExecution{WorkflowId: id},
	})
}

// temporary tells whether an error may go away by itself.
func temporary(err error) bool {
	var (
		unavailable *serviceerror.Unavailable
		exhausted   *serviceerror.ResourceExhausted
		internal    *serviceerror.Internal
		cancelled   *serviceerror.Canceled
	)
	return errors.As(err, &unavailable) || errors.As(err, &exhausted) || errors.As(err, &internal) ||
		errors.As(err, &cancelled) || timedOut(err)
}

// pause waits, unless the context ends first.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
