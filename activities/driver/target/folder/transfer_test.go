package folder_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	contract "slipway/activities/driver/target"
	"slipway/release"
)

func noPull(context.Context, string) error { return errors.New("pulled though there was no need") }

func TestTransferLeavesAPackageThatIsThereAlone(t *testing.T) {
	target, v := newTarget(t), newVersion(t, "1.0.0")
	require.NoError(t, v.transfer(target))
	path, err := driver.Transfer(ctx, target, v.id(), v.name, v.p, noPull)
	require.NoError(t, err)
	assert.Equal(t, v.folder(target), path)
}

func TestTransferThatFailsLeavesNothing(t *testing.T) {
	v, other := newVersion(t, "1.0.0"), newVersion(t, "other")
	broken := errors.New("library is gone")
	partly := func(ctx context.Context, folder string) error {
		return errors.Join(files(v.name)(ctx, folder), broken)
	}
	cases := map[string]struct {
		p    release.Package
		pull func(context.Context, string) error
		want error
	}{
		"pull fails":      {v.p, func(context.Context, string) error { return broken }, broken},
		"pull fails late": {v.p, partly, broken},
		"other content":   {v.p, files(other.name), contract.ErrNotAuthorized},
		"nothing pulled":  {v.p, func(context.Context, string) error { return nil }, contract.ErrNotAuthorized},
		"no digests":      {release.Package{}, files(v.name), contract.ErrNotAuthorized},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			target := newTarget(t)
			_, err := driver.Transfer(ctx, target, v.id(), v.name, c.p, c.pull)
			require.ErrorIs(t, err, c.want)
			require.ErrorContains(t, err, "prod-1")
			assert.Empty(t, releases(t, target))
		})
	}
}

func TestTransferReplacesWhatIsBroken(t *testing.T) {
	v := newVersion(t, "1.0.0")
	cases := map[string]func(t *testing.T, target release.Target){
		"tampered": func(t *testing.T, target release.Target) { tamper(t, target, v) },
		"a file instead": func(t *testing.T, target release.Target) {
			require.NoError(t, os.RemoveAll(v.folder(target)))
			require.NoError(t, os.WriteFile(v.folder(target), nil, 0o644))
		},
		"gone": func(t *testing.T, target release.Target) { require.NoError(t, os.RemoveAll(v.folder(target))) },
		"marker gone": func(t *testing.T, target release.Target) {
			require.NoError(t, os.Remove(v.folder(target)+".json"))
		},
		"marker broken": func(t *testing.T, target release.Target) {
			require.NoError(t, os.WriteFile(v.folder(target)+".json", []byte("{"), 0o644))
		},
	}
	for name, spoil := range cases {
		t.Run(name, func(t *testing.T) {
			target := newTarget(t)
			require.NoError(t, v.transfer(target))
			spoil(t, target)
			v.deploy(t, target)
			assert.Equal(t, v.held(target), observe(t, target))
		})
	}
}

func TestTransferDoesNotReplaceWhatIsCurrent(t *testing.T) {
	target, v := newTarget(t), newVersion(t, "1.0.0")
	v.deploy(t, target)
	tamper(t, target, v)
	require.ErrorIs(t, v.transfer(target), contract.ErrNotAuthorized)
	assert.False(t, observe(t, target).Intact)
}

// A transfer that was killed while it pulled, and one while it wrote the marker.
func TestTransferCleansUpAfterTheDead(t *testing.T) {
	target, v := newTarget(t), newVersion(t, "1.0.0")
	killed := filepath.Join(target.Folder, "releases", ".transfer-1.0.0-123")
	require.NoError(t, os.MkdirAll(filepath.Join(killed, "content", "bin"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(target.Folder, "releases", ".write-1"), []byte("{"), 0o644))

	require.NoError(t, v.transfer(target))
	name := filepath.Base(v.folder(target))
	assert.Equal(t, []string{name, name + ".json"}, releases(t, target))
}

// The marker is written before the folder gets its place: a crash between leaves
// a marker of nothing.
func TestTransferGoesOnAfterACrashAtEachStep(t *testing.T) {
	v := newVersion(t, "1.0.0")
	steps := map[string]func(t *testing.T, target release.Target){
		"marker without folder": func(t *testing.T, target release.Target) {
			require.NoError(t, os.RemoveAll(v.folder(target)))
		},
		"broken one moved aside": func(t *testing.T, target release.Target) {
			aside := filepath.Join(target.Folder, "releases", ".transfer-x")
			require.NoError(t, os.Mkdir(aside, 0o755))
			require.NoError(t, os.Rename(v.folder(target), filepath.Join(aside, "broken")))
		},
	}
	for name, crash := range steps {
		t.Run(name, func(t *testing.T) {
			target := newTarget(t)
			require.NoError(t, v.transfer(target))
			crash(t, target)
			require.ErrorIs(t, v.activate(target), contract.ErrNotAuthorized)
			require.NoError(t, v.transfer(target))
			assert.Len(t, releases(t, target), 2)
			require.NoError(t, v.activate(target))
		})
		t.Run(name+", then back", func(t *testing.T) {
			target := newTarget(t)
			require.NoError(t, v.transfer(target))
			crash(t, target)
			require.NoError(t, v.remove(target))
			assert.Empty(t, releases(t, target))
		})
	}
}

func TestRemoveOfNothingIsFine(t *testing.T) {
	target, v := newTarget(t), newVersion(t, "1.0.0")
	require.NoError(t, v.remove(target))
	require.NoError(t, v.transfer(target))
	require.NoError(t, v.remove(target))
	require.NoError(t, v.remove(target))
	assert.Empty(t, releases(t, target))
}

func TestRemoveAfterATransferThatWasKilledLeavesNothing(t *testing.T) {
	target, v := newTarget(t), newVersion(t, "1.0.0")
	name := filepath.Base(v.folder(target))
	require.NoError(t, os.MkdirAll(filepath.Join(target.Folder, "releases", ".transfer-"+name+"-123", "content"), 0o755))
	require.NoError(t, v.remove(target))
	assert.Empty(t, releases(t, target))
}

func TestRemoveKeepsWhatTheTargetRunsOrMayComeBackTo(t *testing.T) {
	target, v1, v2 := newTarget(t), newVersion(t, "1.0.0"), newVersion(t, "2.0.0")
	v1.deploy(t, target)
	require.NoError(t, v1.remove(target))
	assert.Equal(t, v1.held(target), observe(t, target))

	v2.deploy(t, target)
	require.NoError(t, v1.remove(target))
	require.NoError(t, v2.deactivate(target))
	assert.Equal(t, v1.held(target), observe(t, target))
}

func TestAnEndedContextEndsATransferBeforeItStarts(t *testing.T) {
	target, v := newTarget(t), newVersion(t, "1.0.0")
	ended, cancel := context.WithCancel(ctx)
	cancel()
	pull := func(ctx context.Context, folder string) error {
		return errors.Join(files(v.name)(ctx, folder), ctx.Err())
	}
	_, err := driver.Transfer(ended, target, v.id(), v.name, v.p, pull)
	require.ErrorIs(t, err, context.Canceled)
	assert.Empty(t, releases(t, target))
}
