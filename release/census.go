package release

import (
	"cmp"
	"slices"
	"strings"
)

// TargetsShown is how many targets of an environment people are shown on a page, in
// a table or in a report.
const TargetsShown = 30

// targetStates are the states in the order in which people want to know of them.
var targetStates = []TargetState{TargetUndecided, TargetNew, TargetReplaced, TargetRestored, TargetOld}

// TargetCounts says how many targets are in which state: "9,970 new, 30 old".
func TargetCounts(targets []TargetStatus) string {
	var counts []string
	for _, state := range targetStates {
		if n := (DeploymentStatus{Targets: targets}).Count(state); n > 0 {
			counts = append(counts, Grouped(n)+" "+string(state))
		}
	}
	return list(counts)
}

// TargetsToShow gives the targets that people are shown. Of more than TargetsShown
// these are the undecided ones, those that were set aside, and then those of the
// states that few are in. The message of one that was set aside says why.
func TargetsToShow(targets []TargetStatus, aside []string) []TargetStatus {
	all := WithReasons(targets, aside)
	if len(all) <= TargetsShown {
		return all
	}
	var shown []TargetStatus
	states := map[TargetState][]TargetStatus{}
	for _, t := range all {
		if t.Message != "" || t.State == TargetUndecided {
			shown = append(shown, t)
		} else {
			states[t.State] = append(states[t.State], t)
		}
	}
	slices.SortStableFunc(shown, func(a, b TargetStatus) int {
		return slices.Index(targetStates, a.State) - slices.Index(targetStates, b.State)
	})
	few := slices.Clone(targetStates)
	slices.SortStableFunc(few, func(a, b TargetState) int { return len(states[a]) - len(states[b]) })
	for _, state := range few {
		if len(shown)+len(states[state]) <= TargetsShown {
			shown = append(shown, states[state]...)
		}
	}
	return shown[:min(len(shown), TargetsShown)]
}

// WithReasons gives targets with why they were set aside as their messages.
func WithReasons(targets []TargetStatus, aside []string) []TargetStatus {
	why := asideReasons(aside)
	all := slices.Clone(targets)
	for i, t := range all {
		all[i].Message = cmp.Or(t.Message, why[t.Name])
	}
	return all
}

// asideWords stand between a target that was set aside and the reason.
const asideWords = " was set aside: "

// Aside says why a deployment went on without a target, as it is remembered.
func Aside(target, why string) string { return target + asideWords + why }

// asideReasons gives why targets were set aside, by their names.
func asideReasons(aside []string) map[string]string {
	reasons := map[string]string{}
	for _, text := range aside {
		if target, why, is := strings.Cut(text, asideWords); is {
			reasons[target] = "set aside: " + why
		}
	}
	return reasons
}
