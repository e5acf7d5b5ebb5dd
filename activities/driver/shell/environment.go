package shell

import (
	"fmt"
	"os"
)

// base are the worker's variables that every script gets if they are set: enough
// to find programs, caches and the Go module proxy.
var base = []string{
	"PATH", "HOME", "LANG", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR",
	"GOPATH", "GOCACHE", "GOMODCACHE", "GOTMPDIR", "GOTOOLCHAIN", "GOFLAGS",
	"GOPROXY", "GOPRIVATE", "GONOPROXY", "GOSUMDB", "GONOSUMDB", "GOINSECURE",
}

// environment gives what the script sees as "NAME=value", and the secrets among it.
// Secrets come over Env, Env over the base.
func (c Command) environment() (env []string, secrets Secrets, err error) {
	for _, name := range base {
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
