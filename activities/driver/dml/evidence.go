package dml

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sync/errgroup"
	"oras.land/oras-go/v2"

	"slipway/release"
)

// Attachment is something to be attached to a package.
type Attachment struct {
	// Type is a media type that says what it is.
	Type, Name string
	// Data is the content, or else it is that of the file at Path, which is not held in
	// memory.
	Data        []byte
	Path        string
	Annotations map[string]string
}

func (a Attachment) write(w io.Writer) error {
	if a.Path != "" {
		return copyFile(a.Path)(w)
	}
	_, err := w.Write(a.Data)
	return err
}

// Attach stores data under a name and makes it refer to the package with the
// subject's digest, as OCI referrers do; with an empty subject it refers to nothing.
// artifactType is a media type that says what it is. The blob that comes back is the
// data itself, for OpenBlob. Attaching the same again changes nothing. The error is
// ErrNotFound when there is no such package.
func (l *Library) Attach(
	ctx context.Context, subject release.Digest, artifactType, name string, data []byte, annotations map[string]string,
) (release.Blob, error) {
	blobs, err := l.AttachAll(ctx, subject, []Attachment{{Type: artifactType, Name: name, Data: data, Annotations: annotations}})
	if err != nil {
		return release.Blob{}, err
	}
	return blobs[0], nil
}

// AttachAll is Attach for several, which takes little longer than one. They become
// visible in their order: one may name those before it.
func (l *Library) AttachAll(ctx context.Context, subject release.Digest, all []Attachment) ([]release.Blob, error) {
	blobs, err := l.attachAll(ctx, subject, all)
	switch {
	case err != nil && subject == "":
		return nil, fmt.Errorf("store %s: %w", namesOf(all), err)
	case err != nil:
		return nil, fmt.Errorf("attach %s to %s: %w", namesOf(all), subject.Short(), err)
	}
	return blobs, nil
}

func namesOf(all []Attachment) string {
	switch len(all) {
	case 0:
		return "nothing"
	case 1:
		return all[0].Name
	}
	return fmt.Sprintf("%s and %d more", all[0].Name, len(all)-1)
}

func (l *Library) attachAll(ctx context.Context, subject release.Digest, all []Attachment) ([]release.Blob, error) {
	refersTo, err := l.subject(ctx, subject)
	if err != nil {
		return nil, err
	}
	blobs, manifests := make([]release.Blob, len(all)), make([]manifest, len(all))
	group, storing := errgroup.WithContext(ctx)
	group.SetLimit(requests)
	for i, a := range all {
		group.Go(func() (err error) {
			blobs[i], manifests[i], err = l.store(storing, refersTo, a)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return blobs, l.packages.commitAll(ctx, manifests)
}

// store stores the content of an attachment, and gives the manifest that refers to its
// subject.
func (l *Library) store(ctx context.Context, refersTo *ocispec.Descriptor, a Attachment) (release.Blob, manifest, error) {
	document, err := l.packages.storeFile(ctx, a.Name, a.write)
	if err != nil {
		return release.Blob{}, manifest{}, err
	}
	annotations := map[string]string{ocispec.AnnotationCreated: created}
	maps.Copy(annotations, a.Annotations)
	m, err := l.packages.pack(ctx, a.Type, oras.PackManifestOptions{
		Subject: refersTo, Layers: []ocispec.Descriptor{document}, ManifestAnnotations: annotations,
	})
	return blobOf(document), m, err
}

// copyFile gives what writes the content of a file.
func copyFile(path string) func(io.Writer) error {
	return func(w io.Writer) error {
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		defer file.Close()
		_, err = io.Copy(w, file)
		return err
	}
}

// subject gives what a referrer says of the package that it refers to; nil for none.
func (l *Library) subject(ctx context.Context, d release.Digest) (*ocispec.Descriptor, error) {
	if d == "" {
		return nil, nil
	}
	entry, _, err := l.packages.manifest(ctx, string(d))
	if err != nil {
		return nil, err
	}
	return &ocispec.Descriptor{MediaType: entry.MediaType, Digest: entry.Digest, Size: entry.Size}, nil
}

// Log is a log in the evidence, with the name that people know it by.
type Log struct {
	Name string
	Blob release.Blob
}

// StoreLog copies the file at path into the evidence, as an artifact with that
// name, without holding it in memory. The blob that comes back is the log itself,
// for OpenBlob. The same content is stored once, whatever its names.
func (l *Library) StoreLog(ctx context.Context, name, path string) (release.Blob, error) {
	blob, err := l.KeepLog(ctx, name, path)
	if err != nil {
		return release.Blob{}, err
	}
	return blob, l.ListLogs(ctx, []Log{{name, blob}})
}

// KeepLog is the part of StoreLog after which the log is on the disk and OpenBlob
// finds it. ListLogs is to follow, for many at once: the index is written anew each
// time.
func (l *Library) KeepLog(ctx context.Context, name, path string) (release.Blob, error) {
	blob, err := l.keepLog(ctx, path)
	if err != nil {
		return release.Blob{}, fmt.Errorf("store log %s: %w", name, err)
	}
	return blob, nil
}

func (l *Library) keepLog(ctx context.Context, path string) (release.Blob, error) {
	log, err := l.evidence.store(ctx, logMediaType, copyFile(path))
	if err != nil {
		return release.Blob{}, err
	}
	return blobOf(log), l.evidence.settle()
}

// ListLogs makes one artifact of logs that are kept already. Listing the same again
// changes nothing.
func (l *Library) ListLogs(ctx context.Context, logs []Log) error {
	if len(logs) == 0 {
		return nil
	}
	layers := make([]ocispec.Descriptor, len(logs))
	for i, log := range logs {
		layers[i] = ocispec.Descriptor{
			MediaType: logMediaType, Digest: digest.Digest(log.Blob.Digest), Size: log.Blob.Size,
			Annotations: map[string]string{ocispec.AnnotationTitle: log.Name},
		}
	}
	manifest, err := l.evidence.pack(ctx, LogType, oras.PackManifestOptions{
		Layers:              layers,
		ManifestAnnotations: map[string]string{ocispec.AnnotationCreated: created},
	})
	if err == nil {
		err = l.evidence.commit(ctx, manifest, "")
	}
	if err != nil {
		return fmt.Errorf("list %d logs, the first %s: %w", len(logs), logs[0].Name, err)
	}
	return nil
}

// logMediaType is what logs are.
const logMediaType = "text/plain"

func blobOf(d ocispec.Descriptor) release.Blob {
	return release.Blob{Digest: release.Digest(d.Digest), Size: d.Size}
}
