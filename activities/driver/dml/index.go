package dml

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"slipway/activities/driver/durable"
)

func (l *layout) index() (ocispec.Index, error) {
	index, _, err := l.readIndex()
	return index, err
}

// readIndex gives the index, and the text in which it is written.
func (l *layout) readIndex() (index ocispec.Index, text []byte, err error) {
	text, err = os.ReadFile(filepath.Join(l.folder, ocispec.ImageIndexFile))
	if l.young && errors.Is(err, os.ErrNotExist) {
		text, err = json.Marshal(noManifests())
	}
	if err != nil {
		return index, nil, err
	}
	if err := json.Unmarshal(text, &index); err != nil {
		return index, nil, fmt.Errorf("%s in %s: %w: %w", ocispec.ImageIndexFile, l.folder, ErrCorrupt, err)
	}
	return index, text, nil
}

func noManifests() ocispec.Index {
	return ocispec.Index{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageIndex, Manifests: []ocispec.Descriptor{},
	}
}

func (l *layout) writeIndex(index ocispec.Index) error {
	data, err := json.Marshal(index)
	if err != nil {
		return err
	}
	return durable.WriteFile(filepath.Join(l.folder, ocispec.ImageIndexFile), data)
}

// list refuses an index with anything in it that would be passed over, such as a
// field that nobody knows.
func (l *layout) list(context.Context) ([]ocispec.Descriptor, error) {
	index, written, err := l.readIndex()
	if err != nil {
		return nil, err
	}
	understood, err := json.Marshal(index)
	if err != nil {
		return nil, err
	}
	known := index.SchemaVersion == 2 && (index.MediaType == "" || index.MediaType == ocispec.MediaTypeImageIndex)
	var compact bytes.Buffer
	if err := json.Compact(&compact, written); err != nil || !known || !bytes.Equal(compact.Bytes(), understood) {
		return nil, fmt.Errorf("%s in %s is not written as an OCI index is: %w", ocispec.ImageIndexFile, l.folder, ErrCorrupt)
	}
	return index.Manifests, nil
}
