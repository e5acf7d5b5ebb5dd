package cms

import (
	"context"
	"database/sql"
	"fmt"

	"slipway/release"
)

// Audited gives what runs in an environment, by service, each with the targets that its
// release was last deployed to there.
func (s *Store) Audited(ctx context.Context, environment string) ([]release.Audited, error) {
	var list []release.Audited
	err := s.view(ctx, func(tx *sql.Tx) error {
		const services = `SELECT service FROM baselines WHERE environment = $1 AND until IS NULL ORDER BY service`
		found, err := readNames(ctx, tx, services, environment)
		if err != nil {
			return err
		}
		for _, service := range found {
			baseline, err := readBaseline(ctx, tx, environment, service)
			if err != nil {
				return err
			}
			const targets = `
				SELECT target FROM targets WHERE key = (
					SELECT key FROM deployments WHERE release = $1 AND environment = $2 ORDER BY at DESC, key DESC LIMIT 1)
				ORDER BY position`
			names, err := readNames(ctx, tx, targets, baseline.Release, environment)
			if err != nil {
				return err
			}
			list = append(list, release.Audited{Baseline: *baseline, Targets: names})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("cms: what to audit in %s: %w", environment, err)
	}
	return list, nil
}
