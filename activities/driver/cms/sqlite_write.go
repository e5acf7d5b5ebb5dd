package cms

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
)

// sqliteWriter has a single connection, since SQLite takes one writer at a time: who
// waits there waits in order and can give up.
type sqliteWriter struct {
	*sql.DB

	mu         sync.Mutex
	statements map[string]*sql.Stmt
}

// prepared are the statements of a change.
type prepared struct {
	put   *sql.Stmt
	parts []*sql.Stmt
}

func (w *sqliteWriter) apply(ctx context.Context, changes []change) (err error) {
	statements, err := w.prepare(ctx, changes)
	if err != nil {
		return err
	}
	tx, err := w.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() {
		if err != nil {
			_ = tx.Rollback() // says nothing that err does not
		}
	}()
	for i, c := range changes {
		if err := c.apply(ctx, tx, statements[i]); err != nil {
			return err
		}
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// prepare is done before the transaction, which holds the only connection.
func (w *sqliteWriter) prepare(ctx context.Context, changes []change) (_ []prepared, err error) {
	all := make([]prepared, len(changes))
	for i, c := range changes {
		p := prepared{parts: make([]*sql.Stmt, len(c.parts))}
		if p.put, err = w.statement(ctx, c.put.text); err != nil {
			return nil, err
		}
		for j, part := range c.parts {
			if p.parts[j], err = w.statement(ctx, part.text); err != nil {
				return nil, err
			}
		}
		all[i] = p
	}
	return all, nil
}

// statement prepares a statement once for the life of the store.
func (w *sqliteWriter) statement(ctx context.Context, text string) (*sql.Stmt, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if prepared, found := w.statements[text]; found {
		return prepared, nil
	}
	prepared, err := w.PrepareContext(ctx, text)
	if err != nil {
		return nil, fmt.Errorf("prepare %s: %w", text, err)
	}
	w.statements[text] = prepared
	return prepared, nil
}

func (c change) apply(ctx context.Context, tx *sql.Tx, p prepared) error {
	result, err := tx.StmtContext(ctx, p.put).ExecContext(ctx, c.put.args...)
	if err != nil {
		return c.failed(err)
	}
	written, err := result.RowsAffected()
	if err != nil {
		return c.failed(err)
	}
	if parts, err := c.settle(written); err != nil || !parts {
		return err
	}
	for i, part := range c.parts {
		if _, err := tx.StmtContext(ctx, p.parts[i]).ExecContext(ctx, part.args...); err != nil {
			return c.failed(err)
		}
	}
	return nil
}
