package library

import (
	"context"
	"fmt"
	"slices"

	"slipway/activities/driver/dml"
	"slipway/release"
	"slipway/release/audit"
)

// Fault is something in the library that is not as it should be.
type Fault struct {
	Segment string `json:"segment"`
	// What says what it is and to what it belongs.
	What string `json:"what"`
	// Artifact is the manifest of what it belongs to; empty when it is a whole list.
	Artifact release.Digest `json:"artifact,omitempty"`
	// Blob is the content, and Place its file, or what it is called in the registry.
	Blob  release.Digest `json:"blob,omitempty"`
	Place string         `json:"place,omitempty"`
	// Found says what is wrong with it.
	Found string `json:"found"`
}

// fault makes one of content that belongs to an artifact.
func (c *Contents) fault(of *Item, what, segment string, blob release.Digest, found string) Fault {
	return Fault{
		Segment: segment, What: what + " of " + c.title(of), Artifact: of.Digest,
		Blob: blob, Place: c.lib.Place(segment, blob), Found: found,
	}
}

// title names an artifact in full: "build record build-1.json of package shop-1.0-b1".
func (c *Contents) title(i *Item) string {
	about := dml.Describe(i.Artifact)
	name := Kind(i.Artifact) + " " + i.Name()
	switch {
	case Kind(i.Artifact) == KindSource:
		name = KindSource + " of " + i.Name()
	case i.Type == audit.EnvelopeType && about.Release != "" && i.Subject == "":
		name += " of release " + about.Release
	}
	if i.Subject == "" {
		return name
	}
	if subject, found := c.by[i.Subject]; found {
		return name + " of " + c.title(subject)
	}
	return fmt.Sprintf("%s of %s", name, i.Subject.Short())
}

// still leaves out faults of artifacts that are not listed any more: somebody removed
// them while they were read.
func (l Library) still(ctx context.Context, faults []Fault) []Fault {
	if !slices.ContainsFunc(faults, func(f Fault) bool { return f.Artifact != "" }) {
		return faults
	}
	listed := map[release.Digest]bool{}
	for _, segment := range dml.Segments {
		entries, err := l.Entries(ctx, segment)
		if err != nil {
			return faults
		}
		for _, e := range entries {
			listed[e.Digest] = true
		}
	}
	return slices.DeleteFunc(faults, func(f Fault) bool { return f.Artifact != "" && !listed[f.Artifact] })
}
