package audit

import (
	"fmt"
	"slices"
	"strings"

	"slipway/release"
)

// Built is what signed provenance states.
type Built struct {
	// Tag and Package name what it is about.
	Tag        string
	Package    release.Digest
	Provenance release.Provenance
	// Worker signed it with the key of this fingerprint.
	Worker, Key string
}

// ProvenanceName is the name under which provenance is stored.
func ProvenanceName(build int) string { return fmt.Sprintf("provenance-%d.dsse.json", build) }

// ProvenanceAnnotations are those with which provenance is stored.
func ProvenanceAnnotations(releaseID string) map[string]string {
	return map[string]string{AnnotationRelease: releaseID, AnnotationPredicate: release.ProvenanceType}
}

// isProvenance tells signed provenance from other envelopes.
func (a Artifact) isProvenance() bool {
	return a.Type == EnvelopeType && a.Annotations[AnnotationPredicate] == release.ProvenanceType
}

// provenance checks that all signed provenance of the package says what its build
// records say, and that none of it was taken out. It gives who signed; nothing for
// packages of before there was any.
func (r *referrers) provenance(pkg Artifact) (string, error) {
	layer, err := layerOf(pkg, release.DefinitionDocument)
	if err != nil {
		return "", err
	}
	var d release.Definition
	if err := r.decode(layer.Blob, &d); err != nil {
		return "", err
	}
	records := slices.Clone(r.records)
	var signers []string
	for _, a := range r.all {
		if a.Subject != r.a.Package.Digest || !a.isProvenance() {
			continue
		}
		if len(a.Layers) != 1 {
			return "", fmt.Errorf("manifest %s does not name one provenance", a.Digest)
		}
		at := slices.IndexFunc(records, func(b release.BuildRecord) bool {
			return b.Provenance != nil && *b.Provenance == a.Layers[0].Blob
		})
		if at < 0 {
			return "", fmt.Errorf("no build record names the provenance %s that is attached to the package", a.Layers[0].Digest)
		}
		built, err := r.agreesWith(a.Layers[0].Blob, records[at], d)
		if err != nil {
			return "", fmt.Errorf("the provenance %s: %w", a.Layers[0].Digest, err)
		}
		records = slices.Delete(records, at, at+1)
		signers = append(signers, fmt.Sprintf("worker %s with key %s", built.Worker, built.Key))
	}
	for _, b := range records {
		if b.Provenance != nil {
			return "", fmt.Errorf("the provenance of build %d, %s, is not attached to the package: it was taken out", b.Number, b.Provenance.Digest)
		}
	}
	if len(signers) == 0 {
		return "", nil
	}
	return "; built by " + strings.Join(signers, " and "), nil
}

// agreesWith opens provenance, and checks that it is what the build record makes.
func (r *referrers) agreesWith(b release.Blob, record release.BuildRecord, d release.Definition) (Built, error) {
	envelope, err := r.document(b)
	if err != nil {
		return Built{}, err
	}
	built, err := r.lib.OpenProvenance(envelope, r.o.Workers)
	if err != nil {
		return Built{}, err
	}
	if built.Package != r.a.Package.Digest {
		return Built{}, fmt.Errorf("it is attached to package %s, but about package %s", r.a.Package.Digest, built.Package)
	}
	said := built.Provenance
	is, err := release.ProvenanceOf(d, *r.built, record, built.Key, said.RunDetails.Metadata.InvocationID)
	switch {
	case err != nil:
		return Built{}, err
	case !release.Same(said.BuildDefinition.External, is.BuildDefinition.External):
		return Built{}, fmt.Errorf("the sources and steps that it names are not those of the definition and the plan in the package")
	case !release.Same(said.BuildDefinition, is.BuildDefinition):
		return Built{}, fmt.Errorf("what it was made of is not what the record of build %d says", record.Number)
	case !release.Same(said.RunDetails, is.RunDetails):
		return Built{}, fmt.Errorf("how it ran is not what the record of build %d says", record.Number)
	}
	return built, nil
}
