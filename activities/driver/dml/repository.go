package dml

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"sync"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sync/errgroup"
	"oras.land/oras-go/v2/errdef"
	"oras.land/oras-go/v2/registry/remote"

	"slipway/release"
)

// repository is one segment in a registry. Every artifact has a tag there: a registry
// collects what has none as garbage, and lists nothing else. Whatever has no name of
// its own is called by its digest.
type repository struct {
	*remote.Repository
	name string
	// writers keeps this process to one that writes tags and lists of referrers.
	writers sync.Mutex
}

// requests is how many small ones are under way at the same time, to a registry or to the
// disk.
const requests = 8

// referrersTag is what lists of referrers are called where the registry keeps none
// itself; they are no artifacts.
var referrersTag = regexp.MustCompile(`^sha256-[0-9a-f]{64}$`)

// unnamed is the tag of an artifact without a name: at-DIGEST, and for what refers to
// something also -on- and the beginning of the digest of that.
var unnamed = regexp.MustCompile(`^at-[0-9a-f]{64}(-on-[0-9a-f]{32})?$`)

func tagUnnamed(m ocispec.Descriptor, subject *ocispec.Descriptor) string {
	tag := "at-" + m.Digest.Encoded()
	if subject != nil {
		tag += onSubject(subject.Digest)
	}
	return tag
}

func onSubject(d digest.Digest) string { return "-on-" + d.Encoded()[:32] }

func (r *repository) String() string { return r.name }

func (r *repository) settle() error { return nil }

// Fetch checks the size first, and says of a transfer that broke off that it did.
func (r *repository) Fetch(ctx context.Context, d ocispec.Descriptor) (io.ReadCloser, error) {
	if d.MediaType == ocispec.MediaTypeImageManifest {
		text, err := r.Manifests().Fetch(ctx, d)
		return r.guard(d.Digest, text, err)
	}
	found, blob, err := r.Blobs().FetchReference(ctx, d.Digest.String())
	if err == nil && found.Size != d.Size {
		_ = blob.Close()
		return nil, fmt.Errorf("%s gives %d bytes as %s, expected %d: %w", r.name, found.Size, d.Digest, d.Size, ErrCorrupt)
	}
	return r.guard(d.Digest, blob, err)
}

func (r *repository) guard(d digest.Digest, body io.ReadCloser, err error) (io.ReadCloser, error) {
	switch {
	case errors.Is(err, errdef.ErrNotFound): // a manifest names it: who reads knows what that means
		return nil, err
	case err != nil:
		return nil, r.explain("get "+d.String(), err)
	}
	return &transfer{ReadCloser: body, of: r.name + "@" + d.String()}, nil
}

// transfer is a body that a registry sends.
type transfer struct {
	io.ReadCloser
	of string
}

func (t *transfer) Read(p []byte) (int, error) {
	n, err := t.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = fmt.Errorf("%s broke off: %w: %v", t.of, ErrUnavailable, err) //nolint:errorlint // io.ErrUnexpectedEOF would look like a blob that is too short
	}
	return n, err
}

func (r *repository) has(ctx context.Context, d ocispec.Descriptor) (bool, error) {
	there, err := r.Blobs().Exists(ctx, d)
	return there, r.explain("look for "+d.Digest.String(), err)
}

func (r *repository) blob(ctx context.Context, d digest.Digest) (ocispec.Descriptor, error) {
	found, err := r.Blobs().Resolve(ctx, d.String())
	if errors.Is(err, errdef.ErrNotFound) {
		found, err = r.Manifests().Resolve(ctx, d.String())
	}
	return found, r.explain("look for "+d.String(), err)
}

// entry finds nothing that is no artifact, such as a list of referrers.
func (r *repository) entry(ctx context.Context, reference string) (ocispec.Descriptor, error) {
	if _, err := digest.Parse(reference); err != nil && !tagPattern.MatchString(reference) {
		return ocispec.Descriptor{}, fmt.Errorf("%q in %s: %w", reference, r.name, ErrNotFound)
	}
	found, err := r.Manifests().Resolve(ctx, reference)
	if err == nil && found.MediaType != ocispec.MediaTypeImageManifest {
		err = errdef.ErrNotFound
	}
	return found, r.explain("look for "+reference, err)
}

func (r *repository) list(ctx context.Context) ([]ocispec.Descriptor, error) {
	tags, err := r.tags(ctx)
	if err != nil {
		return nil, err
	}
	entries := make([]ocispec.Descriptor, len(tags))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(requests)
	for i, tag := range tags {
		group.Go(func() (err error) {
			entries[i], err = r.entry(ctx, tag)
			if !unnamed.MatchString(tag) {
				entries[i].Annotations = map[string]string{ocispec.AnnotationRefName: tag}
			}
			if errors.Is(err, ErrNotFound) { // it was removed meanwhile
				entries[i], err = ocispec.Descriptor{}, nil
			}
			return err
		})
	}
	err = group.Wait()
	return slices.DeleteFunc(entries, func(d ocispec.Descriptor) bool { return d.Digest == "" }), err
}

// tags lists those of artifacts; none while nothing was ever stored here.
func (r *repository) tags(ctx context.Context) ([]string, error) {
	var all []string
	err := r.Tags(ctx, "", func(page []string) error {
		all = append(all, page...)
		return nil
	})
	err = r.explain("list the tags", err)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	return slices.DeleteFunc(all, referrersTag.MatchString), err
}

// commit looks before it pushes and after. A registry has no way to say "only when it
// is not there": of two processes that push under one tag at the same moment, the later
// wins, and the other is told when it looks after that.
func (r *repository) commit(ctx context.Context, m manifest, tag string) error {
	subject, err := m.subject()
	if err != nil {
		return err
	}
	if tag == "" {
		tag = tagUnnamed(m.Descriptor, subject)
	}
	r.writers.Lock()
	defer r.writers.Unlock()
	there, err := r.holds(ctx, tag, m.Digest)
	if err == nil && !there {
		if err = r.pushManifest(ctx, m, tag); err == nil {
			there, err = r.holds(ctx, tag, m.Digest)
		}
		if err == nil && !there {
			err = fmt.Errorf("%s:%s is not there after it was pushed: %w", r.name, tag, ErrUnavailable)
		}
	}
	if err != nil || subject == nil {
		return err
	}
	return r.indexReferrers(ctx, *subject)
}

func (r *repository) commitAll(ctx context.Context, all []manifest) error {
	for _, m := range all {
		if err := r.commit(ctx, m, ""); err != nil {
			return err
		}
	}
	return nil
}

func (r *repository) pushManifest(ctx context.Context, m manifest, tag string) error {
	return r.explain("push "+tag, r.Manifests().PushReference(ctx, m.Descriptor, bytes.NewReader(m.text), tag))
}

// holds tells whether a tag names the manifest; ErrTagTaken when it names another.
func (r *repository) holds(ctx context.Context, tag string, d digest.Digest) (bool, error) {
	found, err := r.Manifests().Resolve(ctx, tag)
	switch err := r.explain("look for "+tag, err); {
	case errors.Is(err, ErrNotFound):
		return false, nil
	case err != nil:
		return false, err
	case found.Digest != d:
		return false, fmt.Errorf("%s:%s is %s, not %s: %w", r.name, tag, found.Digest, d, ErrTagTaken)
	}
	return true, nil
}

// remove needs a registry that allows it.
func (r *repository) remove(ctx context.Context, removals []Removal) (Removed, error) {
	entries, err := r.list(ctx)
	if err != nil {
		return Removed{}, err
	}
	var gone Removed
	for _, removal := range removals {
		if removal.keeps(tagsOf(entries, removal.Digest)) {
			continue
		}
		entry := entries[slices.IndexFunc(entries, isManifest(removal.Digest))]
		if err := r.explain("remove "+entry.Digest.String(), r.Manifests().Delete(ctx, entry)); err != nil {
			return gone, err
		}
		gone.Artifacts = append(gone.Artifacts, release.Digest(entry.Digest))
	}
	return gone, nil
}
