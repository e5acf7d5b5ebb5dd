package dml

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

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
	content, _, err := r.parts(ctx, digest)
	if err != nil {
		return err
	}
	return r.packages.lay(ctx, content, folder)
}

// parts gives the layers of a package: what goes to the targets, and its documents.
func (r *Reader) parts(ctx context.Context, digest release.Digest) (content, documents []ocispec.Descriptor, err error) {
	_, manifest, err := r.packages.manifest(ctx, string(digest))
	if err != nil {
		return nil, nil, err
	}
	for _, layer := range manifest.Layers {
		if layer.MediaType == ContentType {
			content = append(content, layer)
		} else {
			documents = append(documents, layer)
		}
	}
	if len(content) == 0 {
		return nil, nil, fmt.Errorf("%s is no release package: %w", digest, ErrNotFound)
	}
	return content, documents, nil
}

// PullWhole is Pull with the documents of the package too: the folder gets two in it,
// "content" and "documents".
func (r *Reader) PullWhole(ctx context.Context, digest release.Digest, folder string) error {
	if err := r.pullWhole(ctx, digest, folder); err != nil {
		return fmt.Errorf("pull %s: %w", digest.Short(), err)
	}
	return nil
}

func (r *Reader) pullWhole(ctx context.Context, digest release.Digest, folder string) error {
	content, documents, err := r.parts(ctx, digest)
	if err != nil {
		return err
	}
	return whole(folder, func(temp string) error {
		if err := r.packages.lay(ctx, content, filepath.Join(temp, "content")); err != nil {
			return err
		}
		return r.packages.lay(ctx, documents, filepath.Join(temp, "documents"))
	})
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
	return whole(folder, func(temp string) error {
		group, ctx := errgroup.WithContext(ctx)
		group.SetLimit(transfers)
		for _, layer := range layers {
			group.Go(func() error { return s.layOne(ctx, layer, temp) })
		}
		return group.Wait()
	})
}

// whole makes a folder that is not there, or is empty, appear with all that fill puts
// into it; when that fails, nothing appears.
func whole(folder string, fill func(temp string) error) error {
	if err := vacant(folder); err != nil {
		return err
	}
	temp, err := os.MkdirTemp(filepath.Dir(folder), ".pull-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	if err := fill(temp); err != nil {
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
