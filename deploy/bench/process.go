package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"go.temporal.io/sdk/client"

	"slipway/release"
)

// What the two programs cost by themselves: the start of bin/worker and the memory in
// which it waits, and one call of bin/starter.

const (
	processQueue = "process"
	// starts are how often the worker is started, the first time without a CMS and a DML.
	starts = 11
	// rest is how long the worker may tidy up before its memory is read.
	rest = time.Second
	// calls are how often each verb is called.
	calls = 30
)

// processes measures both.
func (s *site) processes(ctx context.Context) ([]row, error) {
	workers, err := s.workerStarts(ctx)
	if err != nil {
		return nil, err
	}
	verbs, err := s.starterCalls(ctx)
	return append(workers, verbs...), err
}

// workerStarts starts the worker again and again. A plan was asked for beforehand: it
// takes a workflow task and an activity, which reads the CMS.
func (s *site) workerStarts(ctx context.Context) ([]row, error) {
	folder, remove, err := scratch()
	if err != nil {
		return nil, err
	}
	defer remove()
	file, err := configure(folder, processQueue, filepath.Join(s.folder, "source"))
	if err != nil {
		return nil, err
	}
	var took []time.Duration
	var resident []int64
	for i := range starts {
		served, memory, err := s.workerStart(ctx, file, i)
		if err != nil {
			return nil, fmt.Errorf("start %d of the worker: %w", i, err)
		}
		took, resident = append(took, served), append(resident, memory)
	}
	return []row{
		{Name: "worker, first start of all to the first plan", Value: milliseconds(took[0]), Unit: "ms"},
		row{Name: "worker, start to the first plan, median", Value: milliseconds(quantile(took[1:], 0.5)), Unit: "ms"}.atMost(300),
		{Name: "worker, start to the first plan, slowest", Value: milliseconds(quantile(took[1:], 1)), Unit: "ms"},
		row{Name: "worker, resident memory when idle, median", Value: megabytes(quantile(resident[1:], 0.5)), Unit: "MB"}.atMost(60),
	}, nil
}

// workerStart gives how long after its start the worker has made a plan, and how much
// memory it holds after that.
func (s *site) workerStart(ctx context.Context, file string, n int) (served time.Duration, memory int64, err error) {
	d := s.definition(unasked.Name, fmt.Sprintf("1.0.%d", n), 1, 1, 1)
	d.Environments = []release.EnvironmentDefinition{{Name: processQueue}}
	plan, err := s.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: fmt.Sprintf("planning:%d", n), TaskQueue: processQueue, WorkflowExecutionTimeout: patience,
	}, release.WorkflowPlanning, release.Request{Definition: d})
	if err != nil {
		return 0, 0, err
	}
	started := time.Now()
	worker, err := startWorker(file)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, stop(worker)) }()
	if err := plan.Get(ctx, nil); err != nil {
		return 0, 0, err
	}
	served = time.Since(started)
	time.Sleep(rest)
	memory, err = resident(worker.Process.Pid)
	return served, memory, err
}

// starterCalls calls verbs of starter while a release waits at a gate, and the one that
// needs no server.
func (s *site) starterCalls(ctx context.Context) ([]row, error) {
	d := s.definition(voted.Name, "process", 1, 0, 0)
	run, err := s.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: release.ID(d.Service, d.Version), TaskQueue: release.DefaultTaskQueue, WorkflowExecutionTimeout: 5 * time.Minute,
	}, release.WorkflowRelease, release.Request{Definition: d})
	if err != nil {
		return nil, err
	}
	if _, err := s.openGate(ctx, run.GetID()); err != nil {
		return nil, err
	}
	status := &contestant{name: "starter status", run: call("status", run.GetID())}
	list := &contestant{name: "starter list", run: call("list", "--open")}
	version := &contestant{name: "starter version", run: call("version")}
	const warmUp = 3
	if err := race(ctx, []*contestant{status, list, version}, warmUp, calls); err != nil {
		return nil, err
	}
	rows := []row{row{Name: status.name + ", whole process, median", Value: milliseconds(quantile(status.took, 0.5)), Unit: "ms"}.atMost(60)}
	for _, c := range []*contestant{list, version} {
		rows = append(rows, row{Name: c.name + ", whole process, median", Value: milliseconds(quantile(c.took, 0.5)), Unit: "ms"})
	}
	return rows, s.temporal.TerminateWorkflow(ctx, run.GetID(), run.GetRunID(), "the bench is done with it")
}

// call calls bin/starter.
func call(args ...string) func(ctx context.Context, id string) (time.Duration, error) {
	return timed(func(ctx context.Context, _ string) error {
		out, err := exec.CommandContext(ctx, filepath.Join("bin", "starter"), args...).CombinedOutput()
		if err != nil {
			return fmt.Errorf("starter %s (run this with `make bench`): %w\n%s", args[0], err, out)
		}
		return nil
	})
}

// resident reads how much memory of a process is resident just now.
func resident(pid int) (int64, error) {
	path := fmt.Sprintf("/proc/%d/statm", pid)
	data, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	var size, pages int64
	if _, err := fmt.Sscan(string(data), &size, &pages); err != nil {
		return 0, fmt.Errorf("%s: %w", path, err)
	}
	return pages * int64(os.Getpagesize()), nil
}
