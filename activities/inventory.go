package activities

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"slipway/activities/driver/dml"
	"slipway/release"
)

// storeInventory puts a description of targets into the DML, and gives the digest by
// which activities take targets of which they are told no more than the names.
// Storing the same again changes nothing.
func (a *Activities) storeInventory(ctx context.Context, targets []release.Target) (release.Digest, error) {
	blob, err := a.storeJSON(ctx, "inventory", targets)
	return blob.Digest, err
}

// inventoriesKept is how many inventories are kept at most; releases that go on at
// the same time rarely need more.
const inventoriesKept = 16

// described fills targets in from their inventory; without one they are taken as they
// are. One that the inventory does not describe is an error for good.
func (a *Activities) described(ctx context.Context, of Estate) ([]release.Target, error) {
	if of.Inventory == "" {
		return of.Targets, nil
	}
	known, err := a.inventory(ctx, of.Inventory)
	if err != nil {
		return nil, err
	}
	full := make([]release.Target, len(of.Targets))
	for i, t := range of.Targets {
		var found bool
		if full[i], found = known[t.Name]; !found {
			return nil, unfit(fmt.Errorf("target %q is not in the inventory %s", t.Name, of.Inventory.Short()))
		}
	}
	return full, nil
}

// inventory reads an inventory once. It never changes, for it is named by its digest.
func (a *Activities) inventory(ctx context.Context, digest release.Digest) (map[string]release.Target, error) {
	a.inventories.Lock()
	defer a.inventories.Unlock()
	if known, found := a.inventories.known[digest]; found {
		return known, nil
	}
	var targets []release.Target
	if err := a.loadJSON(ctx, "inventory", digest, &targets); err != nil {
		return nil, err
	}
	known := make(map[string]release.Target, len(targets))
	for _, t := range targets {
		known[t.Name] = t
	}
	a.inventories.keep(digest, known, inventoriesKept)
	return known, nil
}

// storeJSON puts a document into the DML, named by its digest.
func (a *Activities) storeJSON(ctx context.Context, name string, value any) (release.Blob, error) {
	folder, remove, err := a.workspace("document")
	if err != nil {
		return release.Blob{}, err
	}
	defer remove()
	blob, err := a.keepJSON(ctx, folder, name, value)
	if err != nil {
		return release.Blob{}, err
	}
	return blob, a.Library.ListLogs(ctx, []dml.Log{{Name: name + ".json", Blob: blob}})
}

// keepJSON does that by way of a folder of the workspace, for who lists it together with
// others.
func (a *Activities) keepJSON(ctx context.Context, folder, name string, value any) (release.Blob, error) {
	data, err := json.Marshal(value)
	if err != nil {
		return release.Blob{}, fmt.Errorf("%s: %w", name, err)
	}
	path := filepath.Join(folder, "document.json")
	if err := os.WriteFile(path, data, 0o644); err != nil {
		return release.Blob{}, fmt.Errorf("%s: %w", name, err)
	}
	return a.Library.KeepLog(ctx, name+".json", path)
}

// loadJSON reads a document by its digest. One that is not there is an error for
// good.
func (a *Activities) loadJSON(ctx context.Context, name string, digest release.Digest, value any) error {
	blob, err := a.Library.OpenBlob(ctx, digest)
	if errors.Is(err, dml.ErrNotFound) {
		return unfit(fmt.Errorf("%s: %w", name, err))
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	defer blob.Close()
	data, err := io.ReadAll(blob)
	if err != nil {
		return fmt.Errorf("%s %s: %w", name, digest.Short(), err)
	}
	if err := json.Unmarshal(data, value); err != nil {
		return unfit(fmt.Errorf("%s %s: %w", name, digest.Short(), err))
	}
	return nil
}
