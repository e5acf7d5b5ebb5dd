// Package local drives targets of kind shell: folders on the machine of the worker,
// laid out as package folder says, with scripts that the worker runs itself. What
// became of a script is beside the releases:
//
//	FOLDER/.slipway/ATTEMPT/mark.json  when it began, and how it ended
//	FOLDER/.slipway/ATTEMPT/lock       held for as long as it runs
//	FOLDER/.slipway/ATTEMPT/output     its $OUTPUT
//	FOLDER/.slipway/ATTEMPT/work       the folder that it begins in, removed afterwards
//
// ATTEMPT is made from the attempt's digest. A step that runs once has no target:
// its marks are in the state folder of the worker.
package local

import (
	"context"
	"errors"
	"fmt"

	"slipway/activities/driver/archive"
	"slipway/activities/driver/target"
	"slipway/activities/driver/target/folder"
	"slipway/release"
)

// Driver reaches targets of kind shell.
type Driver struct {
	folders  folder.Driver
	packages target.Packages
	state    string
}

// New makes a driver that takes packages from there, and keeps the marks of steps
// without a target in the folder state, which is made when it is needed.
func New(packages target.Packages, state string) *Driver {
	return &Driver{packages: packages, state: state}
}

// Observe reads what the target holds and the mark of an attempt. A mark is Running
// for as long as the worker that wrote it carries its script out.
func (d *Driver) Observe(ctx context.Context, t release.Target, attempt string) (target.Observation, error) {
	var seen target.Observation
	var err error
	if t.Name != "" {
		if seen.Held, err = d.folders.Observe(ctx, t); err != nil {
			return seen, err
		}
		if seen.Packages, err = d.folders.Packages(t); err != nil {
			return seen, err
		}
	}
	if attempt != "" {
		seen.Mark, err = d.marks(t).read(attempt)
	}
	if err != nil {
		return seen, targetError(t, fmt.Errorf("%w: %w", target.ErrUnusable, err))
	}
	return seen, nil
}

// Do carries an operation out.
func (d *Driver) Do(ctx context.Context, t release.Target, o target.Operation) (target.Outcome, error) {
	if err := ctx.Err(); err != nil {
		return target.Outcome{}, targetError(t, err)
	}
	var err error
	switch o.Kind {
	case target.Transfer:
		_, err = d.folders.Transfer(ctx, t, o.Release, o.Version, o.Package, func(ctx context.Context, to string) error {
			from, err := d.packages.Folder(ctx, o.Package)
			if err != nil {
				return err
			}
			return archive.Copy(ctx, from, to)
		})
		return outcome(ctx, err, true)
	case target.Remove:
		return outcome(ctx, d.folders.RemoveTransferred(ctx, t, o.Version, o.Package), true)
	case target.Activate:
		_, err = d.folders.Activate(ctx, t, o.Version, o.Package)
		return outcome(ctx, err, false)
	case target.Deactivate:
		return outcome(ctx, d.folders.Deactivate(ctx, t, o.Version, o.Package), false)
	case target.Run:
		return d.run(ctx, t, o)
	}
	return target.Outcome{Problem: fmt.Sprintf("target %q: nothing is known of the operation %q", t.Name, o.Kind)}, nil
}

// outcome tells a failure that left the target as it was from one that leaves open
// what it did. What switches nothing always leaves the target as it was.
func outcome(ctx context.Context, err error, switchesNothing bool) (target.Outcome, error) {
	switch {
	case err == nil:
		return target.Outcome{}, nil
	case ctx.Err() != nil:
		return target.Outcome{}, err
	case switchesNothing, errors.Is(err, target.ErrUnusable), errors.Is(err, target.ErrNotAuthorized), errors.Is(err, target.ErrNoWayBack):
		return target.Outcome{Problem: err.Error()}, nil
	}
	return target.Outcome{}, err
}

func targetError(t release.Target, err error) error {
	if t.Name == "" {
		return err
	}
	return fmt.Errorf("target %q: %w", t.Name, err)
}
