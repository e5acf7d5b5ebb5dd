package library

import (
	"context"
	"fmt"
	"slices"
	"time"

	"slipway/activities/driver/cms"
	"slipway/activities/driver/dml"
	"slipway/config"
	"slipway/release"
	"slipway/release/audit"
)

// Pruning says what of the library is not needed any more, and why all else stays.
type Pruning struct {
	Packages []Fate `json:"packages,omitempty"`
	// Also are the master copies and logs that go with the packages.
	Also []Moved `json:"also,omitempty"`
	// Frees is what is freed by all that goes, in bytes.
	Frees int64 `json:"frees"`
	// Removed tells that it was removed, and Freed how many bytes that has freed by now:
	// what is younger than an hour, and what a registry holds, is freed later.
	Removed bool  `json:"removed"`
	Freed   int64 `json:"freed,omitempty"`

	goes []*Item
}

// Fate is what becomes of a package.
type Fate struct {
	Tags    []string       `json:"tags,omitempty"`
	Release string         `json:"release,omitempty"`
	Digest  release.Digest `json:"digest"`
	// Size is that of the package and of what refers to it, in bytes.
	Size int64 `json:"size"`
	Goes bool  `json:"goes"`
	// Keep are the reasons why it stays, Unused is since when nothing needs it.
	Keep   []string  `json:"keep,omitempty"`
	Unused time.Time `json:"unused,omitzero"`
	// With counts what refers to it and goes with it.
	With []Count `json:"with,omitempty"`
}

// Needs reads from the CMS that spec names, with the password that the reference names,
// which packages are needed. Nothing in it is changed.
func Needs(ctx context.Context, spec, password string) (release.Needs, error) {
	store, err := cms.OpenReadOnly(ctx, spec, cms.Access{Password: password})
	if err != nil {
		return release.Needs{}, err
	}
	needs, err := store.Needs(ctx)
	if closed := store.Close(); err == nil {
		err = closed
	}
	return needs, err
}

// Prune decides what goes. Nothing is removed. What could not be read is an error:
// nobody could tell what it needs.
func (c *Contents) Prune(ctx context.Context, needs release.Needs, older release.Duration, now time.Time) (Pruning, error) {
	if len(c.Faults) > 0 {
		return Pruning{}, fmt.Errorf("%s: %s: nobody can tell what it needs, so nothing is removed; see `starter dml verify`", c.Faults[0].What, c.Faults[0].Found)
	}
	all := packages(c.items)
	stored := make([]release.Stored, len(all))
	err := spread(ctx, len(all), func(ctx context.Context, i int) (err error) {
		stored[i], err = c.retained(ctx, all[i])
		return err
	})
	if err != nil {
		return Pruning{}, err
	}
	var p Pruning
	decisions := release.Retain(stored, needs, older, now)
	going, staying := c.fates(&p, all, stored, decisions)
	rests, err := c.orphanedLogs(ctx, going, staying)
	if err != nil {
		return Pruning{}, err
	}
	for _, d := range release.Orphaned(stored, decisions, needs) {
		if source, found := c.by[d]; found && source.Segment == dml.Sources {
			rests = append(rests, source)
		}
	}
	for _, i := range rests {
		p.Also = append(p.Also, moved(i))
	}
	p.goes = slices.Concat(going, rests)
	p.Frees = c.frees(p.goes)
	return p, nil
}

// fates notes what becomes of each package, and gives what goes and what stays, with
// all that refers to it.
func (c *Contents) fates(p *Pruning, items []*Item, stored []release.Stored, decisions []release.Retention) (going, staying []*Item) {
	for i, item := range items {
		all := append(c.referrers(item), item)
		fate := Fate{
			Tags: item.Tags, Release: stored[i].Release, Digest: item.Digest, Goes: decisions[i].Goes(),
			Keep: decisions[i].Keep, Unused: decisions[i].Unused, With: count(all[:len(all)-1]),
		}
		for _, part := range all {
			fate.Size += part.Size()
		}
		p.Packages = append(p.Packages, fate)
		if fate.Goes {
			going = append(going, all...)
		} else {
			staying = append(staying, all...)
		}
	}
	return going, staying
}

// retained is a package as the decision sees it.
func (c *Contents) retained(ctx context.Context, item *Item) (release.Stored, error) {
	s := release.Stored{Digest: item.Digest, Release: dml.Describe(item.Artifact).Release}
	records, err := c.records(ctx, item)
	for _, r := range records {
		if r.Started.After(s.Built) {
			s.Built = r.Started
		}
		for _, source := range r.Sources {
			if source.Master != "" {
				s.Sources = append(s.Sources, source.Master)
			}
		}
	}
	return s, err
}

// orphanedLogs gives the artifacts with nothing but logs that records which go name,
// and none that stays.
func (c *Contents) orphanedLogs(ctx context.Context, going, staying []*Item) ([]*Item, error) {
	goes := map[release.Digest]bool{}
	for _, group := range []struct {
		items []*Item
		goes  bool
	}{{going, true}, {staying, false}} {
		for _, i := range group.items {
			names, err := c.names(ctx, i)
			if err != nil {
				return nil, err
			}
			for _, n := range names {
				if n.master == "" {
					goes[n.blob.Digest] = group.goes
				}
			}
		}
	}
	return slices.DeleteFunc(c.Items(dml.Evidence), func(i *Item) bool {
		return len(i.Layers) == 0 || slices.ContainsFunc(i.Layers, func(l audit.Layer) bool { return !goes[l.Digest] })
	}), nil
}

// frees counts the bytes of manifests and blobs that nothing else has.
func (c *Contents) frees(goes []*Item) int64 {
	kept, counted := map[key]bool{}, map[key]bool{}
	for _, i := range c.items {
		if slices.Contains(goes, i) {
			continue
		}
		for _, b := range i.Blobs() {
			kept[key{i.Segment, b.Digest}] = true
		}
	}
	var freed int64
	for _, i := range goes {
		freed += i.Manifest
		for _, b := range i.Blobs() {
			if k := (key{i.Segment, b.Digest}); !kept[k] && !counted[k] {
				counted[k] = true
				freed += b.Size
			}
		}
	}
	return freed
}

// Remove removes what goes, each before what it rests on. A package that was checked
// in again meanwhile stays. Spec names the library.
func (p *Pruning) Remove(ctx context.Context, spec string, registry ...config.Registry) error {
	from, err := dml.Open(spec, Access(registry...)...)
	if err != nil {
		return err
	}
	for _, segment := range dml.Segments { // what refers goes before what it refers to
		var doomed []dml.Removal
		for _, i := range p.goes {
			if i.Segment == segment {
				doomed = append(doomed, dml.Removal{Digest: i.Digest, Tags: i.Tags})
			}
		}
		if len(doomed) == 0 {
			continue
		}
		removed, err := from.Remove(ctx, segment, doomed...)
		p.Freed += removed.Bytes
		if err != nil {
			return err
		}
	}
	p.Removed = true
	return nil
}
