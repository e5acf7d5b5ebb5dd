package cms

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"slipway/release"
)

// Ledger gives the ledger of a release that was started at that time: every vote
// that was sent to it, in its order, as Ledger.Check takes them; none when nobody
// has voted.
func (s *Store) Ledger(ctx context.Context, releaseID string, started time.Time) ([]release.LedgerEntry, error) {
	var entries []release.LedgerEntry
	err := s.view(ctx, func(tx *sql.Tx) (err error) {
		entries, err = readLedger(ctx, tx, releaseID, started)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("cms: ledger of %s: %w", releaseID, err)
	}
	return entries, nil
}

func readLedger(ctx context.Context, tx *sql.Tx, releaseID string, started time.Time) ([]release.LedgerEntry, error) {
	const ledger = `
		SELECT seq, acted, coalesce(gate, ''), coalesce(decision, ''), coalesce(person, ''), coalesce(shown, ''),
			payload, payload_digest, coalesce(signature, ''), coalesce(signing_key, ''), counted,
			coalesce(refusal, ''), previous, hash
		FROM authorizations WHERE release = $1 AND started = $2 ORDER BY seq`
	return query(ctx, tx, func(rows *sql.Rows) (e release.LedgerEntry, err error) {
		err = rows.Scan(&e.Seq, stored{&e.At}, &e.Gate, &e.Decision, &e.By, &e.Shown,
			&e.Payload, &e.PayloadDigest, &e.Signature, &e.Key, &e.Counted, &e.Refusal, &e.Previous, &e.Hash)
		return e, err
	}, ledger, releaseID, stamp(started))
}
