package cms

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"slipway/release"
)

// ErrInvalid is wrapped by the refusal of an entry that cannot be held. Trying
// the same entry again cannot help.
var ErrInvalid = errors.New("invalid entry")

// Write holds all entries, or none and says why. Entries may be written again: a
// key has one row, and a state (of a start of a release, an opening of a gate, an
// incident) has one row whatever the key. What is there gives way to an entry with
// the same or a later At, never to an earlier one. An entry of a ledger never gives
// way: another one in its place is refused with ErrInvalid.
func (s *Store) Write(ctx context.Context, entries []release.Entry) error {
	var all []row
	for i := range entries {
		rows, err := rowsOf(&entries[i])
		if err != nil {
			return fmt.Errorf("cms: write %q: %w", entries[i].Key, err)
		}
		all = append(all, rows...)
	}
	if len(all) == 0 {
		return nil
	}
	changes, err := s.prepare(ctx, all)
	if err != nil {
		return fmt.Errorf("cms: write: %w", err)
	}
	if err := s.apply(ctx, changes); err != nil {
		return fmt.Errorf("cms: write: %w", err)
	}
	return nil
}

// change is a row as prepared statements: the parts are for when the row itself
// was written.
type change struct {
	key   string
	put   prepared
	fixed bool
	parts []prepared
}

type prepared struct {
	*sql.Stmt
	args []any
}

// prepare is done before the transaction, which holds the only connection.
func (s *Store) prepare(ctx context.Context, rows []row) ([]change, error) {
	changes := make([]change, len(rows))
	for i, r := range rows {
		put, err := s.prepareOne(ctx, r.put())
		if err != nil {
			return nil, err
		}
		changes[i] = change{key: r.entry.Key, put: put, fixed: r.fixed}
		for _, p := range r.replaceParts() {
			replace, err := s.prepareOne(ctx, p)
			if err != nil {
				return nil, err
			}
			changes[i].parts = append(changes[i].parts, replace)
		}
	}
	return changes, nil
}

func (s *Store) prepareOne(ctx context.Context, st statement) (prepared, error) {
	stmt, err := s.statement(ctx, st.text)
	if err != nil {
		return prepared{}, fmt.Errorf("prepare %s: %w", st.text, err)
	}
	return prepared{Stmt: stmt, args: st.args}, nil
}

func (s *Store) apply(ctx context.Context, changes []change) (err error) {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() {
		if err != nil {
			_ = tx.Rollback() // says nothing that err does not
		}
	}()
	for _, c := range changes {
		if err := c.apply(ctx, tx); err != nil {
			return fmt.Errorf("%q: %w", c.key, err)
		}
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

func (c change) apply(ctx context.Context, tx *sql.Tx) error {
	result, err := c.put.exec(ctx, tx)
	if err != nil {
		return err
	}
	written, err := result.RowsAffected()
	switch {
	case err != nil:
		return err
	case written == 0 && c.fixed:
		return fmt.Errorf("%w: the CMS holds something else in this place, which never changes", ErrInvalid)
	case written == 0: // a newer row is there
		return nil
	}
	for _, p := range c.parts {
		if _, err := p.exec(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

func (p prepared) exec(ctx context.Context, tx *sql.Tx) (sql.Result, error) {
	return tx.StmtContext(ctx, p.Stmt).ExecContext(ctx, p.args...)
}
