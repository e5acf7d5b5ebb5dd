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
	writeAudits(w, s.Audits)
	writeRefusals(w, s.Acts)
	writeEnd(w)
	return page.String()
}

// writeTargets shows what the targets hold: of many, how many hold what, and those
// that are not like the others.
func writeTargets(w writer, s DeploymentStatus) {
	shown := TargetsToShow(s.Targets, s.Aside)
	if len(shown) < len(s.Targets) {
		w("%s: **%s**.\n", ManyOf(len(s.Targets), "target"), TargetCounts(s.Targets))
	}
	if len(shown) == 0 {
		return
	}
	remark := slices.ContainsFunc(shown, func(t TargetStatus) bool { return t.Message != "" })
	w("| target | holds | version |%s", when(remark, " |"))
	w("|---|---|---|%s", when(remark, "---|"))
	for _, t := range shown {
		w("| %s | %s | %s |%s", t.Name, t.State, t.Version, when(remark, " "+cell(t.Message)+" |"))
	}
	w("")
}

// reportsShown is how many reports of a step the page names.
const reportsShown = 3

func writeSteps(w writer, results []StepResult) {
	if len(results) == 0 {
		return
	}
	w("| step | target | fate | |")
	w("|---|---|---|---|")
	for _, g := range StepGroups(results) {
		w("| %s | %s | %s | %s |", g.Name(), g.Where(), g.Fate, cell(g.Remark())+g.reports())
	}
	w("")
}

// reports names where the DML says of each target how it went.
func (g StepGroup) reports() string {
	var digests []string
	for _, d := range g.Reports[:min(len(g.Reports), reportsShown)] {
		digests = append(digests, "`"+d.Short()+"`")
	}
	text := list(digests)
	if more := len(g.Reports) - reportsShown; more > 0 {
		text += fmt.Sprintf(" and %s more", Grouped(more))
	}
	return when(text != "", "reports in the DML: "+text)
}

// discrepanciesShown is how many of a configuration audit the page lists.
const discrepanciesShown = 10

// writeAudits lists where configuration audits found something else than expected.
func writeAudits(w writer, audits []Audit) {
	for _, a := range audits {
		if len(a.Discrepancies) == 0 {
			continue
		}
		w("Configuration audit %s: %s of %s held something else%s.\n", a.When, Grouped(a.Found()), ManyOf(a.Targets, "target"),
			when(a.Accepted != nil, ", accepted"))
		for _, d := range a.Discrepancies[:min(len(a.Discrepancies), discrepanciesShown)] {
			w("- %s: expected %s, found %s", d.Target, cell(OrNothing(d.Expected)), cell(OrNothing(d.Found)))
		}
		if more := a.Found() - discrepanciesShown; more > 0 {
			w("- and %s more", Grouped(more))
		}
		w("")
	}
}

// SupportDetails is the page of an early life support.
func SupportDetails(s SupportStatus) string {
	var page strings.Builder
	w := func(format string, args ...any) { fmt.Fprintf(&page, format+"\n", args...) }
	w("## %s", s.ID)
	w("From %s until %s.\n", clock(s.Started), clock(s.Until))
	writeCriteria(w, s)
	writeAwaiting(w, Record{Awaiting: s.Awaiting})
	writeDesk(w, s)
	writeRefusals(w, s.Acts)
	writeEnd(w)
	return page.String()
}
