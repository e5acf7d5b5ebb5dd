package dml

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"strings"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/errdef"

	"slipway/release"
	"slipway/release/audit"
)

// maxManifest is the size up to which registries have to take a manifest; no
// honest one comes near it.
const maxManifest = 4 << 20

// storage is where a segment is kept. It may be used by any number of goroutines and
// processes.
type storage interface {
	content.ReadOnlyStorage
	content.Pusher
	// store streams what write writes into a blob and gives its descriptor. The blob
	// is complete, or it is not there. write may be called twice, and
	// has to write the same then.
	store(ctx context.Context, mediaType string, write func(io.Writer) error) (ocispec.Descriptor, error)
	// settle makes the blobs last that were stored so far; commit does that too.
	settle() error
	// commit makes a manifest whose blobs are all stored visible, under a tag or, when
	// tag is empty, by its digest alone. It is ErrTagTaken when the tag names another.
	commit(ctx context.Context, manifest ocispec.Descriptor, tag string) error
	// entry gives the visible manifest of a tag or digest, or ErrNotFound.
	entry(ctx context.Context, reference string) (ocispec.Descriptor, error)
	// list gives all visible manifests with their tags; one with several tags is there
	// with each.
	list(ctx context.Context) ([]ocispec.Descriptor, error)
	// blob finds a blob by its digest, or ErrNotFound.
	blob(ctx context.Context, d digest.Digest) (ocispec.Descriptor, error)
}

// segment is a part of the library.
type segment struct{ storage }

// manifest reads a visible manifest, and checks it.
func (s segment) manifest(ctx context.Context, reference string) (ocispec.Descriptor, ocispec.Manifest, error) {
	entry, err := s.entry(ctx, reference)
	if err != nil {
		return entry, ocispec.Manifest{}, err
	}
	manifest, err := s.readManifest(ctx, entry)
	return entry, manifest, err
}

func (s segment) readManifest(ctx context.Context, entry ocispec.Descriptor) (ocispec.Manifest, error) {
	var manifest ocispec.Manifest
	if entry.Size > maxManifest {
		return manifest, fmt.Errorf("manifest %s of %d bytes: %w", entry.Digest, entry.Size, ErrCorrupt)
	}
	data, err := content.FetchAll(ctx, s, entry)
	if err != nil {
		return manifest, fmt.Errorf("manifest %s: %w", entry.Digest, damage(err))
	}
	if err := json.Unmarshal(data, &manifest); err != nil {
		return manifest, fmt.Errorf("manifest %s: %w: %w", entry.Digest, ErrCorrupt, err)
	}
	return manifest, nil
}

// damage turns the ways in which oras says that stored content is not what it
// should be into ErrCorrupt.
func damage(err error) error {
	for _, sign := range []error{
		content.ErrMismatchedDigest, content.ErrTrailingData, content.ErrInvalidDescriptorSize,
		io.ErrUnexpectedEOF, errdef.ErrNotFound,
	} {
		if errors.Is(err, sign) {
			return fmt.Errorf("%w: %w", ErrCorrupt, err)
		}
	}
	return err
}

// openBlob opens a blob by its digest, checked at its end.
func (s segment) openBlob(ctx context.Context, d release.Digest) (io.ReadCloser, error) {
	name := digest.Digest(d)
	if err := name.Validate(); err != nil {
		return nil, fmt.Errorf("%q is no digest: %w", d, err)
	}
	found, err := s.blob(ctx, name)
	if err != nil {
		return nil, err
	}
	return s.open(ctx, found)
}

// open opens what a manifest names, for reading with a check at the end.
func (s segment) open(ctx context.Context, d ocispec.Descriptor) (io.ReadCloser, error) {
	blob, err := s.Fetch(ctx, d)
	if err != nil {
		return nil, fmt.Errorf("blob %s: %w", d.Digest, damage(err))
	}
	return &checked{ctx: ctx, digest: release.Digest(d.Digest), verify: content.NewVerifyReader(blob, d), Closer: blob}, nil
}

// checked is a blob that gives io.EOF only when its bytes were the right ones.
type checked struct {
	ctx    context.Context
	digest release.Digest
	verify *content.VerifyReader
	io.Closer
}

func (c *checked) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := c.verify.Read(p)
	if errors.Is(err, io.EOF) {
		if err := c.verify.Verify(); err != nil {
			return n, fmt.Errorf("blob %s: %w", c.digest, damage(err))
		}
		return n, io.EOF
	}
	if err != nil {
		return n, fmt.Errorf("blob %s: %w", c.digest, damage(err))
	}
	return n, nil
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
