package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"go.temporal.io/sdk/client"
	"golang.org/x/mod/sumdb/dirhash"

	"slipway/release"
)

// A component of two gigabytes on its whole way: from its source over its master copy,
// the build and the check-in to the pull that comes before a deployment; by a worker of
// its own, whose memory is told.

const (
	largeBytes = 2_000_000_000
	largeQueue = "large"
)

// large measures it, once.
func (s *site) large(ctx context.Context) (_ []row, err error) {
	folder, remove, err := scratch()
	if err != nil {
		return nil, err
	}
	defer remove()
	source := filepath.Join(folder, "source")
	d, err := s.largeDefinition(source)
	if err != nil {
		return nil, err
	}
	file, err := configure(folder, largeQueue, source)
	if err != nil {
		return nil, err
	}
	worker, err := startWorker(file)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, stop(worker)) }()
	started := time.Now()
	run, err := s.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: release.ID(d.Service, d.Version), TaskQueue: largeQueue,
	}, release.WorkflowRelease, release.Request{Definition: d})
	if err != nil {
		return nil, err
	}
	if err := s.completed(ctx, run, 3*time.Minute); err != nil {
		return nil, err
	}
	all := time.Since(started)
	record, err := s.status(ctx, run.GetID())
	if err != nil {
		return nil, err
	}
	most, err := peak(worker.Process.Pid)
	if err != nil {
		return nil, err
	}
	build := record.Builds[0].Elapsed.Std()
	return []row{
		{Name: "component of 2 GB, from its source into the DML", Value: build.Seconds(), Unit: "s"},
		{Name: "component of 2 GB, from its source into the DML", Value: megabytes(largeBytes) / build.Seconds(), Unit: "MB/s"},
		{Name: "component of 2 GB, whole release", Value: all.Seconds(), Unit: "s"},
		row{Name: "component of 2 GB, worker's peak memory", Value: megabytes(most), Unit: "MB"}.atMost(megabytes(memory)),
	}, nil
}

// largeDefinition makes the component, and a release of it. Its build moves the files,
// and removes the source when that is fetched: the disk does not have to hold both.
func (s *site) largeDefinition(source string) (release.Definition, error) {
	d := s.definition(unasked.Name, "1.0.0", 0, 0, 1)
	if err := os.Mkdir(source, 0o755); err != nil {
		return d, err
	}
	if err := makeFile(filepath.Join(source, "data"), rand.NewChaCha8([32]byte{'l'}), largeBytes); err != nil {
		return d, err
	}
	sum, err := dirhash.HashDir(source, "", dirhash.Hash1)
	if err != nil {
		return d, err
	}
	d.Service = "large"
	d.Components = []release.Component{{Name: "data", Source: release.Source{Dir: source, Sum: sum}}}
	d.Environments = []release.EnvironmentDefinition{{Name: largeQueue}}
	d.Build.Steps = []release.BuildStep{{Name: "move", Component: "data", Run: fmt.Sprintf("mv data \"$OUT/\" && rm -rf '%s'", source)}}
	return d, nil
}
