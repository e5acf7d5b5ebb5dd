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
}

// Read gives the results of a suite that ended with an exit status. The format is
// "exit" (or empty: the status is the result), "go-test-json" (from the output)
// or "junit:PATH" (from a file in folder).
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
	case isJUnit && path != "":
		err = readJUnit(folder, path, &c)
	default:
		return Counts{}, fmt.Errorf("%w: %q; there are exit, go-test-json and junit:PATH", ErrFormat, format)
	}
	switch {
	case exit != 0 && errors.Is(err, ErrUnreadable):
		c.fail(fmt.Sprintf("exit status %d", exit), err.Error())
	case err != nil:
		return Counts{}, err
	case exit != 0 && c.Failed == 0:
		c.fail(fmt.Sprintf("exit status %d", exit), "")
	}
	return c, nil
}

// Total is the number of cases.
func (c Counts) Total() int { return c.Passed + c.Failed + c.Skipped }

func (c *Counts) fail(name, message string) {
	c.Failed++
	if len(c.Failures) < maxFailures {
		c.Failures = append(c.Failures, release.CaseFailure{
			Case: text(name, maxCase), Message: text(message, maxMessage),
		})
	}
}

// text makes valid text of at most so many bytes, without NUL, which databases
// do not take.
func text(s string, most int) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(strings.TrimSpace(s), string(utf8.RuneError)), "\x00", "")
	if len(s) <= most {
		return s
	}
	end := most - len("…")
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}
