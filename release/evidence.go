package release

import (
	"fmt"
	"slices"
	"strings"
)

// Evidence is what a test suite proved about a package.
type Evidence struct {
	Suite   string   `json:"suite"`
	Kind    string   `json:"kind,omitempty"`
	Covers  []string `json:"covers,omitempty"`
	Package Digest   `json:"package"`
	Build   int      `json:"build"`
	// Environment is the test environment that was leased meanwhile.
	Environment string `json:"environment,omitempty"`
	Passed      int    `json:"passed"`
	Failed      int    `json:"failed"`
	Skipped     int    `json:"skipped"`
	// Failures holds the first failing cases with their messages.
	Failures []CaseFailure `json:"failures,omitempty"`
	// Flaky are cases that failed, and passed when the suite ran again; Runs is how
	// often it ran, when more than once.
	Flaky []string `json:"flaky,omitempty"`
	Runs  int      `json:"runs,omitempty"`
	// Earlier are the runs before the last one, all of which failed.
	Earlier   []EarlierRun `json:"earlier,omitempty"`
	Execution Execution    `json:"execution"`
	// Failure says why the suite did not pass; empty means that it passed.
	Failure string `json:"failure,omitempty"`
}

// EarlierRun is a run of a suite that failed, so that it ran again.
type EarlierRun struct {
	// Failed is how many cases failed, and Failure why the run did not pass.
	Failed    int       `json:"failed"`
	Failure   string    `json:"failure"`
	Execution Execution `json:"execution"`
}

// CaseFailure is a test case that failed.
type CaseFailure struct {
	Case string `json:"case"`
	// File is where the case or its failure is, as in "web_test.go:12".
	File    string `json:"file,omitempty"`
	Message string `json:"message,omitempty"`
}

// maxFlaky is how many flaky cases evidence names.
const maxFlaky = 50

// Rerun gives the evidence of a suite that ran until it passed or might not run again:
// that of its last run, with what is to be known of those before. What failed in
// them is flaky if the last one passed as a whole.
func Rerun(runs []Evidence) Evidence {
	last := runs[len(runs)-1]
	if len(runs) == 1 {
		return last
	}
	last.Runs = len(runs)
	for _, e := range runs[:len(runs)-1] {
		e.Execution.Tail = "" // the log has it
		last.Earlier = append(last.Earlier, EarlierRun{Failed: e.Failed, Failure: e.Failure, Execution: e.Execution})
		if last.Failure == "" {
			for _, f := range e.Failures {
				last.Flaky = append(last.Flaky, f.Case)
			}
		}
	}
	slices.Sort(last.Flaky)
	last.Flaky = slices.Compact(last.Flaky)
	last.Flaky = last.Flaky[:min(len(last.Flaky), maxFlaky)]
	return last
}

// Executions are those of all its runs, the last one at the end.
func (e Evidence) Executions() []Execution {
	var all []Execution
	for _, run := range e.Earlier {
		all = append(all, run.Execution)
	}
	return append(all, e.Execution)
}

// Again says of a suite what did not go well at once: "passed on run 2; flaky: a, b".
// It is empty when nothing did.
func (e Evidence) Again() string {
	var parts []string
	switch {
	case e.Runs > 1 && e.Failure == "":
		parts = append(parts, fmt.Sprintf("passed on run %d", e.Runs))
	case e.Runs > 1:
		parts = append(parts, fmt.Sprintf("failed in all %d runs", e.Runs))
	}
	if len(e.Flaky) > 0 {
		parts = append(parts, "flaky: "+some(e.Flaky))
	}
	return strings.Join(parts, "; ")
}

// HowPassed says how a suite passed: "passed", or "passed on run 2; flaky: a".
func (e Evidence) HowPassed() string {
	switch again := e.Again(); {
	case again == "":
		return "passed"
	case e.Runs > 1:
		return again
	default:
		return "passed; " + again
	}
}
