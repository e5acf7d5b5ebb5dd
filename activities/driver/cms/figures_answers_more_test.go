package cms_test

import (
	"strings"
	"time"

	"slipway/release"
	"slipway/release/figures/figurestest"
)

// planning is plan against actual.
func (l life) planning() {
	for _, e := range l.Entries {
		if e.Review != nil {
			l.stages(e.Review.Stages)
			for _, p := range e.Review.Review.Performance {
				met := 0.0
				if p.Met {
					met = 1
				}
				if p.Actual != nil {
					l.say("targets-met", l.Closed, met, "measure", string(p.Measure), "service", l.Service)
				}
			}
			for _, live := range e.Review.Live {
				if live.Planned.IsZero() || !l.goesTo(live.Environment) {
					continue
				}
				onTime, where := 0.0, []string{"service", l.Service, "environment", live.Environment}
				if !live.At.After(live.Planned) {
					onTime = 1
				}
				l.say("on-time", live.At, onTime, where...)
				l.say("delay", live.At, live.At.Sub(live.Planned).Hours(), where...)
			}
		}
	}
	if !l.of(l.Closed) {
		return
	}
	month := l.Closed.Format("2006-01")
	l.note(place4{figure: "duration"}, l.ID, l.Closed.Sub(l.Started).Hours())
	l.broken("duration", l.Closed.Sub(l.Started).Hours(), "month/actual", month)
	for _, environment := range l.Environments {
		if !l.goesTo(environment) {
			continue
		}
		live := false
		for _, e := range l.Entries {
			if d := e.Deployment; d != nil && d.Environment == environment && (d.State == release.EnvLive || d.State == release.EnvPartly) {
				live = true
			}
		}
		if live {
			l.note(place4{figure: "planned-deployments"}, l.ID, 1)
			l.broken("planned-deployments", 1, "month/actual", month, "environment/actual", environment)
		}
		l.broken("planned-deployments", 1, "month/planned", month, "environment/planned", environment)
	}
}

func (l life) stages(stages []release.Stage) {
	expected, took, open := map[release.StageName]time.Duration{}, map[release.StageName]time.Duration{}, map[release.StageName]bool{}
	for _, s := range stages {
		if _, where, in := strings.Cut(string(s.Name), ":"); in && !l.goesTo(where) {
			continue
		}
		if s.Expected > 0 {
			expected[s.Name] = s.Expected.Std()
		}
		if s.Ended.IsZero() {
			open[s.Name] = true
		} else {
			took[s.Name] += s.Ended.Sub(s.Started)
		}
	}
	if !l.of(l.Closed) {
		return
	}
	var all time.Duration
	for name, planned := range expected {
		all += planned
		if open[name] {
			continue
		}
		stem, _, _ := strings.Cut(string(name), ":")
		l.note(place4{figure: "stages"}, l.ID, (took[name] - planned).Hours())
		l.broken("stages", took[name].Hours(), "stage/actual", stem)
		l.broken("stages", planned.Hours(), "stage/planned", stem)
	}
	if all > 0 {
		l.broken("duration", all.Hours(), "month/planned", l.Closed.Format("2006-01"))
	}
}

func (l life) supporting() {
	for _, e := range l.Entries {
		switch {
		case e.Incident != nil && l.goesTo(e.Incident.Environment):
			i := e.Incident.Incident
			defect := string(i.Defect)
			if defect == "" {
				defect = "not classified"
			}
			if i.Unrelated || !l.of(i.Opened) {
				continue
			}
			l.note(place4{figure: "incidents"}, l.ID, 1)
			l.broken("incidents", 1, "month/"+defect, i.Opened.Format("2006-01"), "defect", defect, "service", l.Service, "environment", e.Incident.Environment)
		case e.Call != nil && l.goesTo(e.Call.Environment):
			l.say("calls", e.Call.Call.At, 1, "service", l.Service, "environment", e.Call.Environment)
		case e.Support != nil && l.goesTo(e.Support.Environment) && e.Support.Status.Availability != nil:
			l.say("downtime", e.Support.Status.Started, e.Support.Status.Downtime().Std().Minutes(),
				"service", l.Service, "environment", e.Support.Environment)
		case e.Rating != nil:
			l.say("satisfaction", e.Rating.Rating.At, float64(e.Rating.Rating.Score), "service", l.Service)
		}
	}
}

// making is builds, tests, audits and assets.
func (l life) making() {
	var first time.Time
	builds := 0.0
	seen := map[string]bool{}
	unlisted := map[string]int{}
	var counted *release.Entry
	for _, e := range l.Entries {
		switch {
		case e.Build != nil:
			if builds++; builds == 1 {
				first = e.Build.Started
			}
		case e.Evidence != nil:
			failed := 0.0
			if e.Evidence.Failure != "" {
				failed = 1
			}
			l.say("failing-suites", e.Evidence.Execution.Started, failed, "suite", e.Evidence.Suite, "service", l.Service)
		case e.Audit != nil && l.goesTo(e.Audit.Environment):
			a, where := e.Audit.Audit, e.Audit.Environment
			if !l.of(a.At) {
				continue
			}
			found := 0
			for _, d := range a.Discrepancies {
				if !seen[where+a.When+d.Target] {
					found++
				}
				seen[where+a.When+d.Target] = true
			}
			if more := a.Unlisted - unlisted[where+a.When]; more > 0 {
				found += more
				unlisted[where+a.When] = a.Unlisted
			}
			for range found {
				l.say("discrepancies", a.At, 1, "occasion", a.When, "environment", where, "service", l.Service)
			}
		case e.Assets != nil && l.goesTo(e.Assets.Environment) && l.of(e.At):
			counted = &e
		}
	}
	l.say("rework", first, builds, "service", l.Service)
	if counted != nil {
		l.assets(counted)
	}
}

func (l life) assets(e *release.Entry) {
	report := e.Assets.Report
	all := map[string]release.AssetCount{"files": *report.Files}
	if report.Components != nil {
		all["components"] = *report.Components
	}
	for _, k := range report.Declared {
		all[k.Kind] = k.AssetCount
	}
	for kind, c := range all {
		for what, n := range map[string]int{"introduced": c.Introduced, "changed": c.Changed, "retired": c.Retired} {
			if n == 0 {
				continue
			}
			l.note(place4{figure: "assets"}, l.ID, float64(n))
			l.broken("assets", float64(n), "month/"+what, e.At.Format("2006-01"), "kind/"+what, kind)
		}
	}
}

func (l life) waiting() {
	for _, e := range l.Entries {
		if e.Waited == nil {
			continue
		}
		w := e.Waited.Waited
		hours := w.Until.Sub(w.Since).Hours()
		place := w.Environment + strings.TrimPrefix(strings.TrimPrefix(w.Gate, "plan"), "deploy:")
		if place != "" && !l.goesTo(place) {
			continue
		}
		l.say("waiting", w.Until, hours, "kind", w.Kind)
		switch w.Kind {
		case "gate":
			l.say("waiting-gates", w.Until, hours, "gate", w.Gate, "service", l.Service)
		case "lease", "conflict":
			l.say("clashes", w.Until, 1, "kind", w.Kind, "environment", w.Environment, "service", l.Service)
			fallthrough
		case "window":
			l.say("waiting-windows", w.Until, hours, "environment/"+w.Kind, w.Environment)
		}
		for _, person := range w.People {
			l.say("waiting-people", w.Until, hours, "person", person)
		}
	}
}

func (l life) spending() {
	var machine time.Duration
	people, expenses := 0.0, 0.0
	for _, e := range l.Entries {
		switch {
		case e.Build != nil:
			machine += e.Build.Elapsed.Std()
		case e.Evidence != nil:
			machine += e.Evidence.Execution.Elapsed.Std()
		case e.Step != nil && l.goesTo(e.Step.Environment):
			machine += e.Step.Result.Elapsed.Std()
		case e.Effort != nil:
			f := e.Effort.Effort
			people += f.Hours * map[string]float64{"developer": 110, "change-manager": 140, "tester": 90}[f.Role]
			expenses += f.Expense
		}
	}
	machines := machine.Hours() * figurestest.Rates.MachineHour
	if total := machines + people + expenses; total > 0 && l.of(l.Closed) {
		l.say("cost", l.Closed, total, "service", l.Service, "type", l.Model)
		l.broken("cost", machines, "part", "machines")
		l.broken("cost", people, "part", "people")
		l.broken("cost", expenses, "part", "expenses")
	}
}
