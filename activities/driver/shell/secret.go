package shell

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
)

// ErrSecret is the error of a secret whose reference gives no value. Running
// again does not help before somebody provides it on the worker.
var ErrSecret = errors.New("secret is not available on the worker")

// maxSecret is the size of the longest secret in bytes; a certificate chain with
// its key fits.
const maxSecret = 64 << 10

// Secrets are the values of secrets, by the names of their variables.
type Secrets map[string]string

// Resolve gives the values of references, each "env:NAME" or "file:PATH" on this
// machine, by the names of their variables. The error is ErrSecret, and says which.
func Resolve(references map[string]string) (Secrets, error) {
	secrets := Secrets{}
	for name, reference := range references {
		value, err := resolve(reference)
		if err != nil {
			return nil, fmt.Errorf("%w: %s is %s: %w", ErrSecret, name, reference, err)
		}
		secrets[name] = value
	}
	return secrets, nil
}

// Secret gives the value of one reference that is no variable of a script. The error
// is ErrSecret.
func Secret(reference string) (string, error) {
	value, err := resolve(reference)
	if err != nil {
		return "", fmt.Errorf("%w: %s: %w", ErrSecret, reference, err)
	}
	return value, nil
}

// Mask gives a text as the log of a script that has these secrets shows it.
func (s Secrets) Mask(text string) string {
	r := s.redactor()
	masked := string(r.next([]byte(text)))
	return masked + string(r.rest())
}

// Masked lists what is masked, the longest first: each value as a whole, and the lines
// of one that has several.
func (s Secrets) Masked() []string {
	var masked []string
	for _, secret := range s.redactor().secrets {
		masked = append(masked, string(secret))
	}
	slices.SortFunc(masked, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	return masked
}

func (s Secrets) redactor() *redactor { return newRedactor(slices.Collect(maps.Values(s))) }

// resolve gives the value of a reference, never empty. The newline at the end of
// a file is not part of it.
func resolve(reference string) (string, error) {
	kind, name, _ := strings.Cut(reference, ":")
	var value string
	switch {
	case kind == "env" && name != "":
		value = os.Getenv(name)
	case kind == "file" && name != "":
		data, err := readSecret(name)
		if err != nil {
			return "", err
		}
		value = strings.TrimRight(string(data), "\r\n")
	default:
		return "", errors.New("neither env:NAME nor file:PATH")
	}
	if value == "" {
		return "", errors.New("not set, or empty")
	}
	return value, nil
}

func readSecret(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxSecret {
		return nil, fmt.Errorf("not a file of at most %d bytes", maxSecret)
	}
	return os.ReadFile(path)
}
