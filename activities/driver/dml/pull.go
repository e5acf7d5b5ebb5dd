package dml

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"slipway/activities/driver/archive"
	"slipway/release"
)

// Pull unpacks the files of a package into the folder, which must not exist or be
// empty; its parent has to exist. Manifest and content are checked against their
// digests on the way; the folder appears when all of it was right, and else stays
// as it was. Errors: ErrNotFound, ErrCorrupt, archive.ErrUnsafe, or those of the
// disk.
func (r *Reader) Pull(ctx context.Context, digest release.Digest, folder string) error {
	if err := r.pull(ctx, digest, folder); err != nil {
		return fmt.Errorf("pull %s: %w", digest.Short(), err)
	}
	return nil
}

func (r *Reader) pull(ctx context.Context, digest release.Digest, folder string) (err error) {
	if err := vacant(folder); err != nil {
		return err
	}
	_, manifest, err := r.packages.manifest(ctx, digest)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(manifest.Layers, func(d ocispec.Descriptor) bool { return d.MediaType == ContentType })
	if at < 0 {
		return fmt.Errorf("%s is no release package: %w", digest, ErrNotFound)
	}
	layer, err := r.packages.open(ctx, manifest.Layers[at])
	if err != nil {
		return err
	}
	defer layer.Close()
	temp, err := os.MkdirTemp(filepath.Dir(folder), ".pull-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	if err := unpack(ctx, layer, temp); err != nil {
		return err
	}
	if err := os.Chmod(temp, 0o755); err != nil {
		return err
	}
	// Go renames no folder onto another, not even onto an empty one.
	if err := os.Remove(folder); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return os.Rename(temp, folder)
}

// unpack takes the whole layer. That it is corrupt comes first among the reasons
// why it could not be unpacked.
func unpack(ctx context.Context, layer io.Reader, folder string) error {
	extracted := archive.Extract(ctx, layer, folder)
	if _, err := io.Copy(io.Discard, layer); err != nil {
		return err
	}
	return extracted
}

func vacant(folder string) error {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err == nil && len(entries) > 0 {
		return fmt.Errorf("folder %s is not empty: %w", folder, os.ErrExist)
	}
	return err
}
