// Package dml is the definitive media library: master copies of sources, release
// packages, the records and evidence that belong to them, and logs, each named by its
// digest and written once. It is kept as OCI image layouts in a folder, one for each
// segment, that any OCI tool can list, copy and check.
package dml

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"slipway/release"
	"slipway/release/audit"
)

// Errors of the library, wrapped with what they are about.
var (
	// ErrSpec refuses a specification that Open does not know.
	ErrSpec = errors.New("not a media library that is supported")
	// ErrTagTaken refuses other content under a tag that exists: a tag never
	// moves.
	ErrTagTaken = errors.New("tag taken by other content")
	// ErrNotFound says that the library has nothing by that digest.
	ErrNotFound = errors.New("not in the media library")
	// ErrCorrupt says that what is stored is not what its digest says, or not
	// there any more.
	ErrCorrupt = errors.New("corrupt in the media library")
)

// Media types of what the library holds.
const (
	PackageType = audit.PackageType
	ContentType = audit.ContentType
	SourceType  = "application/vnd.slipway.source.v1"
	LogType     = "application/vnd.slipway.log.v1"
)

const layoutPrefix = "oci-layout:"

// The segments of a library.
const (
	sourcesSegment  = "sources"
	packagesSegment = "packages"
	evidenceSegment = "evidence"
)

// Library is a definitive media library. It may be used by any number of
// goroutines, and any number of processes of a machine may use the same folder.
type Library struct {
	Reader
}

// Reader reads a library and changes nothing.
type Reader struct {
	sources, packages, evidence segment
}

// Open opens the library that spec names, "oci-layout:FOLDER", and makes the
// folder when it is missing. A specification of another kind is ErrSpec.
func Open(spec string) (*Library, error) {
	reader, err := open(spec, openLayout)
	if err != nil {
		return nil, err
	}
	return &Library{*reader}, nil
}

// OpenReadOnly opens a library that is there, "oci-layout:FOLDER", only to read it:
// nothing is made, locked or swept up, and no right to write is needed.
func OpenReadOnly(spec string) (*Reader, error) { return open(spec, existingLayout) }

func open(spec string, layout func(folder string) (*layout, error)) (*Reader, error) {
	folder, found := strings.CutPrefix(spec, layoutPrefix)
	if !found || folder == "" {
		return nil, fmt.Errorf("%q: %w; write %sFOLDER", spec, ErrSpec, layoutPrefix)
	}
	folder, err := filepath.Abs(folder)
	if err != nil {
		return nil, fmt.Errorf("media library %q: %w", spec, err)
	}
	r := &Reader{}
	for name, into := range map[string]*segment{
		sourcesSegment: &r.sources, packagesSegment: &r.packages, evidenceSegment: &r.evidence,
	} {
		if into.storage, err = layout(filepath.Join(folder, name)); err != nil {
			return nil, fmt.Errorf("media library %q: %w", spec, err)
		}
	}
	return r, nil
}

func (r *Reader) segments() []segment { return []segment{r.packages, r.evidence, r.sources} }

// OpenBlob opens content by its digest, in whichever segment it is. It is checked
// while it is read: where the reader would say io.EOF, it says ErrCorrupt when
// the bytes were not those of the digest. The error is ErrNotFound when no
// segment has it.
func (r *Reader) OpenBlob(ctx context.Context, digest release.Digest) (io.ReadCloser, error) {
	for _, segment := range r.segments() {
		blob, err := segment.openBlob(ctx, digest)
		if !errors.Is(err, ErrNotFound) {
			return blob, err
		}
	}
	return nil, fmt.Errorf("blob %s: %w", digest, ErrNotFound)
}
