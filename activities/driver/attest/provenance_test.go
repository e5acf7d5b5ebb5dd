package attest_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	slsa "github.com/in-toto/attestation/go/predicates/provenance/v1"
	intoto "github.com/in-toto/attestation/go/v1"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protojson"

	"slipway/activities/driver/attest"
	"slipway/release"
)

// built is the provenance of a package with sources of all kinds, by the worker with
// this key.
func built(t *testing.T, s *attest.Signer) (release.Package, release.Provenance) {
	t.Helper()
	key, err := s.KeyID()
	require.NoError(t, err)
	const sum = "h1:YpPBoAIKYIyyPEwXZkEqBVIKwon02TK7CELwAkt1mLU="
	d := release.Definition{
		Components: []release.Component{
			{Name: "web", Source: release.Source{Module: "example.org/Web", Version: "v1.0.0", Sum: sum}},
			{Name: "lib", Source: release.Source{Git: "https://git.acme/lib", Commit: "0123456789abcdef0123456789abcdef01234567"}},
			{Name: "font", Source: release.Source{Archive: "https://acme/font.zip", Sum: "sha256:" + string(bytes.Repeat([]byte("ab"), 32))}},
			{Name: "trial", Source: release.Source{Dir: "/home/a b/trial", Sum: sum}},
		},
		Build: release.Build{Steps: []release.BuildStep{{Name: "compile", Component: "web", Needs: []string{}, Run: "make <all> && make more"}}},
	}
	record := release.BuildRecord{
		Number: 1, Started: noon, Elapsed: release.Duration(1500 * time.Millisecond), Tools: map[string]string{"go": "go version go1.26.8"},
		Steps: []release.Execution{{Name: "compile", Log: release.Blob{Digest: release.DigestOfBytes([]byte("log")), Size: 3}}, {Name: "silent"}},
	}
	for _, c := range d.Components {
		got := release.Acquired{Component: c.Name, Source: c.Source.String(), Sum: c.Source.Sum}
		if got.Sum == "" {
			got.Sum = sum
		}
		record.Sources = append(record.Sources, got)
	}
	p := release.Package{Digest: release.DigestOfBytes([]byte("package")), Tag: "web-1.0.0-b1"}
	how, err := release.ProvenanceOf(d, release.Plan{Release: "web@1.0.0", Digest: release.DigestOfBytes([]byte("plan")), Compiled: noon}, record, key, "web@1.0.0/run/build/1")
	require.NoError(t, err)
	return p, how
}

func TestProvenanceIsWhatSupplyChainToolsRead(t *testing.T) {
	s := signer(t)
	p, how := built(t, s)
	envelope, err := s.Provenance(t.Context(), p, how)
	require.NoError(t, err)

	var statement intoto.Statement
	require.NoError(t, protojson.Unmarshal(body(t, envelope), &statement))
	require.NoError(t, statement.Validate())
	assert.Equal(t, release.ProvenanceType, statement.GetPredicateType())
	predicate, err := protojson.Marshal(statement.GetPredicate())
	require.NoError(t, err)
	var read slsa.Provenance
	require.NoError(t, protojson.Unmarshal(predicate, &read))
	require.NoError(t, read.Validate())
	from := read.GetBuildDefinition().GetResolvedDependencies()
	require.Len(t, from, 4)
	assert.Equal(t, "pkg:golang/example.org/web@v1.0.0", from[0].GetUri())
	assert.Equal(t, "git+https://git.acme/lib@0123456789abcdef0123456789abcdef01234567", from[1].GetUri())
	assert.Equal(t, "0123456789abcdef0123456789abcdef01234567", from[1].GetDigest()["gitCommit"])
	assert.Equal(t, "https://acme/font.zip", from[2].GetUri())
	assert.Equal(t, "file:///home/a%20b/trial", from[3].GetUri())
	assert.Len(t, from[3].GetDigest()["dirHash"], 64)
	run := read.GetRunDetails()
	assert.Equal(t, noon.Add(1500*time.Millisecond), run.GetMetadata().GetFinishedOn().AsTime())
	require.Len(t, run.GetByproducts(), 1)
	assert.Equal(t, "log of step compile", run.GetByproducts()[0].GetName())
	assert.Equal(t, "go version go1.26.8", run.GetBuilder().GetVersion()["go"])
}

func TestProvenanceOpensForWhoTrustsTheWorkerThatBuilt(t *testing.T) {
	s, other := signer(t), signer(t)
	p, how := built(t, s)
	envelope, err := s.Provenance(t.Context(), p, how)
	require.NoError(t, err)
	again, err := s.Provenance(t.Context(), p, how)
	require.NoError(t, err)
	assert.Equal(t, envelope, again, "the same gives the same")

	opened, err := attest.OpenProvenance(envelope, trust(s))
	require.NoError(t, err)
	assert.Equal(t, p.Digest, opened.Package)
	assert.Equal(t, p.Tag, opened.Tag)
	assert.Equal(t, "build-1", opened.Worker)
	assert.True(t, release.Same(how, opened.Provenance))

	_, err = attest.OpenProvenance(envelope, trust(other))
	require.ErrorContains(t, err, "which is no worker's on the roster")
	revoked := trust(s)
	revoked[0].Revoked = noon
	_, err = attest.OpenProvenance(envelope, revoked)
	require.ErrorContains(t, err, "before the build ended at 2026-03-04T12:00:01Z")
	forOther, err := other.Provenance(t.Context(), p, how)
	require.NoError(t, err)
	_, err = attest.OpenProvenance(forOther, trust(other))
	require.ErrorContains(t, err, "as its builder, but is signed with key")
	_, err = attest.OpenProvenance(sealed(t, s, attestation()), trust(s))
	require.ErrorContains(t, err, `it states "`+release.AttestationType)
	_, err = attest.Open(envelope, trust(s))
	require.ErrorContains(t, err, `it states "`+release.ProvenanceType)

	var statement map[string]any
	require.NoError(t, json.Unmarshal(body(t, envelope), &statement))
	statement["more"] = true
	more, err := json.Marshal(statement)
	require.NoError(t, err)
	_, err = attest.OpenProvenance(signed(t, s, "application/vnd.in-toto+json", more), trust(s))
	require.ErrorContains(t, err, "it states more than this program understands")
}
