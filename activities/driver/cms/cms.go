// Package cms is the configuration management system: what releases did, who
// authorized them, and what runs where, in a relational database that an auditor
// can ask without Slipway. The tables are described in migrations.
package cms

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
)

// Store is an open CMS. It may be used by several goroutines, and its database
// by several processes.
type Store struct {
	read *sql.DB
	writer
	// pair is had by who reads in two transactions; nil where they cannot share what they see.
	pair *sync.Mutex
}

// writer changes a database.
type writer interface {
	// apply makes all changes, or none and says why.
	apply(ctx context.Context, changes []change) error
	Close() error
}

// Access is how a database server lets us in.
type Access struct {
	// Password is a reference, "env:NAME" or "file:PATH". It is looked up for each
	// connection.
	Password string
}

const sqlitePrefix = "sqlite:"

// Open opens the CMS that spec names and brings its tables up to date:
// "sqlite:FILE", which is created, with its folder, when it is missing, or the URL of
// a database of PostgreSQL, "postgres://USER@HOST/DATABASE", which has to be there.
func Open(ctx context.Context, spec string, access ...Access) (*Store, error) {
	return open(ctx, spec, access, openSQLite, openPostgres)
}

// OpenReadOnly opens a CMS that is there, as Open names it, only to read it: nothing in
// it is changed or brought up to date. SQLite may leave its two empty working files
// beside it. It is refused when its tables are not those that this program knows.
func OpenReadOnly(ctx context.Context, spec string, access ...Access) (*Store, error) {
	return open(ctx, spec, access, readSQLite, readPostgres)
}

func open(ctx context.Context, spec string, access []Access,
	file func(context.Context, string) (*Store, error), server func(context.Context, *server) (*Store, error),
) (*Store, error) {
	path, isFile := strings.CutPrefix(spec, sqlitePrefix)
	switch {
	case isFile && path != "" && !strings.HasPrefix(path, ":"):
		store, err := file(ctx, path)
		if err != nil {
			return nil, fmt.Errorf("cms: %s: %w", path, err)
		}
		return store, nil
	case strings.HasPrefix(spec, "postgres://") || strings.HasPrefix(spec, "postgresql://"):
		at, err := parseServer(spec, access)
		if err != nil {
			return nil, fmt.Errorf("cms: %w", err)
		}
		store, err := server(ctx, at)
		if err != nil {
			return nil, fmt.Errorf("cms: %s: %w", at, at.explain(err))
		}
		return store, nil
	}
	return nil, fmt.Errorf("cms: %q is not supported: write sqlite:FILE, as in sqlite:/var/lib/slipway/cms.db, "+
		"or postgres://USER@HOST/DATABASE", spec)
}

// Close lets go of the database.
func (s *Store) Close() error {
	if err := errors.Join(s.read.Close(), s.writer.Close()); err != nil {
		return fmt.Errorf("cms: close: %w", err)
	}
	return nil
}
