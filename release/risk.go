package release

import (
	"fmt"
	"slices"
	"strings"
)

// Risk is a score from 0 (none) to 100 with the reasons that it is made of.
type Risk struct {
	Score   int      `json:"score"`
	Reasons []string `json:"reasons,omitempty"`
}

// Level puts the score into a word.
func (r Risk) Level() string {
	switch {
	case r.Score < 30:
		return "low"
	case r.Score < 60:
		return "medium"
	}
	return "high"
}

func (r *Risk) add(points int, format string, args ...any) {
	r.Score = min(r.Score+points, 100)
	r.Reasons = append(r.Reasons, fmt.Sprintf("+%d: ", points)+fmt.Sprintf(format, args...))
}

// assess scores a plan (ITIL change enablement: risk before authorization).
func assess(p Plan, f Facts) Risk {
	var r Risk
	r.ofType(p)
	r.ofPlaces(p, f)
	r.ofChanges(p)
	r.ofSchemas(p, f)
	for _, s := range p.Definition.Steps {
		if s.Irreversible() {
			r.add(10, "step %s has no back-out", s.Name)
		}
	}
	r.ofTests(p.Definition)
	r.ofHistory(f.Ended)
	r.ofConflicts(p.Conflicts)
	return r
}

// conflictWeights says what the kinds of conflict add, each once.
var conflictWeights = []struct {
	kinds  []ConflictKind
	points int
	of     string
}{
	{[]ConflictKind{ConflictCI}, 15, "the same configuration items are touched by"},
	{[]ConflictKind{ConflictWindow}, 5, "at the same time the same environments are planned for"},
}

func (r *Risk) ofConflicts(all []Conflict) {
	for _, weight := range conflictWeights {
		of := slices.DeleteFunc(slices.Clone(all), func(c Conflict) bool { return !slices.Contains(weight.kinds, c.Kind) })
		if n := len(Rivals(of)); n > 0 {
			r.add(weight.points, "%s %s", weight.of, ManyOf(n, "open release"))
		}
	}
	for _, c := range all {
		if c.Kind == ConflictDependency {
			r.add(10, "%s", c.Reason)
		}
	}
}

// The names of shipped models that say something about the risk.
const (
	modelStandard  = "standard"
	modelEmergency = "emergency"
)

func (r *Risk) ofType(p Plan) {
	switch {
	case p.Definition.Emergency != nil || p.Model.Name == modelEmergency:
		r.add(30, "emergency: less time to prepare")
	case p.Model.Name != modelStandard:
		r.add(5, "model %s: no routine that was assessed beforehand", p.Model.Name)
	}
}

// ofPlaces weighs how many targets are touched, where there is nothing to go back
// to, and where nobody knows how much changes.
func (r *Risk) ofPlaces(p Plan, f Facts) {
	targets := 0
	var unknown []string
	for _, e := range p.Environments {
		targets += len(e.Targets())
		switch {
		case e.Previous == nil:
			r.add(4, "first deployment of %s to %s: nothing to go back to", p.Definition.Service, e.Name)
		case f.running(e.Previous) == nil:
			unknown = append(unknown, e.Name)
		}
	}
	if len(unknown) > 0 {
		r.add(5, "it cannot be told what changes in %s", some(unknown))
	}
	points := 5
	switch {
	case targets > 100:
		points = 30
	case targets > 10:
		points = 20
	}
	r.add(points, "%s in %s", ManyOf(targets, "target"), ManyOf(len(p.Environments), "environment"))
}

// changeWeights says what a change of some kinds adds, and what all of them add at
// most.
var changeWeights = []struct {
	kinds      []ChangeKind
	of         string
	each, most int
}{
	{[]ChangeKind{ChangeComponent}, "components", 3, 12},
	{[]ChangeKind{ChangeStep, ChangeBackOut}, "steps and back-outs", 2, 10},
	{[]ChangeKind{ChangeConfiguration, ChangeTarget}, "targets and their configuration", 1, 6},
	{[]ChangeKind{ChangeBuild, ChangeSuite, ChangeVerification, ChangeSupport}, "build, tests, verification and support", 1, 4},
	{[]ChangeKind{ChangeKnownError, ChangeRequirement, ChangeModel}, "known errors, requirements and model", 1, 3},
}

// ofChanges weighs the size of the change against what runs; the same change in
// several environments counts once.
func (r *Risk) ofChanges(p Plan) {
	count := map[ChangeKind]int{}
	seen := map[Change]bool{}
	for _, e := range p.Environments {
		for _, c := range e.Changes {
			if !seen[c] {
				seen[c] = true
				count[c.Kind]++
			}
		}
	}
	for _, weight := range changeWeights {
		n := 0
		for _, kind := range weight.kinds {
			n += count[kind]
		}
		if n > 0 {
			r.add(min(n*weight.each, weight.most), "%s of %s", ManyOf(n, "change"), weight.of)
		}
	}
}

// ofSchemas weighs the schema changes that are new to any environment.
func (r *Risk) ofSchemas(p Plan, f Facts) {
	for _, schema := range p.Definition.SchemaChanges {
		isNew := slices.ContainsFunc(p.Environments, func(e PlannedEnvironment) bool {
			running := f.running(e.Previous)
			return running == nil || !slices.Contains(running.Definition.SchemaChanges, schema)
		})
		switch {
		case isNew && schema.Reversible:
			r.add(5, "schema change %s", schema.Name)
		case isNew:
			r.add(25, "schema change %s cannot be undone", schema.Name)
		}
	}
}

// ofTests weighs how well the requirements are tested.
func (r *Risk) ofTests(d Definition) {
	if len(d.Requirements) == 0 {
		r.add(5, "no requirement says what to test for")
		return
	}
	var alone, inside []string
	for _, requirement := range d.Requirements {
		covering := d.covering(requirement.ID)
		if len(covering) == 1 {
			alone = append(alone, requirement.ID)
		}
		if !slices.ContainsFunc(covering, Suite.seesTheWhole) {
			inside = append(inside, requirement.ID)
		}
	}
	if len(alone) > 0 {
		r.add(min(2*len(alone), 6), "covered by one test suite only: %s", some(alone))
	}
	if len(inside) > 0 {
		r.add(min(2*len(inside), 6), "covered by no acceptance or integration test: %s", some(inside))
	}
}

// covering lists the suites that test a requirement.
func (d Definition) covering(requirement string) []Suite {
	return slices.DeleteFunc(slices.Clone(d.Test.Suites), func(s Suite) bool { return !slices.Contains(s.Covers, requirement) })
}

// seesTheWhole tells whether the suite tests the parts together.
func (s Suite) seesTheWhole() bool {
	return slices.Contains([]string{"acceptance", "integration"}, strings.ToLower(s.Kind))
}

func (r *Risk) ofHistory(ended []Outcome) {
	bad := 0
	for _, outcome := range ended {
		if outcome == BackedOut || outcome == Failed || outcome == CompletedWithIssues {
			bad++
		}
	}
	if bad > 0 {
		r.add(min(10*bad, 30), "%d of the service's last %d releases did not end well", bad, len(ended))
	}
}
