package dml

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// listing is what a layout lists: its index, with what the journal adds to it. It is
// kept in memory, since a library of thousands of packages has an index of megabytes.
type listing struct {
	index ocispec.Index
	// byDigest has the places of a manifest in the index, and byTag that of a name.
	byDigest map[digest.Digest][]int
	byTag    map[string]int
	// indexFile and journalFile are what it was read from, journalFile as far as read;
	// nil is a file that was not there.
	indexFile, journalFile *followed
	read                   int64
}

// followed is a file as it was when it was read. It stays open, so that no other file
// can get its number.
type followed struct {
	*os.File
	info fs.FileInfo
}

// follow opens a file; nil when it is not there.
func follow(path string) (*followed, error) {
	file, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		_ = file.Close()
		return nil, err
	}
	return &followed{file, info}, nil
}

// is tells whether the file at a path is still this one, and how large it is now.
func (f *followed) is(path string) (same bool, size int64) {
	now, err := os.Stat(path)
	if f == nil || err != nil {
		return f == nil && errors.Is(err, os.ErrNotExist), 0
	}
	return os.SameFile(now, f.info), now.Size()
}

// unchanged tells whether the file at a path is still this one and was not written to,
// as other tools do with an index.
func (f *followed) unchanged(path string) bool {
	now, err := os.Stat(path)
	if f == nil || err != nil {
		return f == nil && errors.Is(err, os.ErrNotExist)
	}
	return os.SameFile(now, f.info) && now.Size() == f.info.Size() && now.ModTime().Equal(f.info.ModTime())
}

func (f *followed) close() {
	if f != nil {
		_ = f.Close()
	}
}

func listingOf(index ocispec.Index) *listing {
	n := &listing{index: index, byDigest: make(map[digest.Digest][]int, len(index.Manifests)), byTag: map[string]int{}}
	for i, entry := range index.Manifests {
		n.note(i, entry)
	}
	return n
}

func (n *listing) note(i int, entry ocispec.Descriptor) {
	n.byDigest[entry.Digest] = append(n.byDigest[entry.Digest], i)
	if tag := entry.Annotations[ocispec.AnnotationRefName]; tag != "" {
		if _, taken := n.byTag[tag]; !taken {
			n.byTag[tag] = i
		}
	}
}

// has tells whether a manifest is listed under a tag; an empty one is none.
func (n *listing) has(d digest.Digest, tag string) bool {
	for _, i := range n.byDigest[d] {
		if n.index.Manifests[i].Annotations[ocispec.AnnotationRefName] == tag {
			return true
		}
	}
	return false
}

// find gives the first entry with a tag or a digest.
func (n *listing) find(reference string) (ocispec.Descriptor, bool) {
	if i, found := n.byTag[reference]; found {
		return n.index.Manifests[i], true
	}
	if places := n.byDigest[digest.Digest(reference)]; len(places) > 0 {
		return n.index.Manifests[places[0]], true
	}
	return ocispec.Descriptor{}, false
}

// add takes in what a journal has, and gives how much of it that was: the last line may
// still be being written.
func (n *listing) add(journal []byte) (read int64, err error) {
	entries, read, err := parseJournal(journal)
	for _, entry := range entries {
		if n.has(entry.Digest, entry.Annotations[ocispec.AnnotationRefName]) {
			continue // the index has taken it in
		}
		n.index.Manifests = append(n.index.Manifests, entry)
		n.note(len(n.index.Manifests)-1, entry)
	}
	return read, err
}

// current gives what the layout lists now; l.mu has to be held as long as it is used.
func (l *layout) current() (*listing, error) {
	if l.listed != nil {
		if there, err := l.listed.goOn(l); there || err != nil {
			return l.listed, err
		}
		l.forget()
	}
	loaded, err := l.load()
	if err != nil {
		return nil, err
	}
	l.listed = loaded
	return loaded, nil
}

func (l *layout) forget() {
	if l.listed != nil {
		l.listed.indexFile.close()
		l.listed.journalFile.close()
	}
	l.listed = nil
}

// load reads the journal before the index: what is taken in meanwhile is in one of them.
func (l *layout) load() (_ *listing, err error) {
	journal, err := follow(l.journalFile())
	if err != nil {
		return nil, err
	}
	index, err := follow(l.indexFile())
	if err != nil {
		journal.close()
		return nil, err
	}
	defer func() {
		if err != nil {
			journal.close()
			index.close()
		}
	}()
	read, _, err := l.readIndex()
	if err != nil {
		return nil, err
	}
	n := listingOf(read)
	n.indexFile, n.journalFile = index, journal
	return n, n.readOn(l)
}

// goOn takes in what was added to the journal. It is false when more than that changed.
func (n *listing) goOn(l *layout) (bool, error) {
	if n.journalFile == nil {
		journal, err := follow(l.journalFile())
		if err != nil {
			return false, err
		}
		n.journalFile, n.read = journal, 0
	}
	if same, size := n.journalFile.is(l.journalFile()); !same || size < n.read {
		return false, nil
	}
	if err := n.readOn(l); err != nil {
		return false, err
	}
	return n.indexFile.unchanged(l.indexFile()), nil
}

// readOn reads the journal from where it was read last.
func (n *listing) readOn(l *layout) error {
	if n.journalFile == nil {
		return nil
	}
	more, err := io.ReadAll(io.NewSectionReader(n.journalFile, n.read, 1<<62))
	if err != nil || len(more) == 0 {
		return err
	}
	read, err := n.add(more)
	if err != nil {
		return fmt.Errorf("%s in %s: %w", journalName, l.folder, err)
	}
	n.read += read
	return nil
}
