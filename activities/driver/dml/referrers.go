package dml

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/errdef"
)

// subject gives what a manifest refers to; nil for nothing.
func (m manifest) subject() (*ocispec.Descriptor, error) {
	var read ocispec.Manifest
	if err := json.Unmarshal(m.text, &read); err != nil {
		return nil, fmt.Errorf("manifest %s: %w: %w", m.Digest, ErrCorrupt, err)
	}
	return read.Subject, nil
}

// indexReferrers sees to it that everything that refers to a subject is listed as such.
// Registries that list referrers themselves need nothing. For others there is a list
// under a tag that whoever attaches something reads, extends and writes: two at the
// same time could lose one another's entry. The tags of what was attached cannot get
// lost. So each, after writing the list, compares it with these, and lists again what
// is missing: whoever wrote last has seen it complete.
func (r *repository) indexReferrers(ctx context.Context, subject ocispec.Descriptor) error {
	for {
		_, err := r.Manifests().Resolve(ctx, "sha256-"+subject.Digest.Encoded())
		if errors.Is(err, errdef.ErrNotFound) {
			return nil // the registry lists them itself
		}
		if err != nil {
			return r.explain("look for the list of referrers", err)
		}
		missing, err := r.unlisted(ctx, subject)
		if err != nil || len(missing) == 0 {
			return err
		}
		for _, tag := range missing {
			if err := r.listAgain(ctx, tag); err != nil {
				return err
			}
		}
	}
}

// unlisted gives the tags of what refers to the subject, but is not listed.
func (r *repository) unlisted(ctx context.Context, subject ocispec.Descriptor) ([]string, error) {
	tags, err := r.tags(ctx)
	if err != nil {
		return nil, err
	}
	listed, err := r.Predecessors(ctx, subject)
	if err != nil {
		return nil, r.explain("list what refers to "+subject.Digest.String(), err)
	}
	return slices.DeleteFunc(tags, func(tag string) bool {
		return !strings.HasSuffix(tag, onSubject(subject.Digest)) ||
			slices.ContainsFunc(listed, func(d ocispec.Descriptor) bool { return tag == tagUnnamed(d, &subject) })
	}), nil
}

// listAgain pushes a manifest that is there, so that it is listed.
func (r *repository) listAgain(ctx context.Context, tag string) error {
	entry, err := r.entry(ctx, tag)
	if errors.Is(err, ErrNotFound) { // it was removed meanwhile
		return nil
	}
	if err != nil {
		return err
	}
	m, _, err := readManifest(ctx, r, entry)
	if err != nil {
		return err
	}
	return r.pushManifest(ctx, m, tag)
}
