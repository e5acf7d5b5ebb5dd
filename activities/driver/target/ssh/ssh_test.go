package ssh_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"slipway/activities/driver/target"
	"slipway/activities/driver/target/ssh"
	"slipway/activities/driver/target/ssh/sshtest"
	"slipway/activities/driver/target/targettest"
	"slipway/release"
)

func TestConformance(t *testing.T) {
	server := sshtest.Start(t)
	folderOf := func(on release.Target) string { return on.Env["FOLDER"] }
	targettest.Conform(t, targettest.Rig{
		Driver: func(t *testing.T, packages target.Packages) target.Driver { return newDriver(t, server, packages) },
		Target: func(t *testing.T) release.Target {
			folder := t.TempDir()
			return release.Target{Name: "p1", Address: server.Address(folder), Env: map[string]string{"FOLDER": folder}}
		},
		Current: func(t *testing.T, on release.Target, file string) string {
			data, err := os.ReadFile(filepath.Join(folderOf(on), "current", file))
			if !os.IsNotExist(err) {
				require.NoError(t, err)
			}
			return string(data)
		},
		Tamper: func(t *testing.T, on release.Target, version string, p release.Package, file string) {
			path := filepath.Join(folderOf(on), "releases", target.ReleaseName(version, p), file)
			data, err := os.ReadFile(path)
			require.NoError(t, err)
			data[0] ^= 1
			require.NoError(t, os.WriteFile(path, data, 0o755))
		},
	})
}

func newDriver(t *testing.T, server *sshtest.Server, packages target.Packages) *ssh.Driver {
	driver := ssh.New(ssh.Options{Identity: "file:" + server.Identity, KnownHosts: server.KnownHosts}, packages)
	t.Cleanup(driver.Close)
	return driver
}
