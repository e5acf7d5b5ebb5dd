package dml

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sync/errgroup"

	"slipway/activities/driver/archive"
	"slipway/release"
)

// transfers is how many layers go to and from the library at the same time.
const transfers = 4

// Pull unpacks the files of a package into the folder, all components over each
// other; it must not exist or be empty, and its parent has to exist. Manifest and
// content are checked against their digests on the way; the folder appears when all
// of it was right, and else stays as it was. Errors: ErrNotFound, ErrCorrupt,
// archive.ErrUnsafe, or those of the disk.
func (r *Reader) Pull(ctx context.Context, digest release.Digest, folder string) error {
	if err := r.pull(ctx, digest, folder); err != nil {
		return fmt.Errorf("pull %s: %w", digest.Short(), err)
	}
	return nil
}

func (r *Reader) pull(ctx context.Context, digest release.Digest, folder string) error {
	if err := vacant(folder); err != nil {
		return err
	}
	_, manifest, err := r.packages.manifest(ctx, string(digest))
	if err != nil {
		return err
	}
	layers := slices.DeleteFunc(manifest.Layers, func(d ocispec.Descriptor) bool { return d.MediaType != ContentType })
	if len(layers) == 0 {
		return fmt.Errorf("%s is no release package: %w", digest, ErrNotFound)
	}
	return r.packages.lay(ctx, layers, folder)
}

// PullArtifact puts an artifact of any segment into the folder, as Pull does with
// packages: layers that are content are unpacked, all others are files by their
// titles, or by their digests when they have none. Errors are those of Pull.
func (r *Reader) PullArtifact(ctx context.Context, digest release.Digest, folder string) error {
	if err := r.pullArtifact(ctx, digest, folder); err != nil {
		return fmt.Errorf("pull artifact %s: %w", digest.Short(), err)
	}
	return nil
}

func (r *Reader) pullArtifact(ctx context.Context, digest release.Digest, folder string) error {
	if err := vacant(folder); err != nil {
		return err
	}
	for _, segment := range r.segments() {
		_, manifest, err := segment.manifest(ctx, string(digest))
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		return segment.lay(ctx, manifest.Layers, folder)
	}
	return fmt.Errorf("artifact %s: %w", digest, ErrNotFound)
}

// lay brings layers into a folder that appears when all of them were right, several
// at the same time.
func (s segment) lay(ctx context.Context, layers []ocispec.Descriptor, folder string) error {
	temp, err := os.MkdirTemp(filepath.Dir(folder), ".pull-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(transfers)
	for _, layer := range layers {
		group.Go(func() error { return s.layOne(ctx, layer, temp) })
	}
	if err := group.Wait(); err != nil {
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

func (s segment) layOne(ctx context.Context, layer ocispec.Descriptor, folder string) error {
	blob, err := s.open(ctx, layer)
	if err != nil {
		return err
	}
	defer blob.Close()
	if layer.MediaType == ContentType {
		return unpack(ctx, blob, folder)
	}
	return saveFile(blob, folder, cmp.Or(layer.Annotations[ocispec.AnnotationTitle], layer.Digest.Encoded()))
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

// saveFile puts a layer under its title, which must not lead out of the folder.
func saveFile(layer io.Reader, folder, title string) (err error) {
	if !filepath.IsLocal(title) || title == "." {
		return fmt.Errorf("layer %q: its title is no name of a file: %w", title, archive.ErrUnsafe)
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return err
	}
	defer root.Close()
	if err := root.MkdirAll(filepath.Dir(title), 0o755); err != nil {
		return err
	}
	file, err := root.OpenFile(title, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, layer)
	return errors.Join(err, file.Close())
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
