package activities

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"go.temporal.io/sdk/activity"

	"slipway/release"
)

// Build gets the components from their sources, builds them in a fresh workspace,
// and checks the package in to the DML with its build record. A build that fails
// is a record with a failure; it may always run again from the start.
func (a *Activities) Build(ctx context.Context, in BuildInput) (release.BuildRecord, error) {
	b := &build{a: a, in: in, record: release.BuildRecord{Number: in.Number, Started: time.Now().UTC(), Builder: a.Builder, Tools: a.Tools}}
	b.beater = beat(ctx, release.Progress{What: fmt.Sprintf("build %d", in.Number), Since: b.record.Started})
	defer b.beater.end()
	folder, remove, err := a.workspace("build")
	if err != nil {
		return b.record, err
	}
	defer remove()
	if in.Prepare {
		ready, err := a.Prepare(ctx, PrepareInput{Components: in.Components})
		b.record.Prepared, b.record.Missing = ready.Checked, ready.Missing
		if err != nil || len(ready.Missing) > 0 {
			return b.record, err
		}
	}
	if in.Of != nil {
		if b.in.Plan, err = a.planOf(ctx, *in.Of); err != nil {
			return b.record, err
		}
	}
	b.folder = folder
	b.steps = &together{beater: b.beater, about: fmt.Sprintf("build %d", in.Number)}
	err = b.carry(ctx)
	if forGood(err, activity.GetInfo(ctx).Attempt) {
		b.record.Package, b.record.Failure, err = nil, err.Error(), nil
	}
	if b.record.Elapsed == 0 {
		b.record.Elapsed = b.elapsed()
	}
	return b.record, err
}

type build struct {
	a      *Activities
	in     BuildInput
	folder string
	// cache is the folder that builds share; empty when the definition declares none.
	cache  string
	record release.BuildRecord
	beater *beater[release.Progress]
	steps  *together
}

// elapsed is how long the build has taken; its record says so when it is attached.
func (b *build) elapsed() release.Duration {
	return release.Duration(time.Since(b.record.Started).Round(time.Millisecond))
}

func (b *build) sources() string { return filepath.Join(b.folder, "sources") }
func (b *build) out() string     { return filepath.Join(b.folder, "out") }

// outOf is where the steps of a component leave what goes to the targets.
func (b *build) outOf(component string) string { return filepath.Join(b.out(), component) }

func (b *build) home() string { return filepath.Join(b.folder, "home") }

func (b *build) doing(what string, args ...any) {
	b.beater.set(func(p *release.Progress) { doing(p, fmt.Sprintf("build %d: ", b.in.Number)+fmt.Sprintf(what, args...)) })
}

func (b *build) carry(ctx context.Context) error {
	for _, folder := range []string{b.sources(), b.out(), b.home()} {
		if err := os.Mkdir(folder, 0o755); err != nil {
			return fmt.Errorf("workspace: %w", err)
		}
	}
	for _, c := range b.in.Components {
		if err := os.Mkdir(b.outOf(c.Name), 0o755); err != nil {
			return fmt.Errorf("workspace: %w", err)
		}
	}
	if err := b.openCache(); err != nil {
		return err
	}
	for _, stage := range []func(context.Context) error{b.acquire, b.runSteps, b.checkIn} {
		if err := stage(ctx); err != nil || b.record.Failure != "" {
			return err
		}
	}
	return nil
}

func (b *build) acquire(ctx context.Context) error {
	for _, c := range b.in.Components {
		b.doing("get %s from %s", c.Name, c.Source)
		got, failure, err := b.a.fetch(ctx, c, b.in.Plan.Purposes(), b.sources())
		if err != nil || failure != "" {
			b.record.Failure = failure
			return err
		}
		b.record.Sources = append(b.record.Sources, got)
	}
	return nil
}
