package dml

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sync/errgroup"
	"oras.land/oras-go/v2"

	"slipway/release"
	"slipway/release/audit"
)

const (
	annotationService = "vnd.slipway.service"
	annotationFiles   = "vnd.slipway.files"

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
	// Outputs are the files that go to the targets, by component: there they lie over
	// each other in one folder. Two components cannot leave the same file.
	Outputs []Output
	// Files are the documents of the package by their names, such as
	// "release-notes.md" and "sbom.cdx.json". What the outputs hold is added to them,
	// as "contents.json".
	Files map[string][]byte
}

// CheckIn puts a package into the library, with a layer for each component that left
// something, and tags it SERVICE-VERSION-bBUILD. Equal input gives an equal digest,
// and checking it in again changes nothing; another package under the same tag is
// refused with ErrTagTaken. Files that have no place in a package, and one that two
// components left, are refused with archive.ErrUnsafe. Nothing is visible before
// everything is there. The package's size is that of all its layers, in bytes. When
// the outputs hold no file, nothing is checked in, and the package has no Files.
func (l *Library) CheckIn(ctx context.Context, in CheckIn) (release.Package, error) {
	tag, err := in.tag()
	if err != nil {
		return release.Package{}, fmt.Errorf("check in: %w", err)
	}
	if err := in.checkNames(); err != nil {
		return release.Package{}, fmt.Errorf("check in %s: %w", tag, err)
	}
	p, err := l.checkIn(ctx, in, tag)
	if err != nil {
		return release.Package{}, fmt.Errorf("check in %s: %w", tag, err)
	}
	return p, nil
}

func (l *Library) checkIn(ctx context.Context, in CheckIn, tag string) (release.Package, error) {
	packed, err := l.pack(ctx, in.Outputs)
	if err != nil || len(packed.files) == 0 {
		return release.Package{}, err
	}
	layers := packed.layers
	files := maps.Clone(in.Files)
	if files == nil {
		files = map[string][]byte{}
	}
	if files[release.ContentsDocument], err = packed.document(); err != nil {
		return release.Package{}, err
	}
	documents, err := l.storeDocuments(ctx, files)
	if err != nil {
		return release.Package{}, err
	}
	layers = append(layers, documents...)
	manifest, err := l.packages.pack(ctx, PackageType, oras.PackManifestOptions{
		Layers: layers,
		ManifestAnnotations: map[string]string{
			ocispec.AnnotationCreated: created,
			ocispec.AnnotationVersion: in.Version,
			audit.AnnotationRelease:   in.Release,
			annotationService:         in.Service,
			annotationFiles:           strconv.Itoa(len(packed.files)),
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
		Digest: release.Digest(manifest.Digest), Content: packed.digest, Tag: tag, Size: size, Files: len(packed.files),
	}, nil
}

// storeDocuments gives the layers of documents in the order of their names.
func (l *Library) storeDocuments(ctx context.Context, files map[string][]byte) ([]ocispec.Descriptor, error) {
	names := slices.Sorted(maps.Keys(files))
	layers := make([]ocispec.Descriptor, len(names))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(requests)
	for i, name := range names {
		group.Go(func() (err error) {
			layers[i], err = l.packages.storeDocument(ctx, name, files[name])
			return err
		})
	}
	return layers, group.Wait()
}

// checkNames refuses components and documents that could not be told apart.
func (in CheckIn) checkNames() error {
	if _, taken := in.Files[release.ContentsDocument]; taken {
		return fmt.Errorf("%s is made here, and cannot be given", release.ContentsDocument)
	}
	seen := map[string]bool{}
	for _, o := range in.Outputs {
		_, document := in.Files[o.title()]
		switch {
		case strings.ContainsAny(o.Component, "/\\") || strings.Trim(o.Component, ".") == "":
			return fmt.Errorf("%q is no name for a component", o.Component)
		case seen[o.Component]:
			return fmt.Errorf("component %s has two outputs; give each component one", o.Component)
		case document:
			return fmt.Errorf("document %s has the name of the layer of component %s", o.title(), o.Component)
		}
		seen[o.Component] = true
	}
	return nil
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
