package target

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"slipway/release"
)

// Fleet reaches targets of every kind that it has a driver for, by that driver. A
// step that runs once, and so has no target, is the shell driver's.
type Fleet map[release.TargetKind]Driver

// Observe asks the driver of the target's kind; without one it is ErrUnusable.
func (f Fleet) Observe(ctx context.Context, t release.Target, attempt string) (Observation, error) {
	driver, err := f.of(t)
	if err != nil {
		return Observation{}, err
	}
	return driver.Observe(ctx, t, attempt)
}

// Do hands the operation to the driver of the target's kind; without one it fails
// with ErrUnusable as the Problem, for nothing was done.
func (f Fleet) Do(ctx context.Context, t release.Target, o Operation) (Outcome, error) {
	driver, err := f.of(t)
	if err != nil {
		return Outcome{Problem: err.Error()}, nil //nolint:nilerr // it failed for certain
	}
	return driver.Do(ctx, t, o)
}

func (f Fleet) of(t release.Target) (Driver, error) {
	driver, found := f[t.Kind()]
	if found {
		return driver, nil
	}
	var kinds []string
	for _, kind := range slices.Sorted(maps.Keys(f)) {
		kinds = append(kinds, string(kind))
	}
	return nil, fmt.Errorf("target %q: %w: this worker has no driver for targets of kind %s; it has %s",
		t.Name, ErrUnusable, t.Kind(), strings.Join(kinds, ", "))
}
