package release

import (
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"strings"
	"time"
)

// ProvenanceType is the predicate type of the in-toto statement that says how a package
// came about: SLSA provenance, https://slsa.dev/spec/v1.0/provenance.
const ProvenanceType = "https://slsa.dev/provenance/v1"

// BuildType says, in provenance, how to read the parameters of a build, and that it was
// carried out as Slipway does it: each step after those that it needs, in a fresh
// workspace.
const BuildType = "https://slipway.dev/build/v1"

// Provenance is what SLSA asks for about a build: what it was made of and how, and by
// whom. Its fields have SLSA's names.
type Provenance struct {
	BuildDefinition ProvenanceBuild `json:"buildDefinition"`
	RunDetails      ProvenanceRun   `json:"runDetails"`
}

// ProvenanceBuild is all that the content of the package depends on.
type ProvenanceBuild struct {
	BuildType string `json:"buildType"`
	// External is what the definition asks for.
	External ProvenanceParameters `json:"externalParameters"`
	// Dependencies are the components as they were taken from their sources.
	Dependencies []ProvenanceResource `json:"resolvedDependencies"`
}

// ProvenanceParameters are what the definition asks a build for.
type ProvenanceParameters struct {
	Release string `json:"release"`
	// Plan is the digest of the plan under which the build ran, and Definition that of
	// the definition, with the sources that a rebuild had.
	Plan       Digest      `json:"plan"`
	Definition Digest      `json:"definition"`
	Sources    []Component `json:"sources"`
	Steps      []BuildStep `json:"steps"`
	// Cache names a folder of earlier builds that the steps could read.
	Cache string `json:"cache,omitempty"`
	// Epoch is what the steps had as SOURCE_DATE_EPOCH.
	Epoch int64 `json:"sourceDateEpoch"`
}

// ProvenanceRun is who carried the build out, and when.
type ProvenanceRun struct {
	Builder  ProvenanceBuilder  `json:"builder"`
	Metadata ProvenanceMetadata `json:"metadata"`
	// Byproducts are the logs of the steps.
	Byproducts []ProvenanceResource `json:"byproducts,omitempty"`
}

// ProvenanceBuilder is the worker that built.
type ProvenanceBuilder struct {
	// ID names the worker by the key with which it signs.
	ID string `json:"id"`
	// Version has the versions of its tools.
	Version map[string]string `json:"version,omitempty"`
}

// ProvenanceMetadata tells one run of a build from others.
type ProvenanceMetadata struct {
	InvocationID string    `json:"invocationId"`
	StartedOn    time.Time `json:"startedOn"`
	FinishedOn   time.Time `json:"finishedOn"`
}

// ProvenanceResource is something that a build read or left, by its digest.
type ProvenanceResource struct {
	Name        string            `json:"name"`
	URI         string            `json:"uri,omitempty"`
	Digest      map[string]string `json:"digest,omitempty"`
	MediaType   string            `json:"mediaType,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

// Finished is when the build ended.
func (r BuildRecord) Finished() time.Time { return r.Started.Add(r.Elapsed.Std()) }

// BuilderID names a worker in provenance by the fingerprint of its key.
func BuilderID(fingerprint string) string {
	return "https://slipway.dev/worker/" + url.PathEscape(fingerprint)
}

// ProvenanceOf says how a package came about, from the record of its build, the
// definition with the sources that it had, and the plan; the fingerprint is that of the
// worker's key, and the invocation names the run.
func ProvenanceOf(d Definition, p Plan, r BuildRecord, fingerprint, invocation string) (Provenance, error) {
	definition, err := DigestOf(d)
	if err != nil {
		return Provenance{}, err
	}
	provenance := Provenance{
		BuildDefinition: ProvenanceBuild{
			BuildType: BuildType,
			External: ProvenanceParameters{
				Release: p.Release, Plan: p.Digest, Definition: definition,
				Sources: d.Components, Steps: d.Build.Steps, Cache: d.Build.Cache, Epoch: p.Compiled.Unix(),
			},
			Dependencies: []ProvenanceResource{},
		},
		RunDetails: ProvenanceRun{
			Builder:  ProvenanceBuilder{ID: BuilderID(fingerprint), Version: r.Tools},
			Metadata: ProvenanceMetadata{InvocationID: invocation, StartedOn: r.Started, FinishedOn: r.Finished()},
		},
	}
	for _, got := range r.Sources {
		provenance.BuildDefinition.Dependencies = append(provenance.BuildDefinition.Dependencies, got.resource(d.Components))
	}
	for _, step := range r.Steps {
		if step.Log.Digest != "" {
			provenance.RunDetails.Byproducts = append(provenance.RunDetails.Byproducts, ProvenanceResource{
				Name: "log of step " + step.Name, Digest: step.Log.Digest.set(), MediaType: "text/plain",
			})
		}
	}
	return provenance, nil
}

// resource describes a component as it was taken from its source.
func (a Acquired) resource(components []Component) ProvenanceResource {
	r := ProvenanceResource{Name: a.Component, Digest: sumSet(a.Sum), Annotations: map[string]string{"source": a.Source}}
	for _, c := range components {
		if c.Name == a.Component {
			r.URI = c.Source.uri()
			if c.Source.Commit != "" {
				r.Digest["gitCommit"] = c.Source.Commit
			}
		}
	}
	if a.Master != "" {
		r.Annotations["master"] = string(a.Master)
	}
	return r
}

// uri names a source as supply chain tools do.
func (s Source) uri() string {
	switch {
	case s.Module != "":
		return "pkg:golang/" + strings.ToLower(s.Module) + "@" + strings.ReplaceAll(s.Version, "+", "%2B")
	case s.Git != "":
		return "git+" + s.Git + "@" + s.Commit
	case s.Archive != "":
		return s.Archive
	case s.OCI != "":
		return "oci:" + s.OCI
	}
	return (&url.URL{Scheme: "file", Path: s.Dir}).String()
}

// set gives the digest as in-toto has it.
func (d Digest) set() map[string]string {
	return map[string]string{"sha256": strings.TrimPrefix(string(d), digestPrefix)}
}

// sumSet gives the sum of a source as in-toto has it: "h1:" sums are "dirHash" there,
// in hexadecimal digits.
func sumSet(sum string) map[string]string {
	if strings.HasPrefix(sum, digestPrefix) {
		return Digest(sum).set()
	}
	raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(sum, "h1:"))
	if err != nil || len(raw) == 0 {
		return map[string]string{}
	}
	return map[string]string{"dirHash": hex.EncodeToString(raw)}
}
