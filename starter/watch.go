package starter

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"sync"
	"time"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"

	"slipway/release"
)

const (
	// settle is how long news may gather before the status is asked for.
	settle = 30 * time.Millisecond
	// progressEvery is how often work that goes on is looked at.
	progressEvery = time.Second
	// retryStatus is the pause before a worker that did not answer is asked again.
	retryStatus = 2 * time.Second
)

// Observer is told what happens to a release. What it leaves nil is not told.
// Its functions are called one at a time.
type Observer struct {
	// Changed gets the status, at first and whenever it changed.
	Changed func(release.Record)
	// Working gets what the activities of the release and of its children do, and how
	// far waves of many targets are, every second while there are any, and nothing once
	// when there are none any more.
	Working func([]Work)
	// Trouble gets why nothing is known at the moment, and nil when it is again.
	// The watch goes on all the while.
	Trouble func(error)
}

// Watch follows a release until it is closed, and gives its last status. It waits
// for the server to tell that something happened, over restarts of server and
// workers.
func (c *Client) Watch(ctx context.Context, id string, o Observer) (release.Record, error) {
	if _, err := c.latestRun(ctx, id); err != nil {
		return release.Record{}, c.explain(ctx, id, err)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	w := &watch{
		client: c, observer: o, id: id, stop: cancel, news: make(chan error, 1),
		busy: map[string]map[int64]bool{}, following: map[string]bool{}, waves: map[string]bool{},
	}
	defer w.followers.Wait()
	defer cancel(nil)
	w.follow(ctx, id)
	return w.run(ctx)
}

// watch is a release being watched: followers read the histories of its workflows
// and tell that there is news; run asks for the status whenever there is.
type watch struct {
	client    *Client
	observer  Observer
	id        string
	stop      context.CancelCauseFunc
	news      chan error
	followers sync.WaitGroup
	// What was told last.
	record  []byte
	problem string
	worked  bool

	mutex     sync.Mutex
	following map[string]bool
	busy      map[string]map[int64]bool // scheduled activities, by workflow
	waves     map[string]bool           // those of the workflows that are waves
}

func (w *watch) run(ctx context.Context) (release.Record, error) {
	for {
		record, open, err := w.client.whole(ctx, w.id)
		switch {
		case ctx.Err() != nil:
			return record, context.Cause(ctx)
		case err == nil:
			w.trouble(nil)
			w.changed(record)
			if !open {
				return record, nil
			}
			if err := w.wait(ctx); err != nil {
				return record, err
			}
		case CodeOf(err) == NoWorker, CodeOf(err) == NoServer, CodeOf(err) == Unavailable, temporary(err):
			w.trouble(err)
			pause(ctx, retryStatus)
		default:
			return record, err
		}
	}
}

// wait returns when there is news, and looks at the work until then.
func (w *watch) wait(ctx context.Context) error {
	tick := time.NewTicker(progressEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
			w.working(ctx)
		case err := <-w.news:
			if err != nil {
				w.trouble(err)
			}
			pause(ctx, settle)
			return nil
		}
	}
}

func (w *watch) changed(record release.Record) {
	now, err := json.Marshal(record)
	if err == nil && bytes.Equal(now, w.record) {
		return
	}
	w.record = now
	if w.observer.Changed != nil {
		w.observer.Changed(record)
	}
}

func (w *watch) trouble(err error) {
	var problem string
	if err != nil {
		problem = err.Error()
	}
	if problem == w.problem {
		return
	}
	w.problem = problem
	if w.observer.Trouble != nil {
		w.observer.Trouble(err)
	}
}

// follow reads the history of a workflow, and of the children that it starts.
func (w *watch) follow(ctx context.Context, id string) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.following[id] {
		return
	}
	w.following[id] = true
	w.followers.Go(func() {
		err := w.client.follow(ctx, id, func(e *history.HistoryEvent) { w.note(ctx, id, e) }, w.tell)
		w.mutex.Lock()
		delete(w.following, id)
		delete(w.busy, id)
		delete(w.waves, id)
		w.mutex.Unlock()
		if id == w.id && err != nil {
			w.stop(err)
		}
	})
}

// tell says that there is news, unless that has been said and not yet heard.
func (w *watch) tell(err error) {
	select {
	case w.news <- err:
	default:
	}
}

// note keeps account of the activities that are going on.
func (w *watch) note(ctx context.Context, id string, e *history.HistoryEvent) {
	w.mutex.Lock()
	switch e.GetEventType() {
	case enums.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED:
		w.busy[id] = map[int64]bool{}
		if e.GetWorkflowExecutionStartedEventAttributes().GetWorkflowType().GetName() == release.WorkflowWave {
			w.waves[id] = true
		}
	case enums.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
		w.busy[id][e.GetEventId()] = true
	default:
		delete(w.busy[id], endedActivity(e))
	}
	w.mutex.Unlock()
	if child := e.GetChildWorkflowExecutionStartedEventAttributes(); child != nil {
		w.follow(ctx, child.GetWorkflowExecution().GetWorkflowId())
	}
	w.tell(nil)
}

// endedActivity gives the event by which an activity was scheduled that ended; 0
// when none did.
func endedActivity(e *history.HistoryEvent) int64 {
	switch e.GetEventType() {
	case enums.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
		return e.GetActivityTaskCompletedEventAttributes().GetScheduledEventId()
	case enums.EVENT_TYPE_ACTIVITY_TASK_FAILED:
		return e.GetActivityTaskFailedEventAttributes().GetScheduledEventId()
	case enums.EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT:
		return e.GetActivityTaskTimedOutEventAttributes().GetScheduledEventId()
	case enums.EVENT_TYPE_ACTIVITY_TASK_CANCELED:
		return e.GetActivityTaskCanceledEventAttributes().GetScheduledEventId()
	}
	return 0
}

// working tells what the activities do that are going on, and how far waves are.
func (w *watch) working(ctx context.Context) {
	if w.observer.Working == nil {
		return
	}
	w.mutex.Lock()
	waves := slices.Sorted(maps.Keys(w.waves))
	var ids []string
	for id, activities := range w.busy {
		if len(activities) > 0 {
			ids = append(ids, id)
		}
	}
	w.mutex.Unlock()
	var all []Work
	for _, id := range waves {
		if work, open := w.client.wave(ctx, id); open {
			all = append(all, work)
		}
	}
	for _, id := range ids {
		work, err := w.client.Working(ctx, id)
		if err == nil {
			all = append(all, work...)
		}
	}
	if len(all) > 0 || w.worked {
		w.observer.Working(all)
	}
	w.worked = len(all) > 0
}
