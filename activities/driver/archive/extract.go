package archive

import (
	"archive/tar"
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
)

// Extract unpacks a tar from r into the folder, which has to exist and should be
// empty. Only files, folders and links are taken, each lying in a folder that the
// tar itself brought; everything else is refused with ErrUnsafe, and a name that
// comes twice with fs.ErrExist. Several tars may be unpacked into one folder, at the
// same time too: they may share folders, but nothing else. On an error the folder
// holds a part: unpack into a temporary one. What follows the tar's end mark may or
// may not be read.
func Extract(ctx context.Context, r io.Reader, folder string) error {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return fmt.Errorf("extract: %w", err)
	}
	defer root.Close()
	x := extractor{root: root, folders: map[string]bool{".": true}}
	var giveBack func()
	x.buffer, giveBack = buffer()
	defer giveBack()
	read, giveBack := buffered(reader{ctx, r})
	defer giveBack()
	in := tar.NewReader(read)
	for {
		h, err := in.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("extract to %s: %w", folder, err)
		}
		if err := x.take(h, in); err != nil {
			return fmt.Errorf("extract to %s: %w", folder, err)
		}
	}
}

// Copy makes the folder to, which must not exist, with the files that from has, as
// if they had been packed and unpacked. On an error it holds a part.
func Copy(ctx context.Context, from, to string) error {
	if err := os.Mkdir(to, 0o755); err != nil {
		return fmt.Errorf("copy: %w", err)
	}
	out, in := io.Pipe()
	go func() {
		_, err := Write(ctx, in, from)
		_ = in.CloseWithError(err)
	}()
	err := Extract(ctx, out, to)
	if err == nil {
		_, err = io.Copy(io.Discard, out) // what is behind the end, until the packer is done
	}
	_ = out.CloseWithError(err)
	return err
}

type extractor struct {
	root *os.Root
	// folders are those made so far. That parents have to be among them keeps
	// everything from being written through a link.
	folders map[string]bool
	buffer  []byte
}

func (x *extractor) take(h *tar.Header, in io.Reader) error {
	name, err := x.place(h.Name)
	if err != nil {
		return err
	}
	if err := checkSparse(h); err != nil {
		return err
	}
	switch h.Typeflag {
	case tar.TypeDir:
		return x.makeFolder(name)
	case tar.TypeReg:
		return x.makeFile(name, normalMode(fs.FileMode(h.Mode)), in)
	case tar.TypeSymlink:
		if err := checkLink(name, h.Linkname); err != nil {
			return err
		}
		return x.root.Symlink(h.Linkname, name)
	}
	return refuse(h.Name, "neither file, folder nor link")
}

// checkSparse refuses files with holes, of which a few bytes make any number.
func checkSparse(h *tar.Header) error {
	for key := range h.PAXRecords {
		if strings.HasPrefix(key, "GNU.sparse.") {
			return refuse(h.Name, "sparse file")
		}
	}
	return nil
}

// place gives the clean name of an entry, when it lies within the package.
func (x *extractor) place(name string) (string, error) {
	clean := path.Clean(name)
	if !filepath.IsLocal(clean) || clean == "." || slices.Contains(strings.Split(name, "/"), "..") {
		return "", refuse(name, "path out of it")
	}
	if !x.folders[path.Dir(clean)] {
		return "", refuse(name, "in no folder of its own")
	}
	return clean, nil
}

func (x *extractor) makeFolder(name string) error {
	err := x.root.Mkdir(name, 0o755)
	if errors.Is(err, fs.ErrExist) && !x.folders[name] {
		err = x.shared(name, err)
	}
	if err != nil {
		return err
	}
	x.folders[name] = true
	return x.root.Chmod(name, 0o755) // whatever the umask
}

// shared allows a folder that another tar brought, and gives exists for anything else.
func (x *extractor) shared(name string, exists error) error {
	info, err := x.root.Lstat(name)
	if err == nil && !info.IsDir() {
		return exists
	}
	return err
}

func (x *extractor) makeFile(name string, mode fs.FileMode, in io.Reader) error {
	file, err := x.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	_, err = io.CopyBuffer(writer{file}, in, x.buffer)
	return errors.Join(err, file.Chmod(mode), file.Close())
}

// writer hides the file's ReadFrom, which would pass over the buffer.
type writer struct{ io.Writer }
