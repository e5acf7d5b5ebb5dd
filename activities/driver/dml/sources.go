package dml

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2"

	"slipway/activities/driver/archive"
	"slipway/release"
)

const (
	annotationSource   = "vnd.slipway.source"
	annotationSum      = "vnd.slipway.sum"
	annotationSignedBy = "vnd.slipway.signed-by"
)

// SourceCopy is the master copy of a component on its way into the library.
type SourceCopy struct {
	// Component is for messages: what components call the same source does not matter.
	Component string
	Source    release.Source
	// Sum was computed from what the source gave, and SignedBy is the fingerprint of
	// the key that signed it.
	Sum, SignedBy string
	// Folder holds the files of the component.
	Folder string
}

// Kept is a master copy in the library: its manifest, and what was found out when it
// was taken from its source.
type Kept struct {
	Digest        release.Digest
	Sum, SignedBy string
}

// KeepSource puts the master copy of a component into the segment of sources, where
// Source finds it by what its source says, and gives the digest of its manifest. One
// that is there already stays; the error is ErrTagTaken when it has another sum.
func (l *Library) KeepSource(ctx context.Context, c SourceCopy) (release.Digest, error) {
	digest, err := l.keepSource(ctx, c)
	if err != nil {
		return "", fmt.Errorf("keep source of %s: %w", c.Component, err)
	}
	return digest, nil
}

func (l *Library) keepSource(ctx context.Context, c SourceCopy) (release.Digest, error) {
	tag := sourceTag(c.Source)
	digest, err := l.keptAlready(ctx, c, tag)
	if !errors.Is(err, ErrNotFound) {
		return digest, err
	}
	manifest, err := l.storeSource(ctx, c)
	if err != nil {
		return "", err
	}
	err = l.sources.commit(ctx, manifest, tag)
	if errors.Is(err, ErrTagTaken) { // somebody else was faster
		return l.keptAlready(ctx, c, tag)
	}
	return release.Digest(manifest.Digest), err
}

// keptAlready finds a master copy that is there, or ErrNotFound.
func (l *Library) keptAlready(ctx context.Context, c SourceCopy, tag string) (release.Digest, error) {
	kept, _, err := l.kept(ctx, tag)
	if err == nil && kept.Sum != c.Sum {
		return "", fmt.Errorf("%s gives %s, but the master copy %s was %s: %w", c.Source, c.Sum, kept.Digest, kept.Sum, ErrTagTaken)
	}
	return kept.Digest, err
}

func (l *Library) storeSource(ctx context.Context, c SourceCopy) (manifest, error) {
	layer, err := l.sources.store(ctx, ContentType, func(w io.Writer) error {
		_, err := archive.Write(ctx, w, c.Folder)
		return err
	})
	if err != nil {
		return manifest{}, err
	}
	layer.Annotations = map[string]string{ocispec.AnnotationTitle: "source.tar"}
	annotations := map[string]string{
		ocispec.AnnotationCreated: created,
		annotationSource:          c.Source.String(),
		annotationSum:             c.Sum,
	}
	if c.SignedBy != "" {
		annotations[annotationSignedBy] = c.SignedBy
	}
	return l.sources.pack(ctx, SourceType, oras.PackManifestOptions{
		Layers: []ocispec.Descriptor{layer}, ManifestAnnotations: annotations,
	})
}

// Source unpacks the master copy of a source into the folder, as Pull does with
// packages. The error is ErrNotFound when there is none.
func (r *Reader) Source(ctx context.Context, source release.Source, folder string) (Kept, error) {
	kept, err := r.source(ctx, source, folder)
	if err != nil {
		return Kept{}, fmt.Errorf("master copy of %s: %w", source, err)
	}
	return kept, nil
}

func (r *Reader) source(ctx context.Context, source release.Source, folder string) (Kept, error) {
	kept, layers, err := r.kept(ctx, sourceTag(source))
	if err != nil {
		return Kept{}, err
	}
	return kept, r.sources.lay(ctx, layers, folder)
}

func (r *Reader) kept(ctx context.Context, tag string) (Kept, []ocispec.Descriptor, error) {
	entry, manifest, err := r.sources.manifest(ctx, tag)
	if err != nil {
		return Kept{}, nil, err
	}
	said := manifest.Annotations
	return Kept{Digest: release.Digest(entry.Digest), Sum: said[annotationSum], SignedBy: said[annotationSignedBy]}, manifest.Layers, nil
}

// sourceTag is the tag of what a source gives, made of what pins it.
func sourceTag(s release.Source) string {
	sum := sha256.Sum256([]byte(s.Identity()))
	return "source-" + hex.EncodeToString(sum[:])
}
