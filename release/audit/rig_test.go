package audit_test

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"

	"slipway/activities/driver/attest"
	"slipway/activities/driver/dml"
	"slipway/release"
	"slipway/release/audit"
	"slipway/release/ballot"
	"slipway/worker/library"
)

const id = "httpbin@2.26.0"

// rig makes attested releases with the real drivers: what a release leaves behind,
// without the workflow that leaves it.
type rig struct {
	t      testing.TB
	folder string
	dml    *dml.Library
	o      release.Organization
	keys   map[string]ssh.Signer
	worker *attest.Signer

	now     time.Time
	plan    release.Plan
	pkg     release.Package
	records int
	// amended tells that the plan was amended since it was authorized.
	amended bool
	a       release.Attestation
}

func newRig(t testing.TB) *rig {
	t.Helper()
	r := &rig{t: t, folder: t.TempDir(), keys: map[string]ssh.Signer{}, now: time.Date(2026, 3, 4, 12, 0, 0, 123456789, time.UTC)}
	var err error
	r.dml, err = dml.Open("oci-layout:" + r.folder)
	require.NoError(t, err)
	r.worker, err = attest.LoadOrCreate(filepath.Join(t.TempDir(), "slipway.key"))
	require.NoError(t, err)
	r.o = release.Organization{
		Roster: []release.Person{
			{ID: "rita", Groups: []string{"cab"}},
			{ID: "marc", Groups: []string{"release-managers"}},
			{ID: "ana", Groups: []string{"cab"}, Keys: r.key("ana")},
			{ID: "ben", Groups: []string{"cab"}, Keys: r.key("ben")},
			{ID: "eva", Groups: []string{"cab"}},
			{ID: "sven", Roles: []string{"security"}, Keys: r.key("sven")},
			{ID: "dora", Groups: []string{"deployment"}, Keys: r.key("dora")},
		},
		Delegations: []release.Delegation{{From: "sven", To: "ben", Start: r.now, End: r.now.Add(24 * time.Hour), Reason: "holidays"}},
		Workers:     []release.Signer{{Name: "build-1", Key: release.Key{Line: r.worker.PublicKey()}}},
		Sources:     []release.SourcePlace{{Dir: "/src", Purposes: []string{"staging", "production"}}},
		Environments: []release.Environment{
			{Name: "staging", Purpose: "staging", Targets: []release.Target{{Name: "s1", Folder: "/srv/s1"}}},
			{Name: "production", Purpose: "production", Targets: []release.Target{{Name: "p1", Folder: "/srv/p1"}, {Name: "p2", Folder: "/srv/p2"}}},
		},
		Models: []release.Model{{
			Name: "normal",
			Gates: map[string]release.GatePolicy{
				"plan":              {Votes: map[string]int{"cab": 2}, Deadline: release.Duration(72 * time.Hour)},
				"build":             {Votes: map[string]int{"cab": 1}},
				"deploy:production": {Votes: map[string]int{"cab": 2}, Mandatory: []string{"security"}, CountTwice: true, Signed: true},
				"review":            {Votes: map[string]int{"cab": 1}, Deadline: release.Duration(time.Hour)},
			},
		}},
	}
	require.Empty(t, r.o.Check())
	return r
}

// key makes the key of a person.
func (r *rig) key(person string) []release.Key {
	seed := make([]byte, ed25519.SeedSize)
	copy(seed, person)
	private := ed25519.NewKeyFromSeed(seed)
	s, err := ssh.NewSignerFromKey(private)
	require.NoError(r.t, err)
	r.keys[person] = s
	return []release.Key{{Line: string(ssh.MarshalAuthorizedKey(s.PublicKey()))}}
}

// tick lets a minute and a bit pass.
func (r *rig) tick() time.Time {
	r.now = r.now.Add(time.Minute + 1001*time.Nanosecond)
	return r.now
}

// begin starts the release with a plan.
func (r *rig) begin(title string, revision int) {
	if revision == 1 {
		r.o.Environments[0].Windows, r.o.Environments[1].Windows, r.amended = nil, nil, false
		r.a = release.Attestation{Release: id, Started: r.tick(), Outcome: release.Completed}
		r.a.Ledger = release.Ledger{Release: id, Started: r.a.Started}
	}
	d := release.Definition{
		Service: "httpbin", Version: "2.26.0", Title: title, Model: "normal", Requester: "rita", Manager: "marc",
		Components: []release.Component{{Name: "httpbin", Source: release.Source{Dir: "/src", Sum: "h1:x"}}},
		Build:      release.Build{Steps: []release.BuildStep{{Name: "compile", Component: "httpbin", Run: "go build"}}},
		Test:       release.Test{Suites: []release.Suite{{Name: "unit", Component: "httpbin", Run: "go test"}}},
		Steps: []release.Step{
			{Name: "transfer", Kind: release.ServiceTransfer, Per: release.PerTarget, Action: release.Transfer},
			{Name: "switch", Kind: release.ServiceDeployment, Per: release.PerTarget, Action: release.Activate},
		},
		Environments: []release.EnvironmentDefinition{{Name: "staging"}, {Name: "production"}},
	}
	plan, problems := release.Compile(d, r.o, release.Facts{Now: r.tick()}, revision)
	require.Empty(r.t, problems)
	r.plan = plan
}

// build makes the package and its evidence, and attaches them as activities do.
func (r *rig) build(program string) {
	ctx, d := context.Background(), r.plan.Definition
	out := r.t.TempDir()
	require.NoError(r.t, os.WriteFile(filepath.Join(out, "httpbin"), []byte(program), 0o755))
	r.records++
	var err error
	r.pkg, err = r.dml.CheckIn(ctx, dml.CheckIn{
		Release: id, Service: d.Service, Version: d.Version, Build: r.records, Outputs: []dml.Output{{Component: "httpbin", Folder: out}},
		Files: map[string][]byte{"plan.json": encode(r.t, r.plan), "definition.json": encode(r.t, d), "sbom.cdx.json": []byte("{}")},
	})
	require.NoError(r.t, err)
	record := release.BuildRecord{Number: r.records, Started: r.tick(), Builder: "build-1", Steps: []release.Execution{r.execution("compile")}, Package: &r.pkg}
	_, err = r.dml.Attach(ctx, r.pkg.Digest, audit.BuildRecordType, "build.json", encode(r.t, record), nil)
	require.NoError(r.t, err)
	evidence := release.Rerun([]release.Evidence{
		{Suite: "unit", Package: r.pkg.Digest, Build: r.records, Failed: 1, Failures: []release.CaseFailure{{Case: "TestOrder"}}, Failure: "1 failed", Execution: release.Execution{Exit: 1, Log: r.log("unit, run 1")}},
		{Suite: "unit", Package: r.pkg.Digest, Build: r.records, Passed: 42, Execution: r.execution("unit")},
	})
	_, err = r.dml.Attach(ctx, r.pkg.Digest, audit.EvidenceType, "evidence-unit.json", encode(r.t, evidence), nil)
	require.NoError(r.t, err)
	pkg := r.pkg
	r.a.Package, r.a.Evidence = &pkg, []release.Evidence{evidence}
}

func (r *rig) log(name string) release.Blob {
	file := filepath.Join(r.t.TempDir(), "log")
	require.NoError(r.t, os.WriteFile(file, []byte("what "+name+" said"), 0o600))
	log, err := r.dml.StoreLog(context.Background(), name, file)
	require.NoError(r.t, err)
	return log
}

func (r *rig) execution(name string) release.Execution {
	return release.Execution{Name: name, Log: r.log(name), Started: r.tick(), Elapsed: release.Duration(1500 * time.Millisecond)}
}

// open opens a gate of the plan as the release does.
func (r *rig) open(name string) *release.Gate {
	content := release.GateContent{Release: id, Started: r.a.Started, Gate: name, Plan: r.plan.Digest}
	for _, e := range r.plan.Environments {
		if release.DeployGate(e.Name) == name {
			content.Package, content.Targets, content.Window = r.pkg.Digest, e.TargetNames(), r.plan.WindowOf(e)
			content.Evidence, content.BackOut = digest(r.t, r.a.Evidence), digest(r.t, r.plan.Definition.Steps)
		}
	}
	policy, asked := r.plan.Gate(name)
	if !asked && r.amended {
		policy, asked = r.plan.Gate(release.GatePlan)
	}
	if name == release.GateReview {
		policy.Deadline, policy.Escalate, content.Package = 0, nil, r.pkg.Digest
	}
	g, err := release.OpenGate(name, policy, content, r.plan.Excluded(), r.tick())
	require.NoError(r.t, err)
	if !asked {
		g.Close(release.PreAuthorized, r.now)
	}
	r.a.Gates = append(r.a.Gates, g)
	return &r.a.Gates[len(r.a.Gates)-1]
}

// vote sends a vote, which counts or is refused, into the ledger in any case.
func (r *rig) vote(g *release.Gate, by string, d release.Decision, signed bool) {
	m := release.Authorization{Sender: release.Sender{By: by}, Gate: g.Name, Decision: d}
	voter := release.Voter{Seats: r.o.Seats(by, r.tick())}
	if signed {
		b := ballot.Ballot{
			Release: id, Gate: g.Name, Digest: g.Digest, Decision: d, By: by,
			Issued: r.now.Truncate(time.Second), Expires: r.now.Truncate(time.Second).Add(time.Hour),
		}
		var err error
		m.Signature, err = ballot.Sign(b, r.keys[by])
		require.NoError(r.t, err)
		voter.Key, voter.Issued = ssh.FingerprintSHA256(r.keys[by].PublicKey()), b.Issued
	}
	refusal := g.Cast(m, voter, r.now)
	entry := release.LedgerEntry{
		At: r.now, Gate: g.Name, Decision: d, By: by, Shown: g.Digest, Signature: m.Signature, Key: voter.Key, Counted: refusal == nil,
	}
	if refusal != nil {
		entry.Refusal = refusal.Error()
	}
	entry, err := r.a.Ledger.Append(entry, encode(r.t, m))
	require.NoError(r.t, err)
	r.a.Entries = append(r.a.Entries, entry)
}

// amend changes the windows of an environment, as the organization might.
func (r *rig) amend(environment, rule string) {
	was, _ := r.plan.Environment(environment)
	for i := range r.o.Environments {
		if r.o.Environments[i].Name == environment {
			r.o.Environments[i].Windows = []release.Window{{Rule: rule, Start: "2026-01-02T00:00", Length: release.Duration(24 * time.Hour)}}
		}
	}
	amended, why, err := r.plan.Amend(environment, r.o, release.Facts{Now: r.tick()})
	require.NoError(r.t, err)
	require.NotEmpty(r.t, why)
	r.a.Amendments = append(r.a.Amendments, release.Amendment{Environment: environment, From: r.plan.Digest, To: amended.Digest, Why: why, Was: was})
	r.plan, r.amended = amended, true
}

// carry brings a release through: a revision, an amendment, a replaced vote, votes
// that were refused, unsigned and delegated.
func (r *rig) carry() {
	r.begin("first try", 1)
	g := r.open("plan")
	r.vote(g, "ana", release.ReviseIt, false)
	r.begin("avif", 2)
	g = r.open("plan")
	r.vote(g, "mallory", release.Authorize, false)
	r.vote(g, "rita", release.Authorize, false)
	r.vote(g, "eva", release.Authorize, false)
	r.a.Gates[len(r.a.Gates)-1].Close(release.VoidedGate, r.tick())
	g = r.open("plan")
	r.vote(g, "ana", release.Authorize, true)
	r.vote(g, "ana", release.Authorize, true)
	r.vote(g, "eva", release.Authorize, false)
	r.vote(r.open("build"), "ben", release.Authorize, true)
	r.build("program")
	r.open("deploy:staging")
	r.amend("production", "FREQ=DAILY")
	g = r.open("deploy:production")
	r.vote(g, "eva", release.Authorize, false)
	r.vote(g, "ana", release.Authorize, true)
	r.vote(g, "ben", release.Authorize, true)
	r.vote(r.open("review"), "eva", release.Authorize, false)
	r.exportAll()
	r.a.Environments = []release.AttestedEnvironment{
		{Name: "staging", State: release.EnvLive, Deployed: r.pkg.Digest},
		{Name: "production", State: release.EnvLive, Deployed: r.pkg.Digest},
	}
}

// export keeps the history of a workflow, as the worker does when a release closes.
func (r *rig) export(h release.ExportedHistory, events string) {
	file := filepath.Join(r.t.TempDir(), "history.json")
	require.NoError(r.t, os.WriteFile(file, []byte(events), 0o600))
	var subject release.Digest
	if r.a.Package != nil {
		subject = r.a.Package.Digest
	}
	blobs, err := r.dml.AttachAll(context.Background(), subject, []dml.Attachment{
		{Type: audit.HistoryType, Name: "history.json", Path: file, Annotations: audit.HistoryAnnotations(id, h)},
	})
	require.NoError(r.t, err)
	h.Blob = blobs[0]
	r.a.Histories = append(r.a.Histories, h)
}

// exportAll keeps the histories of the release and of a deployment.
func (r *rig) exportAll() {
	const started = `{"events":[{"eventId":"1","workflowExecutionStartedEventAttributes":{"workflowType":{"name":"%s"}}},` +
		`{"eventId":"2","eventType":"EVENT_TYPE_WORKFLOW_TASK_SCHEDULED"}]}`
	for _, h := range []release.ExportedHistory{
		{Workflow: id, Run: "run-1", Type: release.WorkflowRelease, Events: 2},
		{Workflow: id + ":production", Run: "run-2", Type: release.WorkflowDeployment, Events: 2},
	} {
		r.export(h, fmt.Sprintf(started, h.Type))
	}
}

// seal signs the attestation and stores it, as the worker does when a release closes.
func (r *rig) seal() {
	if r.a.Histories == nil {
		r.exportAll()
	}
	r.a.Plan, r.a.Closed = r.plan, r.tick()
	r.store(r.a, r.worker)
}

func (r *rig) store(a release.Attestation, by *attest.Signer) {
	envelope, err := by.Envelope(context.Background(), a)
	require.NoError(r.t, err)
	var subject release.Digest
	if a.Package != nil {
		subject = a.Package.Digest
	}
	_, err = r.dml.Attach(context.Background(), subject, audit.EnvelopeType, audit.EnvelopeName, envelope, audit.Annotations(a))
	require.NoError(r.t, err)
}

// verify audits the release, from the folder and the roster alone.
func (r *rig) verify() audit.Report {
	lib, err := library.Open("oci-layout:" + r.folder)
	require.NoError(r.t, err)
	return audit.Verify(context.Background(), lib, r.o, id)
}

func encode(t testing.TB, value any) []byte {
	t.Helper()
	data, err := json.Marshal(value)
	require.NoError(t, err)
	return data
}

func digest(t testing.TB, value any) release.Digest {
	t.Helper()
	d, err := release.DigestOf(value)
	require.NoError(t, err)
	return d
}
