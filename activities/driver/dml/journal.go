package dml

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"slipway/activities/driver/durable"
)

// A layout has one index, which can only be replaced as a whole. In a library of
// thousands of packages that takes longer than the rest of what is done to add an entry.
// So an entry of a large index goes to a journal beside it first, and soon into the
// index, for other tools to find it. Whoever reads the layout here reads both.

const (
	// journalName is a file with an entry of the index in each line.
	journalName = "index.journal"
	// smallIndex is how many entries an index has that is written anew for each.
	smallIndex = 256
	// soon is how long a journal waits for more before the index takes it in.
	soon = time.Second
	// leisure is how many times as long it waits as that took the last time.
	leisure = 50
)

func (l *layout) journalFile() string { return filepath.Join(l.folder, journalName) }

// parseJournal gives the entries of all whole lines, and how long these are.
func parseJournal(text []byte) (entries []ocispec.Descriptor, read int64, err error) {
	end := bytes.LastIndexByte(text, '\n') + 1
	for line := range bytes.Lines(text[:end]) {
		var entry ocispec.Descriptor
		if err := json.Unmarshal(line, &entry); err != nil {
			return nil, 0, fmt.Errorf("%w: %w", ErrCorrupt, err)
		}
		understood, err := json.Marshal(entry)
		if err != nil || !bytes.Equal(understood, bytes.TrimSuffix(line, []byte("\n"))) {
			return nil, 0, fmt.Errorf("a line is not written as an entry of an OCI index is: %w", ErrCorrupt)
		}
		entries = append(entries, entry)
	}
	return entries, int64(end), nil
}

// append adds entries to what is listed, on the disk.
func (l *layout) append(n *listing, entries []ocispec.Descriptor) error {
	if len(n.index.Manifests) < smallIndex && n.journalFile == nil {
		index := n.index
		index.Manifests = slices.Concat(index.Manifests, entries)
		return l.writeIndex(listingOf(index))
	}
	if err := l.appendJournal(n, entries); err != nil {
		return err
	}
	l.foldSoon()
	return nil
}

// appendJournal cuts off what a writer that died has left of its line.
func (l *layout) appendJournal(n *listing, entries []ocispec.Descriptor) (err error) {
	var lines bytes.Buffer
	for _, entry := range entries {
		line, err := json.Marshal(entry)
		if err != nil {
			return err
		}
		lines.Write(append(line, '\n'))
	}
	journal, err := os.OpenFile(l.journalFile(), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = journal.Truncate(n.read) // what may not last is not to be found either
		}
		err = errors.Join(err, journal.Close())
	}()
	if err := journal.Truncate(n.read); err != nil {
		return err
	}
	if _, err := journal.WriteAt(lines.Bytes(), n.read); err != nil {
		return err
	}
	if err := journal.Sync(); err != nil || n.read > 0 {
		return err
	}
	return durable.Sync(l.folder)
}

func (l *layout) removeJournal() error {
	err := os.Remove(l.journalFile())
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return durable.Sync(l.folder)
}

// foldSoon has the index take in the journal after a while, together with what comes
// until then. When that fails, the journal stays for the next time.
func (l *layout) foldSoon() {
	if l.folding != nil {
		return
	}
	l.folding = time.AfterFunc(max(soon, leisure*l.folded), func() { _ = l.fold(context.Background()) })
}

// fold has the index take in the journal, if there is one.
func (l *layout) fold(ctx context.Context) error {
	unlock, err := l.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	begun := time.Now()
	if l.folding != nil {
		l.folding.Stop()
		l.folding = nil
	}
	n, err := l.current()
	if err != nil || n.journalFile == nil {
		return err
	}
	err = l.writeIndex(n)
	l.folded = time.Since(begun)
	return err
}
