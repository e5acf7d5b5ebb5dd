package activities_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/release"
)

// The release of the demo is built from the module proxy, twice, by workers that have
// nothing in common, each with a Go build cache that holds the standard library alone.
func TestTheSameSourcesBuildTheSamePackageTwice(t *testing.T) {
	if testing.Short() {
		t.Skip("it compiles the Go standard library")
	}
	text, err := os.ReadFile("../deploy/demo/httpbin-2.26.0.yaml")
	require.NoError(t, err)
	d, problems := release.ParseDefinition("httpbin-2.26.0.yaml", text)
	require.Empty(t, problems)
	d.Components, d.Build.Cache = d.Components[:1], ""
	require.NotEmpty(t, d.Components[0].Source.Module)
	step := &d.Build.Steps[0]
	require.Contains(t, step.Run, `GOCACHE="${CACHE:-$HOME}/build"`)
	step.Run = "export GOFLAGS=" + fastCompile + "\ncp -R " + standardLibrary(t) + ` "$HOME/build"` + "\n" + step.Run
	plan := release.Plan{Release: "httpbin@2.26.0", Definition: d}
	var packages []release.Package
	for range 2 {
		record := newYard(t, release.SourcePlace{Module: "github.com/mccutchen/go-httpbin"}).build(plan)
		require.Empty(t, record.Failure)
		require.Greater(t, record.Steps[0].PeakMemory, int64(10<<20), "the go command takes more")
		packages = append(packages, *record.Package)
	}
	assert.Equal(t, packages[0].Content, packages[1].Content)
	assert.Equal(t, packages[0].Digest, packages[1].Digest)
}

// fastCompile are GOFLAGS with which there is less to compile.
const fastCompile = "'-tags=nethttpomithttp2 -gcflags=all=-N'"

// standardLibrary gives a Go build cache that holds what go-httpbin needs of it.
func standardLibrary(t *testing.T) string {
	t.Helper()
	cache := t.TempDir()
	compile := exec.Command("go", "build", "-trimpath", "net/http/httputil", "compress/zlib",
		"crypto/md5", "html", "log/slog", "os/signal", "text/template")
	compile.Env = append(os.Environ(), "CGO_ENABLED=0", "GOCACHE="+cache, "GOFLAGS="+strings.Trim(fastCompile, "'"))
	said, err := compile.CombinedOutput()
	require.NoError(t, err, string(said))
	return cache
}
