package dml

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sync/errgroup"
	"oras.land/oras-go/v2/content"

	"slipway/release"
)

// Copy copies an artifact from a segment of one library to the same of another, as it
// is, under its tags, and gives how many bytes were sent: what is there already is not
// sent again. Everything is checked on the way. The artifact appears when all of it is
// there; the error is ErrTagTaken when a tag names something else there.
func Copy(ctx context.Context, from *Reader, to *Library, segment string, d release.Digest, tags []string) (sent int64, err error) {
	source, found := from.segment(segment)
	target, open := to.segment(segment)
	if !found || !open {
		return 0, fmt.Errorf("copy %s: segment %s: %w", d.Short(), segment, ErrNotFound)
	}
	if sent, err = source.copyTo(ctx, target, d, tags); err != nil {
		return sent, fmt.Errorf("copy %s: %w", d.Short(), err)
	}
	return sent, nil
}

func (s segment) copyTo(ctx context.Context, target segment, d release.Digest, tags []string) (int64, error) {
	entry, manifest, err := s.manifest(ctx, string(d))
	if err != nil {
		return 0, err
	}
	entry.Annotations = nil
	var sent atomic.Int64
	_, err = target.entry(ctx, string(d))
	switch {
	case err == nil: // all of it was there when it became visible
	case !errors.Is(err, ErrNotFound):
		return 0, err
	default:
		if err := s.send(ctx, target, append(manifest.Layers, manifest.Config), &sent); err != nil {
			return sent.Load(), err
		}
		text, err := content.FetchAll(ctx, s, entry)
		if err != nil {
			return sent.Load(), damage(err)
		}
		if err := target.Push(ctx, entry, bytes.NewReader(text)); err != nil {
			return sent.Load(), err
		}
		sent.Add(entry.Size)
	}
	if len(tags) == 0 {
		tags = []string{""}
	}
	for _, tag := range tags {
		if err := target.commit(ctx, entry, tag); err != nil {
			return sent.Load(), err
		}
	}
	return sent.Load(), nil
}

// send sends the blobs that are not there yet, several at the same time.
func (s segment) send(ctx context.Context, target segment, blobs []ocispec.Descriptor, sent *atomic.Int64) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(transfers)
	started := map[string]bool{}
	for _, blob := range blobs {
		if started[blob.Digest.String()] {
			continue
		}
		started[blob.Digest.String()] = true
		group.Go(func() error {
			if _, err := target.blob(ctx, blob.Digest); !errors.Is(err, ErrNotFound) {
				return err
			}
			content, err := s.open(ctx, blob)
			if err != nil {
				return err
			}
			defer content.Close()
			sent.Add(blob.Size)
			return target.Push(ctx, blob, content)
		})
	}
	return group.Wait()
}
