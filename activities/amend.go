package activities

import (
	"context"
	"fmt"
	"strings"
	"time"

	"slipway/release"
)

// AmendInput asks whether environments of a plan are still as planned.
type AmendInput struct {
	Plan         release.Plan `json:"plan"`
	Environments []string     `json:"environments"`
}

// AmendResult is the plan as it has to be now, with what changed; no plan when all
// is as planned.
type AmendResult struct {
	Plan       *release.Plan       `json:"plan,omitempty"`
	Amendments []release.Amendment `json:"amendments,omitempty"`
}

// Amend looks at environments again: their targets, their change windows and what
// runs there.
func (a *Activities) Amend(ctx context.Context, in AmendInput) (AmendResult, error) {
	var planned []release.PlannedEnvironment
	rollouts := map[string]release.EnvironmentDefinition{}
	for _, name := range in.Environments {
		env, _ := in.Plan.Environment(name)
		planned = append(planned, env)
		rollouts[name] = in.Plan.Rollout(name)
	}
	why, facts, err := a.changed(ctx, in.Plan.Definition.Service, nil, planned, rollouts, time.Now().UTC())
	if err != nil || why == "" {
		return AmendResult{}, err
	}
	if err := a.running(ctx, &facts); err != nil {
		return AmendResult{}, err
	}
	o, err := a.organization(ctx, facts.Now)
	if err != nil {
		return AmendResult{}, err
	}
	var found AmendResult
	plan := in.Plan
	for _, was := range planned {
		amended, why, err := plan.Amend(was.Name, o, facts)
		if err != nil {
			return AmendResult{}, err
		}
		if why == "" {
			continue
		}
		found.Amendments = append(found.Amendments, release.Amendment{
			Environment: was.Name, From: plan.Digest, To: amended.Digest, Why: why, Was: was,
		})
		plan = amended
		found.Plan = &plan
	}
	if found.Plan != nil {
		return found, a.keepInventories(ctx, plan)
	}
	return found, nil
}

// changed says what is not as planned any more in environments, nothing when all is,
// and gives what the CMS knows of them, with the open releases that change one of the
// items. What they were planned by is by environment.
func (a *Activities) changed(
	ctx context.Context, service string, items []string, planned []release.PlannedEnvironment, rollouts map[string]release.EnvironmentDefinition, at time.Time,
) (string, release.Facts, error) {
	if len(planned) == 0 {
		return "", release.Facts{}, nil
	}
	var names, all []string
	for _, e := range planned {
		names = append(names, e.Name)
	}
	facts, err := a.Store.Facts(ctx, service, names, items, at)
	if err != nil {
		return "", facts, fmt.Errorf("what runs in %s: %w", strings.Join(names, ", "), err)
	}
	o, err := a.organization(ctx, at)
	if err != nil {
		return "", facts, err
	}
	for _, e := range planned {
		_, why, err := o.Changed(service, e, rollouts[e.Name], facts)
		if err != nil {
			return "", facts, err
		}
		if why != "" {
			all = append(all, why)
		}
	}
	return strings.Join(all, "; "), facts, nil
}
