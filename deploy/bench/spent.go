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
	"google.golang.org/protobuf/proto"
)

// Where the time and the histories of a workflow and its children go, as the histories
// tell it: a profile of what is waited for, beside those of the processor.

// spent is the time of everything of a kind: from when it was asked for until a worker
// had it, and from then until its answer was there.
type spent struct {
	kind          string
	count         int
	waited, taken time.Duration
	// bytes are those of its events.
	bytes int
}

// ledger adds up what was spent in the histories of a family, by kind.
type ledger map[string]*spent

// tell writes the ledger, the dearest first.
func (l ledger) tell(w io.Writer, name string) error {
	fmt.Fprintf(w, "%s: where its time goes; what runs side by side counts each by itself\n", name)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "count\twaited ms\ttook ms\tbytes\t ")
	all := slices.SortedFunc(maps.Values(l), func(a, b *spent) int {
		return cmp.Or(cmp.Compare(b.waited+b.taken, a.waited+a.taken), cmp.Compare(b.bytes, a.bytes))
	})
	for _, s := range all {
		fmt.Fprintf(table, "%d\t%.1f\t%.1f\t%d\t %s\n", s.count, milliseconds(s.waited), milliseconds(s.taken), s.bytes, s.kind)
	}
	return table.Flush()
}

// of gives the account of a kind.
func (l ledger) of(kind string) *spent {
	if l[kind] == nil {
		l[kind] = &spent{kind: kind}
	}
	return l[kind]
}

func (l ledger) add(kind string, asked, began, ended time.Time) {
	s := l.of(kind)
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
	family := reading{in: in, asked: map[int64]*history.HistoryEvent{}, began: map[int64]time.Time{}, tasks: map[int64]*task{}}
	events := s.temporal.GetWorkflowHistory(ctx, id, run, false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		e, err := events.Next()
		if err != nil {
			return err
		}
		in.of(family.read(e)).bytes += proto.Size(e)
		if child := e.GetChildWorkflowExecutionStartedEventAttributes().GetWorkflowExecution(); child != nil {
			if err := s.spent(ctx, child.GetWorkflowId(), child.GetRunId(), in); err != nil {
				return err
			}
		}
	}
	for _, t := range family.tasks {
		in.add(t.kind(), family.asked[t.by].GetEventTime().AsTime(), family.began[t.by], t.at)
	}
	return nil
}

// reading is a history that is read into a ledger: what was asked for and begun, by the
// event that asked for it, and the workflow tasks, by the event that ended them.
type reading struct {
	in    ledger
	asked map[int64]*history.HistoryEvent
	began map[int64]time.Time
	tasks map[int64]*task
}

// task is a workflow task, with the local activities that ran in it.
type task struct {
	by    int64
	at    time.Time
	local []string
}

const plainTasks = "workflow tasks"

func (t task) kind() string {
	if len(t.local) == 0 {
		return plainTasks
	}
	return plainTasks + " with " + strings.Join(t.local, ", ")
}

// read takes an event in, and tells of which kind it is.
func (r *reading) read(e *history.HistoryEvent) string {
	at := e.GetEventTime().AsTime()
	switch e.GetEventType() {
	case enums.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED:
		r.asked[e.GetEventId()] = e
		return plainTasks
	case enums.EVENT_TYPE_WORKFLOW_TASK_STARTED:
		r.began[e.GetWorkflowTaskStartedEventAttributes().GetScheduledEventId()] = at
		return plainTasks
	case enums.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
		r.tasks[e.GetEventId()] = &task{by: e.GetWorkflowTaskCompletedEventAttributes().GetScheduledEventId(), at: at}
		return plainTasks
	case enums.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
		r.asked[e.GetEventId()] = e
		return r.activity(e.GetEventId())
	case enums.EVENT_TYPE_ACTIVITY_TASK_STARTED:
		by := e.GetActivityTaskStartedEventAttributes().GetScheduledEventId()
		r.began[by] = at
		return r.activity(by)
	case enums.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
		by := e.GetActivityTaskCompletedEventAttributes().GetScheduledEventId()
		r.in.add(r.activity(by), r.asked[by].GetEventTime().AsTime(), r.began[by], at)
		return r.activity(by)
	case enums.EVENT_TYPE_MARKER_RECORDED:
		return r.marker(e.GetMarkerRecordedEventAttributes())
	}
	return "(" + e.GetEventType().String() + ")"
}

func (r *reading) activity(scheduled int64) string {
	return r.asked[scheduled].GetActivityTaskScheduledEventAttributes().GetActivityType().GetName()
}

// marker notes that a local activity ran in a workflow task.
func (r *reading) marker(m *history.MarkerRecordedEventAttributes) string {
	t := r.tasks[m.GetWorkflowTaskCompletedEventId()]
	if m.GetMarkerName() != "LocalActivity" || t == nil {
		return "(marker " + m.GetMarkerName() + ")"
	}
	var data struct{ ActivityType string }
	if err := converter.GetDefaultDataConverter().FromPayloads(m.GetDetails()["data"], &data); err != nil {
		data.ActivityType = "?"
	}
	t.local = append(t.local, data.ActivityType)
	return "local " + data.ActivityType
}
