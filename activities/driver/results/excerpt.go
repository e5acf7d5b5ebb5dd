package results

import "strings"

// excerpt is the part of an output that tells most about a failure: its end, but
// of a panic its beginning.
type excerpt struct {
	text     string
	panicked bool
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
		e.text, e.panicked = "", true
	}
	e.text += line
	if over := len(e.text) - maxMessage; over > 0 && e.panicked {
		e.text = e.text[:maxMessage]
	} else if over > 0 {
		e.text = e.text[over:]
	}
}
