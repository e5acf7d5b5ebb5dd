package cms

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"slipway/activities/driver/durable"
)

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
	write, err := sqlitePool(path, 1, "_txlock", "immediate", "_foreign_keys", "on")
	if err != nil {
		return nil, err
	}
	read, err := sqlitePool(path, sqliteReaders, "_query_only", "on")
	if err != nil {
		return nil, err
	}
	if err := prepareSQLite(ctx, write, path); err != nil {
		return nil, errors.Join(err, read.Close(), write.Close())
	}
	return &Store{read: read, writer: &sqliteWriter{DB: write, statements: map[string]*sql.Stmt{}}}, nil
}

func readSQLite(ctx context.Context, file string) (*Store, error) {
	path, err := filepath.Abs(file)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	db, err := sqlitePool(path, sqliteReaders, "mode", "ro", "_query_only", "on")
	if err != nil {
		return nil, err
	}
	if err := readableSQLite(ctx, db); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &Store{read: db, writer: &sqliteWriter{DB: db, statements: map[string]*sql.Stmt{}}}, nil
}

// readableSQLite refuses what is not a CMS of today.
func readableSQLite(ctx context.Context, db *sql.DB) error {
	var id int
	if err := db.QueryRowContext(ctx, "SELECT application_id FROM pragma_application_id").Scan(&id); err != nil {
		return fmt.Errorf("cannot be opened as a SQLite database: %w", err)
	}
	if id != applicationID {
		return errors.New("this SQLite database is no CMS: name another file")
	}
	return upToDate(ctx, db, sqliteTables)
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
	if err := migrate(ctx, db, sqliteTables); err != nil {
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
