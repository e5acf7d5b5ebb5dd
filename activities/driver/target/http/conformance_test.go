package http_test

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
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
	type place struct{ root, address string }
	var places sync.Map // by the name of the test
	of := func(t *testing.T) place {
		t.Helper()
		found, _ := places.Load(t.Name())
		return found.(place)
	}
	targettest.Conform(t, targettest.Rig{
		Driver: func(t *testing.T, packages target.Packages) target.Driver {
			if _, found := places.Load(t.Name()); !found {
				root := t.TempDir()
				deployer, err := server.New(root, "t0ken-of-the-deployer", local.New(packages, filepath.Join(root, ".state")))
				require.NoError(t, err)
				serving := httptest.NewServer(deployer)
				t.Cleanup(func() { serving.Close(); deployer.Close() })
				places.Store(t.Name(), place{root, serving.URL})
			}
			driver, err := http.New([]http.Deployer{{Address: of(t).address, Token: "env:DEPLOYER_TOKEN"}})
			require.NoError(t, err)
			return driver
		},
		Target: func(t *testing.T) release.Target {
			require.NoError(t, os.Mkdir(filepath.Join(of(t).root, "p1"), 0o755))
			return release.Target{Name: "p1", Address: of(t).address}
		},
		Current: func(t *testing.T, on release.Target, file string) string {
			data, err := os.ReadFile(filepath.Join(of(t).root, on.Name, "current", file))
			if !os.IsNotExist(err) {
				require.NoError(t, err)
			}
			return string(data)
		},
		Tamper: func(t *testing.T, on release.Target, version string, p release.Package, file string) {
			on.Folder = filepath.Join(of(t).root, on.Name)
			path := filepath.Join(new(folder.Driver).Path(on, version, p), file)
			data, err := os.ReadFile(path)
			require.NoError(t, err)
			data[0] ^= 1
			require.NoError(t, os.WriteFile(path, data, 0o755))
		},
	})
}
