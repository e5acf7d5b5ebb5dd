package activities

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"slipway/activities/driver/dml"
	"slipway/release"
)

// running finds the plans by which what runs was released, in the packages of the
// baselines. One that is not there or cannot be read is left out.
func (a *Activities) running(ctx context.Context, facts *release.Facts) error {
	facts.Running = map[release.Digest]release.Plan{}
	for _, b := range facts.Baselines {
		digest := b.Package.Digest
		if _, found := facts.Running[digest]; found || digest == "" {
			continue
		}
		plan, err := a.planIn(ctx, digest)
		if err != nil {
			return fmt.Errorf("plan of %s: %w", b.Release, err)
		}
		if plan != nil {
			a.describe(ctx, plan)
			facts.Running[digest] = *plan
		}
	}
	return nil
}

// planIn gives the plan in a package; nil when there is none that can be read.
func (a *Activities) planIn(ctx context.Context, pkg release.Digest) (*release.Plan, error) {
	data, note, err := a.document(ctx, pkg, release.PlanDocument)
	var plan release.Plan
	if err != nil || note != "" || json.Unmarshal(data, &plan) != nil {
		return nil, err
	}
	return &plan, nil
}

// describe fills in what the inventories of a plan say of its targets, so that they
// can be compared; one that cannot be read is compared by its digest.
func (a *Activities) describe(ctx context.Context, plan *release.Plan) {
	for i := range plan.Environments {
		e := &plan.Environments[i]
		if e.Inventory == "" {
			continue
		}
		if targets, err := a.described(ctx, Estate{e.Targets(), e.Inventory}); err == nil {
			e.Describe(targets)
		}
	}
}

// documents reads a document of the package that runs, if any does, and of another, or
// says why that cannot be done.
func (a *Activities) documents(ctx context.Context, running, pkg release.Digest, name string) (was, is []byte, note string, err error) {
	if running != "" {
		if was, note, err = a.document(ctx, running, name); note != "" || err != nil {
			return nil, nil, note, err
		}
	}
	is, note, err = a.document(ctx, pkg, name)
	return was, is, note, err
}

// document reads a document of a package, or says why there is none that can be
// read.
func (a *Activities) document(ctx context.Context, pkg release.Digest, name string) (data []byte, note string, err error) {
	data, err = a.Library.Document(ctx, pkg, name)
	switch {
	case errors.Is(err, dml.ErrNotFound):
		return nil, fmt.Sprintf("package %s has no %s in the DML", pkg.Short(), name), nil
	case errors.Is(err, dml.ErrCorrupt):
		return nil, fmt.Sprintf("%s of package %s is damaged in the DML", name, pkg.Short()), nil
	}
	return data, "", err
}
