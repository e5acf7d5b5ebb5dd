package library

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"slipway/activities/driver/dml"
	"slipway/release"
	"slipway/release/audit"
)

// young is how old content may be that belongs to what is being written.
const young = 24 * time.Hour

// Verification is what was found when the library was read to the last byte.
type Verification struct {
	// Holds tells whether everything is as it should be.
	Holds     bool  `json:"holds"`
	Artifacts int   `json:"artifacts"`
	Blobs     int   `json:"blobs"`
	Bytes     int64 `json:"bytes"`
	// Signatures are those that were checked and hold.
	Signatures []Signature `json:"signatures,omitempty"`
	// Unchecked are the signed statements that could not be checked.
	Unchecked []Unchecked `json:"unchecked,omitempty"`
	Faults    []Fault     `json:"faults,omitempty"`
	// Strays are files to which nothing refers. They are no fault.
	Strays []Stray `json:"strays,omitempty"`
}

// Stray is a file of the library to which nothing refers.
type Stray struct {
	Segment string         `json:"segment"`
	Digest  release.Digest `json:"digest"`
	Size    int64          `json:"size"`
	Place   string         `json:"place"`
	// Young tells that it may belong to what is being checked in.
	Young bool `json:"young,omitempty"`
}

// Verify reads the library to the last byte, or what belongs to some artifacts by
// their names: every digest, and every signature against the workers. With no workers
// signatures stay unchecked. Faults are found, not errors; the error is ErrUnknown, or
// that of the context.
func (l Library) Verify(ctx context.Context, names []string, workers []release.Signer, now time.Time, progress *Progress) (Verification, error) {
	files := map[string][]dml.File{}
	for _, segment := range dml.Segments { // before the lists: what comes later is not stray
		found, _, err := l.Files(segment)
		if err != nil {
			return Verification{}, err
		}
		files[segment] = found
	}
	contents, err := l.Read(ctx)
	if err != nil {
		return Verification{}, err
	}
	v := verifier{Contents: contents, workers: workers, blobs: map[key]*task{}}
	v.Verification.Faults = contents.Faults
	items, err := v.choose(ctx, names)
	if err != nil {
		return Verification{}, err
	}
	if err := v.blobsOf(ctx, items, progress); err != nil {
		return Verification{}, err
	}
	if err := v.signatures(ctx, items); err != nil {
		return Verification{}, err
	}
	if len(names) == 0 {
		v.strays(files, now)
	}
	v.Verification.Faults = l.still(ctx, v.Verification.Faults)
	v.Holds = len(v.Verification.Faults) == 0
	return v.Verification, ctx.Err()
}

// verifier is the checking of a library.
type verifier struct {
	*Contents
	Verification
	workers []release.Signer
	blobs   map[key]*task
	order   []*task
}

// key tells content apart: each segment has its own.
type key struct {
	segment string
	digest  release.Digest
}

// task is content that has to be read, and what it belongs to.
type task struct {
	key
	size   int64
	owners []owner
	err    error
}

type owner struct {
	item *Item
	what string
}

// choose gives the artifacts that are verified: all, or what belongs to those that
// are named.
func (v *verifier) choose(ctx context.Context, names []string) ([]*Item, error) {
	if len(names) == 0 {
		return v.items, nil
	}
	var roots []*Item
	for _, name := range names {
		found, err := v.Find(name)
		if err != nil && len(v.Contents.Faults) == 0 { // else it may be what cannot be read
			return nil, err
		}
		roots = append(roots, found...)
	}
	p, err := v.parcel(ctx, roots)
	if err != nil { // a record that cannot be read is found again, as a fault
		var own []*Item
		for _, root := range roots {
			own = append(append(own, root), v.referrers(root)...)
		}
		return own, ctx.Err()
	}
	return p.items, nil
}

// blobsOf reads all content of the artifacts, and the logs that their records name.
func (v *verifier) blobsOf(ctx context.Context, items []*Item, progress *Progress) error {
	v.Artifacts = len(items)
	for _, i := range items {
		v.has(i, "the configuration", i.Segment, i.Config)
		for _, l := range i.Layers {
			v.has(i, l.Name, i.Segment, l.Blob)
		}
		if _, found := v.by[i.Subject]; i.Subject != "" && !found && !v.lost(i.Subject) {
			v.wrong(v.fault(i, "the package", i.Segment, i.Subject, "it is not there"))
		}
		v.follow(ctx, i)
	}
	for _, t := range v.order {
		v.Bytes += t.size
	}
	v.Blobs = len(v.order)
	progress.total.Store(v.Bytes)
	err := spread(ctx, len(v.order), func(ctx context.Context, i int) error {
		v.order[i].err = v.read(ctx, v.order[i], progress)
		if away(v.order[i].err) {
			return v.order[i].err
		}
		return ctx.Err()
	})
	for _, t := range v.order {
		for _, o := range t.owners {
			if t.err != nil {
				v.wrong(v.fault(o.item, o.what, t.segment, t.digest, dml.Why(t.err)))
			}
		}
	}
	return err
}

// lost tells whether a manifest is known to be at fault already.
func (v *verifier) lost(d release.Digest) bool {
	return slices.ContainsFunc(v.Contents.Faults, func(f Fault) bool { return f.Blob == d })
}

func (v *verifier) wrong(f Fault) { v.Verification.Faults = append(v.Verification.Faults, f) }

// has notes that an artifact has content, or names it.
func (v *verifier) has(of *Item, what, segment string, b release.Blob) {
	k := key{segment, b.Digest}
	t, known := v.blobs[k]
	if !known {
		t = &task{key: k, size: b.Size}
		v.blobs[k] = t
		v.order = append(v.order, t)
	}
	if !slices.ContainsFunc(t.owners, func(o owner) bool { return o.item == of }) {
		t.owners = append(t.owners, owner{of, what})
	}
	if t.size != b.Size {
		v.wrong(v.fault(of, what, segment, b.Digest, fmt.Sprintf("it is said to have %d bytes, and elsewhere %d", b.Size, t.size)))
	}
}

// follow notes what the record in an artifact names, and that its package is called
// as the record says.
func (v *verifier) follow(ctx context.Context, i *Item) {
	names, err := v.names(ctx, i)
	if err != nil {
		if len(i.Layers) == 0 {
			v.wrong(v.fault(i, "the record", i.Segment, i.Digest, err.Error()))
		}
		return // what cannot be read is found when all is read
	}
	for _, n := range names {
		if n.master == "" {
			v.has(i, n.what, n.segment, n.blob)
		} else if _, found := v.by[n.master]; !found && !v.lost(n.master) {
			v.wrong(v.fault(i, n.what, n.segment, n.master, "it is not there"))
		}
	}
	v.tag(ctx, i)
}

// tag checks that a package is still called as its build record says.
func (v *verifier) tag(ctx context.Context, i *Item) {
	var record release.BuildRecord
	subject, found := v.by[i.Subject]
	if i.Type != audit.BuildRecordType || !found || v.decode(ctx, i, &record) != nil || record.Package == nil {
		return
	}
	if tag := record.Package.Tag; !slices.Contains(subject.Tags, tag) {
		v.wrong(Fault{
			Segment: i.Segment, What: "the tag " + tag + " of " + v.title(subject), Artifact: subject.Digest,
			Place: v.lib.Index(i.Segment), Found: "it is not there: it was renamed or taken out",
		})
	}
}

func (v *verifier) read(ctx context.Context, t *task, progress *Progress) error {
	blob, err := v.lib.OpenIn(ctx, t.segment, release.Blob{Digest: t.digest, Size: t.size})
	if err != nil {
		return err
	}
	defer func() { _ = blob.Close() }() // it was read to its end, or the first error tells
	_, err = io.CopyBuffer(progress, blob, make([]byte, 256<<10))
	return err
}

// strays finds the files to which nothing refers.
func (v *verifier) strays(files map[string][]dml.File, now time.Time) {
	known := map[key]bool{}
	for _, i := range v.items {
		known[key{i.Segment, i.Digest}] = true
	}
	for _, f := range v.Verification.Faults {
		known[key{f.Segment, f.Blob}] = true
	}
	for _, segment := range dml.Segments {
		for _, f := range files[segment] {
			k := key{segment, f.Digest}
			if _, read := v.blobs[k]; read || known[k] {
				continue
			}
			v.Strays = append(v.Strays, Stray{
				Segment: segment, Digest: f.Digest, Size: f.Size, Place: f.Path, Young: now.Sub(f.Changed) < young,
			})
		}
	}
}
