package ssh_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/activities/driver/archive"
	"slipway/activities/driver/target"
	"slipway/activities/driver/target/local"
	"slipway/activities/driver/target/ssh"
	"slipway/activities/driver/target/ssh/sshtest"
	"slipway/activities/driver/target/targettest"
	"slipway/release"
)

func TestConformance(t *testing.T) {
	t.Parallel()
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

// both is a library of two packages.
type both [2]pack

func (b both) Folder(ctx context.Context, asked release.Package) (string, error) {
	if asked.Digest == b[0].p.Digest {
		return b[0].Folder(ctx, asked)
	}
	return b[1].Folder(ctx, asked)
}

func TestAMachineMayChangeFromOneDriverToTheOther(t *testing.T) {
	t.Parallel()
	server := sshtest.Start(t)
	packages := both{newPack(t, "1.0.0", 1000), newPack(t, "2.0.0", 1000)}
	far, near, folder := newDriver(t, server, packages), local.New(packages, t.TempDir()), t.TempDir()
	over, here := on(server, folder), release.Target{Name: "p1", Folder: folder}
	holds := func(p pack) {
		t.Helper()
		for _, one := range []struct {
			driver target.Driver
			at     release.Target
		}{{far, over}, {near, here}} {
			seen, err := one.driver.Observe(t.Context(), one.at, "a/1")
			require.NoError(t, err)
			assert.Equal(t, p.p.Digest, seen.Held.Package)
			assert.True(t, seen.Held.Intact)
			require.NotNil(t, seen.Mark)
			assert.Equal(t, "exit status 3", seen.Mark.Problem)
		}
	}
	out, err := far.Do(t.Context(), over, packages[0].script("a/1", "exit 3"))
	require.NoError(t, err)
	require.Equal(t, "exit status 3", out.Problem)
	require.Empty(t, do(t, far, over, packages[0], target.Transfer, target.Activate))
	holds(packages[0])
	require.Empty(t, do(t, near, here, packages[1], target.Transfer, target.Activate))
	holds(packages[1])
	require.Empty(t, do(t, far, over, packages[1], target.Deactivate, target.Remove))
	holds(packages[0])
}

func newDriver(t *testing.T, server *sshtest.Server, packages target.Packages) *ssh.Driver {
	driver := ssh.New(ssh.Options{Identity: "file:" + server.Identity, KnownHosts: server.KnownHosts}, packages)
	t.Cleanup(driver.Close)
	return driver
}

// pack is a package, and the library that has it alone.
type pack struct {
	folder  string
	version string
	p       release.Package
}

// newPack makes one of about so many bytes.
func newPack(t *testing.T, version string, size int) pack {
	t.Helper()
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "VERSION"), []byte(version), 0o644))
	data := make([]byte, size)
	_, err := rand.Read(data)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "data"), data, 0o644))
	content, err := archive.Digest(t.Context(), folder)
	require.NoError(t, err)
	return pack{folder, version, release.Package{Digest: release.DigestOfBytes([]byte(folder)), Content: content}}
}

func (p pack) Folder(_ context.Context, asked release.Package) (string, error) {
	if asked.Digest != p.p.Digest {
		return "", errors.New("no such package")
	}
	return p.folder, nil
}

func (p pack) name() string { return target.ReleaseName(p.version, p.p) }

// part is where a transfer has what it brought so far.
func (p pack) part(folder string) string {
	return filepath.Join(folder, "releases", ".transfer-"+strings.TrimPrefix(string(p.p.Content), "sha256:")+".tar")
}

func (p pack) operation(kind target.Kind) target.Operation {
	return target.Operation{Kind: kind, Attempt: string(kind), Release: release.ID("shop", p.version), Version: p.version, Package: p.p}
}

func (p pack) script(attempt, text string) target.Operation {
	o := p.operation(target.Run)
	o.Attempt, o.Step, o.Script, o.Timeout, o.Log = attempt, "migrate", text, time.Minute, &bytes.Buffer{}
	return o
}

func on(server *sshtest.Server, folder string) release.Target {
	return release.Target{Name: "p1", Address: server.Address(folder)}
}

// do carries operations out that nobody doubts, up to the first problem.
func do(t *testing.T, driver target.Driver, on release.Target, p pack, kinds ...target.Kind) string {
	t.Helper()
	for _, kind := range kinds {
		out, err := driver.Do(t.Context(), on, p.operation(kind))
		require.NoError(t, err)
		if out.Problem != "" {
			return out.Problem
		}
	}
	return ""
}

func names(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	var found []string
	for _, entry := range entries {
		found = append(found, entry.Name())
	}
	return found
}
