package archive

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
)

// Stream is a tar as Write makes it, and the name of what it was made from.
type Stream struct {
	Name string
	Tar  io.Reader
}

// Merge writes to w what Write would write of a folder into which all the streams
// were unpacked. It reads each to its end, all side by side, and holds none in
// memory. Folders may be in several of them; any other path that is in two is
// refused with ErrUnsafe and the names of both, and so is a tar that Write cannot
// have made.
func Merge(ctx context.Context, w io.Writer, streams ...Stream) error {
	out, giveBack := bufferedOut(w)
	defer giveBack()
	m := merger{out: tar.NewWriter(out)}
	m.buffer, giveBack = buffer()
	defer giveBack()
	for _, s := range streams {
		in, giveBack := buffered(reader{ctx, s.Tar})
		defer giveBack()
		m.heads = append(m.heads, &head{name: s.Name, in: in, tar: tar.NewReader(in)})
	}
	if err := m.merge(); err != nil {
		return fmt.Errorf("merge: %w", err)
	}
	if err := errors.Join(m.out.Close(), out.Flush()); err != nil {
		return fmt.Errorf("merge: %w", err)
	}
	return nil
}

type merger struct {
	out    *tar.Writer
	heads  []*head
	buffer []byte
}

// head is a stream with the entry that comes next in it.
type head struct {
	name string
	in   io.Reader
	tar  *tar.Reader
	// next is nil at the end; place is its clean path.
	next  *tar.Header
	place string
}

func (m *merger) merge() error {
	for _, h := range m.heads {
		if err := h.advance(); err != nil {
			return err
		}
	}
	for {
		first := m.first()
		if first == nil {
			return nil
		}
		if err := m.take(first); err != nil {
			return err
		}
	}
}

// first gives the stream whose next entry comes first; nil when all are at their ends.
func (m *merger) first() (first *head) {
	for _, h := range m.heads {
		if h.next != nil && (first == nil || before(h.place, first.place)) {
			first = h
		}
	}
	return first
}

// take writes the next entry of a stream, and passes over the same in the others.
func (m *merger) take(from *head) error {
	next, place := from.next, from.place
	for _, h := range m.heads {
		if h == from || h.next == nil || h.place != place {
			continue
		}
		if h.next.Typeflag != tar.TypeDir || next.Typeflag != tar.TypeDir {
			return refuse(place, "it is left by both "+from.name+" and "+h.name)
		}
		if err := h.advance(); err != nil {
			return err
		}
	}
	if err := m.out.WriteHeader(next); err != nil {
		return err
	}
	if _, err := io.CopyBuffer(writer{m.out}, from.tar, m.buffer); err != nil {
		return fmt.Errorf("%s of %s: %w", place, from.name, err)
	}
	return from.advance()
}

// advance reads the header of the next entry, as Write would write it.
func (h *head) advance() error {
	next, err := h.tar.Next()
	if errors.Is(err, io.EOF) {
		h.next = nil
		_, err := io.Copy(io.Discard, h.in)
		return err
	}
	if err != nil {
		return fmt.Errorf("%s: %w", h.name, err)
	}
	last := h.place
	h.place = path.Clean(next.Name)
	if last != "" && !before(last, h.place) {
		return refuse(next.Name, "it is not in its order in the tar of "+h.name)
	}
	h.next, err = canonical(next)
	return err
}

func canonical(h *tar.Header) (*tar.Header, error) {
	if err := checkSparse(h); err != nil {
		return nil, err
	}
	switch h.Typeflag {
	case tar.TypeDir:
		return header(tar.TypeDir, path.Clean(h.Name)+"/", 0o755), nil
	case tar.TypeReg:
		file := header(tar.TypeReg, path.Clean(h.Name), normalMode(fs.FileMode(h.Mode)))
		file.Size = h.Size
		return file, nil
	case tar.TypeSymlink:
		link := header(tar.TypeSymlink, path.Clean(h.Name), 0o777)
		link.Linkname = h.Linkname
		return link, nil
	}
	return nil, refuse(h.Name, "neither file, folder nor link")
}

// before tells whether a path comes before another in the order of Write, which is
// that of their elements: "a/z" before "a-b".
func before(a, b string) bool {
	for {
		x, restA, moreA := strings.Cut(a, "/")
		y, restB, moreB := strings.Cut(b, "/")
		switch {
		case x != y:
			return x < y
		case !moreA || !moreB:
			return moreB
		}
		a, b = restA, restB
	}
}
