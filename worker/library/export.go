package library

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"slipway/activities/driver/dml"
	"slipway/config"
	"slipway/release"
)

// Exported is what an export did.
type Exported struct {
	To string `json:"to"`
	// Packages are the tags of those that are there now.
	Packages []string `json:"packages,omitempty"`
	Copied   []Moved  `json:"copied,omitempty"`
	// There are what was there already.
	There []Moved `json:"there,omitempty"`
	// Bytes were sent.
	Bytes int64 `json:"bytes"`
}

// Moved is an artifact that was copied or removed.
type Moved struct {
	Segment string         `json:"segment"`
	Kind    string         `json:"kind"`
	Name    string         `json:"name"`
	Digest  release.Digest `json:"digest"`
	Size    int64          `json:"size"`
}

func moved(i *Item) Moved {
	return Moved{Segment: i.Segment, Kind: Kind(i.Artifact), Name: i.Name(), Digest: i.Digest, Size: i.Size()}
}

// Chosen gives what an export of a name takes: what is called so, and of several
// packages of a release those that were deployed, or all of them.
func (c *Contents) Chosen(ctx context.Context, text string, all bool) ([]*Item, error) {
	found, err := c.Find(text)
	if err != nil || all {
		return found, err
	}
	several := packages(found)
	if len(several) < 2 {
		return found, nil
	}
	deployed, err := c.chosen(ctx, several)
	if err != nil {
		return nil, err
	}
	if len(deployed) == 0 {
		return nil, fmt.Errorf("none of the packages of %s was deployed: use --all, or one of %s", text, names(several))
	}
	return slices.DeleteFunc(found, func(i *Item) bool { return i.isPackage() && !slices.Contains(deployed, i) }), nil
}

// Whole gives what has to be copied with some artifacts, each after what it rests on,
// so that a copy holds by itself. The error names what a record names and the library
// does not have.
func (c *Contents) Whole(ctx context.Context, items []*Item) ([]*Item, error) {
	if len(c.Faults) > 0 {
		return nil, fmt.Errorf("%s: %s: nobody can tell what belongs to it then; see `starter dml verify`", c.Faults[0].What, c.Faults[0].Found)
	}
	p, err := c.parcel(ctx, items)
	if err != nil {
		return nil, err
	}
	if lost := slices.Concat(p.missing, p.loose); len(lost) > 0 {
		return nil, fmt.Errorf("%s, which %s names, is not listed in segment %s: a copy would not be whole; see `starter dml verify`",
			lost[0].what, c.title(lost[0].by), lost[0].segment)
	}
	return p.items, nil
}

// Export copies artifacts to another library, which spec names and which is made when
// it is missing. What is there already is not sent again.
func (c *Contents) Export(ctx context.Context, items []*Item, spec string, registry config.Registry, progress *Progress) (done Exported, err error) {
	done.To = spec
	to, err := dml.Open(spec, Access(registry)...)
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	for _, i := range items {
		progress.total.Add(i.Size())
	}
	from, whole := c.lib.Counted(progress), int64(0)
	for _, i := range items {
		sent, err := copyAll(ctx, from, to, i)
		if err != nil {
			return done, fmt.Errorf("%s: %w", c.title(i), err)
		}
		whole += i.Size()
		progress.done.Store(whole) // also what was there already
		if i.isPackage() {
			done.Packages = append(done.Packages, i.Tags...)
		}
		if sent == 0 {
			done.There = append(done.There, moved(i))
			continue
		}
		done.Bytes += sent
		done.Copied = append(done.Copied, moved(i))
	}
	return done, nil
}

// copyAll copies an artifact under all its tags.
func copyAll(ctx context.Context, from *dml.Reader, to *dml.Library, i *Item) (sent int64, err error) {
	for _, tag := range i.tagged() {
		n, err := dml.Copy(ctx, from, to, i.Segment, i.Digest, tag)
		sent += n
		if err != nil {
			return sent, err
		}
	}
	return sent, nil
}
