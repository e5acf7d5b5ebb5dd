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
			fact{"Package", lines(digest(p.Digest), textf("%s, %s, %s", p.Tag, release.ManyOf(p.Files, "file"), release.Size(p.Size)))},
			fact{"Content", digest(p.Content)},
		)...)
	}
	if b.Record != nil {
		facts = append(facts, fact{"Build record", digest(b.Record.Digest)})
	}
	if b.Provenance != nil {
		facts = append(facts, fact{"Signed provenance", digest(b.Provenance.Digest)})
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
			rows = append(rows, []cell{text(e.Name), exit(e), took(e.Elapsed), memory(e), digest(e.Log.Digest)})
		}
		blocks = append(blocks, columns(rows, "Build step", "Exit", "Took", "Memory", "Log"))
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

// memory is the most that a process of a script held.
func memory(e release.Execution) cell {
	if e.PeakMemory == 0 {
		return nil
	}
	return text(release.Size(e.PeakMemory))
}

// exit says how a script ended.
func exit(e release.Execution) cell {
	switch {
	case e.Stopped != "":
		return toned(bad, "stopped:").with(text(e.Stopped))
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
	evidence := slices.DeleteFunc(slices.Clone(c.Evidence), func(e release.Evidence) bool { return e.Build != build })
	for _, e := range evidence {
		rows = append(rows, []cell{
			text(e.Suite), text(e.Kind), verdict(e), textf("%d", e.Passed), textf("%d", e.Failed), textf("%d", e.Skipped),
			took(e.Execution.Elapsed), text(strings.Join(e.Covers, ", ")), digest(e.Execution.Log.Digest),
		})
		failures = slices.Concat(failures, flakyCases(e), suiteFailures(e))
	}
	if len(rows) == 0 {
		return []block{paragraph("Build %d was not tested.", build)}
	}
	tests := columns(rows, "Test suite", "Kind", "Result", "Passed", "Failed", "Skipped", "Took", "Covers", "Log")
	return slices.Concat([]block{tests}, failures, earlierRuns(evidence))
}

func verdict(e release.Evidence) cell {
	if e.Failure != "" {
		return toned(bad, "failed:").with(text(e.Failure))
	}
	if e.Again() != "" {
		return toned(warn, "%s", e.HowPassed())
	}
	return toned(good, "passed")
}

// earlierRuns lists the runs of suites that failed before the one that counts, with
// their logs, so that nothing is hidden.
func earlierRuns(all []release.Evidence) []block {
	var rows [][]cell
	for _, e := range all {
		for i, run := range e.Earlier {
			rows = append(rows, []cell{text(e.Suite), textf("%d of %d", i+1, e.Runs), text(run.Failure), took(run.Execution.Elapsed), digest(run.Execution.Log.Digest)})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return []block{columns(rows, "Suite that ran again", "Run", "Failed, because", "Took", "Log")}
}

// flakyCases lists the cases that passed only when their suite ran again.
func flakyCases(e release.Evidence) []block {
	var rows [][]cell
	for _, name := range e.Flaky {
		rows = append(rows, []cell{text(name)})
	}
	if len(rows) == 0 {
		return nil
	}
	return []block{columns(rows, "Flaky case of "+e.Suite)}
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
		rows = append(rows, []cell{text(f.Case), text(f.File), text(f.Message)})
	}
	if more := e.Failed - len(e.Failures); more > 0 {
		rows = append(rows, []cell{toned(muted, "and %d more", more), nil, nil})
	}
	return []block{columns(rows, "Failed case of "+e.Suite, "Where", "Message")}
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

// stateTones is how good it is how far a requirement is proved.
var stateTones = map[release.ProofState]tone{
	release.Proved: good, release.Disproved: bad, release.Untested: warn, release.NotCovered: bad,
}

// coverage lays the requirements against the suites that cover them.
func (c composer) coverage() []block {
	var rows [][]cell
	for _, p := range c.plan.Definition.Proofs(c.latestEvidence()) {
		suites := each(p.Suites, func(s release.SuiteProof) cell {
			switch {
			case !s.Ran:
				return text(s.Suite).with(toned(muted, "not run"))
			case s.Passed && s.Flaky:
				return text(s.Suite).with(toned(warn, "passed, flaky"))
			case s.Passed:
				return text(s.Suite).with(toned(good, "passed"))
			}
			return text(s.Suite).with(toned(bad, "failed"))
		})
		rows = append(rows, []cell{code(p.ID), text(p.Text), lines(suites...), toned(stateTones[p.State()], "%s", p.State())})
	}
	if len(rows) == 0 {
		return nil
	}
	return []block{heading("Requirements"), columns(rows, "Requirement", "Text", "Covered by", "Result")}
}
