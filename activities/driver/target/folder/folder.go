// Package folder drives targets that are folders on the machine of the worker:
//
//	FOLDER/current                          link into releases, what the target runs
//	FOLDER/releases/VERSION-DIGEST          the files of a package
//	FOLDER/releases/VERSION-DIGEST.json     what they are (see target.Marker)
//	FOLDER/releases/VERSION-DIGEST.previous what was current before (see target.Previous)
//
// DIGEST is the first twelve digits of the package's. A release appears in
// releases, and current moves, by one renaming each: whatever dies in between,
// both are wholly old or wholly new. Services must not write into their release's
// folder, or it is no longer what was authorized.
package folder

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"slipway/activities/driver/archive"
	"slipway/activities/driver/durable"
	"slipway/activities/driver/target"
	"slipway/release"
)

// nextLink is the link current before it is renamed.
const nextLink = ".current.next"

// Driver moves releases into the folders of targets. Its methods may run at the
// same time, in any number of processes: those that change the same target wait
// for each other.
type Driver struct{}

// Path gives the folder that holds, or would hold, the package on the target.
func (*Driver) Path(t release.Target, version string, p release.Package) string {
	return placeOf(t, version, p).content()
}

// Observe gives what the target's link current points at; the zero value when
// there is none. All of its files are read again to see whether they are intact.
// The error is target.ErrUnusable when the target cannot be looked at.
func (*Driver) Observe(ctx context.Context, t release.Target) (release.Held, error) {
	held, err := release.Held{}, usable(t)
	if err == nil {
		held, err = observe(ctx, t)
	}
	if err != nil {
		return release.Held{}, targetError(t, err)
	}
	return held, nil
}

func observe(ctx context.Context, t release.Target) (release.Held, error) {
	link, err := current(t)
	if err != nil || link == "" {
		return release.Held{}, err
	}
	path := resolve(t, link)
	held := release.Held{Folder: path}
	m, err := readMarker(path + target.MarkerSuffix)
	if err != nil {
		return held, nil // Nobody wrote down what it is: that is what is seen.
	}
	held.Release, held.Version, held.Package, held.Content = m.Release, m.Version, m.Package, m.Content
	switch err := verify(ctx, path, m.Content); {
	case err == nil:
		held.Intact = true
	case !errors.Is(err, target.ErrNotAuthorized):
		return held, err
	}
	return held, nil
}

// Packages lists the digests of the packages that lie on the target, switched on or
// not. Their files are not read; they were checked when they arrived.
func (*Driver) Packages(t release.Target) ([]release.Digest, error) {
	releases := filepath.Join(t.Folder, target.ReleasesFolder)
	entries, err := os.ReadDir(releases)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, targetError(t, fmt.Errorf("%w: %w", target.ErrUnusable, err))
	}
	var found []release.Digest
	for _, entry := range entries {
		m, err := readMarker(filepath.Join(releases, entry.Name()+target.MarkerSuffix))
		if err == nil && entry.IsDir() {
			found = append(found, m.Package)
		}
	}
	return found, nil
}

// verify is target.ErrNotAuthorized when the folder has not got that content digest.
func verify(ctx context.Context, folder string, content release.Digest) error {
	if info, err := os.Stat(folder); err == nil && !info.IsDir() {
		return fmt.Errorf("%s is not a folder: %w", folder, target.ErrNotAuthorized)
	}
	got, err := archive.Digest(ctx, folder)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, archive.ErrUnsafe):
		return fmt.Errorf("%w: %w", target.ErrNotAuthorized, err)
	case err != nil:
		return err
	case got != content:
		return fmt.Errorf("%s holds %s, not %s: %w", folder, got.Short(), content.Short(), target.ErrNotAuthorized)
	}
	return nil
}

// current gives where the link current points, as it is written there; empty when
// there is no link.
func current(t release.Target) (string, error) {
	link, err := os.Readlink(filepath.Join(t.Folder, target.CurrentLink))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", nil
	case errors.Is(err, syscall.EINVAL):
		return "", fmt.Errorf("%q is not a link: %w", target.CurrentLink, target.ErrUnusable)
	case err != nil:
		return "", fmt.Errorf("%w: %w", target.ErrUnusable, err)
	}
	return filepath.Clean(link), nil
}

// resolve gives the path that a link in the target's folder leads to.
func resolve(t release.Target, link string) string {
	if filepath.IsAbs(link) {
		return link
	}
	return filepath.Join(t.Folder, link)
}

// usable tells whether the target's folder is there.
func usable(t release.Target) error {
	if t.Folder == "" {
		return fmt.Errorf("no folder is configured: %w", target.ErrUnusable)
	}
	switch info, err := os.Stat(t.Folder); {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("folder %s does not exist on this machine: %w", t.Folder, target.ErrUnusable)
	case err != nil:
		return fmt.Errorf("%w: %w", target.ErrUnusable, err)
	case !info.IsDir():
		return fmt.Errorf("%s is not a folder: %w", t.Folder, target.ErrUnusable)
	}
	return nil
}

// Lock waits until this caller has the target for itself, which must be usable.
func (*Driver) Lock(ctx context.Context, t release.Target) (unlock func(), err error) {
	if unlock, err = lock(ctx, t); err != nil {
		return nil, targetError(t, err)
	}
	return unlock, nil
}

// lock gives this caller the target for itself, and makes its folder releases.
func lock(ctx context.Context, t release.Target) (unlock func(), err error) {
	if err := usable(t); err != nil {
		return nil, err
	}
	releases := filepath.Join(t.Folder, target.ReleasesFolder)
	if err := os.Mkdir(releases, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("%w: %w", target.ErrUnusable, err)
	}
	unlock, err = durable.Lock(ctx, filepath.Join(releases, ".lock"))
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("%w: %w", target.ErrUnusable, err)
	}
	return unlock, nil
}

func targetError(t release.Target, err error) error {
	return fmt.Errorf("target %q: %w", t.Name, err)
}

// place is where a package lies on a target.
type place struct {
	target release.Target
	name   string
}

func placeOf(t release.Target, version string, p release.Package) place {
	return place{target: t, name: target.ReleaseName(version, p)}
}

// link is what current says when it points here.
func (p place) link() string { return filepath.Join(target.ReleasesFolder, p.name) }

func (p place) releases() string { return filepath.Join(p.target.Folder, target.ReleasesFolder) }
func (p place) content() string  { return filepath.Join(p.releases(), p.name) }
func (p place) marker() string   { return p.content() + target.MarkerSuffix }
func (p place) previous() string { return p.content() + target.PreviousSuffix }

// untouched tells whether nothing of the package is there, nor is on its way.
func (p place) untouched() bool {
	entries, err := os.ReadDir(p.releases())
	if err != nil {
		return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
	}
	for _, entry := range entries {
		if strings.Contains(entry.Name(), p.name) {
			return false
		}
	}
	return true
}
