package release_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/release"
)

// sbom is one as the DML keeps it, of modules written "name version".
func sbom(modules ...string) []byte {
	parts := []string{`{"type": "application", "name": "bin/web"}`}
	for _, m := range modules {
		name, version, _ := strings.Cut(m, " ")
		parts = append(parts, fmt.Sprintf(`{"type": "library", "name": %q, "version": %q}`, name, version))
	}
	return []byte(`{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [` + strings.Join(parts, ",") + `]}`)
}

func TestModulesThatCameWentOrHaveAnotherVersionAreListed(t *testing.T) {
	for _, c := range []struct {
		name    string
		was, is []byte
		want    []string
	}{
		{"the same", sbom("a v1", "b v2"), sbom("b v2", "a v1"), []string{}},
		{"all kinds", sbom("b v1", "c v1", "d v1"), sbom("d v1", "c v2", "a v1"), []string{"a: new, v1", "b: gone, was v1", "c: v1 → v2"}},
		{"of two programs with different versions", sbom("a v1", "a v2"), sbom("a v2", "a v2"), []string{"a: v1, v2 → v2"}},
		{"built from a folder", sbom("a"), sbom("a v1"), []string{"a: no version → v1"}},
		{"no Go programs", []byte(`{"bomFormat": "CycloneDX"}`), sbom(), []string{}},
	} {
		changes, err := release.CompareModules(c.was, c.is)
		require.NoError(t, err, c.name)
		assert.Equal(t, c.want, lines(changes), c.name)
	}
}

func TestOfManyModulesTheFirstSixtyAreListed(t *testing.T) {
	var modules []string
	for i := range 100 {
		modules = append(modules, fmt.Sprintf("m%03d v1", i))
	}
	changes, err := release.CompareModules(sbom(), sbom(modules...))
	require.NoError(t, err)
	require.Len(t, changes, 61)
	assert.Equal(t, "m059: new, v1", changes[59].String())
	assert.Equal(t, "and 40 more", changes[60].String())
}

func TestWhatIsNoSBOMIsAnError(t *testing.T) {
	for _, bad := range []string{"", "{", "[]", `{"bomFormat": "SPDX"}`, `{"components": 1}`} {
		_, err := release.CompareModules([]byte(bad), sbom())
		assert.ErrorContains(t, err, "SBOM of what runs: ", bad)
		_, err = release.CompareModules(sbom(), []byte(bad))
		assert.ErrorContains(t, err, "SBOM of the package: ", bad)
	}
}
