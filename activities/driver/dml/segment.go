package dml

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"strings"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/content/memory"

	"slipway/release/audit"
)

// maxManifest is the size up to which registries have to take a manifest; no
// honest one comes near it.
const maxManifest = 4 << 20

// storage is where a segment is kept. It may be used by any number of goroutines and
// processes.
type storage interface {
	// Stringer says where it is, for people.
	fmt.Stringer
	// Fetcher opens what a manifest names, or a manifest.
	content.Fetcher
	// Push stores a blob whose descriptor is known, and checks it. The blob is complete,
	// or it is not there.
	content.Pusher
	// store streams what write writes into a blob, as Push does, and gives its
	// descriptor. write may be called twice, and has to write the same then.
	store(ctx context.Context, mediaType string, write func(io.Writer) error) (ocispec.Descriptor, error)
	// settle makes the blobs last that were stored so far; commit does that too.
	settle() error
	// has tells whether a blob is there; then it stays for an hour at least.
	has(ctx context.Context, d ocispec.Descriptor) (bool, error)
	// commit stores a manifest whose blobs are all there and makes it visible, under a
	// tag or, when tag is empty, by its digest alone. It is ErrTagTaken when the tag
	// names another.
	commit(ctx context.Context, m manifest, tag string) error
	// commitAll does that for several without a tag, in their order: none is visible
	// before those in front of it.
	commitAll(ctx context.Context, all []manifest) error
	// entry gives the visible manifest of a tag or digest, or ErrNotFound.
	entry(ctx context.Context, reference string) (ocispec.Descriptor, error)
	// list gives all visible manifests with their tags; one with several tags is there
	// with each.
	list(ctx context.Context) ([]ocispec.Descriptor, error)
	// blob finds a blob by its digest, or ErrNotFound.
	blob(ctx context.Context, d digest.Digest) (ocispec.Descriptor, error)
	// remove takes manifests out, unless they have other tags than those named, and what
	// only they named.
	remove(ctx context.Context, removals []Removal) (Removed, error)
}

// manifest is one that can be stored.
type manifest struct {
	ocispec.Descriptor
	text []byte
}

// segment is a part of the library.
type segment struct{ storage }

// pack makes the manifest of an artifact whose layers are stored.
func (s segment) pack(ctx context.Context, artifactType string, o oras.PackManifestOptions) (manifest, error) {
	packed := memory.New()
	d, err := oras.PackManifest(ctx, packed, oras.PackManifestVersion1_1, artifactType, o)
	if err != nil {
		return manifest{}, err
	}
	text, err := content.FetchAll(ctx, packed, d)
	if err != nil {
		return manifest{}, err
	}
	empty := ocispec.DescriptorEmptyJSON
	if there, err := s.has(ctx, empty); err != nil || there {
		return manifest{d, text}, err
	}
	_, err = s.store(ctx, empty.MediaType, func(w io.Writer) error {
		_, err := w.Write(empty.Data)
		return err
	})
	return manifest{d, text}, err
}

// manifest reads a visible manifest, and checks it.
func (s segment) manifest(ctx context.Context, reference string) (ocispec.Descriptor, ocispec.Manifest, error) {
	entry, err := s.entry(ctx, reference)
	if err != nil {
		return entry, ocispec.Manifest{}, err
	}
	read, err := s.readManifest(ctx, entry)
	return entry, read, err
}

func (s segment) readManifest(ctx context.Context, entry ocispec.Descriptor) (ocispec.Manifest, error) {
	_, read, err := readManifest(ctx, s, entry)
	return read, err
}

// readManifest gives also the text of the manifest.
func readManifest(ctx context.Context, from storage, entry ocispec.Descriptor) (manifest, ocispec.Manifest, error) {
	var read ocispec.Manifest
	if entry.Size > maxManifest {
		return manifest{}, read, fmt.Errorf("manifest %s in %s of %d bytes: %w", entry.Digest, from, entry.Size, ErrCorrupt)
	}
	text, err := content.FetchAll(ctx, from, entry)
	if err != nil {
		return manifest{}, read, fmt.Errorf("manifest %s in %s: %w", entry.Digest, from, damage(err))
	}
	if err := json.Unmarshal(text, &read); err != nil {
		return manifest{}, read, fmt.Errorf("manifest %s in %s: %w: %w", entry.Digest, from, ErrCorrupt, err)
	}
	return manifest{entry, text}, read, nil
}

// storeDocument stores a small file as a layer that carries its name.
func (s segment) storeDocument(ctx context.Context, name string, data []byte) (ocispec.Descriptor, error) {
	return s.storeFile(ctx, name, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// storeFile stores what write writes as a layer that carries its name.
func (s segment) storeFile(ctx context.Context, name string, write func(io.Writer) error) (ocispec.Descriptor, error) {
	if name == "." || name != path.Clean(name) || !filepath.IsLocal(name) || strings.Trim(name, ".") == "" {
		return ocispec.Descriptor{}, fmt.Errorf("%q is no name for a document", name)
	}
	document, err := s.store(ctx, mediaType(name), write)
	if err != nil {
		return document, fmt.Errorf("document %s: %w", name, err)
	}
	document.Annotations = map[string]string{ocispec.AnnotationTitle: name}
	return document, nil
}

// mediaType tells a document's type by its name. The table is fixed, since the
// type is part of the package's digest: the machine's own may differ.
func mediaType(name string) string {
	switch {
	case strings.HasSuffix(name, ".cdx.json"):
		return "application/vnd.cyclonedx+json"
	case strings.HasSuffix(name, ".dsse.json"):
		return audit.EnvelopeType
	}
	switch path.Ext(name) {
	case ".json":
		return "application/json"
	case ".md":
		return "text/markdown"
	case ".txt", ".log":
		return "text/plain"
	}
	return "application/octet-stream"
}
