package dml

import (
	"context"
	"fmt"
	"io"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2"

	"slipway/activities/driver/archive"
	"slipway/release"
	"slipway/release/audit"
)

const (
	annotationRelease = "vnd.slipway.release"
	annotationService = "vnd.slipway.service"
	annotationFiles   = "vnd.slipway.files"

	// contentTitle is the name of the content layer among the package's files.
	contentTitle = "content.tar"
	// created stands in for the time of creation, which oras insists on: the same
	// package has to have the same digest whenever it is made.
	created = "1970-01-01T00:00:00Z"
)

var tagPattern = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$`)

// CheckIn is a release package on its way into the library.
type CheckIn struct {
	// Release is the id of the release, SERVICE@VERSION.
	Release          string
	Service, Version string
	// Build counts the builds of the release from 1. It is part of the tag, not of
	// the package: a build that gives the same files gives the same digest.
	Build int
	// Run tells builds of the same number apart when a release is run again; it is
	// part of the tag when it is set.
	Run string
	// Folder holds the files that go to the targets.
	Folder string
	// Files are the documents of the package by their names, such as
	// "release-notes.md" and "sbom.cdx.json".
	Files map[string][]byte
}

// CheckIn puts a package into the library and tags it SERVICE-VERSION-bBUILD.
// Equal input gives an equal digest, and checking it in again changes nothing;
// another package under the same tag is refused with ErrTagTaken. Files that have
// no place in a package are refused with archive.ErrUnsafe. Nothing is visible
// before everything is there. The package's size is that of all its layers, in
// bytes.
func (l *Library) CheckIn(ctx context.Context, in CheckIn) (release.Package, error) {
	tag, err := in.tag()
	if err != nil {
		return release.Package{}, fmt.Errorf("check in: %w", err)
	}
	p, err := l.checkIn(ctx, in, tag)
	if err != nil {
		return release.Package{}, fmt.Errorf("check in %s: %w", tag, err)
	}
	return p, nil
}

func (l *Library) checkIn(ctx context.Context, in CheckIn, tag string) (release.Package, error) {
	files := 0
	layer, err := l.packages.store(ContentType, func(w io.Writer) (err error) {
		files, err = archive.Write(ctx, w, in.Folder)
		return err
	})
	if err != nil {
		return release.Package{}, err
	}
	layer.Annotations = map[string]string{ocispec.AnnotationTitle: contentTitle}
	layers := []ocispec.Descriptor{layer}
	for _, name := range slices.Sorted(maps.Keys(in.Files)) {
		document, err := l.packages.storeDocument(name, in.Files[name])
		if err != nil {
			return release.Package{}, err
		}
		layers = append(layers, document)
	}
	manifest, err := oras.PackManifest(ctx, l.packages, oras.PackManifestVersion1_1, PackageType, oras.PackManifestOptions{
		Layers: layers,
		ManifestAnnotations: map[string]string{
			ocispec.AnnotationCreated: created,
			ocispec.AnnotationVersion: in.Version,
			annotationRelease:         in.Release,
			annotationService:         in.Service,
			annotationFiles:           strconv.Itoa(files),
		},
	})
	if err != nil {
		return release.Package{}, err
	}
	if err := l.packages.commit(ctx, manifest, tag); err != nil {
		return release.Package{}, err
	}
	size := int64(0)
	for _, layer := range layers {
		size += layer.Size
	}
	return release.Package{
		Digest: release.Digest(manifest.Digest), Content: release.Digest(layer.Digest),
		Tag: tag, Size: size, Files: files,
	}, nil
}

// tag gives the package's tag. OCI allows no "+", so that "1.2.0+meta" becomes
// "1.2.0_meta".
func (in CheckIn) tag() (string, error) {
	if in.Service == "" || in.Version == "" || in.Build < 1 {
		return "", fmt.Errorf("service %q, version %q, build %d: all three are needed", in.Service, in.Version, in.Build)
	}
	tag := fmt.Sprintf("%s-%s-b%d", in.Service, strings.ReplaceAll(in.Version, "+", "_"), in.Build)
	if in.Run != "" {
		tag += "-" + in.Run
	}
	if !tagPattern.MatchString(tag) {
		return "", fmt.Errorf("%q cannot be a tag: letters, digits and ._- only, at most 128", tag)
	}
	return tag, nil
}

// storeDocument stores a small file as a layer that carries its name.
func (l *layout) storeDocument(name string, data []byte) (ocispec.Descriptor, error) {
	if name == "" || name != path.Base(name) || strings.Trim(name, ".") == "" || name == contentTitle {
		return ocispec.Descriptor{}, fmt.Errorf("%q is no name for a document", name)
	}
	document, err := l.store(mediaType(name), func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
	if err != nil {
		return document, fmt.Errorf("document %s: %w", name, err)
	}
	document.Annotations = map[string]string{ocispec.AnnotationTitle: name}
	return document, nil
}

// mediaType tells a document's type by its name. The table is fixed, since the
// type is part of the package's digest: the machine's own may differ.
func mediaType(name string) string {
	switch {
	case strings.HasSuffix(name, ".cdx.json"):
		return "application/vnd.cyclonedx+json"
	case strings.HasSuffix(name, ".dsse.json"):
		return audit.EnvelopeType
	}
	switch path.Ext(name) {
	case ".json":
		return "application/json"
	case ".md":
		return "text/markdown"
	case ".txt", ".log":
		return "text/plain"
	}
	return "application/octet-stream"
}
