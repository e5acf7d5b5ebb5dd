package folder

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"slipway/activities/driver/durable"
	"slipway/activities/driver/target"
	"slipway/release"
)

// Transfer brings a package to the target and gives the folder that holds it
// there. pull has to unpack the package into the folder that it is given, which
// does not exist yet. What arrives is checked against the package's content
// digest before it gets its place; a package that is there and whole is left
// alone, one that is broken is replaced. Errors: target.ErrUnusable; target.ErrNotAuthorized
// when the content is another one, or when what is broken is current, so that it
// is not Transfer's to replace; those of pull.
func (d *Driver) Transfer(
	ctx context.Context, t release.Target, releaseID, version string, p release.Package,
	pull func(ctx context.Context, folder string) error,
) (folder string, err error) {
	unlock, err := lock(ctx, t)
	if err != nil {
		return "", targetError(t, err)
	}
	defer unlock()
	at := placeOf(t, version, p)
	m := target.Marker{Release: releaseID, Version: version, Package: p.Digest, Content: p.Content}
	if err := at.transfer(ctx, m, pull); err != nil {
		return "", targetError(t, fmt.Errorf("transfer %s: %w", at.name, err))
	}
	return at.content(), nil
}

func (p place) transfer(ctx context.Context, m target.Marker, pull func(ctx context.Context, folder string) error) error {
	if m.Package == "" || m.Content == "" {
		return fmt.Errorf("the package has no digest: %w", target.ErrNotAuthorized)
	}
	if err := p.sweep(); err != nil {
		return err
	}
	switch err := verify(ctx, p.content(), m.Content); {
	case err == nil:
		return p.mark(m)
	case !errors.Is(err, target.ErrNotAuthorized):
		return err
	case p.exists():
		link, linkErr := current(p.target)
		if linkErr != nil {
			return linkErr
		}
		if link == p.link() {
			return fmt.Errorf("broken while it is current: %w", err)
		}
	}
	return p.fetch(ctx, m, pull)
}

// fetch pulls the package aside, and gives it its place when it is right and on
// the disk.
func (p place) fetch(ctx context.Context, m target.Marker, pull func(ctx context.Context, folder string) error) error {
	temp, err := os.MkdirTemp(p.releases(), target.Unfinished+p.name+"-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	arrived := filepath.Join(temp, "content")
	if err := pull(ctx, arrived); err != nil {
		return err
	}
	if err := verify(ctx, arrived, m.Content); err != nil {
		return err
	}
	if err := durable.SyncTree(arrived); err != nil {
		return err
	}
	if err := p.mark(m); err != nil {
		return err
	}
	if p.exists() {
		if err := os.Rename(p.content(), filepath.Join(temp, "broken")); err != nil {
			return err
		}
	}
	if err := os.Rename(arrived, p.content()); err != nil {
		return err
	}
	return durable.Sync(p.releases())
}

// mark writes the marker unless it is there already.
func (p place) mark(m target.Marker) error {
	if there, err := readMarker(p.marker()); err == nil && there == m {
		return nil
	}
	return writeJSON(p.marker(), m)
}

func (p place) exists() bool {
	_, err := os.Lstat(p.content())
	return err == nil
}

// sweep removes what died unfinished. The lock says that nothing else is alive.
func (p place) sweep() error {
	if err := os.Remove(filepath.Join(p.target.Folder, nextLink)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	entries, err := os.ReadDir(p.releases())
	if err != nil {
		return err
	}
	for _, entry := range entries {
		name := entry.Name()
		if strings.HasPrefix(name, target.Unfinished) || strings.HasPrefix(name, durable.TempPrefix) {
			if err := os.RemoveAll(filepath.Join(p.releases(), name)); err != nil {
				return err
			}
		}
	}
	return nil
}

// RemoveTransferred is the inverse of Transfer. It removes the package and what
// was written down about it, unless it is current, or is what another release on
// this target would go back to. Nothing there to remove is fine, and so is a
// target whose folder does not exist.
func (d *Driver) RemoveTransferred(ctx context.Context, t release.Target, version string, p release.Package) error {
	at := placeOf(t, version, p)
	if at.untouched() {
		return nil
	}
	unlock, err := lock(ctx, t)
	if err != nil {
		return targetError(t, err)
	}
	defer unlock()
	if err := at.remove(); err != nil {
		return targetError(t, fmt.Errorf("remove %s: %w", at.name, err))
	}
	return nil
}

func (p place) remove() error {
	if err := p.sweep(); err != nil {
		return err
	}
	needed, err := p.needed()
	if err != nil || needed {
		return err
	}
	if p.exists() {
		// Renamed first: what is half removed must not look like a release.
		gone := filepath.Join(p.releases(), target.Unfinished+p.name)
		if err := os.Rename(p.content(), gone); err != nil {
			return err
		}
		if err := os.RemoveAll(gone); err != nil {
			return err
		}
	}
	for _, path := range []string{p.marker(), p.previous()} {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return durable.Sync(p.releases())
}

// needed tells whether the target runs this release or may come back to it.
func (p place) needed() (bool, error) {
	link, err := current(p.target)
	if err != nil || link == p.link() {
		return true, err
	}
	entries, err := os.ReadDir(p.releases())
	if err != nil {
		return true, err
	}
	for _, entry := range entries {
		path := filepath.Join(p.releases(), entry.Name())
		if path == p.previous() || !strings.HasSuffix(path, target.PreviousSuffix) {
			continue
		}
		record, err := readPrevious(path)
		if err != nil || record.Link == p.link() {
			return true, err
		}
	}
	return false, nil
}
