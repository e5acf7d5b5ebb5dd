package archive

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"strings"
)

// longestTarget bounds the target of a link, in bytes.
const longestTarget = 4096

// directoryEntry is what the directory of a zip may have for each file that is
// taken, in bytes and on the average. The whole directory is held in memory.
const directoryEntry = 128

var errDirectory = errors.New("the directory is too big")

// boundedFile is a zip of which only so much is read.
type boundedFile struct {
	ctx  context.Context
	file *os.File
	// left is what may still be read, in bytes.
	left int64
}

func (b *boundedFile) ReadAt(p []byte, at int64) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	if b.left -= int64(len(p)); b.left < 0 {
		return 0, errDirectory
	}
	return b.file.ReadAt(p, at)
}

// zip unpacks a zip.
func (u *Unpacker) zip(file *os.File) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	bounded := &boundedFile{ctx: u.ctx, file: file, left: int64(u.limits.Files)*directoryEntry + 1<<20}
	in, err := zip.NewReader(bounded, info.Size())
	switch {
	case errors.Is(err, errDirectory):
		return fmt.Errorf("its directory lists too much; at most %d files are taken: %w", u.limits.Files, ErrUnsafe)
	case err != nil:
		return damaged(err)
	case len(in.File) == 0:
		return fmt.Errorf("%w: there is nothing in it", ErrFormat)
	}
	bounded.left = math.MaxInt64
	for _, f := range in.File {
		if err := u.takeZip(f); err != nil {
			return err
		}
	}
	return nil
}

func (u *Unpacker) takeZip(f *zip.File) error {
	const encrypted = 1
	switch mode := f.Mode(); {
	case f.Flags&encrypted != 0:
		return refuse(f.Name, "encrypted")
	case strings.HasSuffix(f.Name, "/"), mode.IsDir():
		return u.folder(f.Name)
	case mode.IsRegular():
		return u.openZip(f, func(in io.Reader) error { return u.File(f.Name, mode, in) })
	case mode.Type() == fs.ModeSymlink:
		return u.openZip(f, func(in io.Reader) error {
			target, err := io.ReadAll(io.LimitReader(in, longestTarget))
			if err != nil {
				return fmt.Errorf("%q: %w", f.Name, damaged(err))
			}
			return u.link(f.Name, string(target))
		})
	}
	return refuse(f.Name, "neither file, folder nor link")
}

func (u *Unpacker) openZip(f *zip.File, take func(io.Reader) error) error {
	in, err := f.Open()
	if err != nil {
		return fmt.Errorf("%q: %w", f.Name, damaged(err))
	}
	defer in.Close()
	return take(in)
}
