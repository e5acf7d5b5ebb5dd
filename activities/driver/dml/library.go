// Package dml is the definitive media library: master copies of sources, release
// packages, the records and evidence that belong to them, and logs, each named by its
// digest and written once. It is kept as OCI image layouts in a folder, or in repositories
// of a registry, one for each segment, that any OCI tool can list, copy and check.
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
	// ErrDenied says that a registry does not let us in, or does not let us do that;
	// trying again does not help.
	ErrDenied = errors.New("denied by the registry")
	// ErrUnavailable says that a registry is not there or broke off; trying again later
	// may help.
	ErrUnavailable = errors.New("the registry is not available")
	// ErrRefused says that a registry does not do what it was asked for, or not with
	// this content; trying again does not help.
	ErrRefused = errors.New("refused by the registry")
)

// Media types of what the library holds.
const (
	PackageType = audit.PackageType
	ContentType = audit.ContentType
	SourceType  = "application/vnd.slipway.source.v1"
	LogType     = "application/vnd.slipway.log.v1"
)

const layoutPrefix = "oci-layout:"

// Library is a definitive media library. It may be used by any number of
// goroutines, and any number of processes of a machine may use the same folder.
type Library struct {
	Reader
}

// Reader reads a library and changes nothing.
type Reader struct {
	sources, packages, evidence segment
}

// Open opens the library that spec names: "oci-layout:FOLDER", which is made when it is
// missing, or "REGISTRY/PREFIX", in which the segments are repositories below the
// prefix. A registry is spoken to over https, and over http on this machine or when the
// specification begins with "http://". access says how it lets us in; a layout needs
// none. A specification of another kind is ErrSpec.
func Open(spec string, access ...Access) (*Library, error) {
	reader, err := open(spec, openLayout, access)
	if err != nil {
		return nil, err
	}
	return &Library{*reader}, nil
}

// Close has the indexes of a layout take in what was added last, for other tools to find
// it at once: else they may have to wait for a second, or, when this process dies before,
// until the layout is opened for writing again.
func (l *Library) Close() error {
	for _, name := range Segments {
		if layout, is := l.layout(name); is {
			if err := layout.fold(context.Background()); err != nil {
				return fmt.Errorf("close media library: %w", err)
			}
		}
	}
	return nil
}

// OpenReadOnly opens a library only to read it. A layout has to be there: nothing is
// made, locked or swept up, and no right to write is needed.
func OpenReadOnly(spec string, access ...Access) (*Reader, error) {
	return open(spec, existingLayout, access)
}

func open(spec string, layout func(folder string) (*layout, error), access []Access) (*Reader, error) {
	segment, err := opener(spec, layout, access)
	if err != nil {
		return nil, err
	}
	r := &Reader{}
	for _, s := range []struct {
		name string
		into *storage
	}{
		{Packages, &r.packages.storage}, {Evidence, &r.evidence.storage}, {Sources, &r.sources.storage},
	} {
		if *s.into, err = segment(s.name); err != nil {
			return nil, fmt.Errorf("media library %q: %w", spec, err)
		}
	}
	return r, nil
}

// opener gives what opens a segment of the library by its name.
func opener(spec string, layout func(folder string) (*layout, error), access []Access) (func(string) (storage, error), error) {
	folder, found := strings.CutPrefix(spec, layoutPrefix)
	switch {
	case found && folder != "":
		folder, err := filepath.Abs(folder)
		if err != nil {
			return nil, fmt.Errorf("media library %q: %w", spec, err)
		}
		return func(name string) (storage, error) { return layout(filepath.Join(folder, name)) }, nil
	case found:
		return nil, fmt.Errorf("%q: %w; write %sFOLDER", spec, ErrSpec, layoutPrefix)
	}
	return repositories(spec, access)
}

// segment gives the segment of a name.
func (r *Reader) segment(name string) (segment, error) {
	switch name {
	case Sources:
		return r.sources, nil
	case Packages:
		return r.packages, nil
	case Evidence:
		return r.evidence, nil
	}
	return segment{}, fmt.Errorf("%q is no segment of a media library: use %s, %s or %s", name, Sources, Packages, Evidence)
}

func (r *Reader) segments() []segment { return []segment{r.packages, r.evidence, r.sources} }

// Reach finds out whether the library can be read: Open and OpenReadOnly ask no
// registry for anything.
func (r *Reader) Reach(ctx context.Context) error {
	for _, s := range r.segments() {
		if _, err := s.entry(ctx, "anything"); err != nil && !errors.Is(err, ErrNotFound) {
			return fmt.Errorf("media library: %w", err)
		}
	}
	return nil
}

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
