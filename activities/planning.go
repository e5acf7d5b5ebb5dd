package activities

import (
	"context"
	"fmt"
	"os/exec"
	"reflect"
	"time"

	"slipway/release"
)

// Plan checks a definition and compiles its plan, from the organization's policy
// and what the CMS knows.
func (a *Activities) Plan(ctx context.Context, in PlanInput) (release.Plan, error) {
	var environments []string
	for _, e := range in.Definition.Environments {
		environments = append(environments, e.Name)
	}
	facts, err := a.Store.Facts(ctx, in.Definition.Service, environments, mattering(in.Definition), time.Now().UTC())
	if err != nil {
		return release.Plan{}, fmt.Errorf("facts for the plan: %w", err)
	}
	if err := a.running(ctx, &facts); err != nil {
		return release.Plan{}, err
	}
	o, err := a.organization(ctx, facts.Now)
	if err != nil {
		return release.Plan{}, err
	}
	if err := a.besides(ctx, in.Definition, &facts); err != nil {
		return release.Plan{}, err
	}
	plan, problems := release.Compile(in.Definition, o, facts, in.Revision)
	if len(problems) > 0 {
		return release.Plan{}, invalidDefinition(problems)
	}
	err = a.keepInventories(ctx, plan)
	a.keepPlan(plan)
	if in.Known && reflect.DeepEqual(plan.Definition, in.Definition) {
		plan.Definition = release.Definition{}
	}
	return plan, err
}

// keepInventories puts into the DML what a plan has only by digest.
func (a *Activities) keepInventories(ctx context.Context, plan release.Plan) error {
	for _, e := range plan.Environments {
		targets, known := e.Described()
		if e.Inventory == "" || !known {
			continue // nothing is to be kept, or it was when that part was planned
		}
		kept, err := a.storeInventory(ctx, targets)
		if err == nil && kept != e.Inventory {
			err = fmt.Errorf("the DML keeps it as %s", kept.Short())
		}
		if err != nil {
			return fmt.Errorf("inventory %s of %s: %w", e.Inventory.Short(), e.Name, err)
		}
	}
	return nil
}

// Prepare checks that this worker can build and test: its workspace can be
// written, and the tools that the sources need are there.
func (a *Activities) Prepare(_ context.Context, in PrepareInput) (ReadyResult, error) {
	var found ReadyResult
	if err := a.mayWrite(); err != nil {
		found.Missing = append(found.Missing, err.Error())
		return found, nil
	}
	found.Checked = append(found.Checked, "workspace for builds and tests: can be written in "+a.Workspace)
	needed := map[string]string{}
	for _, c := range in.Components {
		if tool := c.Source.Tool(); tool != "" {
			needed[tool] = c.Name
		}
	}
	for _, tool := range sortedKeys(needed) {
		if _, err := exec.LookPath(tool); err != nil {
			found.Missing = append(found.Missing, "the worker has no "+tool+" command, by which component "+needed[tool]+" comes: install it there")
		}
	}
	for _, tool := range sortedKeys(a.Tools) {
		found.Checked = append(found.Checked, tool+": "+a.Tools[tool])
	}
	return found, nil
}

// Opening says when an environment may be changed, whether it is still as planned,
// and what of other releases is in the way.
func (a *Activities) Opening(ctx context.Context, in OpeningInput) (OpeningResult, error) {
	o, err := a.organization(ctx, in.Now)
	if err != nil {
		return OpeningResult{}, err
	}
	opening, err := o.Opening(in.Environment, in.Now, in.OverrideFreeze)
	found := OpeningResult{Opening: opening}
	if err != nil || in.Planned == nil {
		return found, err
	}
	rollouts := map[string]release.EnvironmentDefinition{in.Environment: in.Rollout}
	var facts release.Facts
	found.Changed, facts, err = a.changed(ctx, in.Service, blocking(in.Blockers), []release.PlannedEnvironment{*in.Planned}, rollouts, in.Now)
	if err != nil || in.Blockers == nil {
		return found, err
	}
	found.Blocked, err = a.blocked(ctx, in.Environment, *in.Blockers, facts)
	return found, err
}
