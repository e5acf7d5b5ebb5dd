package cms_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"slipway/activities/driver/cms"
)

func TestAReadOnlyFileIsRefusedWhenItIsOpened(t *testing.T) {
	file := filepath.Join(t.TempDir(), "cms.db")
	store, err := cms.Open(context.Background(), "sqlite:"+file)
	require.NoError(t, err)
	require.NoError(t, store.Close())
	require.NoError(t, os.Chmod(file, 0o400))
	powerless(t, filepath.Dir(file))
	require.ErrorContains(t, refused(t, "sqlite:"+file), "cannot be written")
}

func TestAReadOnlyFolderIsRefusedWithItsName(t *testing.T) {
	folder := t.TempDir()
	require.NoError(t, os.Chmod(folder, 0o500))
	powerless(t, folder)
	for _, file := range []string{"cms.db", "deeper/cms.db"} {
		err := refused(t, "sqlite:"+filepath.Join(folder, file))
		require.ErrorIs(t, err, os.ErrPermission)
		require.ErrorContains(t, err, folder)
	}
}

// powerless takes from the rest of the test the power of root, whom permissions
// do not stop. The folder is given to the user that it then acts as.
func powerless(t *testing.T, folder string) {
	t.Helper()
	if os.Geteuid() != 0 {
		return
	}
	const nobody = 65534
	require.NoError(t, os.Chmod(filepath.Dir(folder), 0o755))
	require.NoError(t, filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
		return errors.Join(err, os.Chown(path, nobody, nobody))
	}))
	runtime.LockOSThread() // it holds for this thread alone
	_, err := unix.SetfsuidRetUid(nobody)
	require.NoError(t, err)
	t.Cleanup(func() {
		_, err := unix.SetfsuidRetUid(0)
		require.NoError(t, err)
		runtime.UnlockOSThread()
	})
}
