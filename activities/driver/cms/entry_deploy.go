package cms

import (
	"maps"
	"slices"

	"slipway/release"
)

func buildRows(e *release.Entry, b *release.BuildRecord) []row {
	var digest release.Digest
	var rows []row
	if b.Package != nil {
		digest, rows = b.Package.Digest, packageRows(e, *b.Package)
	}
	var record release.Blob
	if b.Record != nil {
		record = *b.Record
	}
	has := slices.Concat([]column{
		{"number", b.Number},
		{"builder", b.Builder},
		{"started", stamp(b.Started)},
		{"elapsed_ms", milliseconds(b.Elapsed)},
		{"package", optional(digest)},
		{"failure", optional(b.Failure)},
	}, blob("record", record))
	return append(rows, event("builds", e, has,
		parts("build_sources", b.Sources, sourceRow),
		parts("build_steps", b.Steps, func(x release.Execution) []column {
			return append(execution(x), column{"name", x.Name},
				column{"started", stamp(x.Started)}, column{"elapsed_ms", milliseconds(x.Elapsed)})
		}),
	))
}

// packageRows holds a package, when it says which it is. Whoever names it again
// does not make it theirs: it has no release.
func packageRows(e *release.Entry, p release.Package) []row {
	if p.Digest == "" {
		return nil
	}
	return []row{{
		table: "packages", entry: e,
		is: []column{{"package", string(p.Digest)}},
		has: []column{
			{"key", e.Key}, {"content", string(p.Content)}, {"tag", p.Tag}, {"size", p.Size}, {"files", p.Files},
		},
	}}
}

func testRows(e *release.Entry, t *release.Evidence) []row {
	has := slices.Concat([]column{
		{"build", t.Build},
		{"package", optional(t.Package)},
		{"suite", t.Suite},
		{"kind", optional(t.Kind)},
		{"passed", t.Passed},
		{"failed", t.Failed},
		{"skipped", t.Skipped},
		{"failure", optional(t.Failure)},
		{"started", stamp(t.Execution.Started)},
		{"elapsed_ms", milliseconds(t.Execution.Elapsed)},
	}, execution(t.Execution))
	return []row{event("tests", e, has,
		parts("test_requirements", t.Covers, func(id string) []column { return []column{{"requirement", id}} }),
		parts("test_failures", t.Failures, func(f release.CaseFailure) []column {
			return []column{{"test_case", f.Case}, {"message", optional(f.Message)}}
		}),
	)}
}

func deploymentRows(e *release.Entry, d *release.DeployState) []row {
	has := []column{{"environment", d.Environment}, {"state", string(d.State)}, {"reason", optional(d.Reason)}}
	return []row{event("deployments", e, has, parts("targets", d.Targets, func(t release.TargetStatus) []column {
		return []column{
			{"target", t.Name},
			{"state", string(t.State)},
			{"version", optional(t.Version)},
			{"message", optional(t.Message)},
		}
	}))}
}

func stepRows(e *release.Entry, entry *release.StepEntry) []row {
	r := entry.Result
	ran := notRun
	if r.Execution != nil {
		ran = execution(*r.Execution)
	}
	has := slices.Concat([]column{
		{"environment", entry.Environment},
		{"step", r.Step},
		{"target", optional(r.Target)},
		{"wave", r.Wave},
		{"back_out", r.BackOut},
		{"fate", string(r.Fate)},
		{"message", optional(r.Message)},
		{"started", stamp(r.Started)},
		{"elapsed_ms", milliseconds(r.Elapsed)},
	}, ran)
	return []row{event("steps", e, has, parts("step_outputs", slices.Sorted(maps.Keys(r.Outputs)), func(name string) []column {
		return []column{{"name", name}, {"value", r.Outputs[name]}}
	}))}
}

func auditRows(e *release.Entry, entry *release.AuditEntry) []row {
	a := entry.Audit
	var accepted release.Acceptance
	if a.Accepted != nil {
		accepted = *a.Accepted
	}
	has := []column{
		{"environment", entry.Environment},
		{"audited", stamp(a.At)},
		{"occasion", a.When},
		{"targets", a.Targets},
		{"unlisted", a.Unlisted},
		{"accepted", stamp(accepted.At)},
		{"accepted_by", optional(accepted.By)},
		{"accepted_reason", optional(accepted.Reason)},
	}
	return []row{event("audits", e, has, parts("discrepancies", a.Discrepancies, func(d release.Discrepancy) []column {
		return []column{{"target", d.Target}, {"expected", d.Expected}, {"found", d.Found}}
	}))}
}

func readinessRows(e *release.Entry, entry *release.ReadinessEntry) []row {
	c := entry.Confirmation
	ran := notRun
	if c.Execution != nil {
		ran = execution(*c.Execution)
	}
	return []row{event("readiness", e, slices.Concat([]column{
		{"environment", entry.Environment},
		{"item", c.Item},
		{"kind", string(c.Kind)},
		{"text", c.Text},
		{"confirmed", stamp(c.At)},
		{"person", optional(c.By)},
		{"comment", optional(c.Comment)},
		{"failure", optional(c.Failure)},
	}, ran))}
}

func baselineRows(e *release.Entry, entry *release.BaselineEntry) []row {
	var b release.Baseline
	if entry.Baseline != nil {
		b = *entry.Baseline
	}
	rows := packageRows(e, b.Package)
	var others [][]column
	for _, o := range b.Others {
		rows = append(rows, packageRows(e, o.Package)...)
		for _, target := range o.Targets {
			others = append(others, []column{
				{"target", target}, {"version", optional(o.Version)}, {"package", optional(o.Package.Digest)},
			})
		}
	}
	return append(rows, event("baseline_changes", e, []column{
		{"environment", entry.Environment},
		{"service", entry.Service},
		{"runs", optional(b.Release)},
		{"version", optional(b.Version)},
		{"package", optional(b.Package.Digest)},
	}, part{table: "baseline_targets", rows: others}))
}

// notRun is the execution of what has no script.
var notRun = []column{{"exit", nil}, {"timed_out", nil}, {"log", nil}, {"log_size", nil}}

// execution is how a script ended and where its log is. The log itself and its
// tail stay in the DML.
func execution(x release.Execution) []column {
	return append(blob("log", x.Log), column{"exit", x.Exit}, column{"timed_out", x.TimedOut})
}

// blob is content of the DML, NULL when there is none.
func blob(name string, b release.Blob) []column {
	if b.Digest == "" {
		return []column{{name, nil}, {name + "_size", nil}}
	}
	return []column{{name, string(b.Digest)}, {name + "_size", b.Size}}
}
