package audit_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/activities/driver/attest"
	"slipway/release"
	"slipway/release/audit"
)

// prove attaches a build record of the package with signed provenance, as a build does;
// change is what somebody made of either before.
func (r *rig) prove(by *attest.Signer, change func(*release.BuildRecord, *release.Provenance)) {
	key, err := by.KeyID()
	require.NoError(r.t, err)
	record := release.BuildRecord{
		Number: r.records, Started: r.tick(), Elapsed: release.Duration(time.Second), Builder: "build-1", Package: &r.pkg,
		Sources: []release.Acquired{{Component: "httpbin", Source: "dir /src", Sum: "h1:YpPBoAIKYIyyPEwXZkEqBVIKwon02TK7CELwAkt1mLU="}},
		Steps:   []release.Execution{r.execution("compile")},
	}
	text, err := r.dml.Document(context.Background(), r.pkg.Digest, "plan.json") // the plan was amended since
	require.NoError(r.t, err)
	var plan release.Plan
	require.NoError(r.t, json.Unmarshal(text, &plan))
	how, err := release.ProvenanceOf(plan.Definition, plan, record, key, "httpbin@2.26.0/run/build/1")
	require.NoError(r.t, err)
	if change != nil {
		change(&record, &how)
	}
	envelope, err := by.Provenance(context.Background(), r.pkg, how)
	require.NoError(r.t, err)
	blob, err := r.dml.Attach(context.Background(), r.pkg.Digest, audit.EnvelopeType, audit.ProvenanceName(1), envelope, audit.ProvenanceAnnotations(id))
	require.NoError(r.t, err)
	record.Provenance = &blob
	r.attachRecord(record)
}

func (r *rig) attachRecord(record release.BuildRecord) {
	_, err := r.dml.Attach(context.Background(), r.pkg.Digest, audit.BuildRecordType, "build-1.json", encode(r.t, record), nil)
	require.NoError(r.t, err)
}

// packaged gives what an audit found about the package.
func packaged(t *testing.T, report audit.Report) audit.Check {
	t.Helper()
	for _, c := range report.Attestations[0].Checks {
		if c.Name == "package" {
			return c
		}
	}
	t.Fatal("the package was not looked at")
	return audit.Check{}
}

func TestProvenanceSaysWhoBuiltThePackage(t *testing.T) {
	r := newRig(t)
	r.carry()
	r.prove(r.worker, nil)
	r.seal()
	report := r.verify()
	require.True(t, report.Holds, "%+v", report)
	key, err := r.worker.KeyID()
	require.NoError(t, err)
	assert.Contains(t, packaged(t, report).Found, "; built by worker build-1 with key "+key)
}

func TestProvenanceThatDoesNotHoldIsNamed(t *testing.T) {
	stranger, err := attest.LoadOrCreate(t.TempDir() + "/stranger.key")
	require.NoError(t, err)
	for name, c := range map[string]struct {
		lie  func(r *rig)
		says string
	}{
		"somebody else signed it": {
			func(r *rig) { r.prove(stranger, nil) }, "which is no worker's on the roster",
		},
		"the worker signs for another": {
			func(r *rig) {
				r.prove(r.worker, func(_ *release.BuildRecord, p *release.Provenance) {
					p.RunDetails.Builder.ID = release.BuilderID("SHA256:other")
				})
			}, `it names "https://slipway.dev/worker/SHA256:other" as its builder`,
		},
		"it names other steps": {
			func(r *rig) {
				r.prove(r.worker, func(_ *release.BuildRecord, p *release.Provenance) {
					p.BuildDefinition.External.Steps = nil
				})
			}, "the sources and steps that it names are not those of the definition and the plan in the package",
		},
		"the record names other sources": {
			func(r *rig) {
				r.prove(r.worker, func(record *release.BuildRecord, _ *release.Provenance) {
					record.Sources[0].Sum = "h1:JbKBrX9F9wjwXedIJkWe+jjYRjysHZrWKgJRPDSIxVw="
				})
			}, "what it was made of is not what the record of build 1 says",
		},
		"the record names another time": {
			func(r *rig) {
				r.prove(r.worker, func(record *release.BuildRecord, _ *release.Provenance) {
					record.Started = record.Started.Add(time.Hour)
				})
			}, "how it ran is not what the record of build 1 says",
		},
		"it is about another package": {
			func(r *rig) {
				mine := r.pkg
				r.pkg.Digest = digest(r.t, "other")
				how, err := release.ProvenanceOf(r.plan.Definition, r.plan, release.BuildRecord{}, fingerprint(r), "x")
				require.NoError(r.t, err)
				envelope, err := r.worker.Provenance(context.Background(), r.pkg, how)
				require.NoError(r.t, err)
				r.pkg = mine
				blob, err := r.dml.Attach(context.Background(), r.pkg.Digest, audit.EnvelopeType, audit.ProvenanceName(1), envelope, audit.ProvenanceAnnotations(id))
				require.NoError(r.t, err)
				r.attachRecord(release.BuildRecord{Number: 1, Package: &r.pkg, Provenance: &blob})
			}, "but about package " + string(digest(t, "other")),
		},
		"it was taken out": {
			func(r *rig) {
				r.attachRecord(release.BuildRecord{Number: 1, Package: &r.pkg, Provenance: &release.Blob{Digest: digest(r.t, "gone"), Size: 4}})
			}, fmt.Sprintf("the provenance of build 1, %s, is not attached to the package: it was taken out", digest(t, "gone")),
		},
		"no record names it": {
			func(r *rig) {
				envelope, err := r.worker.Provenance(context.Background(), r.pkg, release.Provenance{})
				require.NoError(r.t, err)
				_, err = r.dml.Attach(context.Background(), r.pkg.Digest, audit.EnvelopeType, audit.ProvenanceName(1), envelope, audit.ProvenanceAnnotations(id))
				require.NoError(r.t, err)
			}, "no build record names the provenance",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.carry()
			c.lie(r)
			r.seal()
			report := r.verify()
			require.False(t, report.Holds)
			assert.Contains(t, packaged(t, report).Found, c.says)
		})
	}
}

func fingerprint(r *rig) string {
	key, err := r.worker.KeyID()
	require.NoError(r.t, err)
	return key
}
