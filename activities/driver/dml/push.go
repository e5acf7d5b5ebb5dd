package dml

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

const (
	// smallBlob is the size up to which a blob is held in memory on its way to a
	// registry, so that a request can be repeated.
	smallBlob = 1 << 20
	// transferBuffer is that of connections.
	transferBuffer = 256 << 10
)

// store hashes what write writes, since a registry wants to know the digest first, and
// has it written again on the way there, unless the registry has it already. Nothing
// goes through a file.
func (r *repository) store(ctx context.Context, mediaType string, write func(io.Writer) error) (ocispec.Descriptor, error) {
	first := tally{digester: digest.SHA256.Digester()}
	if err := write(&first); err != nil {
		return ocispec.Descriptor{}, err
	}
	d := ocispec.Descriptor{MediaType: mediaType, Digest: first.digester.Digest(), Size: first.size}
	there, err := r.has(ctx, d)
	if err != nil || there {
		return d, err
	}
	if first.size <= smallBlob {
		return d, r.Push(ctx, d, bytes.NewReader(first.small))
	}
	return d, r.pushAgain(ctx, d, write)
}

// tally counts and hashes, and keeps what is small.
type tally struct {
	digester digest.Digester
	size     int64
	small    []byte
}

func (t *tally) Write(p []byte) (int, error) {
	t.size += int64(len(p))
	if t.size <= smallBlob {
		t.small = append(t.small, p...)
	} else {
		t.small = nil
	}
	return t.digester.Hash().Write(p)
}

// errStopped ends who writes for an upload that is over.
var errStopped = errors.New("the upload is over")

// pushAgain has a blob written a second time, into the registry.
func (r *repository) pushAgain(ctx context.Context, d ocispec.Descriptor, write func(io.Writer) error) error {
	out, in := io.Pipe()
	second := tally{digester: digest.SHA256.Digester()}
	written := make(chan error, 1)
	go func() {
		err := write(io.MultiWriter(&second, in))
		_ = in.CloseWithError(err)
		written <- err
	}()
	err := r.Push(ctx, d, struct{ io.Reader }{out}) // not for others to close
	_ = out.CloseWithError(errStopped)
	wrote := <-written
	if wrote != nil && !errors.Is(wrote, errStopped) {
		return wrote
	}
	if second.size > d.Size || wrote == nil && second.digester.Digest() != d.Digest {
		return fmt.Errorf("what was to be stored changed while it was read: it had %d bytes and was %s, then it was something else; try again when nothing writes there any more",
			d.Size, d.Digest)
	}
	return err
}

// Push uploads a blob in one piece. Until the registry found its digest right, it shows
// nothing of it.
func (r *repository) Push(ctx context.Context, d ocispec.Descriptor, blob io.Reader) error {
	return r.explain("push "+d.Digest.String(), r.Blobs().Push(ctx, d, blob))
}
