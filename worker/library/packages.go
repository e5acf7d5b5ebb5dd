package library

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"slipway/activities/driver/dml"
	"slipway/release"
	"slipway/release/audit"
)

// Package is a release package in the library.
type Package struct {
	Tag     string `json:"tag"`
	Release string `json:"release"`
	// Build is the number of the build; zero when no build record tells.
	Build  int            `json:"build,omitempty"`
	Digest release.Digest `json:"digest"`
	// Size is that of all its layers, in bytes.
	Size      int64     `json:"size"`
	Files     int       `json:"files"`
	Built     time.Time `json:"built,omitzero"`
	Referrers []Count   `json:"referrers,omitempty"`
}

// Packages lists the packages, each with all its tags, those of a service or a release
// only when one is named.
func (c *Contents) Packages(ctx context.Context, of string) ([]Package, error) {
	var items []*Item
	for _, i := range packages(c.items) {
		about := dml.Describe(i.Artifact)
		if of == "" || of == about.Service || of == about.Release {
			items = append(items, i)
		}
	}
	found := make([][]Package, len(items))
	err := spread(ctx, len(items), func(ctx context.Context, i int) (err error) {
		found[i], err = c.packages(ctx, items[i])
		return err
	})
	return slices.Concat(found...), err
}

// packages gives a package under each of its tags.
func (c *Contents) packages(ctx context.Context, item *Item) ([]Package, error) {
	about := dml.Describe(item.Artifact)
	referrers := c.referrers(item)
	records, err := c.records(ctx, item)
	if err != nil {
		return nil, err
	}
	p := Package{Release: about.Release, Digest: item.Digest, Files: about.Files, Referrers: count(referrers)}
	for _, l := range item.Layers {
		p.Size += l.Size
	}
	var list []Package
	for _, tag := range item.tagged() {
		p.Tag, p.Build, p.Built = tag, 0, time.Time{}
		if at := slices.IndexFunc(records, func(r release.BuildRecord) bool { return r.Package != nil && r.Package.Tag == tag }); at >= 0 {
			p.Build, p.Built = records[at].Number, records[at].Started
		}
		list = append(list, p)
	}
	return list, nil
}

// records reads the build records of a package.
func (c *Contents) records(ctx context.Context, item *Item) ([]release.BuildRecord, error) {
	var records []release.BuildRecord
	for _, r := range c.to[item.Digest] {
		if r.Type != audit.BuildRecordType {
			continue
		}
		var record release.BuildRecord
		if err := c.decode(ctx, r, &record); err != nil {
			return nil, err
		}
		records = append(records, record)
	}
	return records, nil
}

// decode reads the JSON that an artifact holds.
func (c *Contents) decode(ctx context.Context, item *Item, into any) error {
	text, err := c.text(ctx, item)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%s: %w", c.title(item), err)
	}
	return nil
}

// Stored is something in the library that is no package.
type Stored struct {
	Digest release.Digest `json:"digest"`
	Kind   string         `json:"kind"`
	// Names are its files.
	Names []string `json:"names,omitempty"`
	Tags  []string `json:"tags,omitempty"`
	Size  int64    `json:"size"`
	// Source and Sum are those of a master copy.
	Source string `json:"source,omitempty"`
	Sum    string `json:"sum,omitempty"`
}

// Stored lists master copies or evidence. Of names only those are there that have text
// in them.
func (c *Contents) Stored(segment, text string) []Stored {
	var list []Stored
	for _, i := range c.Items(segment) {
		about := dml.Describe(i.Artifact)
		s := Stored{
			Digest: i.Digest, Kind: Kind(i.Artifact), Tags: i.Tags, Size: i.Size(),
			Source: about.Source, Sum: about.Sum,
		}
		for _, l := range i.Layers {
			s.Names = append(s.Names, cmp.Or(l.Name, l.Digest.Short()))
		}
		all := strings.Join(slices.Concat(s.Names, s.Tags, []string{s.Source}), "\n")
		if strings.Contains(all, text) {
			list = append(list, s)
		}
	}
	return list
}
