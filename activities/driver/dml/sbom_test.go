package dml_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	cdx "github.com/CycloneDX/cyclonedx-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/activities/driver/dml"
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

func TestSBOMListsThePrograms(t *testing.T) {
	data, err := dml.SBOM(program(t), "httpbin", "2.26.0")
	require.NoError(t, err)
	bom := new(cdx.BOM)
	require.NoError(t, cdx.NewBOMDecoder(bytes.NewReader(data), cdx.BOMFileFormatJSON).Decode(bom))
	assert.Equal(t, "httpbin", bom.Metadata.Component.Name)
	assert.Empty(t, bom.SerialNumber)
	assert.Empty(t, bom.Metadata.Timestamp)

	programs, versions := []string{}, map[string]string{}
	for _, component := range *bom.Components {
		if component.Type == cdx.ComponentTypeApplication {
			programs = append(programs, component.Name)
		} else {
			versions[component.Name] = component.Version
		}
	}
	assert.Equal(t, []string{"bin/tool"}, programs)
	assert.NotEmpty(t, versions["std"])
	require.Len(t, *bom.Dependencies, 2)
	assert.Equal(t, []string{"file:bin/tool"}, *(*bom.Dependencies)[0].Dependencies)
	assert.Contains(t, *(*bom.Dependencies)[1].Dependencies, "pkg:golang/std@"+versions["std"])
}

func TestSBOMDependsOnTheFilesAlone(t *testing.T) {
	one, err := dml.SBOM(program(t), "httpbin", "2.26.0")
	require.NoError(t, err)
	two, err := dml.SBOM(program(t), "httpbin", "2.26.0")
	require.NoError(t, err)
	assert.Equal(t, string(one), string(two))
}

func TestSBOMOfNoProgramsIsValid(t *testing.T) {
	data, err := dml.SBOM(t.TempDir(), "docs", "1")
	require.NoError(t, err)
	assert.NotContains(t, string(data), "null")
	_, err = dml.SBOM("/nowhere", "docs", "1")
	require.ErrorIs(t, err, os.ErrNotExist)
}
