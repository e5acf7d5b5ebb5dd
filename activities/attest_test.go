package activities_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/activities"
	"slipway/activities/driver/attest"
	"slipway/activities/driver/cms"
	"slipway/activities/driver/cms/cmstest"
	"slipway/activities/driver/dml"
	"slipway/release"
	"slipway/release/audit"
	"slipway/worker/library"
)

// closed is a release that was rejected by one vote, which the CMS holds.
func closed(t *testing.T) (*activities.Activities, activities.AttestInput, []release.Signer, audit.Library) {
	t.Helper()
	const id = "httpbin@2.26.0"
	ctx, folder := context.Background(), t.TempDir()
	media, err := dml.Open("oci-layout:" + folder)
	require.NoError(t, err)
	store, err := cms.Open(ctx, cmstest.Place(t, filepath.Join(t.TempDir(), "cms.db")))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	key, err := attest.LoadOrCreate(filepath.Join(t.TempDir(), "slipway.key"))
	require.NoError(t, err)

	started := time.Date(2026, 3, 4, 12, 0, 0, 123456000, time.UTC)
	in := activities.AttestInput{Attestation: release.Attestation{
		Release: id, Started: started, Closed: started.Add(time.Hour), Outcome: release.Rejected,
		Plan: release.Plan{Release: id, Digest: release.DigestOfBytes([]byte("plan"))}, Ledger: release.Ledger{Release: id, Started: started},
	}}
	entry, err := in.Attestation.Ledger.Append(release.LedgerEntry{
		At: started.Add(time.Minute), Gate: "plan", Decision: release.Reject, By: "ana", Counted: true,
	}, []byte("{}"))
	require.NoError(t, err)
	ballot := release.Entry{Key: id + "/run/ballot/1", At: entry.At, Release: id, Ballot: &release.BallotEntry{Started: started, Entry: entry}}
	require.NoError(t, store.Write(ctx, []release.Entry{ballot}))
	lib, err := library.Open("oci-layout:" + folder)
	require.NoError(t, err)
	return &activities.Activities{Library: media, Store: store, Attester: key}, in,
		[]release.Signer{{Name: "build-1", Key: release.Key{Line: key.PublicKey()}}}, lib
}

func TestAClosedReleaseIsAttestedOnceWithItsLedger(t *testing.T) {
	a, in, trusted, lib := closed(t)
	ctx := context.Background()
	done, err := a.Attest(ctx, in)
	require.NoError(t, err)
	require.Empty(t, done.Problem)
	again, err := a.Attest(ctx, in)
	require.NoError(t, err)
	assert.Equal(t, done, again)
	all, err := lib.Artifacts(ctx)
	require.NoError(t, err)
	require.Len(t, all, 1)
	assert.Equal(t, *done.Blob, all[0].Layers[0].Blob)

	report := audit.Verify(ctx, lib, release.Organization{Workers: trusted}, in.Attestation.Release)
	require.NotEmpty(t, report.Attestations)
	for _, check := range report.Attestations[0].Checks[:2] {
		assert.True(t, check.OK, "%s: %s", check.Name, check.Found)
	}
}

func TestALedgerThatDoesNotHoldIsNotAttested(t *testing.T) {
	a, in, _, lib := closed(t)
	in.Attestation.Ledger.Count++
	done, err := a.Attest(context.Background(), in)
	require.NoError(t, err)
	assert.Nil(t, done.Blob)
	assert.Contains(t, done.Problem, "what the CMS holds is not what came in: the ledger has 1 entries up to ")
	all, err := lib.Artifacts(context.Background())
	require.NoError(t, err)
	assert.Empty(t, all)
}

func TestWhatCannotBeAttestedIsSaidAndNotTriedForEver(t *testing.T) {
	a, in, _, _ := closed(t)
	in.Attestation.Package = &release.Package{Digest: release.DigestOfBytes([]byte("gone")), Tag: "httpbin-2.26.0-b1"}
	done, err := a.Attest(context.Background(), in)
	require.NoError(t, err)
	assert.Nil(t, done.Blob)
	assert.Contains(t, done.Problem, "not in the media library")
	in.Attestation.Package, in.Attestation.Plan = nil, release.Plan{}
	done, err = a.Attest(context.Background(), in)
	require.NoError(t, err)
	assert.Contains(t, done.Problem, "a release without a plan has nothing that could be attested")
}
