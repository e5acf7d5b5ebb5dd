package folder

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"slipway/activities/driver/durable"
	"slipway/activities/driver/target"
	"slipway/release"
)

// Activate switches the target's current release to a package that was
// transferred, in one atomic move, after its files were read again and found to
// be what was authorized. It gives what was current before, and writes that down
// on the target first, for Deactivate. Doing it again changes nothing and gives
// the same. Errors, all before the switch: target.ErrUnusable, target.ErrNotAuthorized.
func (d *Driver) Activate(ctx context.Context, t release.Target, version string, p release.Package) (release.Held, error) {
	unlock, err := lock(ctx, t)
	if err != nil {
		return release.Held{}, targetError(t, err)
	}
	defer unlock()
	at := placeOf(t, version, p)
	before, err := at.activate(ctx, p.Content)
	if err != nil {
		return release.Held{}, targetError(t, fmt.Errorf("activate %s: %w", at.name, err))
	}
	return before, nil
}

func (p place) activate(ctx context.Context, content release.Digest) (release.Held, error) {
	if err := verify(ctx, p.content(), content); err != nil {
		return release.Held{}, err
	}
	if err := p.sweep(); err != nil {
		return release.Held{}, err
	}
	link, err := current(p.target)
	if err != nil {
		return release.Held{}, err
	}
	if link == p.link() {
		if record, err := readPrevious(p.previous()); !errors.Is(err, os.ErrNotExist) {
			return record.Held, err
		}
	}
	held, err := observe(ctx, p.target)
	if err != nil || link == p.link() {
		return held, err
	}
	if err := writeJSON(p.previous(), target.Previous{Link: link, Held: held}); err != nil {
		return release.Held{}, fmt.Errorf("%w: %w", target.ErrUnusable, err)
	}
	return held, pointTo(p.target, p.link())
}

// Deactivate is the inverse of Activate: when the package is current, the target
// goes back to what was current before, whole as it was, or to nothing when there
// was nothing. When it is not current there is nothing to do. The error is
// target.ErrNoWayBack, and the target keeps what it has, when what was before is not
// known or is not whole.
func (d *Driver) Deactivate(ctx context.Context, t release.Target, version string, p release.Package) error {
	at := placeOf(t, version, p)
	if link, err := current(t); at.untouched() && (err != nil || link != at.link()) {
		return nil // Never switched, perhaps because the target cannot be used.
	}
	unlock, err := lock(ctx, t)
	if err != nil {
		return targetError(t, err)
	}
	defer unlock()
	if err := at.deactivate(ctx); err != nil {
		return targetError(t, fmt.Errorf("deactivate %s: %w", at.name, err))
	}
	return nil
}

func (p place) deactivate(ctx context.Context) error {
	link, err := current(p.target)
	if err != nil || link != p.link() {
		return err
	}
	before, err := readPrevious(p.previous())
	if err != nil {
		return fmt.Errorf("%w: what was current before is not known: %w", target.ErrNoWayBack, err)
	}
	if err := whole(ctx, p.target, before); err != nil {
		return err
	}
	if err := pointTo(p.target, before.Link); err != nil {
		return err
	}
	return os.Remove(p.previous())
}

// whole tells whether the target can go back to what it held. What was not intact
// then, or was put there by no release, only has to exist.
func whole(ctx context.Context, t release.Target, b target.Previous) error {
	if b.Link == "" {
		return nil
	}
	folder := resolve(t, b.Link)
	if _, err := os.Stat(folder); err != nil {
		return fmt.Errorf("%w: %w", target.ErrNoWayBack, err)
	}
	if !b.Held.Intact {
		return nil
	}
	if err := verify(ctx, folder, b.Held.Content); err != nil {
		return fmt.Errorf("%w: %s: %w", target.ErrNoWayBack, b.Link, err)
	}
	return nil
}

// pointTo makes current point to link, or removes it when link is empty. A crash
// leaves the old link or the new one. With ErrUnusable it certainly is the old one.
func pointTo(t release.Target, link string) error {
	path := filepath.Join(t.Folder, target.CurrentLink)
	if link == "" {
		if err := os.Remove(path); err != nil {
			return fmt.Errorf("%w: %w", target.ErrUnusable, err)
		}
		return durable.Sync(t.Folder)
	}
	next := filepath.Join(t.Folder, nextLink)
	if err := os.Remove(next); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%w: %w", target.ErrUnusable, err)
	}
	if err := os.Symlink(link, next); err != nil {
		return fmt.Errorf("%w: %w", target.ErrUnusable, err)
	}
	if err := os.Rename(next, path); err != nil {
		return fmt.Errorf("%w: %w", target.ErrUnusable, err)
	}
	return durable.Sync(t.Folder)
}
