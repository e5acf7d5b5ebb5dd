package dml

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/content/oci"

	"slipway/activities/driver/archive"
	"slipway/activities/driver/durable"
)

const (
	ingestFolder = "ingest"
	// abandonedAfter is how old an unfinished blob has to be to be swept up. No
	// living writer leaves its file alone for so long.
	abandonedAfter = 24 * time.Hour
)

// layout is one segment: an OCI image layout in a folder. Blobs get their place
// by renaming, and count only once the index names them. The index is replaced
// as a whole under a lock file; oras' own oci.Store would overwrite it in place,
// from what it had read when it was opened.
type layout struct {
	// ReadOnlyStorage gives Fetch and Exists.
	*oci.ReadOnlyStorage
	folder string
	// young is a segment that older libraries do not have.
	young bool
	// writers keeps this process to one waiter at the lock file.
	writers sync.Mutex
	// mu guards all below.
	mu sync.Mutex
	// listed is what is listed, as it was last read; nil before that.
	listed *listing
	// folding is the next time at which the index takes the journal in, and folded how
	// long that took the last time.
	folding *time.Timer
	folded  time.Duration
	waiting waiting
}

func layoutIn(folder string) *layout {
	return &layout{ReadOnlyStorage: oci.NewStorageFromFS(os.DirFS(folder)), folder: folder}
}

// existingLayout opens a layout that is there, without touching it.
func existingLayout(folder string) (*layout, error) {
	l := layoutIn(folder)
	switch _, err := os.Stat(filepath.Join(folder, ocispec.ImageLayoutFile)); {
	case errors.Is(err, os.ErrNotExist) && filepath.Base(folder) == Sources:
		l.young = true
	case errors.Is(err, os.ErrNotExist):
		return nil, fmt.Errorf("there is no OCI image layout in %s", folder)
	case err != nil:
		return nil, err
	}
	return l, nil
}

// openLayout opens a layout for writing, and makes it when it is missing.
func openLayout(folder string) (*layout, error) {
	l := layoutIn(folder)
	for _, sub := range []string{l.blobs(), filepath.Join(folder, ingestFolder)} {
		if err := os.MkdirAll(sub, 0o755); err != nil {
			return nil, err
		}
	}
	if err := l.initialize(); err != nil {
		return nil, err
	}
	return l, l.fold(context.Background())
}

// initialize sweeps up, and writes the two files that make the folder a layout, when
// missing.
func (l *layout) initialize() error {
	unlock, err := l.lock(context.Background())
	if err != nil {
		return err
	}
	defer unlock()
	l.sweep()
	if _, err := l.current(); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	marker, err := json.Marshal(ocispec.ImageLayout{Version: ocispec.ImageLayoutVersion})
	if err != nil {
		return err
	}
	if err := durable.WriteFile(filepath.Join(l.folder, ocispec.ImageLayoutFile), marker); err != nil {
		return err
	}
	return l.writeIndex(listingOf(noManifests()))
}

// sweep removes what writers that died have left. That it cannot be removed is
// no reason not to work.
func (l *layout) sweep() {
	removeOld(filepath.Join(l.folder, ingestFolder), "", abandonedAfter)
	removeOld(l.folder, durable.TempPrefix, 0) // only written under the lock
}

func removeOld(folder, prefix string, age time.Duration) {
	entries, _ := os.ReadDir(folder)
	for _, entry := range entries {
		info, err := entry.Info()
		if err == nil && strings.HasPrefix(entry.Name(), prefix) && time.Since(info.ModTime()) >= age {
			_ = os.Remove(filepath.Join(folder, entry.Name()))
		}
	}
}

func (l *layout) String() string   { return l.folder }
func (l *layout) blobs() string    { return filepath.Join(l.folder, ocispec.ImageBlobsDir, "sha256") }
func (l *layout) lockFile() string { return l.folder + ".lock" }

// store calls write once.
func (l *layout) store(_ context.Context, mediaType string, write func(io.Writer) error) (_ ocispec.Descriptor, err error) {
	temp, err := os.CreateTemp(filepath.Join(l.folder, ingestFolder), "blob-*")
	if err != nil {
		return ocispec.Descriptor{}, err
	}
	defer func() {
		if err != nil {
			_ = temp.Close()
			_ = os.Remove(temp.Name())
		}
	}()
	digester := digest.SHA256.Digester()
	if err := write(archive.Together(temp, digester.Hash())); err != nil {
		return ocispec.Descriptor{}, err
	}
	size, err := temp.Seek(0, io.SeekCurrent)
	if err != nil {
		return ocispec.Descriptor{}, err
	}
	if err := errors.Join(temp.Chmod(0o444), temp.Sync(), temp.Close()); err != nil {
		return ocispec.Descriptor{}, err
	}
	stored := ocispec.Descriptor{MediaType: mediaType, Digest: digester.Digest(), Size: size}
	// A blob that is there already is replaced by itself, which also heals it.
	return stored, os.Rename(temp.Name(), filepath.Join(l.blobs(), stored.Digest.Encoded()))
}

func (l *layout) Push(ctx context.Context, expected ocispec.Descriptor, r io.Reader) error {
	_, err := l.store(ctx, expected.MediaType, func(w io.Writer) error {
		verify := content.NewVerifyReader(r, expected)
		if _, err := io.Copy(w, verify); err != nil {
			return err
		}
		return verify.Verify()
	})
	return err
}

// has makes the blob look new, so that remove leaves it.
func (l *layout) has(_ context.Context, d ocispec.Descriptor) (bool, error) {
	path := filepath.Join(l.blobs(), d.Digest.Encoded())
	info, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	now := time.Now()
	err = os.Chtimes(path, now, now)
	if errors.Is(err, os.ErrNotExist) { // it was just removed
		return false, nil
	}
	return info.Size() == d.Size, err
}

func (l *layout) settle() error { return durable.Sync(l.blobs()) }

// lock keeps all others, in whatever process, from changing what is listed.
func (l *layout) lock(ctx context.Context) (unlock func(), err error) {
	l.writers.Lock()
	release, err := durable.Lock(ctx, l.lockFile())
	if err != nil {
		l.writers.Unlock()
		return nil, err
	}
	l.mu.Lock()
	return func() { l.mu.Unlock(); release(); l.writers.Unlock() }, nil
}

func (l *layout) entry(_ context.Context, reference string) (ocispec.Descriptor, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n, err := l.current()
	if err != nil {
		return ocispec.Descriptor{}, err
	}
	if entry, found := n.find(reference); found {
		return entry, nil
	}
	return ocispec.Descriptor{}, fmt.Errorf("%s in %s: %w", reference, l.folder, ErrNotFound)
}

func (l *layout) blob(_ context.Context, d digest.Digest) (ocispec.Descriptor, error) {
	info, err := os.Stat(filepath.Join(l.folder, ocispec.ImageBlobsDir, d.Algorithm().String(), d.Encoded()))
	if errors.Is(err, os.ErrNotExist) {
		return ocispec.Descriptor{}, fmt.Errorf("blob %s: %w", d, ErrNotFound)
	}
	if err != nil {
		return ocispec.Descriptor{}, err
	}
	return ocispec.Descriptor{Digest: d, Size: info.Size()}, nil
}
