package folder_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/activities/driver/archive"
	contract "slipway/activities/driver/target"
	"slipway/activities/driver/target/folder"
	"slipway/release"
)

var (
	ctx    = context.Background()
	driver = new(folder.Driver)
)

// version is a release package as the library would give it out.
type version struct {
	name string
	p    release.Package
}

func newVersion(t *testing.T, name string) version {
	t.Helper()
	source := filepath.Join(t.TempDir(), "source")
	require.NoError(t, files(name)(ctx, source))
	content, err := archive.Digest(ctx, source)
	require.NoError(t, err)
	return version{name, release.Package{Digest: release.DigestOfBytes([]byte(name)), Content: content}}
}

// files gives a pull that makes the files of the named version.
func files(name string) func(context.Context, string) error {
	return func(_ context.Context, folder string) error {
		return errors.Join(
			os.Mkdir(folder, 0o755), os.Mkdir(filepath.Join(folder, "bin"), 0o755),
			os.WriteFile(filepath.Join(folder, "bin", "server"), []byte("server "+name), 0o755),
			os.WriteFile(filepath.Join(folder, "VERSION"), []byte(name), 0o644),
		)
	}
}

func (v version) id() string { return "service@" + v.name }

func (v version) folder(t release.Target) string { return driver.Path(t, v.name, v.p) }

// held is what a target holds that runs this version, whole.
func (v version) held(t release.Target) release.Held {
	return release.Held{
		Release: v.id(), Version: v.name, Package: v.p.Digest, Content: v.p.Content,
		Folder: v.folder(t), Intact: true,
	}
}

func (v version) transfer(target release.Target) error {
	_, err := driver.Transfer(ctx, target, v.id(), v.name, v.p, files(v.name))
	return err
}

func (v version) activate(target release.Target) error {
	_, err := driver.Activate(ctx, target, v.name, v.p)
	return err
}

func (v version) deactivate(target release.Target) error {
	return driver.Deactivate(ctx, target, v.name, v.p)
}

func (v version) remove(target release.Target) error {
	return driver.RemoveTransferred(ctx, target, v.name, v.p)
}

func (v version) deploy(t *testing.T, target release.Target) {
	t.Helper()
	require.NoError(t, v.transfer(target))
	require.NoError(t, v.activate(target))
}

func newTarget(t *testing.T) release.Target {
	t.Helper()
	return release.Target{Name: "prod-1", Folder: t.TempDir()}
}

func observe(t *testing.T, target release.Target) release.Held {
	t.Helper()
	held, err := driver.Observe(ctx, target)
	require.NoError(t, err)
	return held
}

// served is what somebody reads who comes through the link current.
func served(t *testing.T, target release.Target) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(target.Folder, "current", "VERSION"))
	require.NoError(t, err)
	return string(data)
}

// tamper changes one byte of a version's files on the target.
func tamper(t *testing.T, target release.Target, v version) {
	t.Helper()
	path := filepath.Join(v.folder(target), "bin", "server")
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	data[0] ^= 1
	require.NoError(t, os.WriteFile(path, data, 0o755))
}

func releases(t *testing.T, target release.Target) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(target.Folder, "releases"))
	require.NoError(t, err)
	var names []string
	for _, entry := range entries {
		if entry.Name() != ".lock" {
			names = append(names, entry.Name())
		}
	}
	return names
}

func TestATargetGoesThroughTwoReleasesAndBack(t *testing.T) {
	target, v1, v2 := newTarget(t), newVersion(t, "1.0.0"), newVersion(t, "2.0.0")
	assert.Equal(t, release.Held{}, observe(t, target))

	require.NoError(t, v1.transfer(target))
	assert.Equal(t, release.Held{}, observe(t, target), "a transfer switches nothing")
	before, err := driver.Activate(ctx, target, v1.name, v1.p)
	require.NoError(t, err)
	assert.Equal(t, release.Held{}, before)
	assert.Equal(t, v1.held(target), observe(t, target))

	require.NoError(t, v2.transfer(target))
	before, err = driver.Activate(ctx, target, v2.name, v2.p)
	require.NoError(t, err)
	assert.Equal(t, v1.held(target), before)
	assert.Equal(t, "2.0.0", served(t, target))
	link, err := os.Readlink(filepath.Join(target.Folder, "current"))
	require.NoError(t, err)
	assert.False(t, filepath.IsAbs(link), "so that the target's folder may be moved")

	require.NoError(t, v2.deactivate(target))
	require.NoError(t, v2.remove(target))
	assert.Equal(t, v1.held(target), observe(t, target))
	assert.NoDirExists(t, v2.folder(target))

	require.NoError(t, v1.deactivate(target))
	require.NoError(t, v1.remove(target))
	assert.Equal(t, release.Held{}, observe(t, target))
	assert.Empty(t, releases(t, target), "nothing is left")
}

func TestObserveTellsWhatIsNotIntact(t *testing.T) {
	v := newVersion(t, "1.0.0")
	cases := map[string]func(t *testing.T, target release.Target){
		"tampered byte": func(t *testing.T, target release.Target) { tamper(t, target, v) },
		"missing file": func(t *testing.T, target release.Target) {
			require.NoError(t, os.Remove(filepath.Join(v.folder(target), "VERSION")))
		},
		"additional file": func(t *testing.T, target release.Target) {
			require.NoError(t, os.WriteFile(filepath.Join(v.folder(target), "log"), nil, 0o644))
		},
		"link out": func(t *testing.T, target release.Target) {
			require.NoError(t, os.Symlink("/etc", filepath.Join(v.folder(target), "etc")))
		},
		"no files": func(t *testing.T, target release.Target) { require.NoError(t, os.RemoveAll(v.folder(target))) },
	}
	for name, spoil := range cases {
		t.Run(name, func(t *testing.T) {
			target := newTarget(t)
			v.deploy(t, target)
			spoil(t, target)
			want := v.held(target)
			want.Intact = false
			assert.Equal(t, want, observe(t, target))
		})
	}
}

func TestObserveShowsWhatNoReleasePutThere(t *testing.T) {
	target := newTarget(t)
	foreign := t.TempDir()
	require.NoError(t, os.Symlink(foreign, filepath.Join(target.Folder, "current")))
	assert.Equal(t, release.Held{Folder: foreign}, observe(t, target))
}

func TestATargetThatCannotBeUsedIsNamed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o644))
	v := newVersion(t, "1.0.0")
	targets := map[string]release.Target{
		"does not exist": {Name: "prod-1", Folder: filepath.Join(t.TempDir(), "missing")},
		"is not a":       {Name: "prod-1", Folder: file},
		"no folder":      {Name: "prod-1"},
	}
	for reason, target := range targets {
		t.Run(reason, func(t *testing.T) {
			_, observed := driver.Observe(ctx, target)
			for _, err := range []error{v.transfer(target), v.activate(target), observed} {
				require.ErrorIs(t, err, contract.ErrUnusable)
				require.ErrorContains(t, err, "prod-1")
				require.ErrorContains(t, err, reason)
			}
			require.NoError(t, v.deactivate(target), "nothing happened there")
			require.NoError(t, v.remove(target), "nothing happened there")
		})
	}
}

func TestATargetThatCannotBeWrittenIsNamed(t *testing.T) {
	target := release.Target{Name: "prod-1", Folder: t.TempDir()}
	if os.Getuid() == 0 {
		target.Folder = "/proc/self" // Not even root makes a folder there.
	} else {
		require.NoError(t, os.Chmod(target.Folder, 0o500))
	}
	v := newVersion(t, "1.0.0")
	err := v.transfer(target)
	require.ErrorIs(t, err, contract.ErrUnusable)
	require.ErrorContains(t, err, "prod-1")
	require.NoError(t, v.deactivate(target), "nothing happened there")
	require.NoError(t, v.remove(target), "nothing happened there")
}

func TestACurrentThatIsNoLinkIsLeftAlone(t *testing.T) {
	target, v := newTarget(t), newVersion(t, "1.0.0")
	require.NoError(t, os.Mkdir(filepath.Join(target.Folder, "current"), 0o755))
	require.NoError(t, v.transfer(target))
	require.ErrorIs(t, v.activate(target), contract.ErrUnusable)
	_, err := driver.Observe(ctx, target)
	require.ErrorIs(t, err, contract.ErrUnusable)
	assert.DirExists(t, filepath.Join(target.Folder, "current"))
}

func TestPathNeverLeavesTheTarget(t *testing.T) {
	target := release.Target{Folder: "/srv/target"}
	for _, name := range []string{"1.0.0", "../../etc", "..", "/etc/passwd", ".lock", ".transfer-x", "a\nb", "ü"} {
		p := release.Package{Digest: "sha256:../../../etc"}
		path := driver.Path(target, name, p)
		assert.Equal(t, "/srv/target/releases", filepath.Dir(path), name)
		assert.False(t, strings.HasPrefix(filepath.Base(path), "."), name)
	}
}

func TestOneTargetTakesOneChangeAtATime(t *testing.T) {
	target, v := newTarget(t), newVersion(t, "1.0.0")
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			assert.NoError(t, v.transfer(target))
			assert.NoError(t, v.activate(target))
		})
	}
	group.Wait()
	assert.Equal(t, v.held(target), observe(t, target))
	require.NoError(t, v.deactivate(target))
	assert.Equal(t, release.Held{}, observe(t, target))
}
