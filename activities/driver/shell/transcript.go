package shell

import "io"

// Transcript takes what a script prints that runs elsewhere, as Run does with that
// of its own: it goes to the log as it comes, with secrets masked.
type Transcript struct{ out output }

// NewTranscript begins one, with the secrets of the script; progress, which may be nil,
// gets the newest line.
func NewTranscript(log io.Writer, secrets Secrets, progress func(line string)) *Transcript {
	return &Transcript{output{log: log, redact: secrets.redactor(), progress: progress}}
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
