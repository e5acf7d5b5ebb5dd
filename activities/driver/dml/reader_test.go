package dml_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/activities/driver/dml"
	"slipway/release"
	"slipway/release/audit"
)

// reader opens the library in a folder for reading.
func reader(t *testing.T, folder string) *dml.Reader {
	t.Helper()
	r, err := dml.OpenReadOnly("oci-layout:" + folder)
	require.NoError(t, err)
	return r
}

// tree lists all that is below a folder, with the times of the changes.
func tree(t *testing.T, folder string) []string {
	t.Helper()
	var all []string
	require.NoError(t, filepath.Walk(folder, func(path string, info os.FileInfo, err error) error {
		if err != nil {
			return err
		}
		all = append(all, path+" "+info.ModTime().String())
		return nil
	}))
	return all
}

func TestReadingALibraryChangesNothingInItsFolder(t *testing.T) {
	l, folder := library(t)
	p := checkIn(t, l, build(t))
	for _, segment := range []string{"packages", "evidence"} {
		require.NoError(t, os.Remove(filepath.Join(folder, segment+".lock")))
		require.NoError(t, os.Remove(filepath.Join(folder, segment, "ingest")))
		require.NoError(t, os.Chmod(filepath.Join(folder, segment), 0o555))
		defer os.Chmod(filepath.Join(folder, segment), 0o755)
	}
	before := tree(t, folder)
	r := reader(t, folder)
	all, err := r.Artifacts(context.Background())
	require.NoError(t, err)
	require.Len(t, all, 1)
	_, err = r.Document(context.Background(), p.Digest, "release-notes.md")
	require.NoError(t, err)
	assert.Equal(t, before, tree(t, folder))
}

func TestAFolderWithoutALibraryIsNotMadeOneByReading(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "none")
	_, err := dml.OpenReadOnly("oci-layout:" + folder)
	require.ErrorContains(t, err, "there is no OCI image layout in "+folder)
	require.NoDirExists(t, folder)
	_, err = dml.OpenReadOnly("registry.example.com/slipway")
	require.ErrorIs(t, err, dml.ErrSpec)
}

func TestADocumentIsReadByItsName(t *testing.T) {
	l, folder := library(t)
	ctx := context.Background()
	in := build(t)
	in.Files["big.txt"] = bytes.Repeat([]byte("x"), 65<<20)
	p := checkIn(t, l, in)
	text, err := l.Document(ctx, p.Digest, "release-notes.md")
	require.NoError(t, err)
	assert.Equal(t, "# New", string(text))

	_, err = l.Document(ctx, p.Digest, "plan.json")
	require.ErrorIs(t, err, dml.ErrNotFound)
	_, err = l.Document(ctx, release.DigestOfBytes(nil), "release-notes.md")
	require.ErrorIs(t, err, dml.ErrNotFound)
	_, err = l.Document(ctx, p.Digest, "big.txt")
	require.ErrorContains(t, err, "at most 67108864 are read")
	damage(t, blobPath(folder, "packages", release.DigestOfBytes([]byte("# New"))))
	_, err = l.Document(ctx, p.Digest, "release-notes.md")
	require.ErrorIs(t, err, dml.ErrCorrupt)
}

func TestArtifactsAreListedWithTheirTagsAndAllTheyName(t *testing.T) {
	l, _ := library(t)
	p := checkIn(t, l, build(t))
	again := build(t)
	again.Build = 2
	require.Equal(t, p.Digest, checkIn(t, l, again).Digest)
	all, err := l.Artifacts(context.Background())
	require.NoError(t, err)
	require.Len(t, all, 2)
	assert.Equal(t, "httpbin-2.26.0-b1", all[0].Tag)
	assert.Equal(t, "httpbin-2.26.0-b2", all[1].Tag)
	all[1].Tag = all[0].Tag
	assert.Equal(t, all[0], all[1])
	assert.Equal(t, audit.PackageType, all[0].Type)
	assert.Equal(t, int64(len("{}")), all[0].Config.Size)
	var names []string
	for _, layer := range all[0].Layers {
		names = append(names, layer.Name)
	}
	assert.Equal(t, []string{"httpbin.tar", "contents.json", "release-notes.md", "sbom.cdx.json"}, names)
}

func TestAnIndexThatSaysSomethingElseThanTheManifestsIsCorrupt(t *testing.T) {
	digits := func(d release.Digest) string { return strings.TrimPrefix(string(d), "sha256:") }
	for name, change := range map[string]func(release.Package) (old, with string){
		"other digest": func(p release.Package) (string, string) { return digits(p.Digest), digits(release.DigestOfBytes(nil)) },
		"other type":   func(release.Package) (string, string) { return audit.PackageType, "application/vnd.slipway.package.v2" },
		"no type": func(release.Package) (string, string) {
			return `"artifactType":"` + audit.PackageType + `"`, `"artifactType":""`
		},
		"other size":      func(release.Package) (string, string) { return `"size":`, `"size":1` },
		"other media":     func(release.Package) (string, string) { return "image.manifest.v1", "image.manifest.v2" },
		"other field":     func(release.Package) (string, string) { return `"size"`, `"siZe"` },
		"unknown field":   func(release.Package) (string, string) { return `"size"`, `"colour":"red","size"` },
		"no name for it":  func(release.Package) (string, string) { return "image.ref.name", "image.ref.nome" },
		"twice the field": func(release.Package) (string, string) { return `{"mediaType"`, `{"size":1,"mediaType"` },
	} {
		t.Run(name, func(t *testing.T) {
			l, folder := library(t)
			p := checkIn(t, l, build(t))
			file := filepath.Join(folder, "packages", "index.json")
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			old, with := change(p)
			require.Contains(t, string(text), old)
			require.NoError(t, os.WriteFile(file, []byte(strings.Replace(string(text), old, with, 1)), 0o600))
			_, err = reader(t, folder).Artifacts(context.Background())
			require.ErrorIs(t, err, dml.ErrCorrupt)
		})
	}
}

func TestAnIndexThatIsOnlyWrittenOverSeveralLinesIsRead(t *testing.T) {
	l, folder := library(t)
	checkIn(t, l, build(t))
	file := filepath.Join(folder, "packages", "index.json")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, bytes.ReplaceAll(text, []byte(`,"`), []byte(",\n  \"")), 0o600))
	all, err := reader(t, folder).Artifacts(context.Background())
	require.NoError(t, err)
	require.Len(t, all, 1)
}
