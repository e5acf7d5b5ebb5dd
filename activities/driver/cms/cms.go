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
	// write has a single connection where the database takes one writer at a
	// time: who waits there waits in order and can give up.
	write *sql.DB
	read  *sql.DB

	mu         sync.Mutex
	statements map[string]*sql.Stmt
}

const sqlitePrefix = "sqlite:"

// Open opens the CMS that spec names and brings its tables up to date:
// "sqlite:FILE", which is created, with its folder, when it is missing.
func Open(ctx context.Context, spec string) (*Store, error) {
	file, found := strings.CutPrefix(spec, sqlitePrefix)
	if !found || file == "" || strings.HasPrefix(file, ":") {
		return nil, fmt.Errorf("cms: %q is not supported: write sqlite:FILE, as in sqlite:/var/lib/slipway/cms.db", spec)
	}
	store, err := openSQLite(ctx, file)
	if err != nil {
		return nil, fmt.Errorf("cms: %s: %w", file, err)
	}
	return store, nil
}

// Close lets go of the database.
func (s *Store) Close() error {
	if err := errors.Join(s.read.Close(), s.write.Close()); err != nil {
		return fmt.Errorf("cms: close: %w", err)
	}
	return nil
}

// statement prepares a change once for the life of the store.
func (s *Store) statement(ctx context.Context, text string) (*sql.Stmt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if prepared, found := s.statements[text]; found {
		return prepared, nil
	}
	prepared, err := s.write.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	s.statements[text] = prepared
	return prepared, nil
}
