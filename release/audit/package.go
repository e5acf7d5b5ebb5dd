package audit

import (
	"fmt"
	"slices"
	"strings"

	"slipway/release"
)

// packaged reads the package again to the last byte, with all that is attached to it.
func (v *verification) packaged() (string, error) {
	p := v.a.Package
	if p == nil {
		return "no package was made", nil
	}
	at := slices.IndexFunc(v.all, func(a Artifact) bool { return a.Digest == p.Digest && a.Tag == p.Tag && a.Type == PackageType })
	if at < 0 {
		return "", fmt.Errorf("package %s (%s) is not in the library under that tag: it was taken out, or renamed", p.Tag, p.Digest)
	}
	if err := v.contents(v.all[at]); err != nil {
		return "", err
	}
	r := referrers{verification: v}
	for _, artifact := range v.all {
		if artifact.Subject != p.Digest {
			continue
		}
		if err := r.add(artifact); err != nil {
			return "", err
		}
	}
	if err := r.check(); err != nil {
		return "", err
	}
	signed, err := r.provenance(v.all[at])
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s (%s): the package, its build record and evidence are what their digests say, %s and %s read again; %s%s",
		p.Tag, p.Digest, release.ManyOf(len(v.all[at].Layers), "file"), release.ManyOf(r.logs, "log"), suites(v.a.Evidence), signed), nil
}

// contents checks the package against what is told of it, and takes its plan out.
func (v *verification) contents(a Artifact) error {
	p, size := v.a.Package, int64(0)
	var parts []Layer
	for _, layer := range a.Layers {
		if err := v.whole(layer.Blob); err != nil {
			return fmt.Errorf("%s: %w", layer.Name, err)
		}
		if layer.Type == ContentType {
			parts = append(parts, layer)
		}
		size += layer.Size
	}
	content, err := v.content(parts)
	switch {
	case err != nil:
		return fmt.Errorf("package %s: %w", p.Digest, err)
	case a.Annotations[AnnotationRelease] != v.a.Release:
		return fmt.Errorf("package %s is one of %s", p.Digest, a.Annotations[AnnotationRelease])
	case content != p.Content || size != p.Size:
		return fmt.Errorf("package %s has content %s and %d bytes, expected %s and %d", p.Digest, content, size, p.Content, p.Size)
	}
	var plan release.Plan
	var definition release.Definition
	for name, into := range map[string]any{release.PlanDocument: &plan, release.DefinitionDocument: &definition} {
		layer, err := layerOf(a, name)
		if err != nil {
			return err
		}
		if err := v.decode(layer.Blob, into); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	// A rebuild may take components from other sources.
	planned := plan.Definition
	planned.Components, definition.Components = nil, nil
	if !release.Same(planned, definition) {
		return fmt.Errorf("definition.json in package %s is not the definition of its plan.json", p.Digest)
	}
	v.built = &plan
	return v.whole(a.Config)
}

// content computes again what a package's files add up to. Its layers were read
// already: when it is but one, its digest is that.
func (v *verification) content(parts []Layer) (release.Digest, error) {
	if len(parts) == 1 {
		return parts[0].Digest, nil
	}
	return v.lib.Content(v.ctx, parts)
}

func layerOf(a Artifact, name string) (Layer, error) {
	i := slices.IndexFunc(a.Layers, func(l Layer) bool { return l.Name == name })
	if i < 0 {
		return Layer{}, fmt.Errorf("package %s has no %s", a.Digest, name)
	}
	return a.Layers[i], nil
}

// referrers is what was attached to the package.
type referrers struct {
	*verification
	records  []release.BuildRecord
	evidence []release.Evidence
	logs     int
}

func (r *referrers) add(a Artifact) error {
	for _, b := range a.Blobs() {
		if err := r.whole(b); err != nil {
			return fmt.Errorf("attached to the package: %w", err)
		}
	}
	if len(a.Layers) == 0 {
		return nil
	}
	var err error
	switch a.Type {
	case BuildRecordType:
		var b release.BuildRecord
		err = r.decode(a.Layers[0].Blob, &b)
		r.records = append(r.records, b)
	case EvidenceType:
		var e release.Evidence
		err = r.decode(a.Layers[0].Blob, &e)
		r.evidence = append(r.evidence, e)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", a.Layers[0].Name, err)
	}
	return nil
}

// check finds the build record and the evidence of the attestation, with their logs.
func (r *referrers) check() error {
	i := slices.IndexFunc(r.records, func(b release.BuildRecord) bool { return release.Same(b.Package, r.a.Package) })
	if i < 0 {
		return fmt.Errorf("no build record of %s is attached to the package", r.a.Package.Tag)
	}
	for _, step := range r.records[i].Steps {
		if err := r.log(step); err != nil {
			return fmt.Errorf("build step %s: %w", step.Name, err)
		}
	}
	for _, e := range r.a.Evidence {
		if e.Failure != "" && e.Execution.Started.IsZero() {
			continue // it never ran, and left nothing to attach
		}
		if e.Package != r.a.Package.Digest || !slices.ContainsFunc(r.evidence, func(attached release.Evidence) bool { return release.Same(attached, e) }) {
			return fmt.Errorf("the evidence of suite %s is not attached to the package as it was authorized", e.Suite)
		}
		for _, run := range e.Executions() {
			if err := r.log(run); err != nil {
				return fmt.Errorf("suite %s: %w", e.Suite, err)
			}
		}
	}
	return nil
}

func (r *referrers) log(x release.Execution) error {
	if x.Log.Digest == "" {
		return nil
	}
	r.logs++
	return r.whole(x.Log)
}

// suites says what the tests found: "2 suites: 40 tests passed, 1 failed".
func suites(all []release.Evidence) string {
	passed, failed := 0, 0
	var wrong []string
	for _, e := range all {
		passed, failed = passed+e.Passed, failed+e.Failed
		again := e.Again()
		switch {
		case e.Failure != "":
			wrong = append(wrong, "suite "+e.Suite+" did not pass ("+e.Failure+")")
		case again != "":
			wrong = append(wrong, "suite "+e.Suite+" "+again)
		}
	}
	text := fmt.Sprintf("%s: %s passed, %d failed", release.ManyOf(len(all), "suite"), release.ManyOf(passed, "test"), failed)
	return strings.Join(append([]string{text}, wrong...), "; ")
}
