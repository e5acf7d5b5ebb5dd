package target

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"slipway/activities/driver/archive"
	"slipway/activities/driver/durable"
	"slipway/release"
)

// Cache pulls the content of each package once, for all who ask for it.
type Cache struct {
	folder string
	pull   func(ctx context.Context, digest release.Digest, folder string) error
	unlock func()

	mu   sync.Mutex
	kept map[release.Digest]*kept
}

// kept is one package in the cache; who has its turn may look and pull.
type kept struct {
	turn   chan struct{}
	pulled bool
}

const lockSuffix = ".lock"

// NewCache makes a cache in a folder of its own below folder, which several
// processes may share; what dead ones left there is removed. pull unpacks a package
// by its digest into a folder that does not exist yet.
func NewCache(ctx context.Context, folder string, pull func(ctx context.Context, digest release.Digest, folder string) error) (*Cache, error) {
	c := &Cache{pull: pull, kept: map[release.Digest]*kept{}}
	if err := c.open(ctx, folder); err != nil {
		return nil, fmt.Errorf("cache of packages: %w", err)
	}
	return c, nil
}

func (c *Cache) open(ctx context.Context, folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	// Whoever holds this lock alone comes and sweeps.
	unlock, err := durable.Lock(ctx, filepath.Join(folder, lockSuffix))
	if err != nil {
		return err
	}
	defer unlock()
	if err := sweep(folder); err != nil {
		return err
	}
	if c.folder, err = os.MkdirTemp(folder, "worker-"); err != nil {
		return err
	}
	c.unlock, err = durable.Lock(ctx, c.folder+lockSuffix)
	return err
}

// sweep removes the folders whose owners are gone.
func sweep(folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if !entry.IsDir() {
			continue
		}
		path := filepath.Join(folder, entry.Name())
		unlock, free, err := durable.TryLock(path + lockSuffix)
		if err != nil {
			return err
		}
		if !free {
			continue
		}
		err = errors.Join(os.RemoveAll(path), os.Remove(path+lockSuffix))
		unlock()
		if err != nil {
			return err
		}
	}
	return nil
}

// Close removes the cache with all that is in it.
func (c *Cache) Close() error {
	defer c.unlock()
	return errors.Join(os.RemoveAll(c.folder), os.Remove(c.folder+lockSuffix))
}

// Folder gives the content of a package. Callers who want the same one while it is
// pulled wait for it, and try themselves when that failed. What does not have the
// package's content digest is ErrNotAuthorized.
func (c *Cache) Folder(ctx context.Context, p release.Package) (string, error) {
	if p.Content == "" {
		return "", fmt.Errorf("package %s has no content digest: %w", p.Digest.Short(), ErrNotAuthorized)
	}
	k := c.of(p.Content)
	select {
	case k.turn <- struct{}{}:
		defer func() { <-k.turn }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	folder := filepath.Join(c.folder, strings.ReplaceAll(string(p.Content), ":", "-"))
	if k.pulled {
		return folder, nil
	}
	if err := c.fetch(ctx, p, folder); err != nil {
		return "", errors.Join(err, os.RemoveAll(folder))
	}
	k.pulled = true
	return folder, nil
}

func (c *Cache) of(content release.Digest) *kept {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept[content] == nil {
		c.kept[content] = &kept{turn: make(chan struct{}, 1)}
	}
	return c.kept[content]
}

func (c *Cache) fetch(ctx context.Context, p release.Package, folder string) error {
	if err := c.pull(ctx, p.Digest, folder); err != nil {
		return err
	}
	got, err := archive.Digest(ctx, folder)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, archive.ErrUnsafe):
		return fmt.Errorf("package %s: %w: %w", p.Digest.Short(), ErrNotAuthorized, err)
	case err == nil && got != p.Content:
		return fmt.Errorf("package %s holds %s, not %s: %w", p.Digest.Short(), got.Short(), p.Content.Short(), ErrNotAuthorized)
	}
	return err
}
