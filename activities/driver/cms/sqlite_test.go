package cms_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/activities/driver/cms"
	"slipway/release"
)

// refused opens a store that must not open, and gives the reason.
func refused(t *testing.T, spec string) error {
	t.Helper()
	store, err := cms.Open(context.Background(), spec)
	if !assert.Error(t, err) {
		require.NoError(t, store.Close())
	}
	return err
}

func TestAnUnknownKindOfDatabaseIsRefusedWithWhatIsSupported(t *testing.T) {
	for _, spec := range []string{"", "mysql://localhost/slipway", "cms.db", "sqlite:", "sqlite::memory:"} {
		require.ErrorContains(t, refused(t, spec), "write sqlite:FILE", spec)
	}
}

func TestTheFolderOfTheFileIsCreatedWhateverItsName(t *testing.T) {
	file := filepath.Join(t.TempDir(), "50% of #1?", "deep down", "cms.db")
	store, err := cms.Open(context.Background(), "sqlite:"+file)
	require.NoError(t, err)
	require.NoError(t, store.Close())
	require.FileExists(t, file)
}

func TestARelativeFileIsMeantFromTheWorkingFolder(t *testing.T) {
	t.Chdir(t.TempDir())
	store, err := cms.Open(context.Background(), "sqlite:state/cms.db")
	require.NoError(t, err)
	require.NoError(t, store.Close())
	require.FileExists(t, "state/cms.db")
}

func TestAFileThatIsNoDatabaseIsRefusedAndLeftAsItIs(t *testing.T) {
	file := filepath.Join(t.TempDir(), "notes.txt")
	notes := []byte("buy milk, and do not lose this list: it is much longer than the header of a database")
	require.NoError(t, os.WriteFile(file, notes, 0o600))
	require.ErrorContains(t, refused(t, "sqlite:"+file), "cannot be opened as a SQLite database")
	left, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, notes, left)
	require.Error(t, refused(t, "sqlite:"+filepath.Dir(file)), "a folder is no database either")
}

func TestTheDatabaseOfAnotherProgramIsRefusedAndLeftAsItIs(t *testing.T) {
	file := filepath.Join(t.TempDir(), "temporal.db")
	db, err := sql.Open("sqlite", file)
	require.NoError(t, err)
	_, err = db.Exec("CREATE TABLE executions (id TEXT)")
	require.NoError(t, err)
	require.NoError(t, db.Close())
	before, err := os.ReadFile(file)
	require.NoError(t, err)

	require.ErrorContains(t, refused(t, "sqlite:"+file), "belongs to another program")
	after, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, before, after)
}

func TestOpeningEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := cms.Open(ctx, "sqlite:"+filepath.Join(t.TempDir(), "cms.db"))
	require.ErrorIs(t, err, context.Canceled)
}

func TestABusyDatabaseIsWaitedForNoLongerThanTheContextAllows(t *testing.T) {
	p := place{onSQLite, onSQLite.spec(t)}
	store := p.open(t)
	write(t, store, state(httpbin("2.25.0"), "plan", 1))
	db, err := sql.Open("sqlite", p.source(p.at)+"?_txlock=immediate")
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	tx, err := db.Begin()
	require.NoError(t, err)

	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, store.Write(ctx, []release.Entry{state(httpbin("2.26.0"), "plan", 1)}), context.DeadlineExceeded)
	assert.Nil(t, running(t, store), "readers do not wait for writers")
	require.NoError(t, tx.Rollback())
	write(t, store, wholeRelease(httpbin("2.26.0"))...)
}

func BenchmarkWriteOf20Entries(b *testing.B) {
	p := place{onSQLite, onSQLite.spec(b)}
	store := p.open(b)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		one, two := wholeRelease(httpbin(fmt.Sprintf("1.%d", i))), wholeRelease(httpbin(fmt.Sprintf("2.%d", i)))
		write(b, store, append(one, two...)[:20]...)
	}
}
