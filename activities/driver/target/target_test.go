package target_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/activities/driver/archive"
	"slipway/activities/driver/target"
	"slipway/release"
)

// named is a driver that does nothing, and says so by its name.
type named string

func (n named) Observe(context.Context, release.Target, string) (target.Observation, error) {
	return target.Observation{Held: release.Held{Folder: string(n)}}, nil
}

func (n named) Do(context.Context, release.Target, target.Operation) (target.Outcome, error) {
	return target.Outcome{Problem: string(n)}, nil
}

func TestAFleetHandsOverToTheDriverOfTheTargetsKind(t *testing.T) {
	fleet := target.Fleet{release.TargetShell: named("folders"), release.TargetSSH: named("machines")}
	targets := map[string]release.Target{
		"folders":  {Name: "p1", Folder: "/srv"},
		"machines": {Name: "p2", Address: "ssh://deploy@p2/srv"},
	}
	targets["once"] = release.Target{}
	for want, on := range targets {
		if want == "once" {
			want = "folders"
		}
		seen, err := fleet.Observe(t.Context(), on, "")
		require.NoError(t, err)
		assert.Equal(t, want, seen.Held.Folder)
		out, err := fleet.Do(t.Context(), on, target.Operation{})
		require.NoError(t, err)
		assert.Equal(t, want, out.Problem)
	}
}

func TestAKindWithoutADriverIsSaidSo(t *testing.T) {
	fleet := target.Fleet{release.TargetShell: named("folders")}
	on := release.Target{Name: "p1", Address: "https://deployer/p1"}
	const want = `target "p1": target cannot be used: this worker has no driver for targets of kind http; it has shell`
	_, err := fleet.Observe(t.Context(), on, "")
	require.ErrorIs(t, err, target.ErrUnusable)
	require.EqualError(t, err, want)
	out, err := fleet.Do(t.Context(), on, target.Operation{})
	require.NoError(t, err)
	assert.Equal(t, want, out.Problem)
}

func TestOutputsAreLinesOfNameAndValue(t *testing.T) {
	found, err := target.ParseOutputs([]byte("A=1\n\n_B2=x=y z\r\nA=2\nEMPTY="))
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"A": "2", "_B2": "x=y z", "EMPTY": ""}, found)
	none, err := target.ParseOutputs(nil)
	require.NoError(t, err)
	assert.Empty(t, none)
	_, err = target.ParseOutputs([]byte("A=1\nb=2"))
	require.EqualError(t, err, "line 2 of its outputs is not NAME=value, with a name of A to Z, 0 to 9 and _")
	_, err = target.ParseOutputs(make([]byte, target.MaxOutputs+1))
	require.ErrorContains(t, err, "more than 4096 bytes")
}

// warehouse counts how often packages are pulled from it.
type warehouse struct {
	pulls atomic.Int32
	says  string
	err   error
}

func (w *warehouse) pull(_ context.Context, _ release.Digest, folder string) error {
	w.pulls.Add(1)
	return errors.Join(os.Mkdir(folder, 0o755), os.WriteFile(filepath.Join(folder, "VERSION"), []byte(w.says), 0o644), w.err)
}

func packed(t *testing.T, says string) release.Package {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "package")
	require.NoError(t, (&warehouse{says: says}).pull(t.Context(), "", folder))
	content, err := archive.Digest(t.Context(), folder)
	require.NoError(t, err)
	return release.Package{Digest: release.DigestOfBytes([]byte(says)), Content: content}
}

func TestAPackageIsPulledOnceForAll(t *testing.T) {
	w, p := &warehouse{says: "one"}, packed(t, "one")
	cache, err := target.NewCache(t.Context(), t.TempDir(), w.pull)
	require.NoError(t, err)
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			folder, err := cache.Folder(t.Context(), p)
			assert.NoError(t, err)
			data, err := os.ReadFile(filepath.Join(folder, "VERSION"))
			assert.NoError(t, err)
			assert.Equal(t, "one", string(data))
		})
	}
	group.Wait()
	assert.EqualValues(t, 1, w.pulls.Load())
}

func TestAPackageThatIsNotWhatWasAuthorizedIsNotKept(t *testing.T) {
	w, p := &warehouse{says: "other"}, packed(t, "one")
	cache, err := target.NewCache(t.Context(), t.TempDir(), w.pull)
	require.NoError(t, err)
	_, err = cache.Folder(t.Context(), p)
	require.ErrorIs(t, err, target.ErrNotAuthorized)
	_, err = cache.Folder(t.Context(), release.Package{Digest: p.Digest})
	require.ErrorIs(t, err, target.ErrNotAuthorized)

	w.says, w.err = "one", errors.New("the library is gone")
	_, err = cache.Folder(t.Context(), p)
	require.ErrorIs(t, err, w.err)
	w.err = nil
	_, err = cache.Folder(t.Context(), p)
	require.NoError(t, err, "it is tried again")
}

func TestACacheIsItsWorkersOwnAndGoesWithIt(t *testing.T) {
	folder, p := t.TempDir(), packed(t, "one")
	w := &warehouse{says: "one"}
	first, err := target.NewCache(t.Context(), folder, w.pull)
	require.NoError(t, err)
	kept, err := first.Folder(t.Context(), p)
	require.NoError(t, err)
	dead := filepath.Join(folder, "worker-dead", "package")
	require.NoError(t, os.MkdirAll(dead, 0o755))

	second, err := target.NewCache(t.Context(), folder, w.pull)
	require.NoError(t, err)
	assert.NoDirExists(t, dead, "nobody holds its lock")
	assert.DirExists(t, kept, "the first worker lives")
	require.NoError(t, first.Close())
	assert.NoDirExists(t, kept)
	require.NoError(t, second.Close())
	left, err := os.ReadDir(folder)
	require.NoError(t, err)
	assert.Len(t, left, 1, "the lock of all")
}
