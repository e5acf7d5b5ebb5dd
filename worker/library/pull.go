package library

import (
	"context"
	"os"
	"path/filepath"
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
	case documents:
		return c.lib.PullWhole(ctx, i.Digest, folder)
	}
	return c.lib.Pull(ctx, i.Digest, folder)
}
