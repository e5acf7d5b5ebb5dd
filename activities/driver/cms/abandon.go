package cms

import (
	"context"
	"fmt"
	"time"

	"slipway/release"
)

// Abandon closes a start of a release that cannot say any more how it ended, as
// failed for a reason. One that is closed already stays as it is.
func (s *Store) Abandon(ctx context.Context, releaseID string, started, at time.Time, reason string) error {
	err := s.apply(ctx, []change{{key: releaseID, put: statement{
		text: `UPDATE releases SET at = $1, closed = $1, outcome = $2, phase = $3, reason = $4
			WHERE release = $5 AND started = $6 AND closed IS NULL`,
		args: []any{stamp(at), string(release.Failed), string(release.StageClosed), reason, releaseID, stamp(started)},
	}}})
	if err != nil {
		return fmt.Errorf("cms: close %s: %w", releaseID, err)
	}
	return nil
}
