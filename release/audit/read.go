package audit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"slipway/release"
)

// maxDocument is the size up to which a document is read into memory.
const maxDocument = 64 << 20

// whole reads content to its end: it is what it is said to be, or an error.
func (v *verification) whole(b release.Blob) error { return v.read(b, io.Discard) }

func (v *verification) document(b release.Blob) ([]byte, error) {
	if b.Size > maxDocument {
		return nil, fmt.Errorf("blob %s has %d bytes; at most %d are read", b.Digest, b.Size, maxDocument)
	}
	var text bytes.Buffer
	err := v.read(b, &text)
	return text.Bytes(), err
}

func (v *verification) decode(b release.Blob, into any) error {
	text, err := v.document(b)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("blob %s cannot be read: %w", b.Digest, err)
	}
	return nil
}

func (v *verification) read(b release.Blob, into io.Writer) error {
	content, err := v.lib.OpenBlob(v.ctx, b.Digest)
	if err != nil {
		return err
	}
	defer func() { _ = content.Close() }() // it was read to its end, or the first error tells
	n, err := io.Copy(into, io.LimitReader(content, b.Size+1))
	switch {
	case err != nil:
		return err
	case n != b.Size:
		return fmt.Errorf("blob %s is said to have %d bytes, but has others", b.Digest, b.Size)
	}
	return nil
}

func clock(t time.Time) string { return t.UTC().Format(time.RFC3339) }
