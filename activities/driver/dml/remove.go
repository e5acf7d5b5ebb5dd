package dml

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"slipway/activities/driver/durable"
	"slipway/release"
)

// Removal asks for an artifact to be taken out, as long as it has no other tags than
// these.
type Removal struct {
	Digest release.Digest
	Tags   []string
}

// Removed is what was taken out.
type Removed struct {
	Artifacts []release.Digest
	Bytes     int64
}

// remover is storage from which something can be removed.
type remover interface {
	remove(ctx context.Context, doomed []Removal) error
}

// Remove takes artifacts out of a segment, all at once where it is kept in a folder,
// with the blobs that nothing else there needs. One that has got another tag meanwhile
// stays: somebody has put it there again. What is not there is no error.
func (l *Library) Remove(ctx context.Context, segment string, doomed ...Removal) (Removed, error) {
	s, _ := l.segment(segment)
	from, can := s.storage.(remover)
	if !can {
		return Removed{}, fmt.Errorf("remove from segment %s: %w", segment, errors.ErrUnsupported)
	}
	if err := from.remove(ctx, doomed); err != nil {
		return Removed{}, fmt.Errorf("remove from segment %s: %w", segment, err)
	}
	return Removed{}, nil
}

func (l *layout) remove(ctx context.Context, doomed []Removal) error {
	l.writers.Lock()
	defer l.writers.Unlock()
	unlock, err := durable.Lock(ctx, l.lockFile())
	if err != nil {
		return err
	}
	defer unlock()
	index, err := l.index()
	if err != nil {
		return err
	}
	goes := map[string]bool{}
	for _, d := range doomed {
		goes[string(d.Digest)] = !slices.ContainsFunc(index.Manifests, func(m ocispec.Descriptor) bool {
			tag := m.Annotations[ocispec.AnnotationRefName]
			return string(m.Digest) == string(d.Digest) && tag != "" && !slices.Contains(d.Tags, tag)
		})
	}
	leaves := func(m ocispec.Descriptor) bool { return goes[m.Digest.String()] }
	going := slices.DeleteFunc(slices.Clone(index.Manifests), func(m ocispec.Descriptor) bool { return !leaves(m) })
	staying := slices.DeleteFunc(index.Manifests, leaves)
	named, err := l.named(ctx, going)
	if err != nil {
		return err
	}
	kept, err := l.named(ctx, staying) // before anything is removed: it has to be readable
	if err != nil {
		return err
	}
	index.Manifests = staying
	if err := l.writeIndex(index); err != nil {
		return err
	}
	for name := range named {
		if !kept[name] {
			if err := l.discard(name); err != nil {
				return err
			}
		}
	}
	return nil
}

// named gives the blobs that manifests name, and themselves, by their digits.
func (l *layout) named(ctx context.Context, manifests []ocispec.Descriptor) (map[string]bool, error) {
	named := map[string]bool{}
	for _, entry := range manifests {
		manifest, err := segment{l}.readManifest(ctx, entry)
		if err != nil {
			return nil, err
		}
		named[entry.Digest.Encoded()] = true
		for _, blob := range append(manifest.Layers, manifest.Config) {
			named[blob.Digest.Encoded()] = true
		}
	}
	return named, nil
}

// discard removes a blob, unless it is so young that somebody may be about to name it.
func (l *layout) discard(name string) error {
	path := filepath.Join(l.blobs(), name)
	info, err := os.Stat(path)
	if err == nil && time.Since(info.ModTime()) >= abandonedAfter {
		err = os.Remove(path)
	}
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}
