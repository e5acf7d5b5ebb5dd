package dml_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	cdx "github.com/CycloneDX/cyclonedx-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/activities/driver/dml"
	"slipway/release"
)

// program makes a folder that holds a Go program (this very test), a script and
// a link.
func program(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	data, err := os.ReadFile(self)
	require.NoError(t, err)
	folder := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(folder, "bin"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "bin", "tool"), data, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "run.sh"), []byte("#!/bin/sh\n"), 0o755))
	require.NoError(t, os.Symlink("bin/tool", filepath.Join(folder, "tool")))
	return folder
}

// material is what a component was built into, with what it declares.
func material(folder string) []dml.Material {
	return []dml.Material{{Folder: folder, Sum: "h1:abc=", Component: release.Component{
		Name: "web", Source: release.Source{Module: "example.org/Web", Version: "v1.2.0"},
		Dependencies: []release.ComponentDependency{
			{Name: "left-pad", Version: "1.3.0", PURL: "pkg:npm/left-pad@1.3.0", License: "MIT OR Apache-2.0"},
			{Name: "house-style"},
		},
	}}}
}

func decoded(t *testing.T, data []byte) *cdx.BOM {
	t.Helper()
	bom := new(cdx.BOM)
	require.NoError(t, cdx.NewBOMDecoder(bytes.NewReader(data), cdx.BOMFileFormatJSON).Decode(bom))
	return bom
}

func TestSBOMListsComponentsWithTheirProgramsAndWhatTheyDeclare(t *testing.T) {
	data, err := dml.SBOM("httpbin", "2.26.0", material(program(t)))
	require.NoError(t, err)
	bom := decoded(t, data)
	assert.Equal(t, "httpbin", bom.Metadata.Component.Name)
	assert.Empty(t, bom.SerialNumber)
	assert.Empty(t, bom.Metadata.Timestamp)

	parts := map[string]cdx.Component{}
	for _, component := range *bom.Components {
		parts[component.BOMRef] = component
	}
	web, tool, pad := parts["component:web"], parts["file:bin/tool"], parts["pkg:npm/left-pad@1.3.0"]
	assert.Equal(t, "pkg:golang/example.org/web@v1.2.0", web.PackageURL)
	assert.Contains(t, *web.Properties, cdx.Property{Name: "slipway:sum", Value: "h1:abc="})
	assert.Equal(t, "bin/tool", tool.Name)
	assert.Equal(t, cdx.ComponentTypeApplication, web.Type, "what changes is found among the libraries")
	assert.Equal(t, "MIT OR Apache-2.0", (*pad.Licenses)[0].Expression)
	assert.Equal(t, "house-style", parts["declared:house-style@"].Name)

	on := map[string][]string{}
	for _, d := range *bom.Dependencies {
		on[d.Ref] = *d.Dependencies
	}
	assert.Equal(t, []string{"component:web"}, on["release"])
	assert.Equal(t, []string{"file:bin/tool", "pkg:npm/left-pad@1.3.0", "declared:house-style@"}, on["component:web"])
	assert.True(t, slices.ContainsFunc(on["file:bin/tool"], func(ref string) bool { return strings.HasPrefix(ref, "pkg:golang/std@") }))
}

func TestSBOMDependsOnTheFilesAlone(t *testing.T) {
	one, err := dml.SBOM("httpbin", "2.26.0", material(program(t)))
	require.NoError(t, err)
	two, err := dml.SBOM("httpbin", "2.26.0", material(program(t)))
	require.NoError(t, err)
	assert.Equal(t, string(one), string(two))
}

func TestSBOMOfNoProgramsIsValid(t *testing.T) {
	data, err := dml.SBOM("docs", "1", []dml.Material{{Folder: t.TempDir()}})
	require.NoError(t, err)
	assert.NotContains(t, string(data), "null")
	_, err = dml.SBOM("docs", "1", []dml.Material{{Folder: "/nowhere"}})
	require.ErrorIs(t, err, os.ErrNotExist)
}
