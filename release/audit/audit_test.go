package audit_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"slipway/activities/driver/attest"
	"slipway/config"
	"slipway/release"
	"slipway/release/audit"
	"slipway/worker/library"
)

// found gives what each check of the last attestation found.
func found(t *testing.T, report audit.Report) map[string]string {
	t.Helper()
	problem, _ := report.Problem()
	require.True(t, report.Holds, "%s: %s", problem.Name, problem.Found)
	checks := map[string]string{}
	for _, c := range report.Attestations[len(report.Attestations)-1].Checks {
		checks[c.Name] = c.Found
	}
	return checks
}

func TestAReleaseThatWentByItsAuthorizationsHolds(t *testing.T) {
	r := newRig(t)
	r.carry()
	r.seal()
	checks := found(t, r.verify())
	assert.Contains(t, checks["attestation"], "signed by worker build-1 with key SHA256:")
	assert.Equal(t, "12 votes came in, 9 counted; none is missing, added or changed", checks["ledger"])
	assert.Equal(t, "httpbin-2.26.0-b1 ("+string(r.pkg.Digest)+"): the package, its build record and evidence are what their digests say, 5 files and 3 logs read again; "+
		"1 suite: 42 tests passed, 0 failed; suite unit passed on run 2; flaky: TestOrder", checks["package"])
	assert.Equal(t, string(r.plan.Digest)+" (revision 2); amended: the change windows of production were at any time and are "+
		"FREQ=DAILY from 2026-01-02T00:00 UTC for 1d; the package was built by it", checks["plan"])
	assert.Equal(t, "6 gates, each about what the plan says and asked of whom it says; 1 about an earlier plan or package, not checked further", checks["gates"])
	assert.Equal(t, "4 of 8 votes signed; 4 only as good as the server's word", checks["votes"])
	assert.Equal(t, "of the gates, 4 authorized, 1 authorized beforehand, 1 sent back for a revision, 1 voided", checks["decisions"])
	assert.Equal(t, "staging (live): "+r.pkg.Digest.Short()+" was deployed, authorized beforehand by the release model; "+
		"production (live): "+r.pkg.Digest.Short()+" was deployed, authorized by ana, ben (also for sven)", checks["deployments"])
	assert.Equal(t, "2 histories of workflows up to the close of the release, with 4 events, are what was attested", checks["histories"])
}

func TestAReleaseThatNeverGotAPackageHolds(t *testing.T) {
	r := newRig(t)
	r.begin("avif", 1)
	r.vote(r.open("plan"), "ana", release.Reject, true)
	r.a.Outcome = release.Rejected
	r.a.Environments = []release.AttestedEnvironment{{Name: "staging", State: release.EnvPlanned}}
	r.seal()
	checks := found(t, r.verify())
	assert.Equal(t, "no package was made", checks["package"])
	assert.Equal(t, "1 vote, signed by who voted", checks["votes"])
	assert.Equal(t, "of the gates, 1 rejected", checks["decisions"])
	assert.Equal(t, "staging: nothing was deployed", checks["deployments"])
}

func TestAPackageThatWasRebuiltIsCheckedAndVotesOnTheEarlierAreNot(t *testing.T) {
	r := newRig(t)
	r.begin("avif", 1)
	g := r.open("plan")
	r.vote(g, "ana", release.Authorize, false)
	r.vote(g, "ben", release.Authorize, false)
	r.vote(r.open("build"), "ana", release.Authorize, false)
	r.build("program")
	r.vote(r.open("deploy:production"), "ana", release.Authorize, true)
	r.gate("deploy:production").Close(release.VoidedGate, r.tick())
	r.build("other program")
	r.a.Environments = []release.AttestedEnvironment{{Name: "production", Deployed: r.pkg.Digest}}
	g = r.open("deploy:production")
	r.vote(g, "ana", release.Authorize, true)
	r.vote(g, "ben", release.Authorize, true)
	r.seal()
	checks := found(t, r.verify())
	assert.Contains(t, checks["package"], "httpbin-2.26.0-b2 (")
	assert.Contains(t, checks["gates"], "; 1 about an earlier plan or package, not checked further")
}

func TestWhatWasAmendedWhileSomethingWasLiveIsAuthorizedByItsOwnGate(t *testing.T) {
	r := newRig(t)
	r.carry()
	r.amend("staging", "FREQ=DAILY")
	g := r.open("deploy:staging")
	r.vote(g, "ana", release.Authorize, true)
	r.vote(g, "eva", release.Authorize, false)
	r.seal()
	checks := found(t, r.verify())
	assert.Contains(t, checks["deployments"], "staging (live): "+r.pkg.Digest.Short()+" was deployed, authorized by ana, eva (unsigned); ")
}

func TestAnAuthorizationThatLapsedIsFollowedByAnother(t *testing.T) {
	r := newRig(t)
	r.carry()
	r.gate("deploy:production").Close(release.LapsedGate, r.tick())
	g := r.open("deploy:production")
	assert.Equal(t, r.a.Gates[5].Digest, g.Digest, "it shows the same")
	r.vote(g, "ben", release.Authorize, true)
	r.vote(g, "ana", release.Authorize, true)
	r.seal()
	checks := found(t, r.verify())
	assert.Contains(t, checks["decisions"], "1 lapsed")
	assert.Contains(t, checks["deployments"], "authorized by ben (also for sven), ana")
}

func TestEachStartOfAReleaseIsVerifiedTheNewestLast(t *testing.T) {
	r := newRig(t)
	r.carry()
	r.seal()
	first := r.a
	r.carry()
	r.seal()
	r.store(first, r.worker) // written again, as an activity may
	report := r.verify()
	found(t, report)
	require.Len(t, report.Attestations, 2)
	assert.Equal(t, first.Started, report.Attestations[0].Started)
	assert.Equal(t, r.a.Started, report.Attestations[1].Started)

	r.o.Workers[0].Revoked = r.a.Closed
	report = r.verify()
	assert.False(t, report.Holds)
	assert.True(t, report.Attestations[0].Holds, "the key was good when the first was closed")
	assert.False(t, report.Attestations[1].Holds)
	assert.Len(t, report.Attestations[1].Checks, 1)
}

func TestWithoutAnAttestationNothingHolds(t *testing.T) {
	r := newRig(t)
	r.carry()
	report := r.verify()
	assert.False(t, report.Holds)
	problem, _ := report.Problem()
	assert.Equal(t, audit.Check{
		Name: "library", Found: "it has no attestation of httpbin@2.26.0: the release is not closed yet, " +
			"was closed before attestations were made, or its attestation was taken out",
	}, problem)
}

// belonging lists the files of a library that belong to the release of the rig.
func (r *rig) belonging() []string {
	files, err := filepath.Glob(filepath.Join(r.folder, "packages", "blobs", "sha256", "*"))
	require.NoError(r.t, err)
	for _, log := range []string{"compile", "unit"} {
		d := string(release.DigestOfBytes([]byte("what " + log + " said")))
		files = append(files, filepath.Join(r.folder, "evidence", "blobs", "sha256", strings.TrimPrefix(d, "sha256:")))
	}
	return append(files, filepath.Join(r.folder, "packages", "index.json"))
}

func TestAByteThatIsNotAsItWasIsAlwaysFound(t *testing.T) {
	r := newRig(t)
	r.carry()
	r.seal()
	found(t, r.verify())
	files := r.belonging()
	rapid.Check(t, func(t *rapid.T) {
		file := rapid.SampledFrom(files).Draw(t, "file")
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		at := rapid.IntRange(0, len(data)-1).Draw(t, "at")
		flipped := append([]byte(nil), data...)
		flipped[at] ^= byte(rapid.IntRange(1, 255).Draw(t, "by"))
		require.NoError(t, os.Remove(file))
		require.NoError(t, os.WriteFile(file, flipped, 0o600))
		report := r.verify()
		require.NoError(t, os.WriteFile(file, data, 0o600))
		require.False(t, report.Holds, "%s at %d: %q became %q", filepath.Base(file), at, data[at], flipped[at])
	})
	found(t, r.verify())
}

// forged is a library in memory, in which an attestation is whatever somebody wrote
// there.
type forged struct {
	library.Library
	artifacts []audit.Artifact
	envelope  []byte
}

// Artifacts gives the list as it was when the forger came.
func (f forged) Artifacts(context.Context) ([]audit.Artifact, error) { return f.artifacts, nil }

// Open passes the stored envelope over for the forged one.
func (f forged) Open(_ []byte, trusted []release.Signer) (audit.Statement, error) {
	return attest.Open(f.envelope, trusted)
}

// Whatever somebody puts in the place of an envelope, and whatever a worker signs:
// an audit comes to an end, and nothing holds but what the release left behind.
func FuzzAuditVerify(f *testing.F) {
	r := newRig(f)
	r.begin("avif", 1)
	g := r.open("plan")
	r.vote(g, "ana", release.Authorize, true)
	r.vote(g, "eva", release.Reject, false)
	r.seal()
	envelope, err := r.worker.Envelope(context.Background(), r.a)
	require.NoError(f, err)
	lib, err := library.Open("oci-layout:" + r.folder)
	require.NoError(f, err)
	artifacts, err := lib.Artifacts(context.Background())
	require.NoError(f, err)
	f.Add(envelope)
	f.Add(encode(f, r.a))
	f.Fuzz(func(t *testing.T, data []byte) {
		if audit.Verify(context.Background(), forged{lib, artifacts, data}, r.o, id).Holds {
			opened, err := attest.Open(data, r.o.Workers)
			require.NoError(t, err)
			require.Equal(t, digest(t, r.a), digest(t, opened.Attestation))
		}
		var a release.Attestation
		if json.Unmarshal(data, &a) != nil {
			return
		}
		signed, err := r.worker.Envelope(context.Background(), a)
		if err != nil {
			return
		}
		stored := artifacts[0]
		stored.Annotations = audit.Annotations(a)
		audit.Verify(context.Background(), forged{lib, []audit.Artifact{stored}, signed}, r.o, a.Release)
	})
}

func TestTheSameAttestationIsNotStoredTwice(t *testing.T) {
	r := newRig(t)
	r.carry()
	r.seal()
	before, err := r.dml.Artifacts(context.Background())
	require.NoError(t, err)
	r.store(r.a, r.worker)
	after, err := r.dml.Artifacts(context.Background())
	require.NoError(t, err)
	assert.Equal(t, before, after)
}

func TestAnAuditEndsWithItsContext(t *testing.T) {
	r := newRig(t)
	r.carry()
	r.seal()
	lib, err := library.Open("oci-layout:" + r.folder)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(context.Background(), time.Nanosecond)
	defer cancel()
	<-ctx.Done()
	assert.False(t, audit.Verify(ctx, lib, r.o, id).Holds)
}

func TestACopyOfAReleaseIsAuditedByItself(t *testing.T) {
	r := newRig(t)
	r.carry()
	r.seal()
	ctx := context.Background()
	mine, err := library.Open("oci-layout:" + r.folder)
	require.NoError(t, err)
	contents, err := mine.Read(ctx)
	require.NoError(t, err)
	chosen, err := contents.Chosen(ctx, id, false)
	require.NoError(t, err)
	items, err := contents.Whole(ctx, chosen)
	require.NoError(t, err)
	to := "oci-layout:" + filepath.Join(t.TempDir(), "copy")
	_, err = contents.Export(ctx, items, to, config.Registry{}, &library.Progress{})
	require.NoError(t, err)

	require.NoError(t, os.RemoveAll(r.folder), "the copy stands alone")
	theirs, err := library.Open(to)
	require.NoError(t, err)
	v, err := theirs.Verify(ctx, nil, r.o.Workers, r.now, &library.Progress{})
	require.NoError(t, err)
	require.True(t, v.Holds, "%+v", v.Faults)
	found(t, audit.Verify(ctx, theirs, r.o, id))
}
