package release

import (
	"fmt"
	"maps"
	"slices"
)

// ChangeKind says what part of a release a change is about.
type ChangeKind string

// The kinds of change, in the order in which they are listed. A change of kind
// ChangeBaseline says that there is nothing to compare with, and why.
const (
	ChangeBaseline      ChangeKind = "baseline"
	ChangeComponent     ChangeKind = "component"
	ChangeConfiguration ChangeKind = "configuration"
	ChangeTarget        ChangeKind = "target"
	ChangeBuild         ChangeKind = "build step"
	ChangeSuite         ChangeKind = "test suite"
	ChangeStep          ChangeKind = "step"
	ChangeBackOut       ChangeKind = "back-out"
	ChangeReadiness     ChangeKind = "readiness item"
	ChangeVerification  ChangeKind = "verification"
	ChangeSupport       ChangeKind = "early life support"
	ChangeSchema        ChangeKind = "schema change"
	ChangeKnownError    ChangeKind = "known error"
	ChangeRequirement   ChangeKind = "requirement"
	ChangeModel         ChangeKind = "model"
	ChangeModule        ChangeKind = "module"
)

// changeKinds lists the kinds in their order.
var changeKinds = []ChangeKind{
	ChangeBaseline, ChangeComponent, ChangeConfiguration, ChangeTarget, ChangeBuild, ChangeSuite, ChangeStep, ChangeBackOut,
	ChangeReadiness, ChangeVerification, ChangeSupport, ChangeSchema, ChangeKnownError, ChangeRequirement, ChangeModel, ChangeModule,
}

// Change is one difference between what runs in an environment and what the
// release brings.
type Change struct {
	Kind ChangeKind `json:"kind"`
	// What changes: "component httpbin", "retries of step switch".
	What string `json:"what"`
	// Was and Is are empty for what is new and for what goes away.
	Was string `json:"was,omitempty"`
	Is  string `json:"is,omitempty"`
}

// String gives the change on one line: "component httpbin: v2.25.0 → v2.26.0".
func (c Change) String() string {
	switch {
	case c.Was == "" && c.Is == "":
		return c.What
	case c.Was == "":
		return c.What + ": new, " + c.Is
	case c.Is == "":
		return c.What + ": gone, was " + c.Was
	}
	return c.What + ": " + c.Was + " → " + c.Is
}

// running gives the plan by which what runs was released; nil when nothing runs, or
// when its plan cannot be had.
func (f Facts) running(baseline *Baseline) *Plan {
	if baseline == nil {
		return nil
	}
	plan, found := f.Running[baseline.Package.Digest]
	if !found {
		return nil
	}
	return &plan
}

// Compare lists what a plan changes in an environment against the plan by which
// runs what is there. Without that it says so, and lists the schema changes.
func Compare(running *Plan, next Plan, in PlannedEnvironment) []Change {
	is := next.Definition
	if running == nil {
		return short(append([]Change{incomparable(is.Service, in)}, compareSchemas(nil, is.SchemaChanges)...))
	}
	was := running.Definition
	there, _ := running.Environment(in.Name)
	return short(slices.Concat(
		namedComponents.compare(was.Components, is.Components),
		compareInventories(there, in),
		compareTargets(there, in),
		compareRollout(running.Rollout(in.Name), next.Rollout(in.Name)),
		namedBuildSteps.compare(was.Build.Steps, is.Build.Steps),
		compareCaches(was.Build, is.Build),
		namedSuites.compare(was.Test.Suites, is.Test.Suites),
		compareFields(ChangeSuite, "tests", was.Test.withoutSuites(), is.Test.withoutSuites()),
		namedSteps.compare(was.Steps, is.Steps),
		compareBackOuts(was.Steps, is.Steps),
		namedReadiness.compare(was.ReadinessIn(in.Name, in.Purpose), is.ReadinessIn(in.Name, in.Purpose)),
		compareFields(ChangeVerification, "verification", was.Verification, is.Verification),
		compareFields(ChangeSupport, "early life support", was.SupportIn(in.Name), is.SupportIn(in.Name)),
		compareSchemas(was.SchemaChanges, is.SchemaChanges),
		namedKnownErrors.compare(was.KnownErrors, is.KnownErrors),
		namedRequirements.compare(was.Requirements, is.Requirements),
		compareModels(running.Model, next.Model),
	))
}

func incomparable(service string, in PlannedEnvironment) Change {
	if in.Previous == nil {
		return Change{Kind: ChangeBaseline, What: fmt.Sprintf("first deployment of %s to %s", service, in.Name)}
	}
	return Change{Kind: ChangeBaseline, What: fmt.Sprintf(
		"the plan by which %s runs in %s cannot be read: what changes is not known", in.Previous.Version, in.Name,
	)}
}

// changesListed is how many changes are listed before it says "and N more".
const changesListed = 40

// short shortens a list that is too long: of the kinds with the most changes only
// the first are kept, so that the others are not lost behind them.
func short(changes []Change) []Change {
	count := map[ChangeKind]int{}
	for _, c := range changes {
		count[c.Kind]++
	}
	kinds := slices.Sorted(maps.Keys(count))
	kept := func(most int) (sum int) {
		for _, kind := range kinds {
			sum += min(count[kind], most)
		}
		return sum
	}
	most := changesListed
	for kept(most) > changesListed && most > 1 {
		most--
	}
	var listed []Change
	seen := map[ChangeKind]int{}
	for _, c := range changes {
		switch seen[c.Kind]++; {
		case seen[c.Kind] <= most:
			listed = append(listed, c)
		case seen[c.Kind] == most+1:
			listed = append(listed, Change{Kind: c.Kind, What: fmt.Sprintf("and %d more of %s", count[c.Kind]-most, c.Kind)})
		}
	}
	return listed
}
