package cms

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// postgresWriter changes rows beside others who do: they take rows in the same order,
// and who comes second to a row sees what the first one made of it.
type postgresWriter struct{ *sql.DB }

// apply tries again when the connection is lost or somebody else was in the way. That
// changes nothing more, even when the first try came through and nobody heard.
func (w postgresWriter) apply(ctx context.Context, changes []change) error {
	return persist(ctx, func() error { return w.try(ctx, changes) })
}

// try takes four round trips, however many changes there are: to begin, for the rows,
// for their parts, and to commit. Statements that a connection has not seen yet take one
// more each time.
func (w postgresWriter) try(ctx context.Context, changes []change) error {
	conn, err := w.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // it goes back to the pool
	return conn.Raw(func(driver any) error {
		own, is := driver.(*stdlib.Conn)
		if !is {
			return fmt.Errorf("a connection is %T", driver)
		}
		return pgx.BeginTxFunc(ctx, own.Conn(), pgx.TxOptions{IsoLevel: pgx.ReadCommitted}, func(tx pgx.Tx) error {
			written, err := putRows(ctx, tx, changes)
			if err != nil {
				return err
			}
			return putParts(ctx, tx, written)
		})
	})
}

// putRows gives those changes whose rows were written.
func putRows(ctx context.Context, tx pgx.Tx, changes []change) (written []change, err error) {
	batch := &pgx.Batch{}
	for _, c := range changes {
		batch.Queue(c.put.text, c.put.args...)
	}
	results := tx.SendBatch(ctx, batch)
	defer func() { _ = results.Close() }() // it says nothing that no result says
	for _, c := range changes {
		tag, err := results.Exec()
		if err != nil {
			return nil, c.failed(err)
		}
		parts, err := c.settle(tag.RowsAffected())
		if err != nil {
			return nil, err
		}
		if parts {
			written = append(written, c)
		}
	}
	return written, nil
}

func putParts(ctx context.Context, tx pgx.Tx, changes []change) error {
	batch := &pgx.Batch{}
	for _, c := range changes {
		for _, part := range c.parts {
			batch.Queue(part.text, part.args...)
		}
	}
	if batch.Len() == 0 {
		return nil
	}
	results := tx.SendBatch(ctx, batch)
	defer func() { _ = results.Close() }() // it says nothing that no result says
	for _, c := range changes {
		for range c.parts {
			if _, err := results.Exec(); err != nil {
				return c.failed(err)
			}
		}
	}
	return nil
}
