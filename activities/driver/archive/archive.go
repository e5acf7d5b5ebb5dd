// Package archive turns a folder into one tar that depends on nothing but the
// names, the contents and the executable bits of its files, and back. The digest
// of that tar names the content of a release package; a folder on a target is
// checked by computing it again. It is shared by the drivers.
package archive

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
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
	p := packer{ctx: ctx, tell: func(Entry) { files++ }}
	err = p.pack(w, folder)
	return files, err
}

// Entry is a file or link that was written.
type Entry struct {
	Path string
	// Mode is 0755 or 0644; zero for a link.
	Mode fs.FileMode
	// Link is where a link leads to; empty for a file.
	Link string
	// Size is that of a file in bytes, and Sum its SHA-256 in hex.
	Size int64
	Sum  string
}

// WriteEach writes what Write writes, and tells of each file and link, in the order
// of the tar.
func WriteEach(ctx context.Context, w io.Writer, folder string, tell func(Entry)) error {
	p := packer{ctx: ctx, tell: tell, sum: sha256.New()}
	return p.pack(w, folder)
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
	tell   func(Entry)
	// sum hashes each file, when that is asked for.
	sum hash.Hash
}

func (p *packer) pack(w io.Writer, folder string) (err error) {
	if p.root, err = os.OpenRoot(folder); err != nil {
		return fmt.Errorf("archive: %w", err)
	}
	defer p.root.Close()
	out, giveBack := bufferedOut(w)
	defer giveBack()
	p.out = tar.NewWriter(out)
	p.buffer, giveBack = buffer()
	defer giveBack()
	if err := fs.WalkDir(p.root.FS(), ".", p.add); err != nil {
		return fmt.Errorf("archive %s: %w", folder, err)
	}
	if err := errors.Join(p.out.Close(), out.Flush()); err != nil {
		return fmt.Errorf("archive %s: %w", folder, err)
	}
	return nil
}

func (p *packer) add(name string, entry fs.DirEntry, err error) error {
	if err != nil || name == "." {
		return err
	}
	switch entry.Type() {
	case fs.ModeDir:
		return p.out.WriteHeader(header(tar.TypeDir, name+"/", 0o755))
	case 0:
		return p.addFile(name)
	case fs.ModeSymlink:
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
	n, err := p.copy(file)
	if errors.Is(err, tar.ErrWriteTooLong) || err == nil && n != h.Size {
		return fmt.Errorf("%s changed while it was read: pack only what nothing writes to any more", name)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if err := p.out.Flush(); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	entry := Entry{Path: name, Mode: fs.FileMode(h.Mode), Size: h.Size}
	if p.sum != nil {
		entry.Sum = hex.EncodeToString(p.sum.Sum(nil))
	}
	p.tell(entry)
	return nil
}

func (p *packer) copy(file io.Reader) (int64, error) {
	to := io.Writer(p.out)
	if p.sum != nil {
		p.sum.Reset()
		to = Together(p.out, p.sum)
	}
	return io.CopyBuffer(to, reader{p.ctx, file}, p.buffer)
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
	p.tell(Entry{Path: name, Link: target})
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
