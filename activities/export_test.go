package activities

import (
	"context"

	"slipway/release"
)

// StoreInventory lets tests put an inventory into the DML.
func (a *Activities) StoreInventory(ctx context.Context, targets []release.Target) (release.Digest, error) {
	return a.storeInventory(ctx, targets)
}

// ForGood lets tests ask whether a source will not come by waiting.
func ForGood(err error, attempt int32) bool { return forGood(err, attempt) }
