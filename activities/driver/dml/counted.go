package dml

import (
	"context"
	"io"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// counted is storage that writes all that is read from it into a writer as well.
type counted struct {
	storage
	to io.Writer
}

// Counted gives the library as one that writes all that is read from it into w as
// well, from several goroutines: to tell how far a long copy is.
func (r *Reader) Counted(w io.Writer) *Reader {
	return &Reader{
		sources:  segment{counted{r.sources.storage, w}},
		packages: segment{counted{r.packages.storage, w}},
		evidence: segment{counted{r.evidence.storage, w}},
	}
}

// Fetch passes the bytes on as they come.
func (c counted) Fetch(ctx context.Context, d ocispec.Descriptor) (io.ReadCloser, error) {
	body, err := c.storage.Fetch(ctx, d)
	if err != nil {
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{io.TeeReader(body, c.to), body}, nil
}
