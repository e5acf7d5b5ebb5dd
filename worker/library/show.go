package library

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"slipway/activities/driver/dml"
	"slipway/release"
	"slipway/release/audit"
)

// Details are all that is told of an artifact.
type Details struct {
	Kind     string            `json:"kind"`
	Tags     []string          `json:"tags,omitempty"`
	Release  string            `json:"release,omitempty"`
	Digest   release.Digest    `json:"digest"`
	Type     string            `json:"type"`
	Segment  string            `json:"segment"`
	Subject  release.Digest    `json:"subject,omitempty"`
	Size     int64             `json:"size"`
	Files    int               `json:"files,omitempty"`
	About    map[string]string `json:"annotations,omitempty"`
	Layers   []Part            `json:"layers,omitempty"`
	Papers   []Part            `json:"documents,omitempty"`
	Referred []Referrer        `json:"referrers,omitempty"`
	// Notes and KnownErrors are those of the package's documents.
	Notes       string               `json:"notes,omitempty"`
	KnownErrors []release.KnownError `json:"knownErrors,omitempty"`
}

// Part is a layer.
type Part struct {
	Name   string         `json:"name"`
	Digest release.Digest `json:"digest"`
	Size   int64          `json:"size"`
}

// Referrer is something that refers to an artifact, with what it says in one line.
type Referrer struct {
	Kind   string         `json:"kind"`
	Name   string         `json:"name"`
	Digest release.Digest `json:"digest"`
	Size   int64          `json:"size"`
	Says   string         `json:"says,omitempty"`
}

// Show gives all that there is to tell of an artifact. What referrers say was read
// from digests that were checked; signatures were not.
func (c *Contents) Show(ctx context.Context, i *Item) (Details, error) {
	about := dml.Describe(i.Artifact)
	d := Details{
		Kind: Kind(i.Artifact), Tags: i.Tags, Release: about.Release, Digest: i.Digest, Type: i.Type, Segment: i.Segment,
		Subject: i.Subject, Size: i.Size(), Files: about.Files, About: i.Annotations,
	}
	for _, l := range i.Layers {
		part := Part{Name: l.Name, Digest: l.Digest, Size: l.Size}
		if isContent(l) {
			d.Layers = append(d.Layers, part)
		} else {
			d.Papers = append(d.Papers, part)
		}
	}
	for _, r := range c.referrers(i) {
		says, err := c.says(ctx, r)
		if err != nil {
			return d, err
		}
		d.Referred = append(d.Referred, Referrer{Kind: Kind(r.Artifact), Name: r.Name(), Digest: r.Digest, Size: r.Size(), Says: says})
	}
	if i.Type != audit.PackageType {
		return d, nil
	}
	notes, err := c.Document(ctx, i, release.NotesDocument)
	if err != nil && !errors.Is(err, ErrUnknown) {
		return d, err
	}
	d.Notes = strings.TrimSpace(string(notes))
	known, err := c.Document(ctx, i, release.KnownErrorsDocument)
	if errors.Is(err, ErrUnknown) {
		return d, nil
	}
	if err == nil {
		err = json.Unmarshal(known, &d.KnownErrors)
	}
	if err != nil {
		return d, fmt.Errorf("%s of %s: %w", release.KnownErrorsDocument, c.title(i), err)
	}
	return d, nil
}

// isContent tells the layers that go to targets from documents.
func isContent(l audit.Layer) bool { return l.Type == dml.ContentType }

// Document reads a document of an artifact by its name. The error is ErrUnknown, with
// the names that there are, when it has no such document.
func (c *Contents) Document(ctx context.Context, i *Item, name string) ([]byte, error) {
	var names []string
	for _, l := range i.Layers {
		switch {
		case isContent(l):
		case l.Name == name:
			return c.document(ctx, i.Segment, l)
		default:
			names = append(names, l.Name)
		}
	}
	return nil, fmt.Errorf("document %q: %w: %s has %s", name, ErrUnknown, c.title(i), strings.Join(names, ", "))
}

// Documents lists the names of the documents of an artifact.
func (c *Contents) Documents(i *Item) []string {
	var names []string
	for _, l := range i.Layers {
		if !isContent(l) {
			names = append(names, l.Name)
		}
	}
	return names
}
