// Package cmstest gives tests databases of the CMS that are ready to be used.
package cmstest

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"slipway/activities/driver/cms"
)

// Place makes an empty SQLite database of today's tables in a file that is not there
// yet, and gives what [cms.Open] takes for it.
func Place(t testing.TB, file string) string {
	t.Helper()
	empty, err := migrated()
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, empty, 0o600))
	return "sqlite:" + file
}

// migrated is what the file of an empty database holds. Its tables are made once for
// each test program, since that takes half a second under the race detector.
var migrated = sync.OnceValues(func() (empty []byte, err error) {
	folder, err := os.MkdirTemp("", "cmstest")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	file := filepath.Join(folder, "cms.db")
	store, err := cms.Open(context.Background(), "sqlite:"+file)
	if err != nil {
		return nil, err
	}
	if err := store.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
})
