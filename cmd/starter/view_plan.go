package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"slipway/release"
)

// writePlan shows a plan to people.
func (a *app) writePlan(w io.Writer, p release.Plan) {
	d := p.Definition
	fmt.Fprintf(w, "%s  %s\n\n", p.Release, d.Title)
	columns(w,
		[]string{"model", fmt.Sprintf("%s, requested by %s, managed by %s", p.Model.Name, d.Requester, d.Manager)},
		[]string{"risk", fmt.Sprintf("%d of 100 (%s)", p.Risk.Score, p.Risk.Level())},
		[]string{"digest", p.Digest.Short()},
	)
	for _, reason := range p.Risk.Reasons {
		fmt.Fprintf(w, "  %s\n", reason)
	}
	for _, c := range p.Conflicts {
		fmt.Fprintf(w, "conflict%s: %s\n", c.With(), c.Text())
	}
	fmt.Fprintln(w)
	rows := [][]string{{"COMPONENT", "SOURCE"}}
	for _, c := range d.Components {
		rows = append(rows, []string{c.Name, c.Source.String()})
	}
	columns(w, rows...)
	fmt.Fprintln(w)
	a.writePlannedEnvironments(w, p)
	fmt.Fprintln(w)
	writePlannedSteps(w, d.Steps)
	fmt.Fprintln(w)
	rows = [][]string{{"STAGE", "PLANNED"}}
	for _, s := range p.Stages {
		planned := "-"
		if s.Expected > 0 {
			planned = s.Expected.String()
		}
		rows = append(rows, []string{string(s.Name), planned})
	}
	columns(w, rows...)
}

func (a *app) writePlannedEnvironments(w io.Writer, p release.Plan) {
	rows := [][]string{{"ENVIRONMENT", "RUNS NOW", "GETS", "WAVES", "CHANGE WINDOW"}}
	for _, e := range p.Environments {
		now := "nothing"
		if e.Previous != nil {
			now = e.Previous.Version
		}
		rows = append(rows, []string{e.Name, now, p.Definition.Version, wavesText(e.Waves), a.openingText(e.Opening)})
	}
	columns(w, rows...)
	for _, e := range p.Environments {
		if len(e.Targets()) > 1 || e.TaskQueue != "" {
			fmt.Fprintf(w, "  %s: %s\n", e.Name, p.Course(e))
		}
	}
}

// wavesText lists the targets of the waves: "a, then b and c"; of many only how many
// they are.
func wavesText(waves [][]release.Target) string {
	const named = 8
	if all := len(release.PlannedEnvironment{Waves: waves}.Targets()); all > named {
		return release.ManyOf(all, "target") + " in " + release.ManyOf(len(waves), "wave")
	}
	var texts []string
	for _, wave := range waves {
		var names []string
		for _, t := range wave {
			names = append(names, t.Name)
		}
		texts = append(texts, strings.Join(names, " and "))
	}
	return strings.Join(texts, ", then ")
}

func (a *app) openingText(o release.Opening) string {
	switch {
	case o.Open && o.Until.IsZero():
		return "open"
	case o.Open:
		return "open until " + a.clock(o.Until)
	case o.At.IsZero():
		return o.Why
	}
	return "opens at " + a.clock(o.At)
}

func writePlannedSteps(w io.Writer, steps []release.Step) {
	rows := [][]string{{"STEP", "KIND", "DOES", "BACK-OUT"}}
	for _, s := range steps {
		action, backOut := cmp.Or(string(s.Action), string(release.RunScript)), "built in"
		if action == string(release.RunScript) {
			backOut = "none"
			if s.BackOut != "" {
				backOut = "script"
			}
		}
		if s.Manual {
			action = "by hand"
			if s.BackOut != "" {
				backOut = "by hand"
			}
		}
		rows = append(rows, []string{s.Name, string(s.Kind), action, backOut})
	}
	columns(w, rows...)
}
