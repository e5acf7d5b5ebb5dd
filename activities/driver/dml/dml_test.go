package dml_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/activities/driver/archive"
	"slipway/activities/driver/dml"
	"slipway/release"
)

// library opens a library in a folder of its own, which it gives too.
func library(t *testing.T) (*dml.Library, string) {
	t.Helper()
	folder := t.TempDir()
	l, err := dml.Open("oci-layout:" + folder)
	require.NoError(t, err)
	return l, folder
}

// build makes the folder that a build would leave, and its check-in.
func build(t *testing.T) dml.CheckIn {
	t.Helper()
	out := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(out, "bin"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(out, "bin", "httpbin"), []byte("program"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(out, "README"), []byte("read me"), 0o644))
	require.NoError(t, os.Symlink("bin/httpbin", filepath.Join(out, "httpbin")))
	return dml.CheckIn{
		Release: "httpbin@2.26.0", Service: "httpbin", Version: "2.26.0", Build: 1, Outputs: []dml.Output{{Component: "httpbin", Folder: out}},
		Files: map[string][]byte{"release-notes.md": []byte("# New"), "sbom.cdx.json": []byte("{}")},
	}
}

func checkIn(t *testing.T, l *dml.Library, in dml.CheckIn) release.Package {
	t.Helper()
	p, err := l.CheckIn(context.Background(), in)
	require.NoError(t, err)
	return p
}

func TestOpenTellsWhatItSupports(t *testing.T) {
	for _, spec := range []string{"", "oci-layout:", "/var/dml", "dml", "registry.example.com", "https://registry.example.com/", "registry.example.com/Upper"} {
		_, err := dml.Open(spec)
		require.ErrorIs(t, err, dml.ErrSpec, spec)
	}
}

func TestOpenNamesTheFolderThatCannotBeUsed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o644))
	_, err := dml.Open("oci-layout:" + file)
	require.ErrorContains(t, err, file)
}

func TestOpenRefusesAnIndexThatCannotBeRead(t *testing.T) {
	_, folder := library(t)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "packages", "index.json"), []byte("{"), 0o644))
	_, err := dml.Open("oci-layout:" + folder)
	require.ErrorIs(t, err, dml.ErrCorrupt)
}

func TestTheSamePackageHasTheSameDigestInEveryLibrary(t *testing.T) {
	one, _ := library(t)
	two, _ := library(t)
	a, b := checkIn(t, one, build(t)), checkIn(t, two, build(t))
	assert.Equal(t, a, b)
	assert.Equal(t, "httpbin-2.26.0-b1", a.Tag)
	assert.Equal(t, 3, a.Files)
	assert.Positive(t, a.Size)
}

// Votes and records name packages by these: they must not change for equal input.
func TestThePackageDigestIsTheSameForever(t *testing.T) {
	onEach(t, func(t *testing.T, l *dml.Library) {
		p := checkIn(t, l, build(t))
		assert.Equal(t, release.Digest("sha256:d0351a144ddd00184149dcc3c343eba319553eab242d72ff2d07d21c1edf3dd1"), p.Digest)
		assert.Equal(t, release.Digest("sha256:7e72440e000e97e04de978d5ba1806afe9791d58cd9d232b8c4cdb86528166ba"), p.Content)
	})
}

func TestASecondBuildOfTheSameFilesIsTheSamePackageUnderItsOwnTag(t *testing.T) {
	onEach(t, func(t *testing.T, l *dml.Library) {
		in := build(t)
		first := checkIn(t, l, in)
		in.Build = 2
		second := checkIn(t, l, in)
		assert.Equal(t, first.Digest, second.Digest)
		assert.Equal(t, "httpbin-2.26.0-b2", second.Tag)
	})
}

func TestATagIsWrittenOnce(t *testing.T) {
	l, folder := library(t)
	in := build(t)
	first := checkIn(t, l, in)
	index := filepath.Join(folder, "packages", "index.json")
	before, err := os.ReadFile(index)
	require.NoError(t, err)

	assert.Equal(t, first, checkIn(t, l, in), "the same again is fine")

	in.Files["release-notes.md"] = []byte("# Other")
	_, err = l.CheckIn(context.Background(), in)
	require.ErrorIs(t, err, dml.ErrTagTaken)
	require.ErrorContains(t, err, first.Tag)
	after, err := os.ReadFile(index)
	require.NoError(t, err)
	assert.Equal(t, string(before), string(after))
}

func TestCheckInRefusesWhatCannotBeNamed(t *testing.T) {
	onEach(t, func(t *testing.T, l *dml.Library) {
		cases := map[string]func(*dml.CheckIn){
			"no service":          func(in *dml.CheckIn) { in.Service = "" },
			"no version":          func(in *dml.CheckIn) { in.Version = "" },
			"no build":            func(in *dml.CheckIn) { in.Build = 0 },
			"service with a path": func(in *dml.CheckIn) { in.Service = "../x" },
			"shell characters":    func(in *dml.CheckIn) { in.Service = "$(rm -rf x)" },
			"document path":       func(in *dml.CheckIn) { in.Files["a/../../b"] = nil },
			"document parent":     func(in *dml.CheckIn) { in.Files[".."] = nil },
			"document as layer":   func(in *dml.CheckIn) { in.Files["httpbin.tar"] = nil },
			"document made here":  func(in *dml.CheckIn) { in.Files["contents.json"] = nil },
			"missing folder":      func(in *dml.CheckIn) { in.Outputs[0].Folder += "-gone" },
			"component path":      func(in *dml.CheckIn) { in.Outputs[0].Component = "a/b" },
			"component parent":    func(in *dml.CheckIn) { in.Outputs[0].Component = ".." },
			"component twice":     func(in *dml.CheckIn) { in.Outputs = append(in.Outputs, in.Outputs[0]) },
		}
		for name, spoil := range cases {
			t.Run(name, func(t *testing.T) {
				in := build(t)
				spoil(&in)
				_, err := l.CheckIn(context.Background(), in)
				require.Error(t, err)
			})
		}
	})
}

func TestVersionsWithBuildMetadataHaveATag(t *testing.T) {
	onEach(t, func(t *testing.T, l *dml.Library) {
		in := build(t)
		in.Version = "2.26.0+hotfix"
		assert.Equal(t, "httpbin-2.26.0_hotfix-b1", checkIn(t, l, in).Tag)
	})
}

func TestACheckInThatFailsLeavesNothingBehind(t *testing.T) {
	l, folder := library(t)
	in := build(t)
	require.NoError(t, os.Symlink("/etc/passwd", filepath.Join(in.Outputs[0].Folder, "z-last")))
	_, err := l.CheckIn(context.Background(), in)
	require.ErrorIs(t, err, archive.ErrUnsafe)

	assert.Empty(t, names(t, filepath.Join(folder, "packages", "ingest")))
	assert.Empty(t, names(t, filepath.Join(folder, "packages", "blobs", "sha256")))
}

// A writer that died after storing everything, but before it could change the
// index.
func TestAPushThatWasCutIsNotVisible(t *testing.T) {
	l, folder := library(t)
	index := filepath.Join(folder, "packages", "index.json")
	empty, err := os.ReadFile(index)
	require.NoError(t, err)
	in := build(t)
	p := checkIn(t, l, in)
	require.NoError(t, os.WriteFile(index, empty, 0o644))

	ctx := context.Background()
	require.ErrorIs(t, l.Pull(ctx, p.Digest, filepath.Join(t.TempDir(), "x")), dml.ErrNotFound)
	_, err = l.Document(ctx, p.Digest, "release-notes.md")
	require.ErrorIs(t, err, dml.ErrNotFound)
	_, err = l.Attach(ctx, p.Digest, "application/x", "a.json", nil, nil)
	require.ErrorIs(t, err, dml.ErrNotFound)
	assert.Equal(t, p, checkIn(t, l, in), "and is made good by doing it again")
}

func TestPullGivesTheFilesThatWereCheckedIn(t *testing.T) {
	onEach(t, func(t *testing.T, l *dml.Library) {
		in := build(t)
		p := checkIn(t, l, in)
		parent := t.TempDir()
		for _, folder := range []string{filepath.Join(parent, "new"), filepath.Join(parent, "empty")} {
			if filepath.Base(folder) == "empty" {
				require.NoError(t, os.Mkdir(folder, 0o755))
			}
			require.NoError(t, l.Pull(context.Background(), p.Digest, folder))
			content, err := archive.Digest(context.Background(), folder)
			require.NoError(t, err)
			assert.Equal(t, p.Content, content)
		}
		assert.Equal(t, []string{"empty", "new"}, names(t, parent), "and nothing beside them")
	})
}

func TestPullTouchesNoFolderThatHoldsSomething(t *testing.T) {
	onEach(t, func(t *testing.T, l *dml.Library) {
		p := checkIn(t, l, build(t))
		folder := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(folder, "mine"), nil, 0o644))
		require.ErrorIs(t, l.Pull(context.Background(), p.Digest, folder), os.ErrExist)
		assert.Equal(t, []string{"mine"}, names(t, folder))
	})
}

func TestPullOfWhatIsDamagedLeavesNothing(t *testing.T) {
	truncate := func(t *testing.T, path string) { require.NoError(t, os.Truncate(path, 700)) }
	remove := func(t *testing.T, path string) { require.NoError(t, os.Remove(path)) }
	extend := func(t *testing.T, path string) {
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		require.NoError(t, os.Remove(path))
		require.NoError(t, os.WriteFile(path, append(data, 0), 0o444))
	}
	which := map[string]func(release.Package) release.Digest{
		"manifest": func(p release.Package) release.Digest { return p.Digest },
		"content":  func(p release.Package) release.Digest { return p.Content },
	}
	for what, spoil := range map[string]func(*testing.T, string){
		"byte": damage, "end cut off": truncate, "gone": remove, "more": extend,
	} {
		for blob, of := range which {
			t.Run(blob+" "+what, func(t *testing.T) {
				l, folder := library(t)
				p := checkIn(t, l, build(t))
				spoil(t, blobPath(folder, "packages", of(p)))
				parent := t.TempDir()
				require.ErrorIs(t, l.Pull(context.Background(), p.Digest, filepath.Join(parent, "x")), dml.ErrCorrupt)
				assert.Empty(t, names(t, parent))
			})
		}
	}
}

func TestPullOfSomethingElseThanAPackageIsRefused(t *testing.T) {
	onEach(t, func(t *testing.T, l *dml.Library) {
		p := checkIn(t, l, build(t))
		ctx := context.Background()
		_, err := l.Attach(ctx, p.Digest, "application/vnd.test", "a.json", []byte("{}"), nil)
		require.NoError(t, err)
		for _, digest := range []release.Digest{attached(t, l, p.Digest)[0].Digest, p.Content, "", "sha256:../../x"} {
			require.ErrorIs(t, l.Pull(ctx, digest, filepath.Join(t.TempDir(), "x")), dml.ErrNotFound, fmt.Sprint(digest))
		}
	})
}

func TestAnEndedContextEndsCheckInAndPull(t *testing.T) {
	onEach(t, func(t *testing.T, l *dml.Library) {
		in := build(t)
		p := checkIn(t, l, in)
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_, err := l.CheckIn(ctx, in)
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, l.Pull(ctx, p.Digest, filepath.Join(t.TempDir(), "x")), context.Canceled)
	})
}
