package cms

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/pressly/goose/v3"
)

// OpenReadOnly opens a CMS that is there, as Open names it, only to read it: nothing in
// it is changed or brought up to date. SQLite may leave its two empty working files
// beside it. It is refused when its tables are not those that this program knows.
func OpenReadOnly(ctx context.Context, spec string) (*Store, error) {
	file, found := strings.CutPrefix(spec, sqlitePrefix)
	if !found || file == "" || strings.HasPrefix(file, ":") {
		return nil, fmt.Errorf("cms: %q is not supported: write sqlite:FILE, as in sqlite:/var/lib/slipway/cms.db", spec)
	}
	store, err := readSQLite(ctx, file)
	if err != nil {
		return nil, fmt.Errorf("cms: %s: %w", file, err)
	}
	return store, nil
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
	return &Store{write: db, read: db, statements: map[string]*sql.Stmt{}}, nil
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
	folder, err := fs.Sub(migrations, "migrations/sqlite")
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, folder)
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	current, known, err := provider.GetVersions(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("read the version of the tables: %w", err)
	case current > known:
		return fmt.Errorf("its tables are of version %d, and this program knows %d: use a newer slipway", current, known)
	case current < known:
		return fmt.Errorf("its tables are of version %d, and this program knows %d: start a worker of this version first", current, known)
	}
	return nil
}
