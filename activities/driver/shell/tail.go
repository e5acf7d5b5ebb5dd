package shell

import (
	"bytes"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	tailLines = 20
	tailBytes = 4 << 10
	lineBytes = 400
	// newestLines is how many lines show a script at work.
	newestLines = 5
	// tailKept is how much raw output the tail is made from.
	tailKept = 16 << 10
)

// tail keeps the end of a stream.
type tail struct{ kept []byte }

func (t *tail) add(p []byte) {
	p = p[max(0, len(p)-tailKept):]
	if over := len(t.kept) + len(p) - 2*tailKept; over > 0 {
		t.kept = append(t.kept[:0], t.kept[max(over, len(t.kept)-tailKept):]...)
	}
	t.kept = append(t.kept, p...)
}

// String gives the last lines, at most 20 and 4 KB, in valid UTF-8.
func (t *tail) String() string {
	lines := bytes.Split(bytes.TrimRight(t.kept, "\r\n"), []byte("\n"))
	var text string
	for i := len(lines) - 1; i >= max(0, len(lines)-tailLines); i-- {
		longer := readable(lines[i]) + "\n" + text
		if len(longer) > tailBytes {
			break
		}
		text = longer
	}
	return strings.Trim(text, "\n")
}

// last gives the newest line that is not blank.
func (t *tail) last() string {
	kept := bytes.TrimRight(t.kept, " \t\r\n")
	return readable(kept[bytes.LastIndexByte(kept, '\n')+1:])
}

// newest gives the last few lines that are not blank, the oldest first.
func (t *tail) newest() []string {
	var lines []string
	for kept := t.kept; len(kept) > 0 && len(lines) < newestLines; {
		at := bytes.LastIndexByte(kept, '\n')
		if line := readable(kept[at+1:]); strings.TrimSpace(line) != "" {
			lines = append(lines, line)
		}
		kept = kept[:max(at, 0)]
	}
	slices.Reverse(lines)
	return lines
}

// readable is a line as a terminal would leave it (after the last carriage
// return), cut to a length, without what is not text.
func readable(line []byte) string {
	line = bytes.TrimRight(line, "\r")
	line = line[bytes.LastIndexByte(line, '\r')+1:]
	text := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\t' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(string(line[:min(len(line), lineBytes)]), string(utf8.RuneError)))
	if len(line) <= lineBytes && len(text) <= lineBytes {
		return text
	}
	end := min(len(text), lineBytes-len("…"))
	for end > 0 && end < len(text) && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}

// Tail gives the last lines of an output, as an Execution has them.
func Tail(output string) string {
	var t tail
	t.add([]byte(output))
	return t.String()
}
