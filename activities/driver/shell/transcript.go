package shell

import (
	"cmp"
	"fmt"
	"io"
	"slices"
)

// Transcript takes what a script prints that runs elsewhere, as Run does with that
// of its own: it goes to the log as it comes, with secrets masked.
type Transcript struct{ out output }

// NewTranscript begins one. Secrets are the values to mask; progress, which may be
// nil, gets the newest line.
func NewTranscript(log io.Writer, secrets []string, progress func(line string)) *Transcript {
	return &Transcript{output{log: log, redact: newRedactor(secrets), progress: progress}}
}

// Write takes the next of it. The error is that of the log.
func (t *Transcript) Write(p []byte) (int, error) {
	t.out.write(t.out.redact.next(p))
	if t.out.err != nil {
		return 0, t.out.err
	}
	return len(p), nil
}

// End gives the log what was held back, and the last lines as an Execution has them.
func (t *Transcript) End() (tail string, err error) {
	t.out.write(t.out.redact.rest())
	return t.out.tail.String(), t.out.err
}

// Secrets gives the values of references, "env:NAME" or "file:PATH" on this machine,
// by the names of their variables. The error is ErrSecret.
func Secrets(references map[string]string) (map[string]string, error) {
	values := map[string]string{}
	for name, reference := range references {
		value, err := resolve(reference)
		if err != nil {
			return nil, fmt.Errorf("%w: %s is %s: %w", ErrSecret, name, reference, err)
		}
		values[name] = value
	}
	return values, nil
}

// Masked lists what is masked for secrets of these values, the longest first: each as
// a whole, and the lines of one that has several.
func Masked(values []string) []string {
	var masked []string
	for _, secret := range newRedactor(values).secrets {
		masked = append(masked, string(secret))
	}
	slices.SortFunc(masked, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	return masked
}
