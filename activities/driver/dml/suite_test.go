package dml_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"slipway/activities/driver/dml"
	"slipway/activities/driver/dml/registrytest"
	"slipway/release"
	"slipway/release/audit"
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

// attached lists what was attached to a package.
func attached(t *testing.T, l *dml.Library, subject release.Digest) []audit.Artifact {
	t.Helper()
	all, err := l.Artifacts(context.Background())
	require.NoError(t, err)
	return slices.DeleteFunc(all, func(a audit.Artifact) bool { return a.Subject != subject })
}

// blobPath is where a layout keeps a blob.
func blobPath(library, segment string, d release.Digest) string {
	return filepath.Join(library, segment, "blobs", "sha256", string(d[len("sha256:"):]))
}

// damage flips one byte of a blob.
func damage(t *testing.T, path string) {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	data[len(data)/2] ^= 1
	require.NoError(t, os.Remove(path))
	require.NoError(t, os.WriteFile(path, data, 0o444))
}

func names(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	list := make([]string, 0, len(entries))
	for _, entry := range entries {
		list = append(list, entry.Name())
	}
	return list
}
