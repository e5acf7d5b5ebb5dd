package durable_test

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/activities/driver/durable"
)

func TestWriteFileReplacesTheOldFileAndLeavesNothingElse(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "index.json")
	require.NoError(t, durable.WriteFile(path, []byte("old")))
	require.NoError(t, durable.WriteFile(path, []byte("new")))

	data, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, "new", string(data))
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	assert.Len(t, entries, 1)
}

func TestWriteFileThatFailsLeavesNothing(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "taken")
	require.NoError(t, os.MkdirAll(filepath.Join(path, "child"), 0o755))
	require.ErrorContains(t, durable.WriteFile(path, []byte("x")), path)

	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	assert.Len(t, entries, 1)
}

func TestOneHolderOfTheLockAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	var holders atomic.Int32
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			unlock, err := durable.Lock(context.Background(), path)
			if assert.NoError(t, err) {
				assert.EqualValues(t, 1, holders.Add(1))
				holders.Add(-1)
				unlock()
			}
		})
	}
	group.Wait()
}

func TestWaitingForTheLockEndsWithItsContext(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	unlock, err := durable.Lock(context.Background(), path)
	require.NoError(t, err)

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = durable.Lock(ctx, path)
	require.ErrorIs(t, err, context.Canceled)

	unlock()
	again, err := durable.Lock(context.Background(), path)
	require.NoError(t, err, "the waiter that gave up holds nothing")
	again()
}

func TestSyncTreeTakesFoldersFilesAndLinks(t *testing.T) {
	folder := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(folder, "bin"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "bin", "tool"), []byte("x"), 0o755))
	require.NoError(t, os.Symlink("nowhere", filepath.Join(folder, "link")))
	require.NoError(t, durable.SyncTree(folder))
	require.ErrorIs(t, durable.SyncTree(filepath.Join(folder, "missing")), os.ErrNotExist)
}

func TestALockThatIsHeldIsNotFree(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	unlock, free, err := durable.TryLock(path)
	require.NoError(t, err)
	require.True(t, free)
	_, free, err = durable.TryLock(path)
	require.NoError(t, err)
	require.False(t, free)
	unlock()
	unlock, free, err = durable.TryLock(path)
	require.NoError(t, err)
	require.True(t, free)
	unlock()
}
