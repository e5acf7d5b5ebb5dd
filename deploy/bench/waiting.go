package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os/exec"
	"path/filepath"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
	"golang.org/x/sync/errgroup"

	"slipway/release"
)

// Thousands of releases that wait at a gate, beside as many bare workflows that wait
// for a signal, each kind by a worker process of its own: what one that waits takes of
// its worker's memory; and how long it takes until all have gone on that one command
// authorizes, or one loop signals.

// besides is how many are started, or signalled, at the same time.
const besides = 32

// waitingSize is how many wait.
var waitingSize = flag.Int("waiting", 5_000, "releases of the part waiting")

// throng is so many workflows of one kind that wait.
type throng struct {
	*site
	what  string
	pid   int
	start func(ctx context.Context, i int) (id string, err error)
	ids   []string
}

// waiting measures all of it, once.
func (s *site) waiting(ctx context.Context) (_ []row, err error) {
	n := *waitingSize
	folder, remove, err := scratch()
	if err != nil {
		return nil, err
	}
	defer remove()
	worker, err := s.waitingWorker(folder, n)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, stop(worker)) }()
	bare := &throng{site: s, what: "bare workflow", pid: s.minimalW.pid(), start: s.startBare}
	releases := &throng{site: s, what: "release", pid: worker.Process.Pid, start: s.startWaiting}
	var rows []row
	for _, t := range []*throng{bare, releases} {
		took, err := t.gather(ctx, n)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", t.what, err)
		}
		rows = append(rows, row{Name: fmt.Sprintf("%s that waits, of %d, worker's memory", t.what, n), Value: took / 1000, Unit: "kB"})
	}
	rows[1] = rows[1].atMost(60)
	signalled, err := bare.allGo(ctx, s.signalAll)
	if err != nil {
		return nil, err
	}
	authorized, err := releases.allGo(ctx, authorizeAll)
	if err != nil {
		return nil, err
	}
	return append(rows,
		row{Name: fmt.Sprintf("%d bare workflows signalled, until all went on", n), Value: signalled.Seconds(), Unit: "s"},
		row{Name: fmt.Sprintf("%d releases authorized by one command, until all went on", n), Value: authorized.Seconds(), Unit: "s"},
		row{
			Name:  fmt.Sprintf("%d releases authorized over bare workflows signalled", n),
			Value: authorized.Seconds() / signalled.Seconds(), Unit: "times",
		}.atMost(1.5)), nil
}

// gather starts so many, and gives by how many bytes each lets the worker grow once
// they all wait. The first one warms it up.
func (t *throng) gather(ctx context.Context, n int) (each float64, err error) {
	t.ids = make([]string, n)
	begin := func(i int) (err error) {
		t.ids[i], err = t.start(ctx, i)
		return err
	}
	if err := begin(0); err != nil {
		return 0, err
	}
	if err := t.settled(ctx, t.ids[0]); err != nil {
		return 0, err
	}
	idle, err := resident(t.pid)
	if err != nil {
		return 0, err
	}
	var all errgroup.Group
	all.SetLimit(besides)
	for i := 1; i < n; i++ {
		all.Go(func() error { return begin(i) })
	}
	if err := all.Wait(); err != nil {
		return 0, err
	}
	if err := t.rest(ctx); err != nil {
		return 0, err
	}
	full, err := resident(t.pid)
	return float64(full-idle) / float64(n-1), err
}

// rest waits until all of them wait, or have ended. It looks seldom, so that it takes
// nothing from those that still work.
func (t *throng) rest(ctx context.Context) error {
	const pause = 100 * time.Millisecond
	for _, id := range t.ids {
		for {
			d, err := t.temporal.DescribeWorkflowExecution(ctx, id, "")
			if err != nil {
				return err
			}
			if atRest(d) {
				break
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(pause):
			}
		}
	}
	return nil
}

// allGo gives how long it takes until the last has gone on.
func (t *throng) allGo(ctx context.Context, release func(ctx context.Context, ids []string) error) (time.Duration, error) {
	begun := time.Now()
	if err := release(ctx, t.ids); err != nil {
		return 0, err
	}
	if err := t.rest(ctx); err != nil {
		return 0, err
	}
	var last time.Time
	for _, id := range t.ids {
		at, err := t.wentOn(ctx, id)
		if err != nil {
			return 0, err
		}
		if at.After(last) {
			last = at
		}
	}
	return last.Sub(begun), nil
}

// wentOn reads off a history when the workflow went on after it was signalled or
// updated: an activity started, or its search attributes tell of another phase.
func (s *site) wentOn(ctx context.Context, id string) (time.Time, error) {
	told := false
	events := s.temporal.GetWorkflowHistory(ctx, id, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		e, err := events.Next()
		if err != nil {
			return time.Time{}, err
		}
		switch e.GetEventType() {
		case enums.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED, enums.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED:
			told = true
		case enums.EVENT_TYPE_ACTIVITY_TASK_STARTED, enums.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES:
			if told && (tellsPhase(e) || e.GetEventType() == enums.EVENT_TYPE_ACTIVITY_TASK_STARTED) {
				return e.GetEventTime().AsTime(), nil
			}
		}
	}
	return time.Time{}, errors.New(id + " did not go on")
}

func tellsPhase(e *history.HistoryEvent) bool {
	_, tells := e.GetUpsertWorkflowSearchAttributesEventAttributes().GetSearchAttributes().GetIndexedFields()[release.AttributePhase]
	return tells
}

// signalAll lets the bare workflows go on. A signal is sent when the server has it, so that
// the loop is soon far ahead of the worker; the command waits for each answer.
func (s *site) signalAll(ctx context.Context, ids []string) error {
	var all errgroup.Group
	all.SetLimit(besides)
	for _, id := range ids {
		all.Go(func() error { return s.temporal.SignalWorkflow(ctx, id, "", signalGo, nil) })
	}
	return all.Wait()
}

// authorizeAll lets the releases go on, as somebody would after a meeting.
func authorizeAll(ctx context.Context, _ []string) error {
	return exec.CommandContext(ctx, filepath.Join("bin", "starter"), "authorize", "--all", "--gate", "plan", "--by", "ana", "--yes").Run()
}

// startBare starts a workflow that waits for a signal.
func (s *site) startBare(ctx context.Context, i int) (string, error) {
	run, err := s.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: fmt.Sprintf("bare@%d", i), TaskQueue: minimalQueue}, Signalled)
	if err != nil {
		return "", err
	}
	return run.GetID(), nil
}

// startWaiting starts a release that waits at the gates of plan and build; each is of a
// service and for an environment of its own.
func (s *site) startWaiting(ctx context.Context, i int) (string, error) {
	d := s.definition(queued.Name, "1.0.0", 3, 2, 5)
	d.Service, d.Environments = waitingName(i), []release.EnvironmentDefinition{{Name: waitingName(i)}}
	run, err := s.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: release.ID(d.Service, d.Version), TaskQueue: waitingQueue,
	}, release.WorkflowRelease, release.Request{Definition: d})
	if err != nil {
		return "", err
	}
	return run.GetID(), nil
}

const waitingQueue = "waiting"

func waitingName(i int) string { return fmt.Sprintf("waiting-%04d", i) }

// waitingWorker starts bin/worker with so many environments of one target.
func (s *site) waitingWorker(folder string, n int) (*exec.Cmd, error) {
	o := release.Organization{
		Roster: s.organization.Roster, Models: []release.Model{queued}, Sources: []release.SourcePlace{{Dir: s.folder}},
	}
	for i := range n {
		o.Environments = append(o.Environments, release.Environment{
			Name: waitingName(i), Purpose: "bench", Targets: []release.Target{{Name: "one", Folder: filepath.Join(folder, waitingName(i))}},
		})
	}
	file, err := configured(folder, waitingQueue, o)
	if err != nil {
		return nil, err
	}
	return startWorker(file)
}
