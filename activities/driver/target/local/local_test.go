package local_test

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

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

// Killed with its worker, a script can write nothing down any more.
func TestAScriptThatDiesWithItsWorkerLeavesAMarkWithoutEnd(t *testing.T) {
	on := release.Target{Name: "p1", Folder: t.TempDir()}
	began := filepath.Join(t.TempDir(), "began")
	worker := exec.Command(os.Args[0], "-test.run=^TestAsAWorker$")
	worker.Env = append(os.Environ(), "LOCALTEST_TARGET="+on.Folder, "LOCALTEST_BEGAN="+began)
	require.NoError(t, worker.Start())
	exists := func() bool { _, err := os.Stat(began); return err == nil }
	require.Eventually(t, exists, 20*time.Second, 5*time.Millisecond)
	driver := local.New(nil, t.TempDir())
	seen, err := driver.Observe(t.Context(), on, "a/1")
	require.NoError(t, err)
	require.True(t, seen.Mark.Running)

	require.NoError(t, worker.Process.Kill())
	_ = worker.Wait()
	seen, err = driver.Observe(t.Context(), on, "a/1")
	require.NoError(t, err)
	require.False(t, seen.Mark.Running)
	require.True(t, seen.Mark.Ended.IsZero())
	require.False(t, seen.Mark.Done())
}

// TestAsAWorker is the worker of the test above, and nothing by itself.
func TestAsAWorker(t *testing.T) {
	folder, began := os.Getenv("LOCALTEST_TARGET"), os.Getenv("LOCALTEST_BEGAN")
	if folder == "" {
		t.Skip("it is run by another test")
	}
	_, _ = local.New(nil, folder).Do(t.Context(), release.Target{Name: "p1", Folder: folder}, target.Operation{
		Kind: target.Run, Attempt: "a/1", Step: "hang", Script: "touch " + began + "; sleep 60", Log: io.Discard,
	})
}

func TestMarksAreBoundedAndTheNewestStay(t *testing.T) {
	on, driver := release.Target{Name: "p1", Folder: t.TempDir()}, local.New(nil, t.TempDir())
	for i := range 60 {
		out, err := driver.Do(t.Context(), on, target.Operation{Kind: target.Run, Attempt: fmt.Sprint(i), Step: "s", Script: "true", Log: io.Discard})
		require.NoError(t, err)
		require.Empty(t, out.Problem)
	}
	left, err := os.ReadDir(filepath.Join(on.Folder, ".slipway"))
	require.NoError(t, err)
	require.Len(t, left, 50)
	for attempt, there := range map[string]bool{"0": false, "9": false, "10": true, "59": true} {
		seen, err := driver.Observe(t.Context(), on, attempt)
		require.NoError(t, err)
		require.Equal(t, there, seen.Mark != nil, attempt)
	}
}
