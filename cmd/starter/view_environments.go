package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"slipway/release"
)

// writeEnvironments shows what a release did in its environments.
func (a *app) writeEnvironments(w io.Writer, r release.Record) {
	if len(r.Environments) == 0 {
		return
	}
	rows := [][]string{{"ENVIRONMENT", "STATE", "BEFORE", "TARGETS"}}
	for _, e := range r.Environments {
		rows = append(rows, []string{e.Name, with(string(e.State), oneLine(e.Reason)), cmp.Or(e.Previous, "-"), targetsText(e.Targets)})
	}
	fmt.Fprintln(w)
	columns(w, rows...)
	for _, e := range r.Environments {
		a.writeEnvironment(w, e)
	}
}

// writeEnvironment shows what there is to say of one environment beside its row.
func (a *app) writeEnvironment(w io.Writer, e release.EnvironmentRecord) {
	if len(e.Targets) > targetsInARow {
		writeTargets(w, e)
	}
	for _, text := range some(e.Aside) {
		fmt.Fprintf(w, "  %s: %s\n", e.Name, oneLine(text))
	}
	if e.Assets != nil {
		fmt.Fprintf(w, "  %s: %s\n", e.Name, oneLine(e.Assets.String()))
	}
	for _, c := range e.Readiness {
		fmt.Fprintf(w, "  ready for %s: %s\n", e.Name, readyText(c))
	}
	for _, audit := range e.Audits {
		if audit.Found() > 0 {
			fmt.Fprintf(w, "  %s: configuration audit %s: %s of %s held something else\n", e.Name, audit.When,
				release.Grouped(audit.Found()), release.ManyOf(audit.Targets, "target"))
		}
	}
	writeStepGroups(w, e)
	if e.Override != nil {
		fmt.Fprintf(w, "\nFreezes of %s are overridden by %s: %s\n", e.Name, e.Override.By, oneLine(e.Override.Summary))
	}
	if e.Support == nil {
		return
	}
	a.writeSupport(w, e.Support)
	a.writeDesk(w, e.Support)
}

// targetsInARow is how many targets have room in the row of their environment.
const targetsInARow = 4

func targetsText(targets []release.TargetStatus) string {
	if len(targets) > targetsInARow {
		return release.TargetCounts(targets)
	}
	var texts []string
	for _, t := range targets {
		texts = append(texts, strings.TrimSpace(fmt.Sprintf("%s %s %s", t.Name, t.State, t.Version)))
	}
	return strings.Join(texts, ", ")
}

// writeTargets names the targets that are shown, those of the same state and version
// on one line.
func writeTargets(w io.Writer, e release.EnvironmentRecord) {
	var states []string
	named := map[string][]string{}
	for _, t := range release.TargetsToShow(e.Targets, e.Aside) {
		state := strings.TrimSpace(fmt.Sprintf("%s %s", t.State, t.Version))
		if named[state] == nil {
			states = append(states, state)
		}
		named[state] = append(named[state], t.Name)
	}
	for _, state := range states {
		fmt.Fprintf(w, "  %s, %s: %s\n", e.Name, state, strings.Join(named[state], ", "))
	}
}

// some gives the first lines of many, and how many more there are.
func some(lines []string) []string {
	more := len(lines) - release.TargetsShown
	if more <= 0 {
		return lines
	}
	return append(lines[:release.TargetsShown:release.TargetsShown], "and "+release.Grouped(more)+" more")
}

// writeStepGroups tells of the steps of which there is more to say than that they went
// well.
func writeStepGroups(w io.Writer, e release.EnvironmentRecord) {
	rows := [][]string{{"STEP IN " + strings.ToUpper(e.Name), "TARGET", "FATE", ""}}
	for _, g := range release.StepGroups(e.Steps) {
		if g.Together == 0 && g.Well() && g.Remark() == "" {
			continue
		}
		rows = append(rows, []string{g.Name(), g.Where(), string(g.Fate), oneLine(g.Remark()) + reportsText(g.Reports)})
	}
	if len(rows) > 1 {
		fmt.Fprintln(w)
		columns(w, rows...)
	}
}

// reportsText names the reports of a step on many targets.
func reportsText(reports []release.Digest) string {
	const named = 3
	var texts []string
	for _, d := range reports[:min(len(reports), named)] {
		texts = append(texts, d.Short())
	}
	if more := len(reports) - named; more > 0 {
		texts = append(texts, fmt.Sprintf("and %s more", release.Grouped(more)))
	}
	if len(texts) == 0 {
		return ""
	}
	return "reports " + strings.Join(texts, ", ")
}
