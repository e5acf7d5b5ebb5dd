package cms

import (
	"context"
	"database/sql"
	"fmt"

	"slipway/release"
)

// Needs gives all that tells which packages of the DML are needed, as it was at one
// moment.
func (s *Store) Needs(ctx context.Context) (release.Needs, error) {
	var needs release.Needs
	err := s.view(ctx, func(tx *sql.Tx) (err error) {
		if needs.Baselines, err = readBaselineChanges(ctx, tx); err != nil {
			return err
		}
		if needs.Open, err = readOpen(ctx, tx); err != nil {
			return err
		}
		if needs.Undecided, err = readUndecided(ctx, tx); err != nil {
			return err
		}
		needs.Made, err = readMade(ctx, tx)
		return err
	})
	if err != nil {
		return release.Needs{}, fmt.Errorf("cms: what is needed of the DML: %w", err)
	}
	return needs, nil
}

// readBaselineChanges gives all that ever ran, the oldest first.
func readBaselineChanges(ctx context.Context, tx *sql.Tx) ([]release.BaselineChange, error) {
	const changes = `
		SELECT c.key, c.environment, c.service, c.at, coalesce(c.package, ''), coalesce(t.package, '')
		FROM baseline_changes c LEFT JOIN baseline_targets t ON t.key = c.key
		ORDER BY c.at, c.seq, t.position`
	type change struct {
		release.BaselineChange
		key        string
		all, other release.Digest
	}
	rows, err := query(ctx, tx, func(rows *sql.Rows) (c change, err error) {
		err = rows.Scan(&c.key, &c.Environment, &c.Service, stored{&c.At}, &c.all, &c.other)
		return c, err
	}, changes)
	var list []release.BaselineChange
	for i, c := range rows {
		if i == 0 || rows[i-1].key != c.key {
			list = append(list, c.BaselineChange)
			list[len(list)-1].Add(c.all)
		}
		list[len(list)-1].Add(c.other)
	}
	return list, err
}

// readUndecided gives where releases left undecided targets, and nothing was written
// of what runs there since.
func readUndecided(ctx context.Context, tx *sql.Tx) ([]release.UndecidedPlace, error) {
	const undecided = `
		SELECT DISTINCT d.environment, d.release
		FROM deployments d JOIN targets t ON t.key = d.key JOIN releases r ON r.release = d.release
		WHERE t.state = $1 AND NOT EXISTS (
			SELECT 1 FROM baseline_changes c
			WHERE c.environment = d.environment AND c.service = r.service AND c.at > d.at)
		ORDER BY 1, 2`
	return query(ctx, tx, func(rows *sql.Rows) (u release.UndecidedPlace, err error) {
		err = rows.Scan(&u.Environment, &u.Release)
		return u, err
	}, undecided, release.TargetUndecided)
}

// readMade gives the releases that built each package, and those that say that it
// is theirs.
func readMade(ctx context.Context, tx *sql.Tx) (map[release.Digest][]string, error) {
	const makers = `
		SELECT package, release FROM builds WHERE package IS NOT NULL
		UNION SELECT package, release FROM releases WHERE package IS NOT NULL
		ORDER BY 1, 2`
	type maker struct {
		of release.Digest
		by string
	}
	rows, err := query(ctx, tx, func(rows *sql.Rows) (m maker, err error) {
		err = rows.Scan(&m.of, &m.by)
		return m, err
	}, makers)
	made := map[release.Digest][]string{}
	for _, m := range rows {
		made[m.of] = append(made[m.of], m.by)
	}
	return made, err
}
