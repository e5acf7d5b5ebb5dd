package cms

import (
	"context"
	"database/sql"

	"golang.org/x/sync/errgroup"
)

// views is view in two transactions, which see the same state of the database, where that
// can be had now; else in one. They may be used side by side.
func (s *Store) views(ctx context.Context, read func(...*sql.Tx) error) error {
	return s.view(ctx, func(tx *sql.Tx) error {
		// One reader at a time has two connections: if each of several held one, all might
		// wait for their second for ever.
		if s.pair == nil || !s.pair.TryLock() {
			return read(tx)
		}
		defer s.pair.Unlock()
		var snapshot string
		if err := tx.QueryRowContext(ctx, "SELECT pg_export_snapshot()").Scan(&snapshot); err != nil {
			return err
		}
		return s.view(ctx, func(second *sql.Tx) error {
			// The name is the server's own, and cannot be an argument here.
			if _, err := second.ExecContext(ctx, "SET TRANSACTION SNAPSHOT '"+snapshot+"'"); err != nil {
				return err
			}
			return read(tx, second)
		})
	})
}

// sideBySide does all pieces of the work, each with one of the workers.
func sideBySide[W any](workers []W, pieces []func(W) error) error {
	queue := make(chan func(W) error, len(pieces))
	for _, piece := range pieces {
		queue <- piece
	}
	close(queue)
	var group errgroup.Group
	for _, w := range workers {
		group.Go(func() error {
			for piece := range queue {
				if err := piece(w); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return group.Wait()
}
