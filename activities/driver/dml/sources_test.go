package dml_test

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/activities/driver/dml"
	"slipway/release"
)

var module = release.Source{Module: "github.com/mccutchen/go-httpbin/v2", Version: "v2.26.0", Sum: "h1:abc="}

// master makes the master copy of a source.
func master(t *testing.T, s release.Source) dml.SourceCopy {
	t.Helper()
	return dml.SourceCopy{
		Component: "httpbin", Source: s, Sum: "h1:abc=", SignedBy: "SHA256:key",
		Folder: output(t, "httpbin", map[string]string{"go.mod": "module x", "cmd/main.go": "package main"}).Folder,
	}
}

func TestAMasterCopyIsFoundByItsSource(t *testing.T) {
	l, folder := library(t)
	ctx := context.Background()
	digest, err := l.KeepSource(ctx, master(t, module))
	require.NoError(t, err)
	for name, r := range map[string]*dml.Reader{"writer": &l.Reader, "reader": reader(t, folder)} {
		t.Run(name, func(t *testing.T) {
			to := filepath.Join(t.TempDir(), "x")
			kept, err := r.Source(ctx, module, to)
			require.NoError(t, err)
			assert.Equal(t, dml.Kept{Digest: digest, Sum: "h1:abc=", SignedBy: "SHA256:key"}, kept)
			data, err := os.ReadFile(filepath.Join(to, "cmd", "main.go"))
			require.NoError(t, err)
			assert.Equal(t, "package main", string(data))
		})
	}
}

func TestASourceThatSaysSomethingElseIsAnother(t *testing.T) {
	onEach(t, func(t *testing.T, l *dml.Library) {
		ctx := context.Background()
		git := release.Source{Git: "https://example.com/x", Commit: "abc", Tag: "v1", Branch: "main"}
		_, err := l.KeepSource(ctx, master(t, git))
		require.NoError(t, err)
		for name, change := range map[string]func(*release.Source){
			"commit": func(s *release.Source) { s.Commit = "abd" },
			"tag":    func(s *release.Source) { s.Tag = "v2" },
			"url":    func(s *release.Source) { s.Git += ".git" },
		} {
			t.Run(name, func(t *testing.T) {
				other := git
				change(&other)
				folder := filepath.Join(t.TempDir(), "x")
				_, err := l.Source(ctx, other, folder)
				require.ErrorIs(t, err, dml.ErrNotFound)
				assert.NoDirExists(t, folder)
			})
		}
		git.Branch = "release"
		_, err = l.Source(ctx, git, filepath.Join(t.TempDir(), "x"))
		require.NoError(t, err, "the branch says only where others come from")
	})
}

func TestAMasterCopyIsWrittenOnce(t *testing.T) {
	onEach(t, func(t *testing.T, l *dml.Library) {
		ctx := context.Background()
		first, err := l.KeepSource(ctx, master(t, module))
		require.NoError(t, err)

		same := master(t, module)
		same.Component = "other-name"
		again, err := l.KeepSource(ctx, same)
		require.NoError(t, err)
		assert.Equal(t, first, again)

		other := master(t, module)
		other.Sum = "h1:other="
		_, err = l.KeepSource(ctx, other)
		require.ErrorIs(t, err, dml.ErrTagTaken)
		require.ErrorContains(t, err, "h1:other=")
	})
}

func TestOfSeveralWhoKeepASourceAllGetTheSame(t *testing.T) {
	onEach(t, func(t *testing.T, l *dml.Library) {
		digests := make([]release.Digest, 4)
		var group sync.WaitGroup
		for i := range digests {
			c := master(t, module)
			c.Component = string(rune('a' + i))
			group.Go(func() {
				var err error
				digests[i], err = l.KeepSource(context.Background(), c)
				assert.NoError(t, err)
			})
		}
		group.Wait()
		for _, digest := range digests {
			assert.Equal(t, digests[0], digest)
		}
	})
}

func TestAnyArtifactIsPulledByItsDigest(t *testing.T) {
	onEach(t, func(t *testing.T, l *dml.Library) {
		ctx := context.Background()
		p := checkIn(t, l, parts(t))
		source, err := l.KeepSource(ctx, master(t, module))
		require.NoError(t, err)
		file := filepath.Join(t.TempDir(), "history")
		require.NoError(t, os.WriteFile(file, []byte("what happened"), 0o600))
		blobs, err := l.AttachAll(ctx, p.Digest, []dml.Attachment{
			{Type: "application/vnd.test", Name: "history.json", Path: file, Annotations: map[string]string{"a": "b"}},
		})
		require.NoError(t, err)
		assert.Equal(t, release.DigestOfBytes([]byte("what happened")), blobs[0].Digest)
		referrer := attached(t, l, p.Digest)[0]
		assert.Equal(t, "b", referrer.Annotations["a"])

		for want, digest := range map[string]release.Digest{
			"go.mod": source, "bin/web": p.Digest, "release-notes.md": p.Digest, "history.json": referrer.Digest,
		} {
			folder := filepath.Join(t.TempDir(), "x")
			require.NoError(t, l.PullArtifact(ctx, digest, folder))
			assert.FileExists(t, filepath.Join(folder, want))
		}
		require.ErrorIs(t, l.PullArtifact(ctx, release.DigestOfBytes(nil), filepath.Join(t.TempDir(), "x")), dml.ErrNotFound)
	})
}

func TestALibraryOfBeforeHasNoSources(t *testing.T) {
	_, folder := library(t)
	require.NoError(t, os.RemoveAll(filepath.Join(folder, "sources")))
	_, err := reader(t, folder).Source(context.Background(), module, filepath.Join(t.TempDir(), "x"))
	require.ErrorIs(t, err, dml.ErrNotFound)
	assert.NoDirExists(t, filepath.Join(folder, "sources"))
}
