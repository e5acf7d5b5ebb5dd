package audit

import (
	"context"
	"io"
	"time"

	"slipway/release"
)

// The media types by which an audit knows what is in the library.
const (
	PackageType     = "application/vnd.slipway.package.v1"
	ContentType     = "application/vnd.slipway.package.content.v1.tar"
	BuildRecordType = "application/vnd.slipway.build-record.v1+json"
	EvidenceType    = "application/vnd.slipway.test-evidence.v1+json"
	// EnvelopeType is that of attestations: a DSSE envelope.
	EnvelopeType = "application/vnd.dsse.envelope.v1+json"
)

// EnvelopeName is the name under which attestations are stored.
const EnvelopeName = "authorizations.dsse.json"

// The annotations by which what belongs to a release is found.
const (
	AnnotationRelease   = "vnd.slipway.release"
	annotationStarted   = "vnd.slipway.started"
	AnnotationPredicate = "in-toto.io/predicate-type"
)

// Annotations are those with which an attestation is stored.
func Annotations(a release.Attestation) map[string]string {
	return map[string]string{
		AnnotationRelease:   a.Release,
		annotationStarted:   a.Started.UTC().Format(time.RFC3339Nano),
		AnnotationPredicate: release.AttestationType,
	}
}

// Library is the definitive media library as an audit reads it. What it gives was
// checked against its digest; everything else is an error.
type Library interface {
	// Artifacts lists all packages and what was attached to them, in the order in
	// which they came. It is an error when any cannot be read or is listed as
	// something that it is not: nobody could tell what is missing then.
	Artifacts(ctx context.Context) ([]Artifact, error)
	// OpenBlob opens content by its digest. The reader says at its end whether it
	// was the right one.
	OpenBlob(ctx context.Context, digest release.Digest) (io.ReadCloser, error)
	// Content reads layers of type ContentType to their ends, and gives the digest of
	// all that they hold in one folder.
	Content(ctx context.Context, layers []Layer) (release.Digest, error)
	// Open verifies that one of the trusted signed an envelope, and that it is about
	// the subject of its attestation, which it gives.
	Open(envelope []byte, trusted []release.Signer) (Statement, error)
	// OpenProvenance verifies that one of the trusted signed provenance, and gives it.
	OpenProvenance(envelope []byte, trusted []release.Signer) (Built, error)
}

// Artifact is something in the library that has a manifest: a package, or what was
// attached to one.
type Artifact struct {
	// Digest is that of the manifest.
	Digest release.Digest
	// Type says what it is, and Tag what it is called; many have no tag.
	Type, Tag string
	// Subject is the package that it was attached to; empty when there is none.
	Subject     release.Digest
	Annotations map[string]string
	Config      release.Blob
	Layers      []Layer
}

// Blobs are all that its manifest names.
func (a Artifact) Blobs() []release.Blob {
	blobs := []release.Blob{a.Config}
	for _, l := range a.Layers {
		blobs = append(blobs, l.Blob)
	}
	return blobs
}

// Layer is a part of an artifact.
type Layer struct {
	// Name is its title, and Type its media type.
	Name, Type string
	release.Blob
}

// Statement is what a signed envelope states.
type Statement struct {
	Attestation release.Attestation
	// Worker signed it with the key of this fingerprint.
	Worker, Key string
}

// SubjectOf gives what an attestation is about: the package, by its tag, or the
// plan of a release that never got a package.
func SubjectOf(a release.Attestation) (name string, digest release.Digest) {
	if a.Package != nil {
		return a.Package.Tag, a.Package.Digest
	}
	return "plan", a.Plan.Digest
}
