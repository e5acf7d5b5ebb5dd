package dml

import (
	"strconv"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"slipway/release/audit"
)

// Description is what an artifact says of itself; fields that are not its own are
// empty.
type Description struct {
	// Release, Service and Version are those of a package, and Release also that of
	// what is about a release.
	Release, Service, Version string
	// Files is how many files the package has.
	Files int
	// Source is where a master copy was taken from, and Sum what it added up to.
	Source, Sum string
	// Workflow is the workflow of an exported history.
	Workflow string
	// Outcome is how the release of a report ended.
	Outcome string
	// Predicate says what a signed statement is about.
	Predicate string
}

// Describe reads the annotations of an artifact.
func Describe(a audit.Artifact) Description {
	files, _ := strconv.Atoi(a.Annotations[annotationFiles]) // others have none
	return Description{
		Release: a.Annotations[audit.AnnotationRelease], Service: a.Annotations[annotationService],
		Version: a.Annotations[ocispec.AnnotationVersion], Files: files,
		Source: a.Annotations[annotationSource], Sum: a.Annotations[annotationSum],
		Workflow: a.Annotations[audit.AnnotationWorkflow], Outcome: a.Annotations[audit.AnnotationOutcome], Predicate: a.Annotations[audit.AnnotationPredicate],
	}
}
