package dml_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/activities/driver/dml"
	"slipway/release"
)

// largeLibrary gives a library with a package that has so many names that its index is
// not written anew for each entry.
func largeLibrary(t *testing.T) (l *dml.Library, folder string, p release.Package) {
	t.Helper()
	l, folder = library(t)
	p = checkIn(t, l, build(t))
	index := indexOf(t, folder)
	for i := range 300 {
		again := index.Manifests[0]
		again.Annotations = map[string]string{ocispec.AnnotationRefName: fmt.Sprintf("name-%d", i)}
		index.Manifests = append(index.Manifests, again)
	}
	text, err := json.Marshal(index)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "packages", "index.json"), text, 0o644))
	return l, folder, p
}

func indexOf(t *testing.T, folder string) (index ocispec.Index) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, "packages", "index.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &index))
	return index
}

func journal(folder string) string { return filepath.Join(folder, "packages", "index.journal") }

func attachText(t *testing.T, l *dml.Library, p release.Package, text string) {
	t.Helper()
	_, err := l.Attach(context.Background(), p.Digest, "application/vnd.test", "a.txt", []byte(text), nil)
	require.NoError(t, err)
}

func TestWhatALargeLibraryGetsIsFoundAtOnceAndByOtherToolsOnceItIsClosed(t *testing.T) {
	l, folder, p := largeLibrary(t)
	before, read := indexOf(t, folder), reader(t, folder)
	for range 2 {
		attachText(t, l, p, "one")
		attachText(t, l, p, "two")
		assert.Len(t, attached(t, l, p.Digest), 2)
		all, err := read.Artifacts(context.Background())
		require.NoError(t, err)
		assert.Len(t, all, len(before.Manifests)+2, "attaching the same again changes nothing")
	}
	require.NoError(t, l.Close())
	assert.NoFileExists(t, journal(folder))
	assert.Len(t, referrers(t, "oci-layout:"+folder, p), 2)
	assert.Equal(t, before.Manifests, indexOf(t, folder).Manifests[:len(before.Manifests)], "what was there stays as it was")
	assert.Len(t, attached(t, l, p.Digest), 2)
}

func TestOtherToolsFindWhatALargeLibraryGotSoon(t *testing.T) {
	l, folder, p := largeLibrary(t)
	attachText(t, l, p, "one")
	require.FileExists(t, journal(folder))
	require.Eventually(t, func() bool { return len(referrers(t, "oci-layout:"+folder, p)) == 1 }, 20*time.Second, 50*time.Millisecond)
}

func TestALargeLibraryGoesOnAfterAWriterThatDied(t *testing.T) {
	l, folder, p := largeLibrary(t)
	attachText(t, l, p, "one")
	file, err := os.OpenFile(journal(folder), os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = file.WriteString(`{"mediaType":"applica`)
	require.NoError(t, err)
	require.NoError(t, file.Close())
	assert.Len(t, attached(t, l, p.Digest), 1)
	attachText(t, l, p, "two")
	assert.Len(t, attached(t, l, p.Digest), 2)
	again, err := dml.Open("oci-layout:" + folder)
	require.NoError(t, err)
	assert.Len(t, attached(t, again, p.Digest), 2)
	assert.NoFileExists(t, journal(folder), "who opens it for writing tidies it up")
}

func TestAJournalThatWasChangedIsCorrupt(t *testing.T) {
	for _, line := range []string{"not JSON", `{"colour":"red"}`, `{"digest":"sha256:00", "size":1}`} {
		_, folder, p := largeLibrary(t)
		require.NoError(t, os.WriteFile(journal(folder), []byte(line+"\n"), 0o644))
		_, err := reader(t, folder).Artifacts(context.Background())
		require.ErrorIs(t, err, dml.ErrCorrupt)
		_, err = reader(t, folder).Document(context.Background(), p.Digest, "release-notes.md")
		require.ErrorIs(t, err, dml.ErrCorrupt)
		_, err = dml.Open("oci-layout:" + folder)
		require.ErrorIs(t, err, dml.ErrCorrupt)
	}
}

func TestWhatIsRemovedFromALargeLibraryStaysRemoved(t *testing.T) {
	l, folder, p := largeLibrary(t)
	attachText(t, l, p, "one")
	attachText(t, l, p, "two")
	gone := attached(t, l, p.Digest)[0]
	assert.Len(t, remove(t, l, dml.Removal{Digest: gone.Digest}).Artifacts, 1)
	require.NoError(t, l.Close())
	assert.Len(t, attached(t, l, p.Digest), 1)
	assert.Len(t, referrers(t, "oci-layout:"+folder, p), 1)
}

func TestProcessesDoNotLoseEachOthersEntriesInALargeLibrary(t *testing.T) {
	l, folder, p := largeLibrary(t)
	spec := "oci-layout:" + folder
	var group sync.WaitGroup
	for i := range 2 {
		group.Go(func() {
			helper := exec.Command(os.Args[0])
			helper.Env = append(os.Environ(), helperLibrary+"="+spec, helperSubject+"="+string(p.Digest), fmt.Sprintf("%s=process-%d", helperName, i))
			output, err := helper.CombinedOutput()
			assert.NoError(t, err, string(output))
		})
		group.Go(func() { assert.NoError(t, attachMany(spec, p.Digest, fmt.Sprintf("goroutine-%d", i))) })
	}
	group.Go(func() {
		for range attachments {
			assert.NoError(t, l.Close())
		}
	})
	group.Wait()
	assert.Len(t, attached(t, l, p.Digest), 4*attachments)
	require.NoError(t, l.Close())
	assert.Len(t, referrers(t, spec, p), 4*attachments)
}
