package dml

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/errdef"

	"slipway/release"
)

// maxManifest is the size up to which registries have to take a manifest; no
// honest one comes near it.
const maxManifest = 4 << 20

// manifest reads a manifest that the index names, and checks it.
func (l *layout) manifest(ctx context.Context, d release.Digest) (ocispec.Descriptor, ocispec.Manifest, error) {
	index, err := l.index()
	if err != nil {
		return ocispec.Descriptor{}, ocispec.Manifest{}, err
	}
	for _, entry := range index.Manifests {
		if string(entry.Digest) == string(d) {
			manifest, err := l.readManifest(ctx, entry)
			return entry, manifest, err
		}
	}
	return ocispec.Descriptor{}, ocispec.Manifest{}, fmt.Errorf("manifest %s: %w", d, ErrNotFound)
}

func (l *layout) readManifest(ctx context.Context, entry ocispec.Descriptor) (ocispec.Manifest, error) {
	var manifest ocispec.Manifest
	if entry.Size > maxManifest {
		return manifest, fmt.Errorf("manifest %s of %d bytes: %w", entry.Digest, entry.Size, ErrCorrupt)
	}
	data, err := content.FetchAll(ctx, l, entry)
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

// open opens what a manifest names, for reading with a check at the end.
func (l *layout) open(ctx context.Context, d ocispec.Descriptor) (io.ReadCloser, error) {
	blob, err := l.Fetch(ctx, d)
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
