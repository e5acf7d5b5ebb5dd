package activities_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/release"
)

// The release of the demo is built from the module proxy, twice, by workers that have
// nothing in common, each with an empty Go build cache.
func TestTheSameSourcesBuildTheSamePackageTwice(t *testing.T) {
	if testing.Short() {
		t.Skip("it compiles the Go standard library twice")
	}
	text, err := os.ReadFile("../deploy/demo/httpbin-2.26.0.yaml")
	require.NoError(t, err)
	d, problems := release.ParseDefinition("httpbin-2.26.0.yaml", text)
	require.Empty(t, problems)
	d.Components, d.Build.Cache = d.Components[:1], ""
	require.NotEmpty(t, d.Components[0].Source.Module)
	plan := release.Plan{Release: "httpbin@2.26.0", Definition: d}
	var packages []release.Package
	for range 2 {
		record := newYard(t, release.SourcePlace{Module: "github.com/mccutchen/go-httpbin"}).build(plan)
		require.Empty(t, record.Failure)
		require.Greater(t, record.Steps[0].PeakMemory, int64(50<<20), "a compiler takes more")
		packages = append(packages, *record.Package)
	}
	assert.Equal(t, packages[0].Content, packages[1].Content)
	assert.Equal(t, packages[0].Digest, packages[1].Digest)
}
