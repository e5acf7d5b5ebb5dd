package cms

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"slipway/activities/driver/durable"
)

//go:embed migrations/sqlite/*.sql
var migrations embed.FS

// applicationID ("SLIP") marks a SQLite file as a CMS, so that a slip in the
// configuration cannot mix it with another program's database.
const applicationID = 0x534c4950

const (
	sqliteBusyTimeout = "15000" // milliseconds; a context that ends earlier ends the wait
	sqliteReaders     = 4
)

func openSQLite(ctx context.Context, file string) (_ *Store, err error) {
	path, err := filepath.Abs(file)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("create its folder: %w", err)
	}
	s := &Store{statements: map[string]*sql.Stmt{}}
	if s.write, err = sqlitePool(path, 1, "_txlock", "immediate", "_foreign_keys", "on"); err != nil {
		return nil, err
	}
	if s.read, err = sqlitePool(path, sqliteReaders, "_query_only", "on"); err != nil {
		return nil, err
	}
	if err := prepareSQLite(ctx, s.write, path); err != nil {
		return nil, errors.Join(err, s.read.Close(), s.write.Close())
	}
	return s, nil
}

// sqlitePool opens no connection yet. FULL makes what was written survive the
// loss of power.
func sqlitePool(path string, size int, options ...string) (*sql.DB, error) {
	query := url.Values{"_busy_timeout": {sqliteBusyTimeout}, "_synchronous": {"FULL"}, "_error_rc": {"1"}}
	for i := 0; i < len(options); i += 2 {
		query.Set(options[i], options[i+1])
	}
	name := url.URL{Scheme: "file", Path: path, RawQuery: query.Encode()}
	db, err := sql.Open("sqlite", name.String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	return db, nil
}

// prepareSQLite makes the file a CMS of today, one process at a time: neither
// the switch to a write-ahead log nor the migrations stand a race.
func prepareSQLite(ctx context.Context, db *sql.DB, path string) error {
	unlock, err := durable.Lock(ctx, path+".lock")
	if err != nil {
		return err
	}
	defer unlock()
	if err := claimSQLite(ctx, db); err != nil {
		return err
	}
	if err := migrateSQLite(ctx, db); err != nil {
		return err
	}
	// Nothing changes, but SQLite says now when the file is read-only.
	if _, err := db.ExecContext(ctx, "DELETE FROM releases WHERE FALSE"); err != nil {
		return fmt.Errorf("cannot be written: %w", err)
	}
	return nil
}

// claimSQLite marks a new file as a CMS, and refuses one that is something else
// before it changes anything in it.
func claimSQLite(ctx context.Context, db *sql.DB) error {
	var id, objects int
	const look = "SELECT (SELECT application_id FROM pragma_application_id), (SELECT count(*) FROM sqlite_schema)"
	if err := db.QueryRowContext(ctx, look).Scan(&id, &objects); err != nil {
		return fmt.Errorf("cannot be opened as a SQLite database: %w", err)
	}
	if id != applicationID && (id != 0 || objects > 0) {
		return errors.New("this SQLite database belongs to another program: name another file")
	}
	if id == applicationID {
		return nil
	}
	claim := fmt.Sprintf("PRAGMA journal_mode = WAL; PRAGMA application_id = %d", applicationID)
	if _, err := db.ExecContext(ctx, claim); err != nil {
		return fmt.Errorf("cannot be written: %w", err)
	}
	return nil
}

func migrateSQLite(ctx context.Context, db *sql.DB) error {
	folder, err := fs.Sub(migrations, "migrations/sqlite")
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, folder)
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	current, known, err := provider.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read the version of the tables: %w", err)
	}
	if current > known {
		return fmt.Errorf("its tables are of version %d, and this program knows %d: use a newer slipway", current, known)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("bring its tables up to date: %w", err)
	}
	return nil
}
