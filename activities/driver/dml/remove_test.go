package dml_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/activities/driver/dml"
	"slipway/activities/driver/dml/registrytest"
	"slipway/release"
)

func remove(t *testing.T, l *dml.Library, removals ...dml.Removal) dml.Removed {
	t.Helper()
	removed, err := l.Remove(context.Background(), "packages", removals...)
	require.NoError(t, err)
	return removed
}

func TestWhatIsRemovedIsGoneAndNothingElse(t *testing.T) {
	at(t, func(t *testing.T, spec string) {
		l := open(t, spec)
		old := released(t, l)
		next := parts(t)
		next.Version, next.Files["release-notes.md"] = "2.27.0", []byte("# Next")
		kept := checkIn(t, l, next)
		removals := []dml.Removal{{Digest: old.Digest, Tags: []string{old.Tag}}}
		for _, a := range attached(t, l, old.Digest) {
			removals = append(removals, dml.Removal{Digest: a.Digest})
		}
		assert.Len(t, remove(t, l, removals...).Artifacts, 3)
		assert.Empty(t, remove(t, l, removals...).Artifacts, "they are gone")

		ctx, folder := context.Background(), t.TempDir()
		require.ErrorIs(t, l.Pull(ctx, old.Digest, filepath.Join(folder, "x")), dml.ErrNotFound)
		require.NoError(t, l.Pull(ctx, kept.Digest, filepath.Join(folder, "y")))
		all, err := l.Artifacts(ctx)
		require.NoError(t, err)
		assert.Len(t, all, 1)
	})
}

func TestAnArtifactWithAnotherTagStays(t *testing.T) {
	onEach(t, func(t *testing.T, l *dml.Library) {
		in := build(t)
		p := checkIn(t, l, in)
		in.Build = 2
		require.Equal(t, p.Digest, checkIn(t, l, in).Digest)
		assert.Empty(t, remove(t, l, dml.Removal{Digest: p.Digest, Tags: []string{p.Tag}}).Artifacts)
		require.NoError(t, l.Pull(context.Background(), p.Digest, filepath.Join(t.TempDir(), "x")))
	})
}

func TestBlobsGoWhenNothingNamesThemAndNobodyCountsOnThem(t *testing.T) {
	l, folder := library(t)
	old := checkIn(t, l, build(t))
	next := build(t)
	next.Version, next.Files["release-notes.md"] = "2.27.0", []byte("# Next")
	kept := checkIn(t, l, next) // with the same content
	young := release.DigestOfBytes([]byte("# New"))
	blobs := filepath.Join(folder, "packages", "blobs", "sha256")
	before := len(names(t, blobs))
	for _, name := range names(t, blobs) {
		if path := filepath.Join(blobs, name); path != blobPath(folder, "packages", young) {
			then := time.Now().Add(-2 * time.Hour)
			require.NoError(t, os.Chtimes(path, then, then))
		}
	}
	removed := remove(t, l, dml.Removal{Digest: old.Digest, Tags: []string{old.Tag}})
	assert.Positive(t, removed.Bytes)
	assert.Len(t, names(t, blobs), before-1, "its manifest")
	assert.FileExists(t, blobPath(folder, "packages", young), "somebody may have just stored it")
	require.NoError(t, l.Pull(context.Background(), kept.Digest, filepath.Join(t.TempDir(), "x")))
}

func TestNothingIsRemovedWhileItCannotBeKnownWhatIsNeeded(t *testing.T) {
	l, folder := library(t)
	old := checkIn(t, l, build(t))
	next := build(t)
	next.Version = "2.27.0"
	damage(t, blobPath(folder, "packages", checkIn(t, l, next).Digest))
	_, err := l.Remove(context.Background(), "packages", dml.Removal{Digest: old.Digest, Tags: []string{old.Tag}})
	require.ErrorIs(t, err, dml.ErrCorrupt)
	require.NoError(t, l.Pull(context.Background(), old.Digest, filepath.Join(t.TempDir(), "x")))
}

func TestARegistryThatAllowsNoRemovalSaysSo(t *testing.T) {
	l := open(t, registrytest.Start(t, registrytest.Options{KeepForever: true}).Host+"/slipway")
	p := checkIn(t, l, build(t))
	_, err := l.Remove(context.Background(), "packages", dml.Removal{Digest: p.Digest, Tags: []string{p.Tag}})
	require.ErrorIs(t, err, dml.ErrRefused)
	require.ErrorContains(t, err, "allow them in the registry's configuration")
	_, err = l.Remove(context.Background(), "elsewhere")
	require.ErrorContains(t, err, `"elsewhere" is no segment`)
}
