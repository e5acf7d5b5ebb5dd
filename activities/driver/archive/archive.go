// Package archive turns a folder into one tar that depends on nothing but the
// names, the contents and the executable bits of its files, and back. The digest
// of that tar names the content of a release package; a folder on a target is
// checked by computing it again. It is shared by the drivers.
package archive

import (
	"archive/tar"
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"slipway/release"
)

// ErrUnsafe is wrapped by the refusal of anything that has no place in a package:
// paths and links that lead out of it, devices and other special files, setuid
// bits.
var ErrUnsafe = errors.New("not allowed in a package")

const bufferSize = 256 << 10

// Write writes the folder to w as an uncompressed tar: names in order, no times,
// no owners, modes 0755 or 0644. It holds no file in memory and returns the
// number of files and links. What ErrUnsafe describes is refused.
func Write(ctx context.Context, w io.Writer, folder string) (files int, err error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return 0, fmt.Errorf("archive: %w", err)
	}
	defer root.Close()
	out := bufio.NewWriterSize(w, bufferSize)
	p := packer{ctx: ctx, root: root, out: tar.NewWriter(out), buffer: make([]byte, bufferSize)}
	if err := fs.WalkDir(root.FS(), ".", p.add); err != nil {
		return 0, fmt.Errorf("archive %s: %w", folder, err)
	}
	if err := errors.Join(p.out.Close(), out.Flush()); err != nil {
		return 0, fmt.Errorf("archive %s: %w", folder, err)
	}
	return p.files, nil
}

// Digest gives the digest of what Write would write: the content digest of the
// folder.
func Digest(ctx context.Context, folder string) (release.Digest, error) {
	sum := sha256.New()
	if _, err := Write(ctx, sum, folder); err != nil {
		return "", err
	}
	return release.Digest("sha256:" + hex.EncodeToString(sum.Sum(nil))), nil
}

type packer struct {
	ctx    context.Context
	root   *os.Root
	out    *tar.Writer
	buffer []byte
	files  int
}

func (p *packer) add(name string, entry fs.DirEntry, err error) error {
	if err != nil || name == "." {
		return err
	}
	switch entry.Type() {
	case fs.ModeDir:
		return p.out.WriteHeader(header(tar.TypeDir, name+"/", 0o755))
	case 0:
		p.files++
		return p.addFile(name)
	case fs.ModeSymlink:
		p.files++
		return p.addLink(name)
	}
	return refuse(name, "neither file, folder nor link")
}

func (p *packer) addFile(name string) error {
	file, err := p.root.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if info.Mode()&(fs.ModeSetuid|fs.ModeSetgid) != 0 {
		return refuse(name, "setuid or setgid")
	}
	h := header(tar.TypeReg, name, normalMode(info.Mode()))
	h.Size = info.Size()
	if err := p.out.WriteHeader(h); err != nil {
		return err
	}
	if _, err := io.CopyBuffer(p.out, reader{p.ctx, file}, p.buffer); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	// Without this, a file that shrank meanwhile is only noticed at the next one.
	if err := p.out.Flush(); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func (p *packer) addLink(name string) error {
	target, err := p.root.Readlink(name)
	if err != nil {
		return err
	}
	if err := checkLink(name, target); err != nil {
		return err
	}
	h := header(tar.TypeSymlink, name, 0o777)
	h.Linkname = target
	return p.out.WriteHeader(h)
}

func header(kind byte, name string, mode fs.FileMode) *tar.Header {
	return &tar.Header{Typeflag: kind, Name: name, Mode: int64(mode), ModTime: time.Unix(0, 0)}
}

// normalMode keeps of a file's mode only whether its owner may execute it.
func normalMode(mode fs.FileMode) fs.FileMode {
	if mode&0o100 != 0 {
		return 0o755
	}
	return 0o644
}

// checkLink refuses links that could lead out of the package. A target may climb
// only at its beginning: "a/../b" looks harmless, but leads elsewhere when a is
// itself a link.
func checkLink(name, target string) error {
	if target == "" || path.IsAbs(target) || !filepath.IsLocal(path.Join(path.Dir(name), target)) {
		return refuse(name, fmt.Sprintf("link out of it, to %q", target))
	}
	parts := strings.Split(target, "/")
	down := slices.IndexFunc(parts, func(part string) bool { return part != ".." && part != "." && part != "" })
	if down >= 0 && slices.Contains(parts[down:], "..") {
		return refuse(name, fmt.Sprintf("link that goes down and up again, to %q", target))
	}
	return nil
}

func refuse(name, why string) error {
	return fmt.Errorf("%q: %s: %w", name, why, ErrUnsafe)
}

// reader stops when its context does, also within a big file.
type reader struct {
	ctx context.Context
	r   io.Reader
}

func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}
