package activities

import (
	"context"
	"fmt"
	"slices"
	"time"

	"slipway/release"
)

// gone is why a release is closed that cannot say any more how it ended.
const gone = "its workflow no longer runs: it was terminated, or the server has lost it"

// askPlan is how long other releases may take, all together, to tell their plans.
const askPlan = 2 * time.Second

// besides fills in what planning has to know of other releases: those that still
// run, when they are planned to deploy, and what runs of the services that the
// definition requires.
func (a *Activities) besides(ctx context.Context, d release.Definition, facts *release.Facts) error {
	touches := func(r release.OpenRelease) bool { return r.ID != release.ID(d.Service, d.Version) && r.Touches(d) }
	if err := a.keepRunning(ctx, facts, touches); err != nil {
		return err
	}
	asking, cancel := context.WithTimeout(ctx, askPlan)
	defer cancel()
	for i, slots := range allOf(lookers, facts.Open, func(other release.OpenRelease) []release.Slot {
		if touches(other) {
			if plan, err := a.Releases.Plan(asking, other.ID); err == nil {
				return plan.Slots()
			}
		}
		return other.Slots // one that does not tell is known by what the CMS has of it
	}) {
		facts.Open[i].Slots = slots
	}
	for _, e := range d.Environments {
		if err := a.required(ctx, d.Requires, e.Name, facts); err != nil {
			return err
		}
	}
	return nil
}

// mattering gives the items by which open releases matter to the planning of one: its own,
// and the services that it requires.
func mattering(d release.Definition) []string {
	return append(d.Items(), servicesOf(d.Requires)...)
}

// blocking gives the items by which open releases matter to the blockers: the services of
// those that are waited for, and those that are required.
func blocking(b *release.Blockers) []string {
	if b == nil {
		return nil
	}
	services := servicesOf(b.Requires)
	for _, id := range release.Rivals(b.Behind) {
		if service, _, err := release.ParseID(id); err == nil {
			services = append(services, service)
		}
	}
	return services
}

// servicesOf gives the services of dependencies.
func servicesOf(requires []string) []string {
	var services []string
	for _, text := range requires {
		if d, err := release.ParseDependency(text); err == nil { // compiling says what is wrong
			services = append(services, d.Service)
		}
	}
	return services
}

// blocked gives what of the blockers still holds in an environment.
func (a *Activities) blocked(ctx context.Context, environment string, b release.Blockers, facts release.Facts) ([]release.Conflict, error) {
	behind := func(r release.OpenRelease) bool {
		return slices.ContainsFunc(b.Behind, func(c release.Conflict) bool { return c.Release == r.ID })
	}
	if err := a.keepRunning(ctx, &facts, behind); err != nil {
		return nil, err
	}
	if err := a.required(ctx, b.Requires, environment, &facts); err != nil {
		return nil, err
	}
	return b.Holding(environment, facts), nil
}

// required fills in what runs in an environment of the services that are required.
func (a *Activities) required(ctx context.Context, requires []string, environment string, facts *release.Facts) error {
	for _, text := range requires {
		d, err := release.ParseDependency(text)
		if err != nil {
			continue // compiling says so
		}
		b, err := a.Store.Baseline(ctx, environment, d.Service)
		if err != nil {
			return fmt.Errorf("what runs of %s in %s: %w", d.Service, environment, err)
		}
		if b != nil {
			facts.Required = append(facts.Required, *b)
		}
	}
	return nil
}

// keepRunning leaves out of those open releases that matter the ones whose workflow
// no longer runs, and closes them in the CMS. Of several starts of a release only
// the latest can run.
func (a *Activities) keepRunning(ctx context.Context, facts *release.Facts, matters func(release.OpenRelease) bool) error {
	latest := map[string]time.Time{}
	for _, r := range facts.Open {
		latest[r.ID] = r.Started
	}
	type seen struct {
		runs bool
		err  error
	}
	all := allOf(lookers, facts.Open, func(r release.OpenRelease) (s seen) {
		switch {
		case !matters(r):
			s.runs = true // as far as anybody here asks
		case r.Started.Equal(latest[r.ID]):
			s.runs, s.err = a.Releases.Running(ctx, r.ID)
		}
		return s
	})
	var running []release.OpenRelease
	for i, r := range facts.Open {
		switch {
		case all[i].err != nil:
			return all[i].err
		case all[i].runs:
			running = append(running, r)
			continue
		}
		if err := a.Store.Abandon(ctx, r.ID, r.Started, facts.Now, gone); err != nil {
			return fmt.Errorf("close %s: %w", r.ID, err)
		}
	}
	facts.Open = running
	return nil
}
