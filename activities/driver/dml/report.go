package dml

import (
	"context"
	"fmt"
	"io"
	"maps"
	"regexp"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sync/errgroup"
	"oras.land/oras-go/v2"

	"slipway/release"
	"slipway/release/audit"
)

// Report is what became of a release, for good.
type Report struct {
	Record release.Record
	// Page is for a browser, Markdown for everything else, and Source the record in
	// JSON.
	Page, Markdown, Source []byte
}

// KeepReport keeps the report of a closed release: beside its package, or with a tag of
// its own when there is none. The blob that comes back is the manifest of the artifact.
// Keeping the same again changes nothing. The error is ErrNotFound when the package is
// not there.
func (l *Library) KeepReport(ctx context.Context, r Report) (release.Blob, error) {
	var subject release.Digest
	tag := ReportTag(r.Record)
	if r.Record.Package != nil {
		subject, tag = r.Record.Package.Digest, ""
	}
	blob, err := l.keepReport(ctx, r, subject, tag)
	if err != nil {
		return release.Blob{}, fmt.Errorf("keep the report of %s: %w", r.Record.ID, err)
	}
	return blob, nil
}

func (l *Library) keepReport(ctx context.Context, r Report, subject release.Digest, tag string) (release.Blob, error) {
	refersTo, err := l.subject(ctx, subject)
	if err != nil {
		return release.Blob{}, err
	}
	layers, err := l.storeReport(ctx, r)
	if err != nil {
		return release.Blob{}, err
	}
	annotations := map[string]string{ocispec.AnnotationCreated: created}
	maps.Copy(annotations, audit.ReportAnnotations(r.Record))
	manifest, err := l.packages.pack(ctx, audit.ReportType, oras.PackManifestOptions{
		Subject: refersTo, Layers: layers, ManifestAnnotations: annotations,
	})
	if err != nil {
		return release.Blob{}, err
	}
	return blobOf(manifest.Descriptor), l.packages.commit(ctx, manifest, tag)
}

// storeReport gives the layers of a report, in the order in which they are read.
func (l *Library) storeReport(ctx context.Context, r Report) ([]ocispec.Descriptor, error) {
	parts := []struct {
		name, mediaType string
		text            []byte
	}{
		{audit.ReportPage, "text/html", r.Page},
		{audit.ReportMarkdown, "text/markdown", r.Markdown},
		{audit.ReportRecord, "application/json", r.Source},
	}
	layers := make([]ocispec.Descriptor, len(parts))
	group, ctx := errgroup.WithContext(ctx)
	for i, p := range parts {
		group.Go(func() (err error) {
			layers[i], err = l.packages.store(ctx, p.mediaType, func(w io.Writer) error {
				_, err := w.Write(p.text)
				return err
			})
			if err != nil {
				return fmt.Errorf("%s: %w", p.name, err)
			}
			layers[i].Annotations = map[string]string{ocispec.AnnotationTitle: p.name}
			return nil
		})
	}
	return layers, group.Wait()
}

// ReportTag is what the report of a start of a release without a package is called:
// "report-httpbin-2.26.0-20260302T090000.000000Z".
func ReportTag(r release.Record) string {
	tag := "report-" + notInTags.ReplaceAllString(r.ID, "-")
	const longest = 128 - len("-20060102T150405.000000Z")
	return tag[:min(len(tag), longest)] + "-" + r.Started.UTC().Format("20060102T150405.000000Z")
}

// notInTags is what names of releases have that tags may not.
var notInTags = regexp.MustCompile(`[^A-Za-z0-9._-]`)
