package dml

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2"

	"slipway/release"
)

// Referrer is something that was attached to a package.
type Referrer struct {
	// Digest is that of the referrer's own manifest.
	Digest       release.Digest    `json:"digest"`
	ArtifactType string            `json:"artifactType"`
	Name         string            `json:"name"`
	Blob         release.Blob      `json:"blob"`
	Annotations  map[string]string `json:"annotations,omitempty"`
}

// Attach stores data under a name and makes it refer to the package with the
// subject's digest, as OCI referrers do. artifactType is a media type that says
// what it is. The blob that comes back is the data itself, for OpenBlob. Attaching
// the same again changes nothing. The error is ErrNotFound when there is no such
// package.
func (l *Library) Attach(
	ctx context.Context, subject release.Digest, artifactType, name string, data []byte, annotations map[string]string,
) (release.Blob, error) {
	blob, err := l.attach(ctx, subject, artifactType, name, data, annotations)
	if err != nil {
		return release.Blob{}, fmt.Errorf("attach %s to %s: %w", name, subject.Short(), err)
	}
	return blob, nil
}

func (l *Library) attach(
	ctx context.Context, subject release.Digest, artifactType, name string, data []byte, annotations map[string]string,
) (release.Blob, error) {
	entry, _, err := l.packages.manifest(ctx, subject)
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
		Subject:             &ocispec.Descriptor{MediaType: entry.MediaType, Digest: entry.Digest, Size: entry.Size},
		Layers:              []ocispec.Descriptor{document},
		ManifestAnnotations: all,
	})
	if err != nil {
		return release.Blob{}, err
	}
	return blobOf(document), l.packages.commit(ctx, manifest, "")
}

// Referrers lists what was attached to the package, in the order of attachment;
// nothing attached is an empty list. The error is ErrNotFound when there is no
// such package.
func (l *Library) Referrers(ctx context.Context, subject release.Digest) ([]Referrer, error) {
	if _, _, err := l.packages.manifest(ctx, subject); err != nil {
		return nil, fmt.Errorf("referrers: %w", err)
	}
	index, err := l.packages.index()
	if err != nil {
		return nil, fmt.Errorf("referrers of %s: %w", subject.Short(), err)
	}
	var found []Referrer
	for _, entry := range index.Manifests {
		if entry.ArtifactType == PackageType {
			continue
		}
		manifest, err := l.packages.readManifest(ctx, entry)
		if err != nil {
			return nil, fmt.Errorf("referrers of %s: %w", subject.Short(), err)
		}
		if manifest.Subject == nil || manifest.Subject.Digest != digest.Digest(subject) || len(manifest.Layers) == 0 {
			continue
		}
		found = append(found, Referrer{
			Digest:       release.Digest(entry.Digest),
			ArtifactType: manifest.ArtifactType,
			Name:         manifest.Layers[0].Annotations[ocispec.AnnotationTitle],
			Blob:         blobOf(manifest.Layers[0]),
			Annotations:  manifest.Annotations,
		})
	}
	return found, nil
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
