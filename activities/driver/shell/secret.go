package shell

import "fmt"

// Resolve gives the value of a secret by its reference, "env:NAME" or "file:PATH" on
// this machine, for those who do not run a script here. The error is ErrSecret.
func Resolve(reference string) (string, error) {
	value, err := resolve(reference)
	if err != nil {
		return "", fmt.Errorf("%w: %s: %w", ErrSecret, reference, err)
	}
	return value, nil
}

// MaskValues gives a text as the log of a script would show it whose secrets have
// these values.
func MaskValues(values []string, text string) string {
	r := newRedactor(values)
	masked := string(r.next([]byte(text)))
	return masked + string(r.rest())
}

// Tail gives the last lines of an output, as an Execution has them.
func Tail(output string) string {
	var t tail
	t.add([]byte(output))
	return t.String()
}
