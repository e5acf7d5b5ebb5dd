package archive

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// ErrFormat is wrapped by the refusal of what is no archive that can be read: of
// another kind, cut, or damaged.
var ErrFormat = errors.New("not a tar, tar.gz or zip that can be read")

// longestName bounds the path of an entry, in bytes.
const longestName = 4096

// Limits bound what comes out of archives that others made.
type Limits struct {
	// Files bounds how many files, folders and links there are, and Bytes how much
	// the files hold together.
	Files int
	Bytes int64
}

// Unpacker lays files of others out in a folder. It takes more than Extract does,
// for others pack otherwise: folders that the archive did not bring, names that
// begin with "./", permissions of any kind. What ErrUnsafe describes is refused all
// the same, and so are hard links, files that come twice and whatever goes beyond the
// limits; the error names the entry. Nothing is ever written outside of the folder.
type Unpacker struct {
	ctx    context.Context
	limits Limits
	left   Limits
	x      extractor
}

// NewUnpacker lays out into a folder that exists and should be empty. It has to be
// closed. The limits hold for everything that it lays out.
func NewUnpacker(ctx context.Context, folder string, limits Limits) (*Unpacker, error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, fmt.Errorf("unpack: %w", err)
	}
	x := extractor{root: root, folders: map[string]bool{".": true}, buffer: make([]byte, bufferSize)}
	return &Unpacker{ctx: ctx, limits: limits, left: limits, x: x}, nil
}

// Close releases the folder.
func (u *Unpacker) Close() error { return u.x.root.Close() }

// Archive unpacks a file: a zip, a tar or a gzipped tar, which it tells by how the
// file begins. Errors are ErrUnsafe, ErrFormat, those of the context and of the disk.
func (u *Unpacker) Archive(name string) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	in := bufio.NewReaderSize(reader{u.ctx, file}, bufferSize)
	start, err := in.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	switch {
	case bytes.HasPrefix(start, []byte("PK\x03\x04")), bytes.HasPrefix(start, []byte("PK\x05\x06")):
		return u.zip(file)
	case bytes.HasPrefix(start, []byte("\x1f\x8b")):
		plain, err := gzip.NewReader(in)
		if err != nil {
			return damaged(err)
		}
		return u.Tar(plain)
	}
	return u.Tar(in)
}

// Tar unpacks an uncompressed tar. Errors are those of Archive.
func (u *Unpacker) Tar(r io.Reader) error {
	in := tar.NewReader(reader{u.ctx, r})
	for entries := 0; ; entries++ {
		h, err := in.Next()
		switch {
		case errors.Is(err, io.EOF) && entries > 0:
			return nil
		case errors.Is(err, io.EOF):
			return fmt.Errorf("%w: there is nothing in it", ErrFormat)
		case err != nil:
			return damaged(err)
		}
		if h.Typeflag == tar.TypeXGlobalHeader {
			continue // a comment
		}
		if err := u.takeTar(h, in); err != nil {
			return err
		}
	}
}

func (u *Unpacker) takeTar(h *tar.Header, in io.Reader) error {
	for key := range h.PAXRecords {
		if strings.HasPrefix(key, "GNU.sparse.") {
			return refuse(h.Name, "sparse file")
		}
	}
	switch h.Typeflag {
	case tar.TypeDir:
		return u.folder(h.Name)
	case tar.TypeReg:
		return u.File(h.Name, fs.FileMode(h.Mode), in)
	case tar.TypeSymlink:
		return u.link(h.Name, h.Linkname)
	case tar.TypeLink:
		return refuse(h.Name, fmt.Sprintf("hard link, to %q", h.Linkname))
	}
	return refuse(h.Name, "neither file, folder nor link")
}

// File lays out one file; of its mode, only whether its owner may execute it counts.
func (u *Unpacker) File(name string, mode fs.FileMode, in io.Reader) error {
	clean, err := u.place(name)
	if err != nil {
		return err
	}
	bounded := &io.LimitedReader{R: in, N: u.left.Bytes + 1}
	if err := u.x.makeFile(clean, normalMode(mode), bounded); err != nil {
		return u.fault(name, err)
	}
	if u.left.Bytes = bounded.N - 1; u.left.Bytes < 0 {
		return refuse(name, fmt.Sprintf("with it there are more than %d bytes", u.limits.Bytes))
	}
	return nil
}

func (u *Unpacker) link(name, target string) error {
	clean, err := u.place(name)
	if err != nil {
		return err
	}
	if err := checkLink(clean, target); err != nil {
		return err
	}
	return u.fault(name, u.x.root.Symlink(target, clean))
}

// folder makes a folder, which may come again.
func (u *Unpacker) folder(name string) error {
	if path.Clean(name) == "." {
		return nil
	}
	clean, err := u.place(name)
	if err != nil || u.x.folders[clean] {
		return err
	}
	return u.fault(name, u.x.makeFolder(clean))
}

// place counts an entry, and gives its clean name once the folder for it is there.
func (u *Unpacker) place(name string) (string, error) {
	if u.left.Files--; u.left.Files < 0 {
		return "", refuse(name, fmt.Sprintf("with it there are more than %d files, folders and links", u.limits.Files))
	}
	if len(name) > longestName {
		return "", refuse(name[:longestName], "name that is too long")
	}
	clean := path.Clean(name)
	if !filepath.IsLocal(clean) || clean == "." || slices.Contains(strings.Split(name, "/"), "..") || strings.ContainsRune(name, 0) {
		return "", refuse(name, "path out of it")
	}
	return clean, u.parents(path.Dir(clean), name)
}

// parents makes the folders above an entry, which count as entries too.
func (u *Unpacker) parents(folder, name string) error {
	if u.x.folders[folder] {
		return nil
	}
	if err := u.parents(path.Dir(folder), name); err != nil {
		return err
	}
	if u.left.Files--; u.left.Files < 0 {
		return refuse(name, fmt.Sprintf("with it there are more than %d files, folders and links", u.limits.Files))
	}
	return u.fault(name, u.x.makeFolder(folder))
}

// fault tells what is wrong with an entry from what is wrong with the disk.
func (u *Unpacker) fault(name string, err error) error {
	var disk *fs.PathError
	switch {
	case err == nil || u.ctx.Err() != nil:
		return err
	case errors.Is(err, fs.ErrExist):
		return refuse(name, "it, or its folder, was there already")
	case errors.Is(err, syscall.ENAMETOOLONG), errors.Is(err, syscall.EINVAL), errors.Is(err, syscall.ENOTDIR):
		return refuse(name, "nothing that this machine can have in a folder")
	case errors.As(err, &disk):
		return err
	}
	return fmt.Errorf("%q: %w", name, damaged(err))
}

// damaged tells what a reader found wrong with the bytes.
func damaged(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrFormat, err)
}
