package report

import (
	"fmt"
	"slices"
	"strings"

	"slipway/release"
)

func (c composer) builds() []block {
	if len(c.Builds) == 0 {
		return []block{paragraph("Nothing was built.")}
	}
	var blocks []block
	for _, b := range c.Builds {
		blocks = append(blocks, c.build(b)...)
		blocks = append(blocks, c.tests(b.Number)...)
	}
	return append(blocks, c.coverage()...)
}

func (c composer) build(b release.BuildRecord) []block {
	result := toned(good, "built")
	if b.Failure != "" {
		result = toned(bad, "failed:").with(text(b.Failure))
	}
	facts := known(
		fact{"Result", result},
		fact{"Started", c.clock.at(b.Started)},
		fact{"Took", took(b.Elapsed)},
		fact{"Builder", text(b.Builder)},
	)
	if p := b.Package; p != nil {
		facts = append(facts, known(
			fact{"Package", lines(digest(p.Digest), textf("%s, %s, %s", p.Tag, count(p.Files, "file"), size(p.Size)))},
			fact{"Content", digest(p.Content)},
		)...)
	}
	if b.Record != nil {
		facts = append(facts, fact{"Build record", digest(b.Record.Digest)})
	}
	blocks := []block{heading(fmt.Sprintf("Build %d", b.Number)), {Facts: facts}}
	if len(b.Sources) > 0 {
		var rows [][]cell
		for _, s := range b.Sources {
			rows = append(rows, []cell{text(s.Component), text(s.Source), sum(s.Sum), digest(s.Master), takenFrom(s), sum(s.SignedBy)})
		}
		blocks = append(blocks, columns(rows, "Component", "Controlled source", "Sum", "Master copy", "Taken from", "Signed by"))
	}
	if len(b.Steps) > 0 {
		var rows [][]cell
		for _, e := range b.Steps {
			rows = append(rows, []cell{text(e.Name), exit(e), took(e.Elapsed), digest(e.Log.Digest)})
		}
		blocks = append(blocks, columns(rows, "Build step", "Exit", "Took", "Log"))
	}
	for _, e := range b.Steps {
		blocks = append(blocks, tail(e)...)
	}
	return blocks
}

// takenFrom says whether a component came from outside; of older builds nobody knows.
func takenFrom(a release.Acquired) cell {
	switch {
	case a.Kept:
		return text("the master copy")
	case a.Master != "":
		return text("its source")
	}
	return nil
}

// exit says how a script ended.
func exit(e release.Execution) cell {
	switch {
	case e.TimedOut:
		return toned(bad, "timed out")
	case e.Exit != 0:
		return toned(bad, "%d", e.Exit)
	}
	return textf("%d", e.Exit)
}

// tailLines is how much of a failed script's output is shown: enough to see why.
const tailLines = 12

// tail shows the last lines of a script that failed.
func tail(e release.Execution) []block {
	output := strings.TrimRight(e.Tail, "\n")
	if e.OK() || output == "" {
		return nil
	}
	last := strings.Split(output, "\n")
	last = last[max(0, len(last)-tailLines):]
	return []block{{Verbatim: &verbatim{"Last lines of " + e.Name, strings.Join(last, "\n")}}}
}

func (c composer) tests(build int) []block {
	var rows [][]cell
	var failures []block
	for _, e := range c.Evidence {
		if e.Build != build {
			continue
		}
		rows = append(rows, []cell{
			text(e.Suite), text(e.Kind), verdict(e), textf("%d", e.Passed), textf("%d", e.Failed), textf("%d", e.Skipped),
			took(e.Execution.Elapsed), text(strings.Join(e.Covers, ", ")), digest(e.Execution.Log.Digest),
		})
		failures = append(failures, suiteFailures(e)...)
	}
	if len(rows) == 0 {
		return []block{paragraph("Build %d was not tested.", build)}
	}
	return append([]block{
		columns(rows, "Test suite", "Kind", "Result", "Passed", "Failed", "Skipped", "Took", "Covers", "Log"),
	}, failures...)
}

func verdict(e release.Evidence) cell {
	if e.Failure != "" {
		return toned(bad, "failed:").with(text(e.Failure))
	}
	return toned(good, "passed")
}

func suiteFailures(e release.Evidence) []block {
	if len(e.Failures) == 0 {
		if e.Failure == "" {
			return nil
		}
		return tail(e.Execution)
	}
	var rows [][]cell
	for _, f := range e.Failures {
		rows = append(rows, []cell{text(f.Case), text(f.Message)})
	}
	if more := e.Failed - len(e.Failures); more > 0 {
		rows = append(rows, []cell{toned(muted, "and %d more", more), nil})
	}
	return []block{columns(rows, "Failed case of "+e.Suite, "Message")}
}

// latestEvidence is that about the package of the release or, when there is none,
// about the last build.
func (c composer) latestEvidence() []release.Evidence {
	number := 0
	for _, b := range c.Builds {
		number = max(number, b.Number)
	}
	for _, b := range c.Builds {
		if c.Package != nil && b.Package != nil && b.Package.Digest == c.Package.Digest {
			number = b.Number
		}
	}
	return slices.DeleteFunc(slices.Clone(c.Evidence), func(e release.Evidence) bool { return e.Build != number })
}

// coverageRow is a requirement with what the suites that cover it proved.
type coverageRow struct {
	Requirement release.Requirement
	Suites      []coveringSuite
}

type coveringSuite struct {
	Name        string
	Run, Passed bool
}

// Verdict says whether the requirement was proved; only suites that all ran and
// passed prove it.
func (r coverageRow) Verdict() cell {
	if len(r.Suites) == 0 {
		return toned(bad, "not covered")
	}
	run := true
	for _, s := range r.Suites {
		if s.Run && !s.Passed {
			return toned(bad, "failed")
		}
		run = run && s.Run
	}
	if !run {
		return toned(warn, "not tested")
	}
	return toned(good, "passed")
}

// coverageOf lays the requirements against the suites of the plan.
func coverageOf(d release.Definition, evidence []release.Evidence) []coverageRow {
	var rows []coverageRow
	for _, requirement := range d.Requirements {
		row := coverageRow{Requirement: requirement}
		for _, s := range d.Test.Suites {
			if !slices.Contains(s.Covers, requirement.ID) {
				continue
			}
			suite := coveringSuite{Name: s.Name}
			for _, e := range evidence {
				if e.Suite == s.Name {
					suite.Run, suite.Passed = true, e.Failure == ""
				}
			}
			row.Suites = append(row.Suites, suite)
		}
		rows = append(rows, row)
	}
	return rows
}

func (c composer) coverage() []block {
	var rows [][]cell
	for _, r := range coverageOf(c.plan.Definition, c.latestEvidence()) {
		suites := each(r.Suites, func(s coveringSuite) cell {
			switch {
			case !s.Run:
				return text(s.Name).with(toned(muted, "not run"))
			case s.Passed:
				return text(s.Name).with(toned(good, "passed"))
			}
			return text(s.Name).with(toned(bad, "failed"))
		})
		rows = append(rows, []cell{code(r.Requirement.ID), text(r.Requirement.Text), lines(suites...), r.Verdict()})
	}
	if len(rows) == 0 {
		return nil
	}
	return []block{heading("Requirements"), columns(rows, "Requirement", "Text", "Covered by", "Result")}
}
