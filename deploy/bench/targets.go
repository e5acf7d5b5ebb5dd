package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"slipway/activities/driver/dml"
	"slipway/activities/driver/target"
	"slipway/activities/driver/target/local"
	"slipway/release"
)

// One package to many targets of one host, beside cp -r of the same.

const (
	targetCount = 100
	// targetFiles and targetBytes are what each gets.
	targetFiles = 50
	targetBytes = 5_000_000
	// targetsAtOnce are worked on at the same time, by cp too.
	targetsAtOnce = 10
	targetRounds  = 3
)

// hundred are targets with a package for them.
type hundred struct {
	folder  string
	library *dml.Library
	release release.Package
}

// targets measures all of it.
func targets(ctx context.Context) ([]row, error) {
	folder, remove, err := scratch()
	if err != nil {
		return nil, err
	}
	defer remove()
	h := &hundred{folder: folder}
	if err := makeTree(h.content(), targetFiles, targetBytes); err != nil {
		return nil, err
	}
	if h.library, err = dml.Open(layoutPrefix + filepath.Join(folder, "dml")); err != nil {
		return nil, err
	}
	if h.release, err = h.library.CheckIn(ctx, packageOf(h.content(), "1.0.0")); err != nil {
		return nil, err
	}
	plain := &contestant{name: "cp -r to 100 folders", run: h.each(h.copy(`cp -r "$0" "$1/new"`))}
	flushed := &contestant{name: "cp -r to 100 folders, and sync", run: h.each(h.copy(`cp -r "$0" "$1/new" && find "$1" -exec sync {} +`))}
	mine := &contestant{name: "deployment to 100 targets", run: h.each(h.deploy), against: []*contestant{plain, flushed}}
	contestants := []*contestant{plain, flushed, mine}
	if err := race(ctx, contestants, 1, targetRounds); err != nil {
		return nil, err
	}
	var rows []row
	for _, c := range contestants {
		rows = append(rows, c.throughput(targetCount*targetBytes)...)
	}
	return rows, nil
}

func (h *hundred) content() string { return filepath.Join(h.folder, "content") }

// each runs something on fresh targets.
func (h *hundred) each(run func(ctx context.Context, targets []release.Target) error) func(context.Context, string) (time.Duration, error) {
	return func(ctx context.Context, _ string) (time.Duration, error) {
		all := filepath.Join(h.folder, "targets")
		var targets []release.Target
		for i := range targetCount {
			t := release.Target{Name: fmt.Sprintf("t%03d", i+1)}
			t.Folder = filepath.Join(all, t.Name)
			if err := os.MkdirAll(t.Folder, 0o755); err != nil {
				return 0, err
			}
			targets = append(targets, t)
		}
		started := time.Now()
		err := run(ctx, targets)
		took := time.Since(started)
		return took, errors.Join(err, os.RemoveAll(all))
	}
}

// copy gives what copies the content to each target as a line of shell says, which has
// the content as $0 and the target's folder as $1.
func (h *hundred) copy(line string) func(ctx context.Context, targets []release.Target) error {
	return func(ctx context.Context, targets []release.Target) error {
		folders := make([]string, len(targets))
		for i, t := range targets {
			folders[i] = t.Folder
		}
		each := exec.CommandContext(ctx, "xargs", "-P", strconv.Itoa(targetsAtOnce), "-n", "1", "/bin/sh", "-euc", line, h.content())
		each.Stdin, each.Stderr = strings.NewReader(strings.Join(folders, "\n")), os.Stderr
		return each.Run()
	}
}

// deploy transfers and switches each target with the driver of a worker that has just
// begun: the package is pulled once for all of them.
func (h *hundred) deploy(ctx context.Context, targets []release.Target) (err error) {
	cache, err := target.NewCache(ctx, filepath.Join(h.folder, "cache"), h.library.Pull)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cache.Close()) }()
	driver := local.New(cache, filepath.Join(h.folder, "state"))
	var group errgroup.Group
	group.SetLimit(targetsAtOnce)
	for _, t := range targets {
		group.Go(func() error { return h.deployTo(ctx, driver, t) })
	}
	return group.Wait()
}

func (h *hundred) deployTo(ctx context.Context, driver target.Driver, t release.Target) error {
	for _, kind := range []target.Kind{target.Transfer, target.Activate} {
		out, err := driver.Do(ctx, t, target.Operation{Kind: kind, Release: "bench@1.0.0", Version: "1.0.0", Package: h.release})
		if err != nil {
			return err
		}
		if out.Problem != "" {
			return errors.New(out.Problem)
		}
	}
	return nil
}
