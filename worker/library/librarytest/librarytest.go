// Package librarytest makes media libraries for tests, with the real drivers: what
// releases leave behind, without the workflows that leave it.
package librarytest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"slipway/activities/driver/attest"
	"slipway/activities/driver/cms"
	"slipway/activities/driver/dml"
	"slipway/release"
	"slipway/release/audit"
)

// Media is a media library with a CMS and a roster beside it.
type Media struct {
	t      testing.TB
	Folder string
	// Now is when things happen that are made next.
	Now     time.Time
	Library *dml.Library
	Store   *cms.Store
	worker  *attest.Signer
	entries int
}

// New makes an empty one in a folder of its own: the library in "dml", the CMS in
// "cms.db", and "slipway.yaml", which names both and the worker's key.
func New(t testing.TB) *Media {
	t.Helper()
	m := &Media{t: t, Folder: t.TempDir(), Now: time.Date(2026, 3, 4, 9, 0, 0, 0, time.UTC)}
	var err error
	m.Library, err = dml.Open(m.Spec())
	require.NoError(t, err)
	m.Store, err = cms.Open(context.Background(), "sqlite:"+filepath.Join(m.Folder, "cms.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, m.Store.Close()) })
	m.worker, err = attest.LoadOrCreate(filepath.Join(m.Folder, "slipway.key"))
	require.NoError(t, err)
	roster := "dml: oci-layout:dml\ncms: sqlite:cms.db\norganization:\n  roster: [{id: ana}]\n  workers:\n    - {name: build-1, key: " + m.worker.PublicKey() + "}\n"
	require.NoError(t, os.WriteFile(filepath.Join(m.Folder, "slipway.yaml"), []byte(roster), 0o600))
	return m
}

// Spec names the library.
func (m *Media) Spec() string { return "oci-layout:" + filepath.Join(m.Folder, "dml") }

// Workers are those whose signatures count.
func (m *Media) Workers() []release.Signer {
	return []release.Signer{{Name: "build-1", Key: release.Key{Line: m.worker.PublicKey()}}}
}

// Build builds a release from a source of the given text, and checks it in with its
// build record. Equal text is an equal source.
func (m *Media) Build(id string, number int, text string) release.Package {
	m.t.Helper()
	ctx := context.Background()
	service, version, err := release.ParseID(id)
	require.NoError(m.t, err)
	source := release.Source{Module: "example.com/" + text, Version: "v1.0.0", Sum: "h1:" + text}
	master, err := m.Library.KeepSource(ctx, dml.SourceCopy{
		Source: source, Sum: source.Sum, Folder: m.folder(map[string]string{"main.go": "package " + text}),
	})
	require.NoError(m.t, err)
	step := release.Execution{Name: "compile", Started: m.Now, Elapsed: release.Duration(time.Second)}
	step.Log = m.log(fmt.Sprintf("%s-build-%d-compile.log", id, number), fmt.Sprintf("compiled %s, build %d\n", text, number))
	plan := release.Plan{Release: id, Definition: release.Definition{
		Service: service, Version: version, Components: []release.Component{{Name: "web", Source: source}},
	}}
	p, err := m.Library.CheckIn(ctx, dml.CheckIn{
		Release: id, Service: service, Version: version, Build: number,
		Outputs: []dml.Output{{Component: "web", Folder: m.folder(map[string]string{"bin/" + service: text, "etc/conf": fmt.Sprintf("%s, build %d", text, number)})}},
		Files: map[string][]byte{
			"release-notes.md":  []byte("# " + id + "\n\nNew: " + text + "\n"),
			"known-errors.json": []byte(`[{"id": "KE-1", "summary": "slow on Mondays", "workaround": "wait for Tuesday"}]`),
			"plan.json":         m.json(plan),
		},
	})
	require.NoError(m.t, err)
	record := release.BuildRecord{
		Number: number, Started: m.Now, Elapsed: release.Duration(90 * time.Second), Builder: "build-1, process 7",
		Sources: []release.Acquired{{Component: "web", Source: source.String(), Sum: source.Sum, Master: master}},
		Steps:   []release.Execution{step}, Package: &p,
	}
	m.Attach(p, audit.BuildRecordType, fmt.Sprintf("build-%d.json", number), m.json(record), nil)
	m.vouch(plan, p, record)
	return p
}

// vouch attaches the signed provenance of a package.
func (m *Media) vouch(plan release.Plan, p release.Package, record release.BuildRecord) {
	m.t.Helper()
	key, err := m.worker.KeyID()
	require.NoError(m.t, err)
	how, err := release.ProvenanceOf(plan.Definition, plan, record, key, "run-1")
	require.NoError(m.t, err)
	envelope, err := m.worker.Provenance(context.Background(), p, how)
	require.NoError(m.t, err)
	m.Attach(p, audit.EnvelopeType, audit.ProvenanceName(record.Number), envelope, audit.ProvenanceAnnotations(plan.Release))
}

// Test attaches what a suite found about a package in its second run, with the logs of
// both.
func (m *Media) Test(p release.Package, suite string) {
	m.t.Helper()
	run := release.Execution{Name: suite, Started: m.Now, Elapsed: release.Duration(time.Second)}
	run.Log = m.log(p.Tag+"-"+suite+".log", "suite "+suite+" of "+p.Tag+"\n")
	before := release.EarlierRun{Failed: 1, Failure: "1 of 12 tests failed", Execution: run}
	before.Execution.Log = m.log(p.Tag+"-"+suite+"-1.log", "suite "+suite+" of "+p.Tag+" failed\n")
	m.Attach(p, audit.EvidenceType, "evidence-"+suite+".json", m.json(release.Evidence{
		Suite: suite, Package: p.Digest, Build: 1, Passed: 12, Runs: 2, Earlier: []release.EarlierRun{before}, Execution: run,
	}), nil)
}

// Attest attaches a signed attestation of a release that switched a package on in some
// environments.
func (m *Media) Attest(id string, p release.Package, environments ...string) {
	m.t.Helper()
	a := release.Attestation{
		Release: id, Started: m.Now, Closed: m.Now.Add(time.Hour), Outcome: release.Completed,
		Plan: release.Plan{Release: id, Revision: 1, Digest: "sha256:plan"}, Package: &p,
	}
	for _, e := range environments {
		a.Environments = append(a.Environments, release.AttestedEnvironment{Name: e, State: release.EnvLive, Deployed: p.Digest})
	}
	envelope, err := m.worker.Envelope(context.Background(), a)
	require.NoError(m.t, err)
	m.Attach(p, audit.EnvelopeType, audit.EnvelopeName, envelope, audit.Annotations(a))
}

// Attach attaches anything to a package.
func (m *Media) Attach(p release.Package, artifactType, name string, data []byte, annotations map[string]string) {
	m.t.Helper()
	_, err := m.Library.Attach(context.Background(), p.Digest, artifactType, name, data, annotations)
	require.NoError(m.t, err)
}

// Runs writes into the CMS that a package runs in an environment from now on.
func (m *Media) Runs(environment string, id string, p release.Package) {
	m.t.Helper()
	service, version, err := release.ParseID(id)
	require.NoError(m.t, err)
	m.write(release.Entry{Release: id, Baseline: &release.BaselineEntry{Environment: environment, Service: service, Baseline: &release.Baseline{
		Environment: environment, Service: service, Release: id, Version: version, Package: p, Since: m.Now,
	}}})
}

// Opens writes into the CMS that a release is open, and goes to some environments.
func (m *Media) Opens(id string, environments ...string) {
	m.t.Helper()
	service, version, err := release.ParseID(id)
	require.NoError(m.t, err)
	m.write(release.Entry{Release: id, ReleaseState: &release.State{
		Service: service, Version: version, Model: "normal", Requester: "rita", Manager: "marc", Phase: release.StageBuild, Started: m.Now,
		Environments: environments,
	}})
}

func (m *Media) write(e release.Entry) {
	m.entries++
	e.Key, e.At = fmt.Sprintf("%s/%d", e.Release, m.entries), m.Now
	require.NoError(m.t, m.Store.Write(context.Background(), []release.Entry{e}))
}

func (m *Media) log(name, text string) release.Blob {
	path := filepath.Join(m.folder(map[string]string{"log": text}), "log")
	blob, err := m.Library.StoreLog(context.Background(), name, path)
	require.NoError(m.t, err)
	return blob
}

func (m *Media) folder(files map[string]string) string {
	folder := m.t.TempDir()
	for name, text := range files {
		path := filepath.Join(folder, name)
		require.NoError(m.t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(m.t, os.WriteFile(path, []byte(text), 0o644))
	}
	return folder
}

func (m *Media) json(value any) []byte {
	text, err := json.Marshal(value)
	require.NoError(m.t, err)
	return text
}
