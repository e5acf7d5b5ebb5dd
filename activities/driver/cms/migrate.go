package cms

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

//go:embed migrations
var migrations embed.FS

// tables are those of a kind of database.
type tables struct {
	dialect goose.Dialect
	folder  string
}

var (
	sqliteTables   = tables{goose.DialectSQLite3, "migrations/sqlite"}
	postgresTables = tables{goose.DialectPostgres, "migrations/postgres"}
)

// versions gives the version of the tables that are there, none of a newer program,
// and the one that this program knows.
func (t tables) versions(ctx context.Context, db *sql.DB) (p *goose.Provider, current, known int64, err error) {
	folder, err := fs.Sub(migrations, t.folder)
	if err != nil {
		return nil, 0, 0, err
	}
	if p, err = goose.NewProvider(t.dialect, db, folder); err != nil {
		return nil, 0, 0, fmt.Errorf("read the migrations: %w", err)
	}
	current, known, err = p.GetVersions(ctx)
	if err != nil {
		return nil, 0, 0, fmt.Errorf("read the version of the tables: %w", err)
	}
	if current > known {
		err = fmt.Errorf("its tables are of version %d, and this program knows %d: use a newer slipway", current, known)
	}
	return p, current, known, err
}

// migrate brings tables up to date; nobody else may do that at the same time.
func migrate(ctx context.Context, db *sql.DB, t tables) error {
	p, _, _, err := t.versions(ctx, db)
	if err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("bring its tables up to date: %w", err)
	}
	return nil
}

// upToDate refuses tables of another version than this program knows.
func upToDate(ctx context.Context, db *sql.DB, t tables) error {
	_, current, known, err := t.versions(ctx, db)
	if err != nil {
		return err
	}
	if current < known {
		return fmt.Errorf("its tables are of version %d, and this program knows %d: start a worker of this version first", current, known)
	}
	return nil
}
