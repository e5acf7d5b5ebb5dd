package dml

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/errdef"

	"slipway/release"
)

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
		return nil, fmt.Errorf("blob %s in %s: %w", d.Digest, s, damage(err))
	}
	return &checked{ctx: ctx, of: d.Digest.String() + " in " + s.String(), verify: content.NewVerifyReader(blob, d), Closer: blob}, nil
}

// checked is a blob that gives io.EOF only when its bytes were the right ones.
type checked struct {
	ctx    context.Context
	of     string
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
			return n, fmt.Errorf("blob %s: %w", c.of, damage(err))
		}
		return n, io.EOF
	}
	if err != nil {
		return n, fmt.Errorf("blob %s: %w", c.of, damage(err))
	}
	return n, nil
}
