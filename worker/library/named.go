package library

import (
	"context"
	"slices"

	"slipway/activities/driver/dml"
	"slipway/release"
	"slipway/release/audit"
)

// named is what a record names outside of its own artifact.
type named struct {
	by *Item
	// what it is: "log of build step compile".
	what    string
	segment string
	// blob is a log, and master the manifest of a master copy: one of both is set.
	blob   release.Blob
	master release.Digest
}

// names gives what the record in an artifact names; other artifacts name nothing.
func (c *Contents) names(ctx context.Context, item *Item) ([]named, error) {
	var list []named
	log := func(what string, x release.Execution) {
		if x.Log.Digest != "" {
			list = append(list, named{by: item, what: "the log of " + what, segment: dml.Evidence, blob: x.Log})
		}
	}
	switch item.Type {
	case audit.BuildRecordType:
		var record release.BuildRecord
		if err := c.decode(ctx, item, &record); err != nil {
			return nil, err
		}
		for _, s := range record.Sources {
			if s.Master != "" {
				list = append(list, named{by: item, what: "the master copy of component " + s.Component, segment: dml.Sources, master: s.Master})
			}
		}
		for _, step := range record.Steps {
			log("build step "+step.Name, step)
		}
	case audit.EvidenceType:
		var evidence release.Evidence
		if err := c.decode(ctx, item, &evidence); err != nil {
			return nil, err
		}
		for i, run := range evidence.Executions() {
			what := "suite " + evidence.Suite
			if i < len(evidence.Earlier) {
				what = "an earlier run of " + what
			}
			log(what, run)
		}
	}
	return list, nil
}

// parcel is a package, or whatever else was asked for, with all that belongs to it.
type parcel struct {
	// items are in an order in which each comes after what it rests on: master copies,
	// logs, packages, what refers to them.
	items []*Item
	// loose are logs that no artifact lists.
	loose []named
	// missing are what the records name and the library does not have.
	missing []named
}

// parcel gathers all that belongs to some artifacts: what refers to them, and the
// master copies and logs that their records name.
func (c *Contents) parcel(ctx context.Context, roots []*Item) (parcel, error) {
	var p parcel
	var rests, own []*Item
	seen := map[*Item]bool{}
	take := func(list *[]*Item, item *Item) {
		if !seen[item] {
			seen[item] = true
			*list = append(*list, item)
		}
	}
	for _, root := range roots {
		take(&own, root)
		for _, r := range c.referrers(root) {
			take(&own, r)
		}
	}
	listed := c.listings()
	for _, item := range own {
		names, err := c.names(ctx, item)
		if err != nil {
			return p, err
		}
		for _, n := range names {
			where, found := c.by[n.master]
			if n.master == "" {
				where, found = listed[n.blob.Digest]
			}
			switch {
			case found:
				take(&rests, where)
			case n.master == "":
				p.loose = append(p.loose, n)
			default:
				p.missing = append(p.missing, n)
			}
		}
	}
	p.items = slices.Concat(rests, own)
	return p, nil
}

// listings gives by log the artifact that lists it, and the fewest beside it.
func (c *Contents) listings() map[release.Digest]*Item {
	listed := map[release.Digest]*Item{}
	for _, i := range c.Items(dml.Evidence) {
		for _, l := range i.Layers {
			if other, found := listed[l.Digest]; !found || len(i.Layers) < len(other.Layers) {
				listed[l.Digest] = i
			}
		}
	}
	return listed
}
