package ssh

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"slipway/activities/driver/archive"
	"slipway/activities/driver/target"
	"slipway/release"
)

// content is what a package is made of, as a target has to have it.
type content struct {
	folder string
	// size is that of the tar in bytes, unpacked that of the files on a disk.
	size, unpacked int64
	// manifest is what the function manifest of far.sh prints of a folder that holds
	// exactly this.
	manifest string
}

// contents knows the content of packages. Each is read once: the same package goes
// to many targets.
type contents struct {
	packages target.Packages
	mu       sync.Mutex
	known    map[release.Package]*content
}

// of gives the content of a package. The error is target.ErrNotAuthorized when the
// library gave another one.
func (c *contents) of(ctx context.Context, p release.Package) (*content, error) {
	if p.Digest == "" || p.Content == "" {
		return nil, fmt.Errorf("the package has no digest: %w", target.ErrNotAuthorized)
	}
	key := release.Package{Digest: p.Digest, Content: p.Content}
	c.mu.Lock()
	defer c.mu.Unlock()
	if found := c.known[key]; found != nil {
		return found, nil
	}
	folder, err := c.packages.Folder(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("package %s: %w", p.Digest.Short(), err)
	}
	found, digest, err := read(ctx, folder)
	switch {
	case err != nil:
		return nil, fmt.Errorf("package %s: %w", p.Digest.Short(), err)
	case digest != p.Content:
		return nil, fmt.Errorf("package %s holds %s, not %s: %w", p.Digest.Short(), digest.Short(), p.Content.Short(), target.ErrNotAuthorized)
	}
	c.known[key] = found
	return found, nil
}

// read goes through the tar of a folder, which nobody keeps.
func read(ctx context.Context, folder string) (*content, release.Digest, error) {
	from, to := io.Pipe()
	defer from.Close()
	go func() {
		_, err := archive.Write(ctx, to, folder)
		_ = to.CloseWithError(err)
	}()
	found := &content{folder: folder}
	sum := sha256.New()
	whole := io.TeeReader(from, io.MultiWriter(sum, counter{&found.size}))
	lines := []string{"folder ."}
	files := tar.NewReader(whole)
	for {
		h, err := files.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, "", err
		}
		more, err := describe(h, files)
		if err != nil {
			return nil, "", err
		}
		lines = append(lines, more...)
		found.unpacked += blocks(h.Size)
	}
	if _, err := io.Copy(io.Discard, whole); err != nil {
		return nil, "", err
	}
	slices.Sort(lines)
	found.manifest = strings.Join(lines, "\n")
	return found, release.Digest("sha256:" + hex.EncodeToString(sum.Sum(nil))), nil
}

// describe gives the lines of the manifest for one entry. Names that they could not
// tell apart are refused; hardly any package has them.
func describe(h *tar.Header, body io.Reader) ([]string, error) {
	name := "./" + strings.TrimSuffix(h.Name, "/")
	if strings.ContainsAny(name, "\n\\") || strings.ContainsAny(h.Linkname, "\n\036") {
		return nil, fmt.Errorf("%q: names with a backslash or of two lines do not go over SSH: %w", h.Name, target.ErrNotAuthorized)
	}
	switch h.Typeflag {
	case tar.TypeDir:
		return []string{"folder " + name}, nil
	case tar.TypeSymlink:
		return []string{"link " + name + "// " + h.Linkname + "\036"}, nil
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, body); err != nil {
		return nil, err
	}
	lines := []string{hex.EncodeToString(sum.Sum(nil)) + "  " + name}
	if h.Mode&0o100 != 0 {
		lines = append(lines, "executable "+name)
	}
	return lines, nil
}

// differs tells whether a manifest is another one, and where first.
func (c *content) differs(there string) error {
	if there == c.manifest {
		return nil
	}
	want, got := strings.Split(c.manifest, "\n"), strings.Split(there, "\n")
	for _, line := range got {
		if _, found := slices.BinarySearch(want, line); !found {
			return fmt.Errorf("it has %q, which the package has not: %w", line, target.ErrNotAuthorized)
		}
	}
	for _, line := range want {
		if !slices.Contains(got, line) {
			return fmt.Errorf("it lacks %q: %w", line, target.ErrNotAuthorized)
		}
	}
	return fmt.Errorf("its files are others: %w", target.ErrNotAuthorized)
}

// blocks is how much of a disk a file takes.
func blocks(size int64) int64 { return (size/4096 + 1) * 4096 }

// counter counts what is written.
type counter struct{ bytes *int64 }

func (c counter) Write(p []byte) (int, error) { *c.bytes += int64(len(p)); return len(p), nil }
