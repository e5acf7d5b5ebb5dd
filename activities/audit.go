package activities

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"slipway/release"
)

// AuditPlan is what an audit on demand looks at.
type AuditPlan struct {
	// TaskQueue is polled by those workers alone that reach the environment.
	TaskQueue string       `json:"taskQueue,omitempty"`
	Services  []AuditOrder `json:"services"`
}

// AuditOrder is a service in it: what should run, and where.
type AuditOrder struct {
	Baseline release.Baseline `json:"baseline"`
	Estate
	// Gone are targets that it was deployed to, and that the environment has no more.
	Gone []string `json:"gone,omitempty"`
	// Note says why it cannot be looked at.
	Note string `json:"note,omitempty"`
}

// PlanAudit finds out what should run in an environment, and where. What cannot be
// audited is refused, with what can.
func (a *Activities) PlanAudit(ctx context.Context, in release.AuditRequest) (AuditPlan, error) {
	environment, known := a.Organization().Environment(in.Environment)
	if !known {
		return AuditPlan{}, refused("there is no environment %s: there are %s", in.Environment, strings.Join(a.Organization().EnvironmentNames(), ", "))
	}
	all, err := a.Store.Audited(ctx, in.Environment)
	if err != nil {
		return AuditPlan{}, err
	}
	var services []string
	for _, s := range all {
		services = append(services, s.Baseline.Service)
	}
	switch {
	case len(all) == 0:
		return AuditPlan{}, refused("nothing runs in %s, as far as the CMS knows: there is nothing to audit", in.Environment)
	case in.Service != "" && !slices.Contains(services, in.Service):
		return AuditPlan{}, refused("nothing of service %s runs in %s: there are %s", in.Service, in.Environment, strings.Join(services, ", "))
	}
	plan := AuditPlan{TaskQueue: environment.TaskQueue}
	for _, s := range all {
		if in.Service != "" && s.Baseline.Service != in.Service {
			continue
		}
		order, err := a.auditOrder(ctx, environment, s)
		if err != nil {
			return AuditPlan{}, err
		}
		plan.Services = append(plan.Services, order)
	}
	return plan, nil
}

func (a *Activities) auditOrder(ctx context.Context, environment release.Environment, s release.Audited) (AuditOrder, error) {
	order := AuditOrder{Baseline: s.Baseline}
	switches, err := a.switches(ctx, s.Baseline.Package.Digest)
	if err != nil {
		return order, err
	}
	if !switches {
		order.Note = s.Baseline.Release + " has no step with action activate: only its scripts know what the targets hold"
		return order, nil
	}
	deployed := map[string]bool{}
	for _, name := range s.Targets {
		deployed[name] = true
	}
	for _, t := range environment.Targets {
		if deployed[t.Name] || len(s.Targets) == 0 {
			order.Targets = append(order.Targets, t)
		}
		delete(deployed, t.Name)
	}
	order.Gone = sortedKeys(deployed)
	if len(order.Targets) > release.ManyTargets {
		if order.Inventory, err = a.storeInventory(ctx, order.Targets); err != nil {
			return order, err
		}
		order.Targets = release.NamesOnly(order.Targets)
	}
	return order, nil
}

// switches tells whether Slipway itself switched the targets on to a package, by the
// plan in it; a package without a plan that can be read counts as one.
func (a *Activities) switches(ctx context.Context, pkg release.Digest) (bool, error) {
	plan, err := a.planIn(ctx, pkg)
	if err != nil {
		return false, fmt.Errorf("plan of package %s: %w", pkg.Short(), err)
	}
	return plan == nil || slices.ContainsFunc(plan.Definition.Steps, func(s release.Step) bool { return s.Action == release.Activate }), nil
}
