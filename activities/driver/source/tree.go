package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// tree is a copy under way. Both roots refuse whatever would leave them.
type tree struct {
	from, to *os.Root
	links    []string
	files    int
	bytes    int64
}

// copyTree copies the files of dir into folder, which is empty: writable,
// executable where they were, and nothing but files, folders and links to files
// of the same tree.
func (f *Fetcher) copyTree(ctx context.Context, dir, folder string) error {
	from, err := os.OpenRoot(dir)
	if err != nil {
		return unreadable(err)
	}
	defer func() { _ = from.Close() }()
	to, err := os.OpenRoot(folder)
	if err != nil {
		return err
	}
	defer func() { _ = to.Close() }()

	t := &tree{from: from, to: to, files: f.MaxFiles, bytes: f.MaxBytes}
	err = fs.WalkDir(from.FS(), ".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			return unreadable(err)
		case path == ".":
			return nil
		case entry.Name() == ".git" && entry.IsDir():
			return fs.SkipDir
		case entry.Name() == ".git":
			return nil
		}
		return t.copy(path, entry)
	})
	if err != nil {
		return err
	}
	return t.checkLinks()
}

// copy brings one entry over and takes it off the limits.
func (t *tree) copy(path string, entry fs.DirEntry) error {
	if t.files--; t.files < 0 {
		return fmt.Errorf("%w: it has too many files", ErrUnfit)
	}
	switch entry.Type() {
	case fs.ModeDir:
		return t.to.Mkdir(path, 0o755)
	case fs.ModeSymlink:
		target, err := t.from.Readlink(path)
		if err != nil {
			return unreadable(err)
		}
		t.links = append(t.links, path)
		return t.to.Symlink(target, path)
	case 0:
		return t.copyFile(path)
	}
	return fmt.Errorf("%w: %s is neither a file, a folder nor a link (%s)", ErrUnfit, path, entry.Type())
}

func (t *tree) copyFile(path string) error {
	from, err := t.from.Open(path)
	if err != nil {
		return unreadable(err)
	}
	defer func() { _ = from.Close() }()
	info, err := from.Stat()
	if err != nil {
		return unreadable(err)
	}
	to, err := t.to.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644|info.Mode().Perm()&0o111)
	if err != nil {
		return err
	}
	n, err := io.Copy(to, io.LimitReader(from, t.bytes+1))
	if err := errors.Join(err, to.Close()); err != nil {
		return fmt.Errorf("copy %s: %w", path, err)
	}
	if t.bytes -= n; t.bytes < 0 {
		return fmt.Errorf("%w: it has too many bytes", ErrUnfit)
	}
	return nil
}

// checkLinks follows the links in the copy. A folder behind a link is refused
// because the sum would not cover it.
func (t *tree) checkLinks() error {
	for _, path := range t.links {
		info, err := t.to.Stat(path)
		if err != nil {
			return fmt.Errorf("%w: link %s leads nowhere or out of the source: %w", ErrUnfit, path, err)
		}
		if !info.Mode().IsRegular() {
			return fmt.Errorf("%w: link %s does not lead to a file", ErrUnfit, path)
		}
	}
	return nil
}

// unreadable says whether trying again may help against the error.
func unreadable(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: %w", ErrMissing, err)
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}
