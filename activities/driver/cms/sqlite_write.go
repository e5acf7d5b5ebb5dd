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
	within := bound{tx: tx, statements: map[*sql.Stmt]*sql.Stmt{}}
	for i, c := range changes {
		if err := c.apply(ctx, within, statements[i]); err != nil {
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

// bound are the statements of a transaction.
type bound struct {
	tx         *sql.Tx
	statements map[*sql.Stmt]*sql.Stmt
}

// exec binds a statement to the transaction once, which takes as long as to execute it.
func (b bound) exec(ctx context.Context, s *sql.Stmt, args []any) (sql.Result, error) {
	own, found := b.statements[s]
	if !found {
		own = b.tx.StmtContext(ctx, s)
		b.statements[s] = own
	}
	return own.ExecContext(ctx, args...)
}

func (c change) apply(ctx context.Context, within bound, p prepared) error {
	result, err := within.exec(ctx, p.put, c.put.args)
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
		if _, err := within.exec(ctx, p.parts[i], part.args); err != nil {
			return c.failed(err)
		}
	}
	return nil
}
