package dml

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sync/errgroup"

	"slipway/release"
)

// Copy brings one artifact of a segment from a library into another, with all its
// digests as they are, and gives the bytes that had to be sent. tag is one that it has
// there, or empty when it has no name; what it refers to should be copied before. Blobs
// are streamed, several at the same time, and what is there already is not sent again.
// Errors: ErrNotFound, ErrCorrupt when the source is not what it says, ErrTagTaken, and
// those of a registry.
func Copy(ctx context.Context, from *Reader, to *Library, segment string, digest release.Digest, tag string) (sent int64, err error) {
	sent, err = copyArtifact(ctx, from, to, segment, digest, tag)
	if err != nil {
		return sent, fmt.Errorf("copy %s of %s: %w", digest.Short(), segment, err)
	}
	return sent, nil
}

func copyArtifact(ctx context.Context, from *Reader, to *Library, segment string, digest release.Digest, tag string) (int64, error) {
	source, err := from.segment(segment)
	if err != nil {
		return 0, err
	}
	target, err := to.segment(segment)
	if err != nil {
		return 0, err
	}
	entry, err := source.entry(ctx, string(digest))
	if err != nil {
		return 0, err
	}
	m, read, err := readManifest(ctx, source, entry)
	if err != nil {
		return 0, err
	}
	var sent atomic.Int64
	group, sending := errgroup.WithContext(ctx)
	group.SetLimit(transfers)
	for _, d := range distinct(append(read.Layers, read.Config)) {
		group.Go(func() error {
			n, err := send(sending, source, target, d)
			sent.Add(n)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return sent.Load(), err
	}
	there, err := target.entry(ctx, string(digest))
	if err != nil && !errors.Is(err, ErrNotFound) {
		return sent.Load(), err
	}
	if there.Digest == "" {
		sent.Add(m.Size)
	}
	// The target says itself what it is called there.
	m.Descriptor = ocispec.Descriptor{MediaType: m.MediaType, ArtifactType: read.ArtifactType, Digest: m.Digest, Size: m.Size}
	return sent.Load(), target.commit(ctx, m, tag)
}

func distinct(all []ocispec.Descriptor) (once []ocispec.Descriptor) {
	seen := map[release.Digest]bool{}
	for _, d := range all {
		if digest := release.Digest(d.Digest); !seen[digest] {
			seen[digest] = true
			once = append(once, d)
		}
	}
	return once
}

// send gives the bytes that were sent: none when the target has the blob.
func send(ctx context.Context, from, to segment, d ocispec.Descriptor) (int64, error) {
	there, err := to.has(ctx, d)
	if err != nil || there {
		return 0, err
	}
	blob, err := from.open(ctx, d)
	if err != nil {
		return 0, err
	}
	defer blob.Close()
	if err := to.Push(ctx, d, blob); err != nil {
		return 0, err
	}
	return d.Size, nil
}
