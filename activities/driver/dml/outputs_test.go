package dml_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/content/oci"

	"slipway/activities/driver/archive"
	"slipway/activities/driver/dml"
	"slipway/release"
	"slipway/release/audit"
)

// output makes the folder of a component with files of these contents.
func output(t *testing.T, component string, files map[string]string) dml.Output {
	t.Helper()
	folder := t.TempDir()
	for name, text := range files {
		path := filepath.Join(folder, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	return dml.Output{Component: component, Folder: folder}
}

// parts makes a check-in of three components, one of which left nothing.
func parts(t *testing.T) dml.CheckIn {
	t.Helper()
	in := build(t)
	in.Outputs = append(in.Outputs,
		output(t, "none", nil),
		output(t, "web", map[string]string{"bin/web": "web program", "static/index.html": "<p>"}),
	)
	return in
}

func layers(t *testing.T, l *dml.Library, p release.Package) (all []audit.Layer) {
	t.Helper()
	artifacts, err := l.Artifacts(context.Background())
	require.NoError(t, err)
	for _, a := range artifacts {
		for _, layer := range a.Layers {
			if a.Digest == p.Digest && layer.Type == dml.ContentType {
				all = append(all, layer)
			}
		}
	}
	return all
}

func TestEachComponentThatLeftSomethingIsALayerAndAllAreOneFolderOnTheTarget(t *testing.T) {
	l, _ := library(t)
	p := checkIn(t, l, parts(t))
	assert.Equal(t, 5, p.Files)
	content := layers(t, l, p)
	require.Len(t, content, 2)
	assert.Equal(t, []string{"httpbin.tar", "web.tar"}, []string{content[0].Name, content[1].Name})

	folder := filepath.Join(t.TempDir(), "x")
	require.NoError(t, l.Pull(context.Background(), p.Digest, folder))
	pulled, err := archive.Digest(context.Background(), folder)
	require.NoError(t, err)
	assert.Equal(t, p.Content, pulled, "what a target's folder is checked against")
	assert.Equal(t, []string{"httpbin", "web"}, names(t, filepath.Join(folder, "bin")))

	merged, err := l.Content(context.Background(), content)
	require.NoError(t, err)
	assert.Equal(t, p.Content, merged)
}

func TestContentsListEveryFileWithItsComponent(t *testing.T) {
	l, _ := library(t)
	p := checkIn(t, l, parts(t))
	data, err := l.Document(context.Background(), p.Digest, release.ContentsDocument)
	require.NoError(t, err)
	var files []release.PackagedFile
	require.NoError(t, json.Unmarshal(data, &files))
	sum := func(text string) string { return digest.FromString(text).Encoded() }
	assert.Equal(t, []release.PackagedFile{
		{Path: "README", Component: "httpbin", Mode: "0644", Size: 7, SHA256: sum("read me")},
		{Path: "bin/httpbin", Component: "httpbin", Mode: "0755", Size: 7, SHA256: sum("program")},
		{Path: "bin/web", Component: "web", Mode: "0644", Size: 11, SHA256: sum("web program")},
		{Path: "httpbin", Component: "httpbin", Link: "bin/httpbin"},
		{Path: "static/index.html", Component: "web", Mode: "0644", Size: 3, SHA256: sum("<p>")},
	}, files)
}

func TestTwoComponentsThatLeaveTheSameFileAreNamed(t *testing.T) {
	l, folder := library(t)
	in := parts(t)
	in.Outputs = append(in.Outputs, output(t, "twin", map[string]string{"bin/web": "web program"}))
	_, err := l.CheckIn(context.Background(), in)
	require.ErrorIs(t, err, archive.ErrUnsafe)
	require.ErrorContains(t, err, `"bin/web": it is left by both web and twin`)
	assert.Empty(t, names(t, filepath.Join(folder, "packages", "ingest")))
}

func TestWhatCannotBePackedIsNamedWithItsComponent(t *testing.T) {
	l, _ := library(t)
	in := parts(t)
	require.NoError(t, os.Symlink("/etc/passwd", filepath.Join(in.Outputs[2].Folder, "odd")))
	_, err := l.CheckIn(context.Background(), in)
	require.ErrorIs(t, err, archive.ErrUnsafe)
	require.ErrorContains(t, err, "output of web: ")
}

func TestNothingIsCheckedInWhereNoFileWasLeft(t *testing.T) {
	l, _ := library(t)
	in := build(t)
	in.Outputs = []dml.Output{output(t, "a", nil), output(t, "b", nil)}
	require.NoError(t, os.Mkdir(filepath.Join(in.Outputs[1].Folder, "only-a-folder"), 0o755))
	assert.Equal(t, release.Package{}, checkIn(t, l, in))
	all, err := l.Artifacts(context.Background())
	require.NoError(t, err)
	assert.Empty(t, all)
}

// Packages of before have their files in one layer, content.tar.
func TestAPackageOfBeforeIsStillPulled(t *testing.T) {
	l, folder := library(t)
	ctx := context.Background()
	in := build(t)
	file := filepath.Join(t.TempDir(), "content.tar")
	out, err := os.Create(file)
	require.NoError(t, err)
	_, err = archive.Write(ctx, out, in.Outputs[0].Folder)
	require.NoError(t, err)
	require.NoError(t, out.Close())
	data, err := os.ReadFile(file)
	require.NoError(t, err)

	store, err := oci.New(filepath.Join(folder, "packages"))
	require.NoError(t, err)
	layer := content.NewDescriptorFromBytes(dml.ContentType, data)
	require.NoError(t, store.Push(ctx, layer, bytes.NewReader(data)))
	layer.Annotations = map[string]string{ocispec.AnnotationTitle: "content.tar"}
	manifest, err := oras.PackManifest(ctx, store, oras.PackManifestVersion1_1, dml.PackageType, oras.PackManifestOptions{Layers: []ocispec.Descriptor{layer}})
	require.NoError(t, err)
	require.NoError(t, store.Tag(ctx, manifest, "httpbin-2.25.0-b1"))

	pulled := filepath.Join(t.TempDir(), "x")
	require.NoError(t, l.Pull(ctx, release.Digest(manifest.Digest), pulled))
	assert.Equal(t, []string{"README", "bin", "httpbin"}, names(t, pulled))
}
