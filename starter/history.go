package starter

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"go.temporal.io/api/common/v1"
	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"google.golang.org/protobuf/encoding/protojson"

	"slipway/release"
)

// Event is something that happened in a release, as its workflow's history tells.
type Event struct {
	At time.Time `json:"at"`
	// Workflow is the workflow in which it happened: the release or a child.
	Workflow string `json:"workflow"`
	// What says what happened or began.
	What string `json:"what"`
	// By is the person who did it.
	By string `json:"by,omitempty"`
	// Result says how it ended; empty while it goes on, and for what has no end.
	Result string `json:"result,omitempty"`
	// Took is how long it took, of what began and ended.
	Took release.Duration `json:"took,omitempty"`
}

// History tells what happened in a workflow and in the children that it started,
// in the order in which it happened.
func (c *Client) History(ctx context.Context, id string) ([]Event, error) {
	d, err := c.temporal.DescribeWorkflowExecution(ctx, id, "")
	if err != nil {
		return nil, c.explain(ctx, id, err)
	}
	info := d.GetWorkflowExecutionInfo()
	var all []Event
	open := []*common.WorkflowExecution{{WorkflowId: id, RunId: cmp.Or(info.GetFirstRunId(), info.GetExecution().GetRunId())}}
	for ; len(open) > 0; open = open[1:] {
		t := teller{workflow: open[0].GetWorkflowId(), data: c.data}
		if err := c.readRuns(ctx, open[0], t.tell); err != nil {
			return nil, err
		}
		open = append(open, t.children...)
		all = append(all, t.events...)
	}
	slices.SortStableFunc(all, func(a, b Event) int { return a.At.Compare(b.At) })
	return all, nil
}

// RawHistory exports the history of one workflow's latest run as Temporal's own
// JSON, which its replayer and the Web UI read.
func (c *Client) RawHistory(ctx context.Context, id string) ([]byte, error) {
	var raw history.History
	_, err := c.readRun(ctx, &common.WorkflowExecution{WorkflowId: id}, func(e *history.HistoryEvent) { raw.Events = append(raw.Events, e) })
	if err != nil {
		return nil, err
	}
	data, err := protojson.MarshalOptions{Multiline: true, Indent: "  "}.Marshal(&raw)
	if err != nil {
		return nil, fmt.Errorf("history of %s: %w", id, err)
	}
	return data, nil
}

// readRuns reads the history of a run, and of those that it was continued as.
func (c *Client) readRuns(ctx context.Context, run *common.WorkflowExecution, event func(*history.HistoryEvent)) error {
	for run.GetRunId() != "" {
		next, err := c.readRun(ctx, run, event)
		if err != nil {
			return err
		}
		run = &common.WorkflowExecution{WorkflowId: run.GetWorkflowId(), RunId: next}
	}
	return nil
}

// readRun reads the history of a run and gives the run that it was continued as.
func (c *Client) readRun(ctx context.Context, run *common.WorkflowExecution, event func(*history.HistoryEvent)) (next string, err error) {
	events := c.temporal.GetWorkflowHistory(ctx, run.GetWorkflowId(), run.GetRunId(), false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		e, err := events.Next()
		if err != nil {
			return "", c.explain(ctx, run.GetWorkflowId(), err)
		}
		event(e)
		next = e.GetWorkflowExecutionContinuedAsNewEventAttributes().GetNewExecutionRunId()
	}
	return next, nil
}
