package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"slipway/release"
	"slipway/starter"
)

// demoReleases are what `make demo` releases.
var demoReleases = []string{"httpbin@2.25.0", "httpbin@2.26.0"}

// demo measures `make demo` in a clone of what is committed, with Go's caches as they
// are, over the sum of its own commands. These are, where they really ran:
//
//   - make's builds of starter, worker and the demo's two programs; Temporal's is there
//   - of each release its build steps, as the build record has them
//   - of each release its longest suite: they run side by side
//   - of each release the support periods of its environments, as they were planned
//
// All else is what Slipway, Temporal and the demo itself add: start and stop, plans,
// gates with the votes, check-ins, deployments, verification, hand-over, review, report.
func demo(ctx context.Context) (_ []row, err error) {
	folder, remove, err := scratch()
	if err != nil {
		return nil, err
	}
	defer remove()
	clone := filepath.Join(folder, "slipway")
	if err := shell(ctx, `git clone --quiet . "$1"`, clone); err != nil {
		return nil, err
	}
	started := time.Now()
	if _, err := makeIn(ctx, clone, "demo-programs"); err != nil {
		return nil, err
	}
	builds := time.Since(started)
	defer func() {
		_, down := makeIn(context.WithoutCancel(ctx), clone, "demo-down")
		err = errors.Join(err, down)
	}()
	shown, err := makeIn(ctx, clone, "demo")
	if err != nil {
		return nil, err
	}
	whole, own := time.Since(started), builds
	released, err := demoRecords(ctx, shown)
	if err != nil {
		return nil, err
	}
	for _, record := range released {
		own += commands(record)
	}
	return []row{
		{Name: "make demo", Value: whole.Seconds(), Unit: "s"},
		{Name: "make demo, its own commands", Value: own.Seconds(), Unit: "s"},
		row{Name: "make demo over its own commands", Value: whole.Seconds() / own.Seconds(), Unit: "times"}.atMost(1.2),
	}, nil
}

// makeIn makes a target of a clone, with the Temporal that this bench was given, and
// gives what it printed.
func makeIn(ctx context.Context, clone, target string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "make", "-C", clone, target, "TEMPORAL="+os.Getenv("SLIPWAY_TEST_TEMPORAL"))
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "MAKE") || strings.HasPrefix(v, "MFLAGS=") })
	out, err := cmd.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("make %s: %w\n%s", target, err, out)
	}
	return out, nil
}

// demoAddress is where the demo says that its server is.
var demoAddress = regexp.MustCompile(`export TEMPORAL_ADDRESS=(\S+)`)

// demoRecords asks the demo's server for what became of its releases.
func demoRecords(ctx context.Context, shown []byte) ([]release.Record, error) {
	address := demoAddress.FindSubmatch(shown)
	if address == nil {
		return nil, fmt.Errorf("the demo does not say where its server is:\n%s", bytes.TrimSpace(shown))
	}
	c, err := starter.Dial(ctx, starter.Options{Address: string(address[1])})
	if err != nil {
		return nil, err
	}
	defer c.Close()
	var records []release.Record
	for _, id := range demoReleases {
		record, err := c.Status(ctx, id)
		if err != nil {
			return nil, err
		}
		records = append(records, record)
	}
	return records, nil
}

// commands is how long a release's own commands took.
func commands(r release.Record) time.Duration {
	var all, longest time.Duration
	for _, build := range r.Builds {
		for _, step := range build.Steps {
			all += step.Elapsed.Std()
		}
	}
	for _, evidence := range r.Evidence {
		longest = max(longest, evidence.Execution.Elapsed.Std())
	}
	for _, environment := range r.Environments {
		if support := environment.Support; support != nil {
			all += support.Until.Sub(support.Started)
		}
	}
	return all + longest
}
