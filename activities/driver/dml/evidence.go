package dml

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2"

	"slipway/release"
)

// Attach stores data under a name and makes it refer to the package with the
// subject's digest, as OCI referrers do; with an empty subject it refers to nothing.
// artifactType is a media type that says what it is. The blob that comes back is the
// data itself, for OpenBlob. Attaching the same again changes nothing. The error is
// ErrNotFound when there is no such package.
func (l *Library) Attach(
	ctx context.Context, subject release.Digest, artifactType, name string, data []byte, annotations map[string]string,
) (release.Blob, error) {
	blob, err := l.attach(ctx, subject, artifactType, name, data, annotations)
	switch {
	case err != nil && subject == "":
		return release.Blob{}, fmt.Errorf("store %s: %w", name, err)
	case err != nil:
		return release.Blob{}, fmt.Errorf("attach %s to %s: %w", name, subject.Short(), err)
	}
	return blob, nil
}

func (l *Library) attach(
	ctx context.Context, subject release.Digest, artifactType, name string, data []byte, annotations map[string]string,
) (release.Blob, error) {
	refersTo, err := l.subject(ctx, subject)
	if err != nil {
		return release.Blob{}, err
	}
	document, err := l.packages.storeDocument(name, data)
	if err != nil {
		return release.Blob{}, err
	}
	all := map[string]string{ocispec.AnnotationCreated: created}
	maps.Copy(all, annotations)
	manifest, err := oras.PackManifest(ctx, l.packages, oras.PackManifestVersion1_1, artifactType, oras.PackManifestOptions{
		Subject:             refersTo,
		Layers:              []ocispec.Descriptor{document},
		ManifestAnnotations: all,
	})
	if err != nil {
		return release.Blob{}, err
	}
	return blobOf(document), l.packages.commit(ctx, manifest, "")
}

// subject gives what a referrer says of the package that it refers to; nil for none.
func (l *Library) subject(ctx context.Context, d release.Digest) (*ocispec.Descriptor, error) {
	if d == "" {
		return nil, nil
	}
	entry, _, err := l.packages.manifest(ctx, d)
	if err != nil {
		return nil, err
	}
	return &ocispec.Descriptor{MediaType: entry.MediaType, Digest: entry.Digest, Size: entry.Size}, nil
}

// StoreLog copies the file at path into the evidence, as an artifact with that
// name, without holding it in memory. The blob that comes back is the log itself,
// for OpenBlob. The same content is stored once, whatever its names.
func (l *Library) StoreLog(ctx context.Context, name, path string) (release.Blob, error) {
	blob, err := l.storeLog(ctx, name, path)
	if err != nil {
		return release.Blob{}, fmt.Errorf("store log %s: %w", name, err)
	}
	return blob, nil
}

func (l *Library) storeLog(ctx context.Context, name, path string) (release.Blob, error) {
	file, err := os.Open(path)
	if err != nil {
		return release.Blob{}, err
	}
	defer file.Close()
	log, err := l.evidence.store("text/plain", func(w io.Writer) error {
		_, err := io.Copy(w, file)
		return err
	})
	if err != nil {
		return release.Blob{}, err
	}
	log.Annotations = map[string]string{ocispec.AnnotationTitle: name}
	manifest, err := oras.PackManifest(ctx, l.evidence, oras.PackManifestVersion1_1, LogType, oras.PackManifestOptions{
		Layers:              []ocispec.Descriptor{log},
		ManifestAnnotations: map[string]string{ocispec.AnnotationCreated: created},
	})
	if err != nil {
		return release.Blob{}, err
	}
	return blobOf(log), l.evidence.commit(ctx, manifest, "")
}

func blobOf(d ocispec.Descriptor) release.Blob {
	return release.Blob{Digest: release.Digest(d.Digest), Size: d.Size}
}
