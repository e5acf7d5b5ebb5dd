package shell

import (
	"fmt"
	"os"
	"slices"
)

// base are the worker's variables that every script gets if they are set: enough
// to find programs and the Go module proxy.
var base = []string{
	"PATH", "LANG", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR",
	"GOTOOLCHAIN", "GOPROXY", "GOPRIVATE", "GONOPROXY", "GOSUMDB", "GONOSUMDB", "GOINSECURE",
}

// shared are those that a script gets besides when it has no home of its own: where
// the worker's settings and caches are.
var shared = []string{"HOME", "GOPATH", "GOCACHE", "GOMODCACHE", "GOTMPDIR", "GOFLAGS"}

// environment gives what the script sees as "NAME=value", and the secrets among it.
// Secrets come over Env, Env over the base.
func (c Command) environment() (env []string, secrets Secrets, err error) {
	taken := base
	if c.Home != "" {
		env = append(env, "HOME="+c.Home)
	} else {
		taken = slices.Concat(base, shared)
	}
	for _, name := range taken {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	for name, value := range c.Env {
		env = append(env, name+"="+value)
	}
	if secrets, err = Resolve(c.Secrets); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", c.describe(), err)
	}
	for name, value := range secrets {
		env = append(env, name+"="+value)
	}
	return env, secrets, nil
}
