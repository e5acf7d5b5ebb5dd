package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/converter"
)

// Where the time of a workflow and its children goes, as their histories tell it: a
// profile of what is waited for, beside those of the processor.

// spent is the time of everything of a kind: from when it was asked for until a worker
// had it, and from then until its answer was there.
type spent struct {
	kind          string
	count         int
	waited, taken time.Duration
}

// ledger adds up what was spent in the histories of a family, by kind.
type ledger map[string]*spent

// tell writes the ledger, the dearest first.
func (l ledger) tell(w io.Writer, name string) error {
	fmt.Fprintf(w, "%s: where its time goes; what runs side by side counts each by itself\n", name)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "count\twaited ms\ttook ms\t ")
	all := slices.SortedFunc(maps.Values(l), func(a, b *spent) int { return cmp.Compare(b.waited+b.taken, a.waited+a.taken) })
	for _, s := range all {
		fmt.Fprintf(table, "%d\t%.1f\t%.1f\t %s\n", s.count, milliseconds(s.waited), milliseconds(s.taken), s.kind)
	}
	return table.Flush()
}

func (l ledger) add(kind string, asked, began, ended time.Time) {
	if l[kind] == nil {
		l[kind] = &spent{kind: kind}
	}
	s := l[kind]
	s.count, s.waited, s.taken = s.count+1, s.waited+began.Sub(asked), s.taken+ended.Sub(began)
}

// tellSpent prints where the time of some workflows went.
func (s *site) tellSpent(ctx context.Context, ids ...string) error {
	for _, id := range ids {
		in := ledger{}
		if err := s.spent(ctx, id, "", in); err != nil {
			return err
		}
		if err := in.tell(os.Stdout, id); err != nil {
			return err
		}
	}
	return nil
}

// spent reads the histories of a workflow and its children.
func (s *site) spent(ctx context.Context, id, run string, in ledger) error {
	asked, began, tasks := map[int64]*history.HistoryEvent{}, map[int64]time.Time{}, map[int64]*task{}
	events := s.temporal.GetWorkflowHistory(ctx, id, run, false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		e, err := events.Next()
		if err != nil {
			return err
		}
		at := e.GetEventTime().AsTime()
		switch e.GetEventType() {
		case enums.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED, enums.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
			asked[e.GetEventId()] = e
		case enums.EVENT_TYPE_WORKFLOW_TASK_STARTED:
			began[e.GetWorkflowTaskStartedEventAttributes().GetScheduledEventId()] = at
		case enums.EVENT_TYPE_ACTIVITY_TASK_STARTED:
			began[e.GetActivityTaskStartedEventAttributes().GetScheduledEventId()] = at
		case enums.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
			tasks[e.GetEventId()] = &task{by: e.GetWorkflowTaskCompletedEventAttributes().GetScheduledEventId(), at: at}
		case enums.EVENT_TYPE_MARKER_RECORDED:
			marker := e.GetMarkerRecordedEventAttributes()
			if t := tasks[marker.GetWorkflowTaskCompletedEventId()]; marker.GetMarkerName() == "LocalActivity" {
				t.local = append(t.local, localActivity(marker))
			}
		case enums.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
			by := e.GetActivityTaskCompletedEventAttributes().GetScheduledEventId()
			kind := asked[by].GetActivityTaskScheduledEventAttributes().GetActivityType().GetName()
			in.add(kind, asked[by].GetEventTime().AsTime(), began[by], at)
		case enums.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_STARTED:
			child := e.GetChildWorkflowExecutionStartedEventAttributes().GetWorkflowExecution()
			if err := s.spent(ctx, child.GetWorkflowId(), child.GetRunId(), in); err != nil {
				return err
			}
		}
	}
	for _, t := range tasks {
		in.add(t.kind(), asked[t.by].GetEventTime().AsTime(), began[t.by], t.at)
	}
	return nil
}

// task is a workflow task, with the local activities that ran in it.
type task struct {
	by    int64
	at    time.Time
	local []string
}

func (t task) kind() string {
	if len(t.local) == 0 {
		return "workflow tasks"
	}
	return "workflow tasks with " + strings.Join(t.local, ", ")
}

// localActivity reads what ran out of its marker.
func localActivity(marker *history.MarkerRecordedEventAttributes) string {
	var data struct{ ActivityType string }
	if err := converter.GetDefaultDataConverter().FromPayloads(marker.GetDetails()["data"], &data); err != nil {
		return "?"
	}
	return data.ActivityType
}
