package local_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"slipway/activities/driver/target"
	"slipway/activities/driver/target/folder"
	"slipway/activities/driver/target/local"
	"slipway/activities/driver/target/targettest"
	"slipway/release"
)

func TestConformance(t *testing.T) {
	targettest.Conform(t, targettest.Rig{
		Driver: func(t *testing.T, packages target.Packages) target.Driver { return local.New(packages, t.TempDir()) },
		Target: func(t *testing.T) release.Target { return release.Target{Name: "p1", Folder: t.TempDir()} },
		Current: func(t *testing.T, on release.Target, file string) string {
			data, err := os.ReadFile(filepath.Join(on.Folder, "current", file))
			if !os.IsNotExist(err) {
				require.NoError(t, err)
			}
			return string(data)
		},
		Tamper: func(t *testing.T, on release.Target, version string, p release.Package, file string) {
			path := filepath.Join(new(folder.Driver).Path(on, version, p), file)
			data, err := os.ReadFile(path)
			require.NoError(t, err)
			data[0] ^= 1
			require.NoError(t, os.WriteFile(path, data, 0o755))
		},
		Once: true,
	})
}
