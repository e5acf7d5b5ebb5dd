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

func (l *layout) indexFile() string { return filepath.Join(l.folder, ocispec.ImageIndexFile) }

// readIndex gives the index, and the text in which it is written.
func (l *layout) readIndex() (index ocispec.Index, text []byte, err error) {
	text, err = os.ReadFile(l.indexFile())
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

// writeIndex replaces the index by what is listed, journal and all.
func (l *layout) writeIndex(n *listing) error {
	data, err := json.Marshal(n.index)
	if err != nil {
		return err
	}
	l.forget()
	if err := durable.WriteFile(l.indexFile(), data); err != nil {
		return err
	}
	if err := l.removeJournal(); err != nil {
		return err
	}
	if n.indexFile, err = follow(l.indexFile()); err != nil {
		return err
	}
	n.journalFile, n.read = nil, 0
	l.listed = n
	return nil
}

// list refuses an index with anything in it that would be passed over, such as a
// field that nobody knows.
func (l *layout) list(context.Context) ([]ocispec.Descriptor, error) {
	added, err := os.ReadFile(l.journalFile()) // first, as in load
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
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
	all := listingOf(index)
	if _, err := all.add(added); err != nil {
		return nil, fmt.Errorf("%s in %s: %w", journalName, l.folder, err)
	}
	return all.index.Manifests, nil
}
