package http_test

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"slipway/activities/driver/target"
	"slipway/activities/driver/target/folder"
	"slipway/activities/driver/target/http"
	"slipway/activities/driver/target/local"
	"slipway/activities/driver/target/targettest"
	"slipway/deploy/deployer/server"
	"slipway/release"
)

// TestConformance drives folders through the reference deployer, over HTTP.
func TestConformance(t *testing.T) {
	t.Setenv("DEPLOYER_TOKEN", "t0ken-of-the-deployer")
	folders := map[string]string{} // by the name of the test
	deployerOf := func(t *testing.T) string {
		t.Helper()
		if folders[t.Name()] == "" {
			folders[t.Name()] = t.TempDir()
		}
		return folders[t.Name()]
	}
	addresses := map[string]string{}
	targettest.Conform(t, targettest.Rig{
		Driver: func(t *testing.T, packages target.Packages) target.Driver {
			if addresses[t.Name()] == "" {
				root := deployerOf(t)
				deployer, err := server.New(root, "t0ken-of-the-deployer", local.New(packages, filepath.Join(root, ".state")))
				require.NoError(t, err)
				serving := httptest.NewServer(deployer)
				t.Cleanup(func() { serving.Close(); deployer.Close() })
				addresses[t.Name()] = serving.URL
			}
			driver, err := http.New([]http.Deployer{{Address: addresses[t.Name()], Token: "env:DEPLOYER_TOKEN"}})
			require.NoError(t, err)
			return driver
		},
		Target: func(t *testing.T) release.Target {
			require.NoError(t, os.Mkdir(filepath.Join(deployerOf(t), "p1"), 0o755))
			return release.Target{Name: "p1", Address: addresses[t.Name()]}
		},
		Current: func(t *testing.T, on release.Target, file string) string {
			data, err := os.ReadFile(filepath.Join(deployerOf(t), on.Name, "current", file))
			if !os.IsNotExist(err) {
				require.NoError(t, err)
			}
			return string(data)
		},
		Tamper: func(t *testing.T, on release.Target, version string, p release.Package, file string) {
			on.Folder = filepath.Join(deployerOf(t), on.Name)
			path := filepath.Join(new(folder.Driver).Path(on, version, p), file)
			data, err := os.ReadFile(path)
			require.NoError(t, err)
			data[0] ^= 1
			require.NoError(t, os.WriteFile(path, data, 0o755))
		},
	})
}
