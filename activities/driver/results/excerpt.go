package results

import (
	"cmp"
	"path"
	"regexp"
	"strings"
)

// excerpt is the part of an output of go test that tells most about a failure: its
// end, but of a panic its beginning.
type excerpt struct {
	text     string
	panicked bool
	// test and other are where it is: in a test, or elsewhere.
	test, other string
}

// frames are the lines that go test adds to a test's own.
var frames = []string{"=== ", "--- FAIL: ", "--- PASS: ", "--- SKIP: "}

func (e *excerpt) add(line string) {
	for _, frame := range frames {
		if strings.HasPrefix(line, frame) {
			return
		}
	}
	if !e.panicked && strings.HasPrefix(line, "panic: ") {
		e.text, e.panicked, e.test, e.other = "", true, "", ""
	}
	e.locate(line)
	e.text += line
	if over := len(e.text) - maxMessage; over > 0 && e.panicked {
		e.text = e.text[:maxMessage]
	} else if over > 0 {
		e.text = e.text[over:]
	}
}

var (
	// goLogged is the head of what a test or a compiler says: "    web_test.go:12: …".
	goLogged = regexp.MustCompile(`^\s*(?:\./)?([\w./-]+\.go:\d+):`)
	// goFrame is a line of a stack: "	/home/x/web_test.go:12 +0x1d".
	goFrame = regexp.MustCompile(`^\t(\S+\.go:\d+)(?: |$)`)
)

// locate finds out where a failure is: what a test says last is what it fails with,
// and a panic came from the first test on its stack.
func (e *excerpt) locate(line string) {
	line = strings.TrimRight(line, "\r\n")
	if len(line) > maxMessage || !strings.Contains(line, ".go:") {
		return
	}
	head := goLogged
	if e.panicked {
		head = goFrame
	}
	found := head.FindStringSubmatch(line)
	switch {
	case found == nil:
	case !strings.Contains(found[1], "_test.go:"):
		e.other = cmp.Or(e.other, found[1])
	case !e.panicked:
		e.test = found[1]
	default:
		e.test = cmp.Or(e.test, path.Base(found[1]))
	}
}

// place is where the failure is, as in "web_test.go:12"; empty when that is not known.
func (e *excerpt) place() string {
	if e.panicked {
		return e.test // elsewhere it is the runtime, mostly
	}
	return cmp.Or(e.test, e.other)
}
