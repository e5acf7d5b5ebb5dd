// Package results reads what a test suite reports into one shape, whatever the
// format, from output that may be huge, broken or hostile.
package results

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"slipway/release"
)

// The formats; junit is followed by a path in the suite's folder.
const (
	Exit       = "exit"
	GoTestJSON = "go-test-json"
	TAP        = "tap"
	JUnit      = "junit:"
)

// The kinds of error, for errors.Is. Neither goes away by reading again.
var (
	// ErrFormat: there is no such format.
	ErrFormat = errors.New("not a format of test results")
	// ErrUnreadable: the suite ended well but left no results that can be read.
	ErrUnreadable = errors.New("test results cannot be read")
)

const (
	maxFailures = 50
	maxMessage  = 2 << 10
	maxCase     = 300
)

// Counts is what a suite proved.
type Counts struct {
	Passed  int
	Failed  int
	Skipped int
	// Failures are the first 50 that failed, with messages of at most 2 KB.
	Failures []release.CaseFailure
	// Flaky are the first 50 that failed and passed when the suite itself ran them
	// again, as far as the results tell.
	Flaky []string
}

// Read gives the results of a suite that ended with an exit status. The format is
// "exit" (or empty: the status is the result), "go-test-json" or "tap" (from the
// output), or "junit:PATH" (from a file in folder).
//
// A suite that ended with another status than 0 always has a failure, also when
// its results say otherwise or cannot be read. Errors are ErrFormat,
// ErrUnreadable, or those of reading output.
func Read(format string, output io.Reader, folder string, exit int) (Counts, error) {
	var c Counts
	var err error
	path, isJUnit := strings.CutPrefix(format, JUnit)
	switch {
	case format == "" || format == Exit:
		if exit == 0 {
			c.Passed = 1
		}
	case format == GoTestJSON:
		err = readGoTest(output, &c)
	case format == TAP:
		err = readTAP(output, &c)
	case isJUnit && path != "":
		err = readJUnit(folder, path, &c)
	default:
		return Counts{}, fmt.Errorf("%w: %q; use exit, go-test-json, tap or junit:PATH", ErrFormat, format)
	}
	switch {
	case exit != 0 && errors.Is(err, ErrUnreadable):
		c.fail(fmt.Sprintf("exit status %d", exit), "", err.Error())
	case err != nil:
		return Counts{}, err
	case exit != 0 && c.Failed == 0:
		c.fail(fmt.Sprintf("exit status %d", exit), "", "")
	}
	return c, nil
}

// Total is the number of cases.
func (c Counts) Total() int { return c.Passed + c.Failed + c.Skipped }

// fail notes a case that failed, with where that is, as in "web_test.go:12".
func (c *Counts) fail(name, file, message string) {
	c.Failed++
	if len(c.Failures) < maxFailures {
		c.Failures = append(c.Failures, release.CaseFailure{
			Case: text(name, maxCase), File: text(file, maxCase), Message: text(message, maxMessage),
		})
	}
}

// failAs notes a case that failed with what it said.
func (c *Counts) failAs(name string, said *excerpt) { c.fail(name, said.place(), said.text) }

func (c *Counts) flaky(name string) {
	if len(c.Flaky) < maxFailures {
		c.Flaky = append(c.Flaky, text(name, maxCase))
	}
}

// text makes valid text of at most so many bytes, without NUL, which databases
// do not take. It is a copy: what it comes from may be large.
func text(s string, most int) string {
	s = strings.TrimSpace(s)
	cut := len(s) > most
	s = strings.ReplaceAll(strings.ToValidUTF8(s[:min(len(s), most)], string(utf8.RuneError)), "\x00", "")
	if len(s) <= most && !cut {
		return strings.Clone(s)
	}
	end := min(len(s), most-len("…"))
	for end < len(s) && end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}
