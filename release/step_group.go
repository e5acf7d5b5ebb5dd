package release

import (
	"fmt"
	"slices"
	"strings"
)

// How the fate of a step is known whose worker was lost.
const (
	KnownByMark  = "its mark says so"
	KnownBySight = "seen on the target"
)

// Remark is what there is to say of a result beside its fate: how it is known or why
// it is so, and what the step left.
func (r StepResult) Remark() string {
	var parts []string
	switch r.Message {
	case "":
	case KnownByMark, KnownBySight:
		parts = append(parts, "its worker was lost; "+r.Message)
	default:
		parts = append(parts, r.Message)
	}
	if len(r.Outputs) > 0 {
		var left []string
		for _, name := range sortedKeys(r.Outputs) {
			left = append(left, name+"="+r.Outputs[name])
		}
		parts = append(parts, "left "+list(left))
	}
	return strings.Join(parts, "; ")
}

// Well tells whether a step, or its back-out, went well.
func (r StepResult) Well() bool { return r.Fate == FateDone || r.Fate == FateUndone }

// StepGroup is what became of a step in one place, or of many targets together.
type StepGroup struct {
	StepResult
	// Together is how many targets it tells of; zero stands for the place alone.
	Together int
	// Waves are the first and the last wave that they are in.
	Waves [2]int
	// Reports are where the DML says of each how it went.
	Reports []Digest
}

// resultsShown is how many results are told one by one.
const resultsShown = 2 * TargetsShown

// StepGroups gives what became of steps as people can read it, in the order in which
// it came about. Of many results, those that did not go well are told one by one, at
// most TargetsShown of them, and the others together.
func StepGroups(results []StepResult) []StepGroup {
	var groups []StepGroup
	many, alone := len(results) > resultsShown, 0
	for _, r := range results {
		single := StepGroup{StepResult: r}
		switch {
		case r.Targets > 0:
		case r.Target == "", !many:
			groups = append(groups, single)
			continue
		case !r.Well() && r.Fate != FateNotStarted && alone < TargetsShown:
			groups, alone = append(groups, single), alone+1
			continue
		}
		i := slices.IndexFunc(groups, func(g StepGroup) bool {
			return g.Together > 0 && g.Step == r.Step && g.BackOut == r.BackOut && g.Fate == r.Fate
		})
		if i < 0 {
			i = len(groups)
			single.Waves = [2]int{r.Wave, r.Wave}
			groups = append(groups, single)
		}
		groups[i].add(r)
	}
	for i, g := range groups {
		if g.Together == 1 && g.Target != "" {
			groups[i].Together = 0 // it found no company
		}
	}
	return groups
}

// add takes a result into the group.
func (g *StepGroup) add(r StepResult) {
	if g.Together > 0 || r.Targets > 0 {
		g.StepResult = StepResult{Step: r.Step, BackOut: r.BackOut, Fate: r.Fate}
	}
	g.Together += max(r.Targets, 1)
	g.Waves = [2]int{min(g.Waves[0], r.Wave), max(g.Waves[1], r.Wave)}
	if r.Report != nil {
		g.Reports = append(g.Reports, r.Report.Digest)
	}
}

// Where names the place, or says how many targets the group tells of: "480 targets in
// waves 1 to 3".
func (g StepGroup) Where() string {
	switch {
	case g.Together == 0:
		return g.Target
	case g.Waves[0] == g.Waves[1] && g.Waves[0] > 0:
		return fmt.Sprintf("%s in wave %d", ManyOf(g.Together, "target"), g.Waves[0])
	case g.Waves[1] > 0:
		return fmt.Sprintf("%s in waves %d to %d", ManyOf(g.Together, "target"), g.Waves[0], g.Waves[1])
	}
	return ManyOf(g.Together, "target")
}

// Name is that of the step, or says that it was backed out.
func (r StepResult) Name() string {
	if r.BackOut {
		return "back-out of " + r.Step
	}
	return r.Step
}
