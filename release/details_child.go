package release

import (
	"fmt"
	"slices"
	"strings"
)

// DeploymentDetails is the page of a deployment.
func DeploymentDetails(s DeploymentStatus) string {
	var page strings.Builder
	w := func(format string, args ...any) { fmt.Fprintf(&page, format+"\n", args...) }
	w("## %s: %s", s.ID, s.State)
	if s.Reason != "" {
		w("**%s**\n", cell(s.Reason))
	}
	if s.Override != nil {
		w("Freezes are overridden since %s: **%s**, by %s.\n", clock(s.Override.At), cell(s.Override.Summary), cell(s.Override.By))
	}
	writeAwaiting(w, Record{Awaiting: s.Awaiting, Acts: s.Acts})
	writeReadiness(w, s.Readiness)
	writeTargets(w, s)
	writeSteps(w, s.Steps)
	writeRefusals(w, s.Acts)
	writeEnd(w)
	return page.String()
}

// targetsShown and stepsShown are how many of each the page shows: nobody reads ten
// thousand.
const targetsShown, stepsShown = 40, 40

// writeTargets shows what the targets hold; of many, how many are in which state, and
// which are not in that of most.
func writeTargets(w writer, s DeploymentStatus) {
	shown := s.Targets
	if len(shown) > targetsShown {
		var counts []string
		most := TargetOld
		for _, state := range targetStates {
			if n := s.Count(state); n > 0 {
				counts = append(counts, fmt.Sprintf("%d %s", n, state))
				if n > s.Count(most) {
					most = state
				}
			}
		}
		w("%d targets: %s.\n", len(s.Targets), list(counts))
		shown = slices.DeleteFunc(slices.Clone(shown), func(t TargetStatus) bool { return t.State == most })
	}
	if len(shown) > 0 {
		w("| target | holds | version |")
		w("|---|---|---|")
	}
	for _, t := range shown[:min(len(shown), targetsShown)] {
		w("| %s | %s | %s |", t.Name, t.State, t.Version)
	}
	if more := len(shown) - targetsShown; more > 0 {
		w("| and %d more | | |", more)
	}
	w("")
}

// writeSteps shows the latest steps.
func writeSteps(w writer, steps []StepResult) {
	if earlier := len(steps) - stepsShown; earlier > 0 {
		w("%d results of steps are before these.\n", earlier)
		steps = steps[earlier:]
	}
	if len(steps) > 0 {
		w("| step | target | fate | |")
		w("|---|---|---|---|")
	}
	for _, r := range steps {
		name, where := r.Step, r.Target
		if r.BackOut {
			name = "back-out of " + name
		}
		if r.Targets > 0 {
			where = plural(r.Targets, "target")
		}
		w("| %s | %s | %s | %s |", name, where, r.Fate, cell(r.Message))
	}
	w("")
}

// SupportDetails is the page of an early life support.
func SupportDetails(s SupportStatus) string {
	var page strings.Builder
	w := func(format string, args ...any) { fmt.Fprintf(&page, format+"\n", args...) }
	w("## %s", s.ID)
	w("From %s until %s.\n", clock(s.Started), clock(s.Until))
	for _, unmet := range s.Unmet {
		w("- Not met: %s", cell(unmet))
	}
	w("")
	writeAwaiting(w, Record{Awaiting: s.Awaiting})
	for _, i := range s.Incidents {
		state := "open"
		if !i.Open() {
			state = "resolved by " + i.ResolvedBy + ": " + cell(i.Resolution)
		}
		w("- %s, severity %d, %s: %s", i.ID, i.Severity, cell(i.Summary), state)
	}
	for _, c := range s.Calls {
		w("- Call at %s, %s: %s", clock(c.At), c.By, cell(c.Summary))
	}
	w("")
	writeRefusals(w, s.Acts)
	writeEnd(w)
	return page.String()
}
