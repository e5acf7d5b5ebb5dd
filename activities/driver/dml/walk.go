package dml

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/errdef"

	"slipway/release"
	"slipway/release/audit"
)

// The segments of a library.
const (
	Sources  = "sources"
	Packages = "packages"
	Evidence = "evidence"
)

// Segments lists them, each before those that it may refer to: what is read in this
// order while others write finds all that it names.
var Segments = []string{Packages, Evidence, Sources}

// Entry is a manifest that a segment lists, not read yet.
type Entry struct {
	Segment string
	Digest  release.Digest
	// Size is that of the manifest, in bytes.
	Size int64
	// Tag is what it is called; empty when it has no name of its own.
	Tag string

	descriptor ocispec.Descriptor
}

// Entries lists what is in a segment, in the order in which it came; what has several
// tags is there with each. The error is ErrCorrupt when the list cannot be read.
func (r *Reader) Entries(ctx context.Context, segment string) ([]Entry, error) {
	s, err := r.segment(segment)
	if err != nil {
		return nil, err
	}
	listed, err := s.list(ctx)
	if err != nil {
		return nil, err
	}
	entries := make([]Entry, len(listed))
	for i, d := range listed {
		entries[i] = Entry{Segment: segment, Digest: release.Digest(d.Digest), Size: d.Size, Tag: d.Annotations[ocispec.AnnotationRefName], descriptor: d}
	}
	return entries, nil
}

// Artifact reads the manifest of an entry. The error is ErrCorrupt when it is not what
// its digest says, is not there, or is listed as something that it is not.
func (r *Reader) Artifact(ctx context.Context, e Entry) (audit.Artifact, error) {
	s, err := r.segment(e.Segment)
	if err != nil {
		return audit.Artifact{}, err
	}
	manifest, err := s.readManifest(ctx, e.descriptor)
	if err != nil {
		return audit.Artifact{}, err
	}
	if !describes(e.descriptor, manifest) {
		return audit.Artifact{}, fmt.Errorf("%s says something else about manifest %s than it does itself: %w", ocispec.ImageIndexFile, e.Digest, ErrCorrupt)
	}
	return artifact(e.descriptor, manifest), nil
}

// layout gives a segment that is kept in a folder.
func (r *Reader) layout(name string) (*layout, bool) {
	s, _ := r.segment(name)
	l, is := s.storage.(*layout)
	return l, is
}

// OpenIn opens content of a segment, checked at its end against digest and size. The
// error is ErrCorrupt when a manifest names it and it is not there.
func (r *Reader) OpenIn(ctx context.Context, segment string, b release.Blob) (io.ReadCloser, error) {
	s, err := r.segment(segment)
	if err != nil {
		return nil, err
	}
	name := digest.Digest(b.Digest)
	if err := name.Validate(); err != nil {
		return nil, fmt.Errorf("%q is no digest: %w", b.Digest, ErrCorrupt)
	}
	return s.open(ctx, ocispec.Descriptor{MediaType: ocispec.MediaTypeImageLayer, Digest: name, Size: b.Size})
}

// File is a file of a layout that holds a blob.
type File struct {
	release.Blob
	Path    string
	Changed time.Time
}

// Files lists the files of a segment in which blobs are; false when it is not kept in
// a folder.
func (r *Reader) Files(segment string) ([]File, bool, error) {
	l, is := r.layout(segment)
	if !is {
		return nil, false, nil
	}
	entries, err := os.ReadDir(l.blobs())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, true, err
	}
	files := make([]File, 0, len(entries))
	for _, entry := range entries {
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) { // it was removed meanwhile
			continue
		}
		if err != nil {
			return nil, true, err
		}
		files = append(files, File{
			Blob:    release.Blob{Digest: release.Digest(digest.NewDigestFromEncoded(digest.SHA256, entry.Name())), Size: info.Size()},
			Path:    filepath.Join(l.blobs(), entry.Name()),
			Changed: info.ModTime(),
		})
	}
	return files, true, nil
}

// Index says where the list of a segment is, for people.
func (r *Reader) Index(segment string) string {
	if l, is := r.layout(segment); is {
		return filepath.Join(l.folder, ocispec.ImageIndexFile)
	}
	return segment
}

// Place says where content is, for people: its file, or what it is called in the
// registry.
func (r *Reader) Place(segment string, d release.Digest) string {
	if l, is := r.layout(segment); is {
		_, digits, _ := strings.Cut(string(d), ":")
		return filepath.Join(l.blobs(), digits)
	}
	return segment + "@" + string(d)
}

// Why says in words what is wrong with content.
func Why(err error) string {
	switch {
	case errors.Is(err, errdef.ErrNotFound), errors.Is(err, ErrNotFound):
		return "it is not there"
	case errors.Is(err, content.ErrMismatchedDigest):
		return "its bytes are not those of its digest: it was changed"
	case errors.Is(err, content.ErrTrailingData), errors.Is(err, content.ErrInvalidDescriptorSize), errors.Is(err, io.ErrUnexpectedEOF):
		return "it is longer or shorter than it should be: it was changed"
	}
	return err.Error()
}
