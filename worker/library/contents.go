package library

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"slipway/activities/driver/dml"
	"slipway/release"
	"slipway/release/audit"
)

// ErrUnknown says that the library has nothing that is called so.
var ErrUnknown = errors.New("not in the media library")

// Item is an artifact of the library: a package, what was attached to one, a master
// copy, or logs.
type Item struct {
	audit.Artifact
	Segment string
	// Tags are all that it is called.
	Tags []string
	// Manifest is the size of its manifest, in bytes.
	Manifest int64
}

// Size is what it takes in the library, in bytes.
func (i *Item) Size() int64 {
	size := i.Manifest
	for _, b := range i.Blobs() {
		size += b.Size
	}
	return size
}

// Name is what people know it by.
func (i *Item) Name() string {
	if source := dml.Describe(i.Artifact).Source; source != "" {
		return source
	}
	if len(i.Tags) > 0 {
		return i.Tags[0]
	}
	if len(i.Layers) > 0 && i.Layers[0].Name != "" {
		return i.Layers[0].Name
	}
	return i.Digest.Short()
}

// tagged gives its tags, and that it has none as an empty one.
func (i *Item) tagged() []string {
	if len(i.Tags) == 0 {
		return []string{""}
	}
	return i.Tags
}

// Contents is what a library holds, as it was when it was read.
type Contents struct {
	lib   Library
	items []*Item
	by    map[release.Digest]*Item
	// to has what refers to an artifact, by the digest of that.
	to map[release.Digest][]*Item
	// Faults are lists and manifests that could not be read: what they name is not
	// among the contents.
	Faults []Fault
}

// Read reads all manifests of the library. Errors: those of a registry that cannot be
// asked, and that of the context.
func (l Library) Read(ctx context.Context) (*Contents, error) {
	c := &Contents{lib: l, by: map[release.Digest]*Item{}, to: map[release.Digest][]*Item{}}
	for _, segment := range dml.Segments {
		entries, err := l.Entries(ctx, segment)
		if away(err) {
			return nil, err
		}
		if err != nil {
			c.Faults = append(c.Faults, Fault{Segment: segment, What: "the list of segment " + segment, Place: l.Index(segment), Found: err.Error()})
			continue
		}
		if err := c.add(ctx, entries); err != nil {
			return nil, err
		}
	}
	c.Faults = l.still(ctx, c.Faults)
	for _, item := range c.items {
		if item.Subject != "" {
			c.to[item.Subject] = append(c.to[item.Subject], item)
		}
	}
	return c, ctx.Err()
}

// add reads the manifests of a segment.
func (c *Contents) add(ctx context.Context, entries []dml.Entry) error {
	read := make([]audit.Artifact, len(entries))
	problems := make([]error, len(entries))
	err := spread(ctx, len(entries), func(ctx context.Context, i int) error {
		read[i], problems[i] = c.lib.Artifact(ctx, entries[i])
		if away(problems[i]) {
			return problems[i]
		}
		return ctx.Err()
	})
	if err != nil {
		return err
	}
	for i, e := range entries {
		if problems[i] != nil {
			c.Faults = append(c.Faults, Fault{
				Segment: e.Segment, Artifact: e.Digest, What: "the manifest of " + called(e.Tag, e.Digest),
				Blob: e.Digest, Place: c.lib.Place(e.Segment, e.Digest), Found: dml.Why(problems[i]),
			})
			continue
		}
		item, known := c.by[e.Digest]
		if !known {
			item = &Item{Artifact: read[i], Segment: e.Segment, Manifest: e.Size}
			c.by[e.Digest] = item
			c.items = append(c.items, item)
		}
		if e.Tag != "" {
			item.Tags = append(item.Tags, e.Tag)
		}
	}
	return nil
}

// away tells whether a registry could not be asked: nobody knows then what it holds.
func away(err error) bool { return errors.Is(err, dml.ErrUnavailable) || errors.Is(err, dml.ErrDenied) }

func called(tag string, d release.Digest) string {
	if tag != "" {
		return tag
	}
	return d.Short()
}

// Items are those of a segment, in the order in which they came.
func (c *Contents) Items(segment string) []*Item {
	return slices.DeleteFunc(slices.Clone(c.items), func(i *Item) bool { return i.Segment != segment })
}

// Find gives what is called so: packages by the id of their release, whatever has the
// tag, or the digest, of which twelve digits will do. The error is ErrUnknown when
// there is nothing.
func (c *Contents) Find(text string) ([]*Item, error) {
	var found []*Item
	for _, i := range c.items {
		about := dml.Describe(i.Artifact)
		ofRelease := about.Release == text && i.Subject == "" && i.Segment == dml.Packages
		if ofRelease || slices.Contains(i.Tags, text) || i.Digest.Matches(text) {
			found = append(found, i)
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%q: %w: name a release, tag or digest; `starter dml list` shows them", text, ErrUnknown)
	}
	return found, nil
}

// referrers gives all that refers to an artifact, also by way of others, each after
// what it refers to.
func (c *Contents) referrers(item *Item) []*Item {
	var all []*Item
	for queue, seen := []*Item{item}, map[*Item]bool{item: true}; len(queue) > 0; queue = queue[1:] {
		for _, r := range c.to[queue[0].Digest] {
			if !seen[r] {
				seen[r] = true
				all, queue = append(all, r), append(queue, r)
			}
		}
	}
	return all
}

// text reads what an artifact holds that is one document.
func (c *Contents) text(ctx context.Context, item *Item) ([]byte, error) {
	if len(item.Layers) == 0 {
		return nil, fmt.Errorf("%s holds nothing", c.title(item))
	}
	text, err := c.document(ctx, item.Segment, item.Layers[0])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.title(item), err)
	}
	return text, nil
}

// document reads a layer into memory, and checks it.
func (c *Contents) document(ctx context.Context, segment string, l audit.Layer) ([]byte, error) {
	const most = 64 << 20
	if l.Size > most {
		return nil, fmt.Errorf("%s has %d bytes; at most %d are read", l.Name, l.Size, most)
	}
	blob, err := c.lib.OpenIn(ctx, segment, l.Blob)
	if err != nil {
		return nil, err
	}
	defer func() { _ = blob.Close() }() // it was read to its end, or the error tells
	return io.ReadAll(blob)
}

// atOnce is how many things are read at the same time: a registry is far away.
var atOnce = max(4, runtime.GOMAXPROCS(0))

// spread calls do for each of n, several at a time, until one gives an error.
func spread(ctx context.Context, n int, do func(ctx context.Context, i int) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for i := range n {
		if ctx.Err() != nil {
			break
		}
		group.Go(func() error { return do(ctx, i) })
	}
	return group.Wait()
}
