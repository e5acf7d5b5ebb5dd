package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"slipway/activities/driver/cms"
	"slipway/activities/driver/cms/cmstest"
	"slipway/release"
)

// Records of releases that are written to the CMS on SQLite and on PostgreSQL, by one
// writer and by several. A server and a store on the same machine, both flush what they
// say is written.

const (
	recordRounds  = 5
	recordBatches = 50 // of each writer in each round
	recordWriters = 8
	recordTargets = 8
)

// durably is a server as it is installed, not as tests run it.
var durably = []string{"fsync = on", "synchronous_commit = on", "full_page_writes = on"}

func records(ctx context.Context) (_ []row, err error) {
	folder, remove, err := scratch()
	if err != nil {
		return nil, err
	}
	defer remove()
	specs := map[string]string{"SQLite": "sqlite:" + filepath.Join(folder, "cms.db")}
	cluster, err := cmstest.StartCluster(ctx, durably...)
	switch {
	case errors.Is(err, cmstest.ErrNoPostgres):
		fmt.Fprintln(os.Stderr, "without PostgreSQL:", err)
	case err != nil:
		return nil, err
	default:
		defer func() { err = errors.Join(err, cluster.Stop()) }()
		specs["PostgreSQL"] = cluster.URL("postgres")
	}
	speeds := map[string][]float64{}
	for round := range recordRounds {
		for database, spec := range specs {
			for _, writers := range []int{1, recordWriters} {
				speed, err := writeRecords(ctx, spec, round, writers)
				if err != nil {
					return nil, err
				}
				name := fmt.Sprintf("cms: %d at a time, on %s", writers, database)
				speeds[name] = append(speeds[name], speed)
			}
		}
	}
	var rows []row
	for name, all := range speeds {
		slices.Sort(all)
		rows = append(rows, row{Name: name, Value: all[len(all)/2], Unit: "entries/s"})
	}
	slices.SortFunc(rows, func(a, b row) int { return cmp.Compare(a.Name, b.Name) })
	return rows, nil
}

// writeRecords gives how many entries are written in a second.
func writeRecords(ctx context.Context, spec string, round, writers int) (float64, error) {
	store, err := cms.Open(ctx, spec)
	if err != nil {
		return 0, err
	}
	batches, entries := make([][][]release.Entry, writers), 0
	for w := range writers {
		for i := range recordBatches {
			id := release.ID("bench", fmt.Sprintf("%d.%d.%d", round, writers, w*recordBatches+i))
			batches[w] = append(batches[w], recordsOf(id, time.Now()))
			entries += len(batches[w][i])
		}
	}
	var group errgroup.Group
	began := time.Now()
	for _, own := range batches {
		group.Go(func() error {
			for _, batch := range own {
				if err := store.Write(ctx, batch); err != nil {
					return err
				}
			}
			return nil
		})
	}
	err = group.Wait()
	elapsed := time.Since(began)
	return float64(entries) / elapsed.Seconds(), errors.Join(err, store.Close())
}

// recordsOf is what a release says while it deploys: where it is, what became of a step on
// each target, and what the targets hold.
func recordsOf(id string, at time.Time) []release.Entry {
	service, version, _ := release.ParseID(id) // it is made by release.ID
	entry := func(step string) release.Entry {
		return release.Entry{Key: id + "/" + step, At: at, Release: id}
	}
	state, deployment := entry("state"), entry("production/state")
	state.ReleaseState = &release.State{
		Service: service, Version: version, Model: "normal", Requester: "rita", Manager: "marc", Phase: release.StageDeploy,
		Started: at, ConfigurationItems: []string{"web", "cache"}, Environments: []string{"staging", "production"},
	}
	deployment.Deployment = &release.DeployState{Environment: "production", State: release.EnvDeploying}
	entries := []release.Entry{state}
	for i := range recordTargets {
		target := fmt.Sprintf("target-%d", i)
		for _, name := range []string{"transfer", "activate"} {
			step := entry("production/step/" + name + "/" + target)
			step.Step = &release.StepEntry{Environment: "production", Result: release.StepResult{
				Step: name, Target: target, Wave: 1, Fate: release.FateDone, Started: at, Outputs: map[string]string{"POOL": "blue"},
				Execution: &release.Execution{Started: at, Log: release.Blob{Digest: release.DigestOfBytes([]byte(target)), Size: 9}},
			}}
			entries = append(entries, step)
		}
		deployment.Deployment.Targets = append(deployment.Deployment.Targets,
			release.TargetStatus{Name: target, State: release.TargetNew, Version: version})
	}
	return append(entries, deployment)
}
