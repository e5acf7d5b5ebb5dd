package dml

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"slipway/release"
)

// countedOn is how long a blob stays after it was stored, even when no manifest names
// it: whoever stored it may be about to.
const countedOn = time.Hour

// Removal asks for an artifact to be taken out, as long as it has no other tags than
// these.
type Removal struct {
	Digest release.Digest
	Tags   []string
}

// Removed is what was taken out.
type Removed struct {
	Artifacts []release.Digest
	// Bytes were freed; none where a registry does that later by itself.
	Bytes int64
}

// Remove takes artifacts out of a segment, and of a layout the blobs too that only they
// named and that are older than an hour. An artifact that got another tag meanwhile
// stays, and one that is not there is passed over. Of a registry only the manifests are
// removed: its own garbage collection frees the rest; the error is ErrRefused when it
// allows no removal.
func (l *Library) Remove(ctx context.Context, segment string, removals ...Removal) (Removed, error) {
	s, err := l.segment(segment)
	if err != nil {
		return Removed{}, fmt.Errorf("remove: %w", err)
	}
	removed, err := s.remove(ctx, removals)
	if err != nil {
		return removed, fmt.Errorf("remove from %s: %w", segment, err)
	}
	return removed, nil
}

// keeps tells whether an artifact that has these tags stays.
func (r Removal) keeps(tags []string) bool {
	return len(tags) == 0 || slices.ContainsFunc(tags, func(tag string) bool { return tag != "" && !slices.Contains(r.Tags, tag) })
}

func (l *layout) remove(ctx context.Context, removals []Removal) (Removed, error) {
	unlock, err := l.lock(ctx)
	if err != nil {
		return Removed{}, err
	}
	defer unlock()
	n, err := l.current()
	if err != nil {
		return Removed{}, err
	}
	index := n.index
	index.Manifests = slices.Clone(index.Manifests)
	var gone Removed
	var orphans []ocispec.Descriptor
	for _, r := range removals {
		tags := tagsOf(index.Manifests, r.Digest)
		if r.keeps(tags) {
			continue
		}
		at := slices.IndexFunc(index.Manifests, isManifest(r.Digest))
		named, err := l.named(ctx, index.Manifests[at])
		if err != nil && !errors.Is(err, ErrCorrupt) {
			return Removed{}, err
		}
		orphans = append(orphans, named...)
		index.Manifests = slices.DeleteFunc(index.Manifests, isManifest(r.Digest))
		gone.Artifacts = append(gone.Artifacts, r.Digest)
	}
	if len(gone.Artifacts) == 0 {
		return gone, nil
	}
	needed := map[digest.Digest]bool{}
	for _, entry := range index.Manifests {
		named, err := l.named(ctx, entry)
		if err != nil { // what it needs cannot be known
			return Removed{}, err
		}
		for _, d := range named {
			needed[d.Digest] = true
		}
	}
	if err := l.writeIndex(listingOf(index)); err != nil {
		return Removed{}, err
	}
	gone.Bytes, err = l.free(orphans, needed)
	return gone, err
}

func isManifest(d release.Digest) func(ocispec.Descriptor) bool {
	return func(entry ocispec.Descriptor) bool { return string(entry.Digest) == string(d) }
}

// tagsOf lists the tags of a manifest, with "" for none; empty when it is not there.
func tagsOf(entries []ocispec.Descriptor, d release.Digest) (tags []string) {
	for _, entry := range entries {
		if isManifest(d)(entry) {
			tags = append(tags, entry.Annotations[ocispec.AnnotationRefName])
		}
	}
	return tags
}

// named lists a manifest and all that it names; itself also when it cannot be read.
func (l *layout) named(ctx context.Context, entry ocispec.Descriptor) ([]ocispec.Descriptor, error) {
	_, read, err := readManifest(ctx, l, entry)
	return append([]ocispec.Descriptor{entry, read.Config}, read.Layers...), err
}

// free removes the blobs that are needed no more and that nobody counts on.
func (l *layout) free(orphans []ocispec.Descriptor, needed map[digest.Digest]bool) (bytes int64, err error) {
	for _, d := range orphans {
		if needed[d.Digest] || d.Digest.Validate() != nil {
			continue
		}
		needed[d.Digest] = true // look at each once
		path := filepath.Join(l.blobs(), d.Digest.Encoded())
		info, err := os.Stat(path)
		if errors.Is(err, os.ErrNotExist) || err == nil && time.Since(info.ModTime()) < countedOn {
			continue
		}
		if err == nil {
			err = os.Remove(path)
		}
		if err != nil {
			return bytes, err
		}
		bytes += info.Size()
	}
	return bytes, nil
}
