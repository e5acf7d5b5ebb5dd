package library

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"slipway/release/audit"
)

// Pull unpacks the content of a package into the folder, which must not exist or be
// empty; every byte is checked. With documents, content and documents are folders in
// it. Of what is no package the folder gets all that it holds. The folder appears when
// all of it was right.
func (c *Contents) Pull(ctx context.Context, i *Item, folder string, documents bool) error {
	if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil {
		return err
	}
	switch {
	case !i.isPackage():
		return c.lib.PullArtifact(ctx, i.Digest, folder)
	case !documents:
		return c.lib.Pull(ctx, i.Digest, folder)
	}
	if entries, err := os.ReadDir(folder); err == nil && len(entries) > 0 {
		return fmt.Errorf("folder %s is not empty: %w", folder, os.ErrExist)
	}
	temp, err := os.MkdirTemp(filepath.Dir(folder), ".pull-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	if err := c.lib.Pull(ctx, i.Digest, filepath.Join(temp, "content")); err != nil {
		return err
	}
	if err := c.writeDocuments(ctx, i, filepath.Join(temp, "documents")); err != nil {
		return err
	}
	if err := os.Chmod(temp, 0o755); err != nil {
		return err
	}
	if err := os.Remove(folder); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return os.Rename(temp, folder)
}

// writeDocuments writes them into a folder of their own: names are the library's.
func (c *Contents) writeDocuments(ctx context.Context, i *Item, folder string) error {
	if err := os.Mkdir(folder, 0o755); err != nil {
		return err
	}
	root, err := os.OpenRoot(folder) // nothing leads out of it
	if err != nil {
		return err
	}
	defer root.Close()
	for _, l := range i.Layers {
		if isContent(l) {
			continue
		}
		if err := c.writeDocument(ctx, i.Segment, l, root); err != nil {
			return fmt.Errorf("document %q: %w", l.Name, err)
		}
	}
	return nil
}

func (c *Contents) writeDocument(ctx context.Context, segment string, l audit.Layer, root *os.Root) error {
	blob, err := c.lib.OpenIn(ctx, segment, l.Blob)
	if err != nil {
		return err
	}
	defer func() { _ = blob.Close() }() // it was read to its end, or the first error tells
	path := filepath.FromSlash(l.Name)
	if err := root.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	file, err := root.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, blob)
	return errors.Join(err, file.Close())
}
