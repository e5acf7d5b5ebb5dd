package folder_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	contract "slipway/activities/driver/target"
	"slipway/release"
)

func TestActivateRefusesWhatWasNotAuthorized(t *testing.T) {
	old, v := newVersion(t, "1.0.0"), newVersion(t, "2.0.0")
	cases := map[string]func(t *testing.T, target release.Target) release.Package{
		"tampered byte": func(t *testing.T, target release.Target) release.Package {
			tamper(t, target, v)
			return v.p
		},
		"missing file": func(t *testing.T, target release.Target) release.Package {
			require.NoError(t, os.Remove(filepath.Join(v.folder(target), "VERSION")))
			return v.p
		},
		"additional file": func(t *testing.T, target release.Target) release.Package {
			require.NoError(t, os.WriteFile(filepath.Join(v.folder(target), "more"), nil, 0o644))
			return v.p
		},
		"never transferred": func(t *testing.T, target release.Target) release.Package {
			require.NoError(t, v.remove(target))
			return v.p
		},
		"another package": func(*testing.T, release.Target) release.Package { return old.p },
		"another content": func(*testing.T, release.Target) release.Package {
			return release.Package{Digest: v.p.Digest, Content: old.p.Content}
		},
	}
	for name, spoil := range cases {
		t.Run(name, func(t *testing.T) {
			target := newTarget(t)
			old.deploy(t, target)
			require.NoError(t, v.transfer(target))
			p := spoil(t, target)
			_, err := driver.Activate(ctx, target, v.name, p)
			require.ErrorIs(t, err, contract.ErrNotAuthorized)
			require.ErrorContains(t, err, "prod-1")
			assert.Equal(t, old.held(target), observe(t, target))
			require.NoError(t, driver.Deactivate(ctx, target, v.name, p))
			assert.Equal(t, old.held(target), observe(t, target))
		})
	}
}

func TestActivatingTwiceRemembersWhatWasBeforeTheFirst(t *testing.T) {
	target, v1, v2 := newTarget(t), newVersion(t, "1.0.0"), newVersion(t, "2.0.0")
	v1.deploy(t, target)
	v2.deploy(t, target)
	before, err := driver.Activate(ctx, target, v2.name, v2.p)
	require.NoError(t, err)
	assert.Equal(t, v1.held(target), before)
	require.NoError(t, v2.deactivate(target))
	assert.Equal(t, v1.held(target), observe(t, target))
}

func TestActivatingTwiceChecksTwice(t *testing.T) {
	target, v := newTarget(t), newVersion(t, "1.0.0")
	v.deploy(t, target)
	tamper(t, target, v)
	require.ErrorIs(t, v.activate(target), contract.ErrNotAuthorized)
}

func TestDeactivatingTwiceGoesBackOnce(t *testing.T) {
	target, v1, v2 := newTarget(t), newVersion(t, "1.0.0"), newVersion(t, "2.0.0")
	v1.deploy(t, target)
	v2.deploy(t, target)
	require.NoError(t, v2.deactivate(target))
	require.NoError(t, v2.deactivate(target))
	assert.Equal(t, v1.held(target), observe(t, target))
}

func TestDeactivateOfWhatIsNotCurrentDoesNothing(t *testing.T) {
	target, v1, v2 := newTarget(t), newVersion(t, "1.0.0"), newVersion(t, "2.0.0")
	require.NoError(t, v2.deactivate(target))
	v1.deploy(t, target)
	require.NoError(t, v2.deactivate(target))
	require.NoError(t, v2.transfer(target))
	require.NoError(t, v2.deactivate(target))
	assert.Equal(t, v1.held(target), observe(t, target))
}

func TestTheWayBackMayGoOverSeveralReleases(t *testing.T) {
	target, v1, v2, v3 := newTarget(t), newVersion(t, "1"), newVersion(t, "2"), newVersion(t, "3")
	for _, v := range []version{v1, v2, v3, v1} {
		v.deploy(t, target)
	}
	require.NoError(t, v1.deactivate(target))
	assert.Equal(t, v3.held(target), observe(t, target))
	require.NoError(t, v3.deactivate(target))
	assert.Equal(t, v2.held(target), observe(t, target))
}

func TestActivateGoesOnAfterACrashAtEachStep(t *testing.T) {
	v1, v2 := newVersion(t, "1.0.0"), newVersion(t, "2.0.0")
	// deployed leaves a target as Activate does when it died right before current
	// was renamed: what was before is written down, current is the old one.
	deployed := func(t *testing.T) release.Target {
		target := newTarget(t)
		v1.deploy(t, target)
		v2.deploy(t, target)
		link := filepath.Join(target.Folder, "current")
		require.NoError(t, os.Remove(link))
		require.NoError(t, os.Symlink("releases/"+filepath.Base(v1.folder(target)), link))
		require.NoError(t, os.Symlink("releases/"+filepath.Base(v2.folder(target)), filepath.Join(target.Folder, ".current.next")))
		require.Equal(t, v1.held(target), observe(t, target), "wholly old")
		return target
	}
	t.Run("again", func(t *testing.T) {
		target := deployed(t)
		unfinished := filepath.Join(target.Folder, "releases", ".write-1")
		require.NoError(t, os.WriteFile(unfinished, nil, 0o644))
		require.NoError(t, v2.activate(target))
		assert.Equal(t, v2.held(target), observe(t, target))
		assert.NoFileExists(t, unfinished)
		require.NoError(t, v2.deactivate(target))
		assert.Equal(t, v1.held(target), observe(t, target))
	})
	t.Run("back", func(t *testing.T) {
		target := deployed(t)
		require.NoError(t, v2.deactivate(target))
		require.NoError(t, v2.remove(target))
		assert.Equal(t, v1.held(target), observe(t, target))
		assert.Len(t, releases(t, target), 3, "v1, its marker and what was before it")
		assert.NoFileExists(t, filepath.Join(target.Folder, ".current.next"))
	})
}

// Deactivate that died after it had switched, before it forgot what was before.
func TestActivateIsNotMisledByWhatAnEarlierOneWroteDown(t *testing.T) {
	target, v1, v2, v3 := newTarget(t), newVersion(t, "1"), newVersion(t, "2"), newVersion(t, "3")
	v1.deploy(t, target)
	v2.deploy(t, target)
	record, err := os.ReadFile(v2.folder(target) + ".previous")
	require.NoError(t, err)
	require.NoError(t, v2.deactivate(target))
	require.NoError(t, os.WriteFile(v2.folder(target)+".previous", record, 0o644))

	v3.deploy(t, target)
	v2.deploy(t, target)
	require.NoError(t, v2.deactivate(target))
	assert.Equal(t, v3.held(target), observe(t, target))
}

func TestThereIsNoWayBackToWhatIsNotWhole(t *testing.T) {
	v1, v2 := newVersion(t, "1.0.0"), newVersion(t, "2.0.0")
	cases := map[string]func(t *testing.T, target release.Target){
		"tampered": func(t *testing.T, target release.Target) { tamper(t, target, v1) },
		"gone":     func(t *testing.T, target release.Target) { require.NoError(t, os.RemoveAll(v1.folder(target))) },
		"forgotten": func(t *testing.T, target release.Target) {
			require.NoError(t, os.Remove(v2.folder(target)+".previous"))
		},
		"unreadable": func(t *testing.T, target release.Target) {
			require.NoError(t, os.WriteFile(v2.folder(target)+".previous", []byte("{"), 0o644))
		},
	}
	for name, spoil := range cases {
		t.Run(name, func(t *testing.T) {
			target := newTarget(t)
			v1.deploy(t, target)
			v2.deploy(t, target)
			spoil(t, target)
			require.ErrorIs(t, v2.deactivate(target), contract.ErrNoWayBack)
			assert.Equal(t, v2.held(target), observe(t, target), "wholly new")
		})
	}
}

func TestTheWayBackLeadsToWhatNoReleasePutThere(t *testing.T) {
	for name, link := range map[string]string{"absolute": t.TempDir(), "relative": "legacy"} {
		t.Run(name, func(t *testing.T) {
			target, v := newTarget(t), newVersion(t, "1.0.0")
			require.NoError(t, os.Mkdir(filepath.Join(target.Folder, "legacy"), 0o755))
			require.NoError(t, os.Symlink(link, filepath.Join(target.Folder, "current")))
			v.deploy(t, target)
			require.NoError(t, v.deactivate(target))
			got, err := os.Readlink(filepath.Join(target.Folder, "current"))
			require.NoError(t, err)
			assert.Equal(t, link, got)
		})
	}
}

// Whoever looks while the target is switched to and fro finds one of the two.
func TestCurrentIsAlwaysOneOfTheTwo(t *testing.T) {
	target, v1, v2 := newTarget(t), newVersion(t, "1.0.0"), newVersion(t, "2.0.0")
	v1.deploy(t, target)
	require.NoError(t, v2.transfer(target))
	finished := make(chan error)
	go func() {
		var err error
		for range 50 {
			err = errors.Join(err, v2.activate(target), v2.deactivate(target))
		}
		finished <- err
	}()
	for {
		select {
		case err := <-finished:
			require.NoError(t, err)
			return
		default:
			require.Contains(t, []string{"1.0.0", "2.0.0"}, served(t, target))
		}
	}
}
