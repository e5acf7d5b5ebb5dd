package dml_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"slipway/activities/driver/dml"
	"slipway/activities/driver/dml/registrytest"
)

// backends are the storages that the rules of a library hold on; each gives the
// specification of a new, empty library.
var backends = map[string]func(*testing.T) string{
	"layout":   func(t *testing.T) string { return "oci-layout:" + t.TempDir() },
	"registry": func(t *testing.T) string { return registrytest.Start(t, registrytest.Options{}).Host + "/team/slipway" },
}

// onEach runs a rule on an empty library of every backend.
func onEach(t *testing.T, rule func(*testing.T, *dml.Library)) {
	t.Helper()
	at(t, func(t *testing.T, spec string) { rule(t, open(t, spec)) })
}

// at runs a rule for the specification of an empty library of every backend.
func at(t *testing.T, rule func(t *testing.T, spec string)) {
	t.Helper()
	for name, spec := range backends {
		t.Run(name, func(t *testing.T) { rule(t, spec(t)) })
	}
}

func open(t *testing.T, spec string, access ...dml.Access) *dml.Library {
	t.Helper()
	l, err := dml.Open(spec, access...)
	require.NoError(t, err)
	return l
}
