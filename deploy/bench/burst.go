package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"golang.org/x/sync/errgroup"

	"slipway/release"
)

// Many at once: how many releases end in a second beside minimal workflows, and
// whether any of a hundred that are started, or voted on, in the same moment is left
// waiting. Each release of a burst is of a service and for an environment of its own,
// so that none has to wait for another by Slipway's rules.

const (
	// burstSize is how many releases a second are counted of.
	burstSize = 50
	// tailSize is how many are started, and voted on, for the tail guard.
	tailSize = 100
	// tailLimit is how long the next step may be away.
	tailLimit = 2 * time.Second
)

// burstEnvironments have one target each.
func burstEnvironments(folder string) ([]release.Environment, error) {
	var all []release.Environment
	for i := range tailSize {
		target := release.Target{Name: "one", Folder: filepath.Join(folder, burstName(i))}
		if err := os.Mkdir(target.Folder, 0o755); err != nil {
			return nil, err
		}
		all = append(all, release.Environment{Name: burstName(i), Purpose: "bench", Targets: []release.Target{target}})
	}
	return all, nil
}

func burstName(i int) string { return fmt.Sprintf("burst-%03d", i) }

// burst measures all of it.
func (s *site) burst(ctx context.Context) ([]row, error) {
	minimal := &contestant{name: fmt.Sprintf("%d minimal workflows at once", burstSize), run: timed(s.minimalBurst)}
	releases := &contestant{name: fmt.Sprintf("%d releases at once", burstSize), run: timed(s.releaseBurst)}
	const warmUp, rounds = 1, 3
	if err := race(ctx, []*contestant{minimal, releases}, warmUp, rounds); err != nil {
		return nil, err
	}
	var rows []row
	for _, c := range []*contestant{minimal, releases} {
		rows = append(rows, row{Name: c.name + ", median", Value: burstSize / quantile(c.took, 0.5).Seconds(), Unit: "per second"})
	}
	rows = append(rows, row{
		Name: releases.name + ", per second over minimal workflows", Unit: "times",
		Value: float64(quantile(minimal.took, 0.5)) / float64(quantile(releases.took, 0.5)),
	}.atLeast(0.5))
	tails, err := s.tails(ctx)
	return append(rows, tails...), err
}

// atOnce does the same so many times at once.
func atOnce(ctx context.Context, n int, do func(ctx context.Context, i int) error) error {
	all, ctx := errgroup.WithContext(ctx)
	for i := range n {
		all.Go(func() error { return do(ctx, i) })
	}
	return all.Wait()
}

func (s *site) minimalBurst(ctx context.Context, id string) error {
	return atOnce(ctx, burstSize, func(ctx context.Context, i int) error { return s.minimal(ctx, fmt.Sprintf("%s.%d", id, i)) })
}

// releaseBurst carries standard releases from start to close.
func (s *site) releaseBurst(ctx context.Context, version string) error {
	return atOnce(ctx, burstSize, func(ctx context.Context, i int) error {
		run, err := s.startBurst(ctx, s.definition("standard", version, 3, 2, 5), i)
		if err != nil {
			return err
		}
		return s.completed(ctx, run, patience)
	})
}

// startBurst starts a release of a burst, by its place in it.
func (s *site) startBurst(ctx context.Context, d release.Definition, i int) (client.WorkflowRun, error) {
	d.Service, d.Environments = burstName(i), []release.EnvironmentDefinition{{Name: burstName(i)}}
	return s.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: release.ID(d.Service, d.Version), TaskQueue: release.DefaultTaskQueue,
	}, release.WorkflowRelease, release.Request{Definition: d})
}

// queued is the model of a release that waits at two gates for one vote each.
var queued = release.Model{
	Name: "queued", BuildLimit: 1,
	Gates: map[string]release.GatePolicy{
		release.GatePlan:  {Votes: map[string]int{"cab": 1}},
		release.GateBuild: {Votes: map[string]int{"cab": 1}},
	},
}

// approval is the vote that lets it go on from the first.
var approval = release.Authorization{Sender: release.Sender{By: "ana"}, Gate: release.GatePlan, Decision: release.Authorize}

// tails tells of a burst of starts, and of one of votes, how many wait too long for
// their next step, and how long any does at most.
func (s *site) tails(ctx context.Context) ([]row, error) {
	runs := make([]client.WorkflowRun, tailSize)
	err := atOnce(ctx, tailSize, func(ctx context.Context, i int) (err error) {
		runs[i], err = s.startBurst(ctx, s.definition(queued.Name, "tail", 1, 0, 0), i)
		return err
	})
	if err != nil {
		return nil, err
	}
	starts, err := s.waits(ctx, runs)
	if err != nil {
		return nil, err
	}
	err = atOnce(ctx, tailSize, func(ctx context.Context, i int) error {
		return s.temporal.SignalWorkflow(ctx, runs[i].GetID(), "", string(release.ActAuthorize), approval)
	})
	if err != nil {
		return nil, err
	}
	votes, err := s.waits(ctx, runs)
	return slices.Concat(tailRows("starts", starts), tailRows("votes", votes)), err
}

// waits gives of each release the longest time that it waited for a next step until it
// waits for people.
func (s *site) waits(ctx context.Context, runs []client.WorkflowRun) ([]time.Duration, error) {
	var all []time.Duration
	for _, run := range runs {
		if err := s.settled(ctx, run.GetID()); err != nil {
			return nil, err
		}
		longest, err := s.waited(ctx, run.GetID())
		if err != nil {
			return nil, err
		}
		all = append(all, longest)
	}
	return all, nil
}

// waited reads off a history how long its workflow waited for a next step at most, by
// the server's own clock. It waits
//
//   - from when a workflow task or an activity is scheduled until it starts; a task that
//     times out before that is part of the same wait;
//   - from when a vote comes until the next activity starts, whatever is done meanwhile.
//
// It does not wait while an activity works, a timer runs, or people think. Once a vote
// came, only what follows counts.
func (s *site) waited(ctx context.Context, id string) (time.Duration, error) {
	var longest time.Duration
	var task, vote time.Time // since when it waits for one, or since that came
	scheduled := map[int64]time.Time{}
	over := func(since *time.Time, at time.Time) {
		if !since.IsZero() {
			longest = max(longest, at.Sub(*since))
		}
		*since = time.Time{}
	}
	events := s.temporal.GetWorkflowHistory(ctx, id, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		e, err := events.Next()
		if err != nil {
			return 0, err
		}
		at := e.GetEventTime().AsTime()
		switch e.GetEventType() {
		case enums.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED, enums.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED:
			if task.IsZero() {
				task = at
			}
		case enums.EVENT_TYPE_WORKFLOW_TASK_STARTED:
			over(&task, at)
		case enums.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
			scheduled[e.GetEventId()] = at
		case enums.EVENT_TYPE_ACTIVITY_TASK_STARTED:
			since := scheduled[e.GetActivityTaskStartedEventAttributes().GetScheduledEventId()]
			over(&since, at)
			over(&vote, at)
		case enums.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
			vote, longest = at, 0
		}
	}
	return longest, nil
}

func tailRows(of string, longest []time.Duration) []row {
	late := 0
	for _, waited := range longest {
		if waited > tailLimit {
			late++
		}
	}
	name := fmt.Sprintf("burst of %d %s", tailSize, of)
	return []row{
		{Name: name + ", longest wait for a next step", Value: milliseconds(slices.Max(longest)), Unit: "ms"},
		row{
			Name: fmt.Sprintf("%s, share that waits more than %s for its next step", name, tailLimit), Unit: "of 1",
			Value: float64(late) / tailSize,
		}.atMost(0),
	}
}
