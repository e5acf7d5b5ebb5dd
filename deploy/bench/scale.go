package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"go.temporal.io/sdk/client"
	"golang.org/x/sync/errgroup"

	"slipway/release"
)

// What one machine carries of whole releases to targets that do nothing: with more and
// more workers, each two processes, and to more and more targets; and what that asks of
// the server and its database. docs/scale.md works with these figures.

const (
	// together are so many releases at once, each into an environment of its own.
	together = 8
	// scaleTargets are so many in each of these environments.
	scaleTargets = 1_000
)

// dayTargets is to how many targets each release of a busy day goes.
const dayTargets = 10_000

// grown are the estates of one release alone.
var grown = []int{10, 1_000, dayTargets, 20_000}

func scaleVersion(n int) string { return fmt.Sprintf("1.0.%d", n) }

func scaleName(targets, n int) string { return fmt.Sprintf("scale-%d-%d", targets, n) }

func scaleEnvironment(targets, n int) release.Environment {
	env := release.Environment{Name: scaleName(targets, n), Purpose: "bench", TaskQueue: noopQueue}
	for i := range targets {
		name := fmt.Sprintf("t%05d", i+1)
		env.Targets = append(env.Targets, release.Target{Name: name, Folder: "/nowhere/" + env.Name + "/" + name})
	}
	return env
}

func scaleEnvironments() []release.Environment {
	var all []release.Environment
	for n := range together {
		all = append(all, scaleEnvironment(scaleTargets, n+1))
	}
	for _, targets := range grown {
		all = append(all, scaleEnvironment(targets, 0))
	}
	return all
}

// scale measures all of it.
func scale(ctx context.Context) (_ []row, err error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	how := tuned
	how.flags, how.more = slices.Concat(how.flags, []string{"--metrics-port", strconv.Itoa(port)}), scaleEnvironments()
	s, err := open(ctx, how)
	if err != nil {
		return nil, err
	}
	defer s.close()
	m := &meter{site: s, metrics: fmt.Sprintf("http://127.0.0.1:%d/metrics", port), workers: []*servant{s.slipwayW, s.noopW}}
	defer func() {
		for _, w := range m.workers[2:] {
			err = errors.Join(err, w.stop())
		}
	}()
	var rows, day []row
	for _, workers := range []int{1, 2, 4} {
		if err := m.employ(workers); err != nil {
			return nil, err
		}
		name := fmt.Sprintf("%d releases at once, %s", together, release.ManyOf(workers, "worker"))
		found, err := m.load(ctx, name, scaleTargets, 1, together)
		if err != nil {
			return nil, err
		}
		rows = append(rows, found.rows(name)...)
	}
	for _, targets := range grown {
		name := fmt.Sprintf("one release to %d targets", targets)
		found, err := m.load(ctx, name, targets, 0, 0)
		if err != nil {
			return nil, err
		}
		rows = append(rows, found.rows(name)...)
		if targets == dayTargets {
			day = busy(found).rows(fmt.Sprintf("1000 such releases to %d targets within 8 hours", targets))
		}
	}
	return append(rows, day...), nil
}

// employ starts workers until there are so many.
func (m *meter) employ(workers int) error {
	for len(m.workers) < 2*workers {
		for _, what := range []string{"slipway", "noop"} {
			w, err := startServant(what, m.site.configuration(), nil)
			if err != nil {
				return err
			}
			m.workers = append(m.workers, w)
		}
	}
	return nil
}

// load releases into environments of so many targets, from one number to another, all
// at once: to warm up, and again to be measured.
func (m *meter) load(ctx context.Context, name string, targets, from, to int) (load, error) {
	var found load
	for range 2 {
		m.version++
		before, err := m.read(ctx)
		if err != nil {
			return load{}, err
		}
		started := time.Now()
		var all errgroup.Group
		for n := from; n <= to; n++ {
			all.Go(func() error { return m.site.releaseTo(ctx, scaleName(targets, n), scaleVersion(m.version)) })
		}
		if err := all.Wait(); err != nil {
			return load{}, fmt.Errorf("%s: %w", name, err)
		}
		took := time.Since(started)
		after, err := m.read(ctx)
		if err != nil {
			return load{}, err
		}
		releases := to - from + 1
		histories, err := m.site.cost(ctx, release.ID(scaleName(targets, to), scaleVersion(m.version)), "")
		if err != nil {
			return load{}, err
		}
		found = load{gauge: after.since(before), took: took, releases: releases, targets: releases * targets, histories: histories}
	}
	return found, nil
}

// releaseTo carries one release out, in three waves of three steps that are scripts: the
// drivers that do nothing in several processes need not agree on what a target holds.
func (s *site) releaseTo(ctx context.Context, environment, version string) error {
	d := s.definition(unasked.Name, version, 1, 0, 0)
	d.Service, d.Environments = environment, []release.EnvironmentDefinition{inThreeWaves(environment)}
	d.Steps = nil
	for _, name := range []string{"copy", "switch", "check"} {
		d.Steps = append(d.Steps, release.Step{Name: name, Kind: release.ServiceDeployment, Per: release.PerTarget, Run: ":", BackOut: ":"})
	}
	run, err := s.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: release.ID(d.Service, d.Version), TaskQueue: release.DefaultTaskQueue,
	}, release.WorkflowRelease, release.Request{Definition: d})
	if err != nil {
		return err
	}
	return s.completed(ctx, run, 3*time.Minute)
}
