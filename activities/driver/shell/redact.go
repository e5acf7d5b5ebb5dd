package shell

import (
	"bytes"
	"slices"
	"strings"
)

const mask = "***"

// minLine is the shortest line of a secret of several lines that is masked on
// its own; shorter ones ("}") say nothing and would mask half of the log.
const minLine = 8

// redactor masks secrets in a stream. It holds back the end of what it has seen
// when that may be the beginning of a secret.
type redactor struct {
	secrets [][]byte
	// held is undecided; its first covered bytes belong to a secret that has
	// been masked already.
	held    []byte
	covered int
	out     []byte
}

// newRedactor masks each value as a whole, and the lines of a value that has
// several, since programs print those apart.
func newRedactor(values []string) *redactor {
	r := &redactor{}
	for _, value := range values {
		r.secrets = append(r.secrets, []byte(value))
		for line := range strings.Lines(value) {
			if line = strings.TrimSpace(line); len(line) >= minLine && line != value {
				r.secrets = append(r.secrets, []byte(line))
			}
		}
	}
	return r
}

// next takes what was written and gives what can be shown, valid until the next
// call.
func (r *redactor) next(p []byte) []byte {
	if len(r.secrets) == 0 {
		return p
	}
	r.held = append(r.held, p...)
	return r.emit(r.undecided())
}

// rest gives what was held back.
func (r *redactor) rest() []byte { return r.emit(len(r.held)) }

// emit gives the first n bytes that are held, masked.
func (r *redactor) emit(n int) []byte {
	out, at, covered := r.out[:0], min(r.covered, n), r.covered
	for _, s := range r.spans() {
		if s.from >= n {
			break
		}
		if s.from > at {
			out = append(out, r.held[at:s.from]...)
		}
		if s.from >= covered {
			out = append(out, mask...)
		}
		at, covered = min(max(at, s.to), n), max(covered, s.to)
	}
	out = append(out, r.held[at:n]...)
	r.out = out
	r.covered = max(0, covered-n)
	r.held = append(r.held[:0], r.held[n:]...)
	return r.out
}

type span struct{ from, to int }

// spans are where secrets are, in order; they may overlap.
func (r *redactor) spans() []span {
	var found []span
	for _, secret := range r.secrets {
		for at := 0; ; at++ {
			i := bytes.Index(r.held[at:], secret)
			if i < 0 {
				break
			}
			at += i
			found = append(found, span{at, at + len(secret)})
		}
	}
	slices.SortFunc(found, func(a, b span) int { return a.from - b.from })
	return found
}

// undecided is where the longest end of held begins that may still become a
// secret.
func (r *redactor) undecided() int {
	first := len(r.held)
	for _, secret := range r.secrets {
		for from := max(0, len(r.held)-len(secret)+1); from < first; from++ {
			if bytes.HasPrefix(secret, r.held[from:]) {
				first = from
			}
		}
	}
	return first
}
