package dml

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/content"

	"slipway/activities/driver/archive"
	"slipway/release"
	"slipway/release/audit"
)

// maxDocument is the size up to which a document is read into memory.
const maxDocument = 64 << 20

// Document reads a document of a package by its name, such as "plan.json". Errors:
// ErrNotFound when there is no such package or it has no such document, and
// ErrCorrupt.
func (r *Reader) Document(ctx context.Context, pkg release.Digest, name string) ([]byte, error) {
	data, err := r.document(ctx, pkg, name)
	if err != nil {
		return nil, fmt.Errorf("document %s of %s: %w", name, pkg.Short(), err)
	}
	return data, nil
}

func (r *Reader) document(ctx context.Context, pkg release.Digest, name string) ([]byte, error) {
	_, manifest, err := r.packages.manifest(ctx, string(pkg))
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(manifest.Layers, func(d ocispec.Descriptor) bool { return d.Annotations[ocispec.AnnotationTitle] == name })
	if at < 0 {
		return nil, ErrNotFound
	}
	layer := manifest.Layers[at]
	if layer.Size > maxDocument {
		return nil, fmt.Errorf("it has %d bytes; at most %d are read", layer.Size, maxDocument)
	}
	data, err := content.FetchAll(ctx, r.packages, layer)
	if err != nil {
		return nil, damage(err)
	}
	return data, nil
}

// Artifacts lists all packages and what was attached to them, in the order in which
// they came; one with several tags is there with each. The error is ErrCorrupt when
// a manifest cannot be read or the index says something else about it than it does
// itself.
func (r *Reader) Artifacts(ctx context.Context) ([]audit.Artifact, error) {
	entries, err := r.packages.list(ctx)
	if err != nil {
		return nil, fmt.Errorf("artifacts: %w", err)
	}
	list := make([]audit.Artifact, 0, len(entries))
	for _, entry := range entries {
		manifest, err := r.packages.readManifest(ctx, entry)
		if err != nil {
			return nil, fmt.Errorf("artifacts: %w", err)
		}
		if !describes(entry, manifest) {
			return nil, fmt.Errorf("artifacts: %s says something else about manifest %s than it does itself: %w", ocispec.ImageIndexFile, entry.Digest, ErrCorrupt)
		}
		list = append(list, artifact(entry, manifest))
	}
	return list, nil
}

// describes tells whether an entry of the index says of a manifest nothing but what
// it says itself, and what it is called.
func describes(entry ocispec.Descriptor, m ocispec.Manifest) bool {
	for key, value := range entry.Annotations {
		if said, found := m.Annotations[key]; key != ocispec.AnnotationRefName && (!found || said != value) {
			return false
		}
	}
	return entry.MediaType == m.MediaType && (entry.ArtifactType == "" || entry.ArtifactType == m.ArtifactType) &&
		len(entry.URLs) == 0 && len(entry.Data) == 0 && entry.Platform == nil
}

// Content reads layers with content to their ends, and gives the digest of all that
// they hold in one folder: that of a package's content. The error is ErrCorrupt when
// one is not what its digest says, and archive.ErrUnsafe when two hold the same file.
func (r *Reader) Content(ctx context.Context, layers []audit.Layer) (release.Digest, error) {
	streams := make([]archive.Stream, len(layers))
	for i, layer := range layers {
		blob, err := r.OpenBlob(ctx, layer.Digest)
		if err != nil {
			return "", fmt.Errorf("%s: %w", layer.Name, err)
		}
		defer blob.Close()
		streams[i] = archive.Stream{Name: layer.Name, Tar: blob}
	}
	sum := sha256.New()
	if err := archive.Merge(ctx, sum, streams...); err != nil {
		return "", fmt.Errorf("content: %w", err)
	}
	return release.Digest("sha256:" + hex.EncodeToString(sum.Sum(nil))), nil
}

func artifact(entry ocispec.Descriptor, m ocispec.Manifest) audit.Artifact {
	a := audit.Artifact{
		Digest: release.Digest(entry.Digest), Type: m.ArtifactType, Tag: entry.Annotations[ocispec.AnnotationRefName],
		Annotations: m.Annotations, Config: blobOf(m.Config),
	}
	if m.Subject != nil {
		a.Subject = release.Digest(m.Subject.Digest)
	}
	for _, layer := range m.Layers {
		a.Layers = append(a.Layers, audit.Layer{Name: layer.Annotations[ocispec.AnnotationTitle], Type: layer.MediaType, Blob: blobOf(layer)})
	}
	return a
}
