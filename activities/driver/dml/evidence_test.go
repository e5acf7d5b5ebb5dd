package dml_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/activities/driver/dml"
	"slipway/release"
	"slipway/release/audit"
)

func read(t *testing.T, l *dml.Library, d release.Digest) (string, error) {
	t.Helper()
	blob, err := l.OpenBlob(context.Background(), d)
	if err != nil {
		return "", err
	}
	defer blob.Close()
	data, err := io.ReadAll(blob)
	return string(data), err
}

func TestWhatWasAttachedIsFoundByItsSubject(t *testing.T) {
	onEach(t, func(t *testing.T, l *dml.Library) {
		ctx := context.Background()
		p := checkIn(t, l, build(t))
		other := build(t)
		other.Build, other.Files = 2, nil
		q := checkIn(t, l, other)

		assert.Empty(t, attached(t, l, p.Digest))

		record, err := l.Attach(ctx, p.Digest, "application/vnd.slipway.build.v1", "build.json", []byte("{}"), map[string]string{"build": "1"})
		require.NoError(t, err)
		evidence, err := l.Attach(ctx, p.Digest, "application/vnd.slipway.test.v1", "unit.json", []byte("[]"), nil)
		require.NoError(t, err)
		_, err = l.Attach(ctx, q.Digest, "application/vnd.slipway.test.v1", "unit.json", []byte("[]"), nil)
		require.NoError(t, err)

		found := attached(t, l, p.Digest)
		require.Len(t, found, 2)
		assert.Equal(t, []audit.Layer{{Name: "build.json", Type: "application/json", Blob: record}}, found[0].Layers)
		assert.Equal(t, "1", found[0].Annotations["build"])
		assert.Equal(t, []audit.Layer{{Name: "unit.json", Type: "application/json", Blob: evidence}}, found[1].Layers)
		assert.Equal(t, "application/vnd.slipway.test.v1", found[1].Type)
		text, err := read(t, l, evidence.Digest)
		require.NoError(t, err)
		assert.Equal(t, "[]", text)
	})
}

func TestAttachingTheSameAgainChangesNothing(t *testing.T) {
	onEach(t, func(t *testing.T, l *dml.Library) {
		ctx := context.Background()
		p := checkIn(t, l, build(t))
		for range 2 {
			_, err := l.Attach(ctx, p.Digest, "application/vnd.test", "a.json", []byte("{}"), nil)
			require.NoError(t, err)
		}
		assert.Len(t, attached(t, l, p.Digest), 1)
	})
}

func TestWhatIsAttachedTogetherIsAllThereOnce(t *testing.T) {
	onEach(t, func(t *testing.T, l *dml.Library) {
		p := checkIn(t, l, build(t))
		var all []dml.Attachment
		var want []string
		for i := range 5 {
			text := fmt.Sprintf("text %d", i)
			all = append(all, dml.Attachment{Type: "application/vnd.test", Name: text, Data: []byte(text), Annotations: map[string]string{"text": text}})
			want = append(want, text)
		}
		for range 2 {
			blobs, err := l.AttachAll(context.Background(), p.Digest, all)
			require.NoError(t, err)
			for i, blob := range blobs {
				text, err := read(t, l, blob.Digest)
				require.NoError(t, err)
				assert.Equal(t, want[i], text)
			}
		}
		var got []string
		for _, a := range attached(t, l, p.Digest) {
			got = append(got, a.Annotations["text"])
		}
		assert.ElementsMatch(t, want, got, "attaching the same again changes nothing")
	})
}

func TestWhatIsAttachedToNothingStandsByItself(t *testing.T) {
	onEach(t, func(t *testing.T, l *dml.Library) {
		ctx := context.Background()
		blob, err := l.Attach(ctx, "", audit.EnvelopeType, audit.EnvelopeName, []byte("{}"), map[string]string{"of": "httpbin@2.26.0"})
		require.NoError(t, err)
		all, err := l.Artifacts(ctx)
		require.NoError(t, err)
		require.Len(t, all, 1)
		assert.Empty(t, all[0].Subject)
		assert.Equal(t, audit.EnvelopeType, all[0].Type)
		assert.Equal(t, "httpbin@2.26.0", all[0].Annotations["of"])
		assert.Equal(t, []audit.Layer{{Name: audit.EnvelopeName, Type: audit.EnvelopeType, Blob: blob}}, all[0].Layers)
		_, err = l.Attach(ctx, release.DigestOfBytes(nil), audit.EnvelopeType, audit.EnvelopeName, []byte("{}"), nil)
		require.ErrorIs(t, err, dml.ErrNotFound, "a package that is not there is no nothing")
	})
}

func TestAttachRefusesAnArtifactTypeThatIsNone(t *testing.T) {
	onEach(t, func(t *testing.T, l *dml.Library) {
		p := checkIn(t, l, build(t))
		_, err := l.Attach(context.Background(), p.Digest, "no type", "a.json", nil, nil)
		require.Error(t, err)
	})
}

func TestALogIsReadBackAndStoredOnce(t *testing.T) {
	l, folder := library(t)
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "log")
	require.NoError(t, os.WriteFile(path, []byte("compiling\n"), 0o644))
	one, err := l.StoreLog(ctx, "build", path)
	require.NoError(t, err)
	blobs := len(names(t, filepath.Join(folder, "evidence", "blobs", "sha256")))
	again, err := l.StoreLog(ctx, "build", path)
	require.NoError(t, err)
	assert.Equal(t, one, again)
	assert.Len(t, names(t, filepath.Join(folder, "evidence", "blobs", "sha256")), blobs)

	named, err := l.StoreLog(ctx, "other", path)
	require.NoError(t, err)
	assert.Equal(t, one, named)
	text, err := read(t, l, one.Digest)
	require.NoError(t, err)
	assert.Equal(t, "compiling\n", text)
	assert.Equal(t, release.Blob{Digest: release.DigestOfBytes([]byte("compiling\n")), Size: 10}, one)
}

func TestManyLogsAreListedTogether(t *testing.T) {
	l, folder := library(t)
	var logs []dml.Log
	for i := range 20 {
		path, name := filepath.Join(t.TempDir(), "log"), fmt.Sprintf("switch p%d", i)
		require.NoError(t, os.WriteFile(path, []byte(name), 0o644))
		blob, err := l.KeepLog(context.Background(), name, path)
		require.NoError(t, err)
		text, err := read(t, l, blob.Digest)
		require.NoError(t, err)
		assert.Equal(t, name, text, "it is there before it is listed")
		logs = append(logs, dml.Log{Name: name, Blob: blob})
	}
	listed := func() (index ocispec.Index) {
		data, err := os.ReadFile(filepath.Join(folder, "evidence", "index.json"))
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(data, &index))
		return index
	}
	assert.Empty(t, listed().Manifests)
	for range 2 {
		require.NoError(t, l.ListLogs(context.Background(), logs))
	}
	require.Len(t, listed().Manifests, 1, "listing the same again changes nothing")
	data, err := read(t, l, release.Digest(listed().Manifests[0].Digest))
	require.NoError(t, err)
	var manifest ocispec.Manifest
	require.NoError(t, json.Unmarshal([]byte(data), &manifest))
	require.Len(t, manifest.Layers, 20)
	assert.Equal(t, "switch p7", manifest.Layers[7].Annotations[ocispec.AnnotationTitle])
	assert.Equal(t, string(logs[7].Blob.Digest), manifest.Layers[7].Digest.String())
	require.NoError(t, l.ListLogs(context.Background(), nil), "nothing is fine")
}

func TestAnEmptyLogIsALog(t *testing.T) {
	onEach(t, func(t *testing.T, l *dml.Library) {
		path := filepath.Join(t.TempDir(), "log")
		require.NoError(t, os.WriteFile(path, nil, 0o644))
		blob, err := l.StoreLog(context.Background(), "silent", path)
		require.NoError(t, err)
		text, err := read(t, l, blob.Digest)
		require.NoError(t, err)
		assert.Empty(t, text)
	})
}

func TestALogThatIsNotThereIsNamed(t *testing.T) {
	onEach(t, func(t *testing.T, l *dml.Library) {
		_, err := l.StoreLog(context.Background(), "build", "/nowhere/log")
		require.ErrorIs(t, err, os.ErrNotExist)
		require.ErrorContains(t, err, "build")
	})
}

func TestOpenBlobGivesOnlyWhatItsDigestSays(t *testing.T) {
	l, folder := library(t)
	path := filepath.Join(t.TempDir(), "log")
	require.NoError(t, os.WriteFile(path, []byte(strings.Repeat("line\n", 1000)), 0o644))
	blob, err := l.StoreLog(context.Background(), "build", path)
	require.NoError(t, err)
	damage(t, blobPath(folder, "evidence", blob.Digest))
	_, err = read(t, l, blob.Digest)
	require.ErrorIs(t, err, dml.ErrCorrupt)

	_, err = l.StoreLog(context.Background(), "build", path)
	require.NoError(t, err)
	_, err = read(t, l, blob.Digest)
	require.NoError(t, err, "storing it again heals it")

	_, err = read(t, l, release.DigestOfBytes([]byte("other")))
	require.ErrorIs(t, err, dml.ErrNotFound)
	_, err = read(t, l, "sha256:../../../etc/passwd")
	require.ErrorContains(t, err, "no digest")
}

func TestBigFilesAreStreamed(t *testing.T) {
	const size = 64 << 20
	l, _ := library(t)
	in := build(t)
	big := filepath.Join(in.Outputs[0].Folder, "big")
	require.NoError(t, os.WriteFile(big, nil, 0o644))
	require.NoError(t, os.Truncate(big, size))

	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	p := checkIn(t, l, in)
	require.NoError(t, l.Pull(context.Background(), p.Digest, filepath.Join(t.TempDir(), "x")))
	_, err := l.StoreLog(context.Background(), "big", big)
	require.NoError(t, err)
	runtime.ReadMemStats(&after)
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(size/8), "bytes allocated in all")
}
