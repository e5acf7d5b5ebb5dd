package shell

import (
	"errors"
	"fmt"
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

// base are the worker's variables that every script gets if they are set: enough
// to find programs, caches and the Go module proxy.
var base = []string{
	"PATH", "HOME", "LANG", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR",
	"GOPATH", "GOCACHE", "GOMODCACHE", "GOTMPDIR", "GOTOOLCHAIN", "GOFLAGS",
	"GOPROXY", "GOPRIVATE", "GONOPROXY", "GOSUMDB", "GONOSUMDB", "GOINSECURE",
}

// environment gives what the script sees as "NAME=value", and the values that
// must not be seen in its output. Secrets come over Env, Env over the base.
func (c Command) environment() (env, secrets []string, err error) {
	for _, name := range base {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	for name, value := range c.Env {
		env = append(env, name+"="+value)
	}
	for name, reference := range c.Secrets {
		value, err := resolve(reference)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w: %s is %s: %w", c.describe(), ErrSecret, name, reference, err)
		}
		env, secrets = append(env, name+"="+value), append(secrets, value)
	}
	return env, secrets, nil
}

// Mask replaces the values of secrets in what a script left behind, as Run does in
// its log. Secrets are the references, as in Command.
func Mask(secrets map[string]string, text []byte) ([]byte, error) {
	var values []string
	for name, reference := range secrets {
		value, err := resolve(reference)
		if err != nil {
			return nil, fmt.Errorf("%w: %s is %s: %w", ErrSecret, name, reference, err)
		}
		values = append(values, value)
	}
	r := newRedactor(values)
	masked := slices.Clone(r.next(text))
	return append(masked, r.rest()...), nil
}

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
