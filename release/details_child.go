package release

import (
	"fmt"
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
	w("| target | holds | version |")
	w("|---|---|---|")
	for _, t := range s.Targets {
		w("| %s | %s | %s |", t.Name, t.State, t.Version)
	}
	w("")
	if len(s.Steps) > 0 {
		w("| step | target | fate | |")
		w("|---|---|---|---|")
	}
	for _, r := range s.Steps {
		name := r.Step
		if r.BackOut {
			name = "back-out of " + name
		}
		w("| %s | %s | %s | %s |", name, r.Target, r.Fate, cell(r.Message))
	}
	w("")
	writeRefusals(w, s.Acts)
	writeEnd(w)
	return page.String()
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
