package release

import (
	"fmt"
	"slices"
	"strings"
)

// Amendment is a change of the plan that nobody asked for: the organization's
// inventory or calendar, or what runs in an environment, is not what it was at
// planning. Was is the environment as it had been planned, so that the plan From
// can be had from the plan To.
type Amendment struct {
	Environment string             `json:"environment"`
	From        Digest             `json:"from"`
	To          Digest             `json:"to"`
	Why         string             `json:"why"`
	Was         PlannedEnvironment `json:"was"`
}

// Changed looks at a planned environment again, and says what is not as planned
// any more; nothing when all is.
func (o Organization) Changed(service string, was PlannedEnvironment, rollout EnvironmentDefinition, f Facts) (is PlannedEnvironment, why string, err error) {
	rollout.Name = was.Name
	is, err = o.planEnvironment(service, rollout, f)
	if err != nil {
		return is, "", err
	}
	is.Purpose = was.Purpose // it says which gates and people there are: the model's to decide, at planning
	return is, strings.Join(differences(was, is), "; "), nil
}

// Amend gives the plan with an environment as it is now, and why; the same plan
// and no reason when all is as planned.
func (p *Plan) Amend(environment string, o Organization, f Facts) (Plan, string, error) {
	was, planned := p.Environment(environment)
	if !planned {
		return *p, "", fmt.Errorf("the plan has no environment %q", environment)
	}
	is, why, err := o.Changed(p.Definition.Service, was, p.Rollout(environment), f)
	if err != nil || why == "" {
		return *p, "", err
	}
	if is.Opening, err = o.Opening(environment, f.Now, p.Definition.overridesFreeze()); err != nil {
		return *p, "", err
	}
	is.Changes = Compare(f.running(is.Previous), *p, is)
	amended, err := p.with(is)
	return amended, why, err
}

// Rollout is how the definition wants the targets of an environment to be reached.
func (p *Plan) Rollout(environment string) EnvironmentDefinition {
	for _, e := range p.Definition.Environments {
		if e.Name == environment {
			e.EarlyLifeSupport = nil // which is about what comes after
			return e
		}
	}
	return EnvironmentDefinition{}
}

// with gives the plan with another environment in the place of the one of the
// same name.
func (p Plan) with(e PlannedEnvironment) (Plan, error) {
	p.Environments = slices.Clone(p.Environments)
	for i := range p.Environments {
		if p.Environments[i].Name == e.Name {
			p.Environments[i] = e
		}
	}
	if p.Gates != nil { // plans of older histories have the gates of their model
		if err := p.resolveGates(); err != nil {
			return p, err
		}
	}
	digest, err := p.Content()
	p.Digest = digest
	return p, err
}

// Before gives the plan as it was before an amendment.
func (a Amendment) Before(p Plan) (Plan, error) {
	before, err := p.with(a.Was)
	if err == nil && before.Digest != a.From {
		err = fmt.Errorf("the plan before the amendment of %s has digest %s, expected %s", a.Environment, before.Digest.Short(), a.From.Short())
	}
	return before, err
}

// namesWhole is how many names are written out when targets change; of more, only
// those that came and went.
const namesWhole = 40

// differences says in words what is not as planned any more.
func differences(was, is PlannedEnvironment) []string {
	var found []string
	if a, b := was.TargetNames(), is.TargetNames(); !slices.Equal(a, b) && len(a)+len(b) <= namesWhole {
		found = append(found, fmt.Sprintf("the targets of %s were %s and are %s", was.Name, list(a), list(b)))
	} else if !slices.Equal(a, b) {
		for _, c := range compareTargets(was, is) {
			found = append(found, fmt.Sprintf("%s: were %s, are %s", c.What, c.Was, c.Is))
		}
	} else if !Same(was.Waves, is.Waves) || was.Inventory != is.Inventory || was.TaskQueue != is.TaskQueue {
		found = append(found, "where the targets of "+was.Name+" are, or how they are configured, changed")
	}
	if len(was.Windows)+len(is.Windows) > 0 && !Same(was.Windows, is.Windows) {
		found = append(found, fmt.Sprintf("the change windows of %s were %s and are %s", was.Name, windows(was.Windows), windows(is.Windows)))
	}
	if a, b := was.Previous, is.Previous; !a.same(b) {
		found = append(found, fmt.Sprintf("%s ran %s and runs %s", was.Name, version(a), version(b)))
	}
	return found
}

// Same compares two values by what is stored of them.
func Same(a, b any) bool {
	x, errX := DigestOf(a)
	y, errY := DigestOf(b)
	return errX == nil && errY == nil && x == y
}

func windows(all []Window) string {
	if len(all) == 0 {
		return "at any time"
	}
	return names(all, Window.describe)
}

// describe says all of a window: "weekday evenings (FREQ=WEEKLY;BYDAY=FR from
// 2026-01-02T18:00 Europe/Zurich for 4h)".
func (w Window) describe() string {
	zone := w.Zone
	if zone == "" {
		zone = "UTC"
	}
	text := fmt.Sprintf("%s from %s %s for %s", w.Rule, w.Start, zone, w.Length)
	if w.Name != "" {
		text = w.Name + " (" + text + ")"
	}
	return text
}

// same tells whether the same runs: nil is nothing.
func (b *Baseline) same(other *Baseline) bool {
	if b == nil || other == nil {
		return b == other
	}
	return b.Version == other.Version && b.Package.Digest == other.Package.Digest && Same(b.Others, other.Others)
}

func version(b *Baseline) string {
	if b == nil {
		return "nothing"
	}
	text := b.Version + " (package " + b.Package.Digest.Short() + ")"
	for _, o := range b.Others {
		text += fmt.Sprintf(", but %s on %s", OrNothing(o.Version), some(o.Targets))
	}
	return text
}

// WindowOf says what change windows an authorization is about.
func (p *Plan) WindowOf(e PlannedEnvironment) string {
	text := windows(e.Windows)
	if p.Definition.overridesFreeze() {
		text += ", freezes overridden: " + p.Definition.Emergency.OverrideFreeze
	}
	return text
}
