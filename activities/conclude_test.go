package activities_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"slipway/activities"
	"slipway/release"
	"slipway/release/audit"
)

func TestWhatIsKeptOfAClosedReleaseIsAttestedAsAWhole(t *testing.T) {
	const asking = "default-test-run-id" // as the environment of the tests calls the run
	a, in, trusted, lib := closed(t)
	g := newGround(t, 0)
	g.a.Library, g.a.Store, g.a.Attester = a.Library, a.Store, a.Attester
	g.a.Histories = told{asking: {started("Release"), child(2, "httpbin@2.26.0:staging", "deploy")}, "deploy": {started("Deployment")}}
	conclude := func() (done activities.Concluded, err error) {
		value, err := g.env.ExecuteActivity(g.a.Conclude, activities.ConcludeInput{
			Histories: activities.ExportHistoryInput{Release: in.Attestation.Release, FirstRun: asking, Until: 2},
			Record: release.Record{
				ID: in.Attestation.Release, Started: in.Attestation.Started, Closed: in.Attestation.Closed, Outcome: release.Rejected,
			},
			Attestation: in.Attestation,
		})
		if err == nil {
			err = value.Get(&done)
		}
		return done, err
	}
	done, err := conclude()
	require.NoError(t, err)
	require.Len(t, done.Histories, 2)
	again, err := conclude()
	require.NoError(t, err)
	require.Equal(t, done, again, "once more, as after a lost answer")
	report := audit.Verify(t.Context(), lib, release.Organization{Workers: trusted}, in.Attestation.Release)
	require.NotEmpty(t, report.Attestations)
	for _, check := range report.Attestations[0].Checks[:2] {
		require.True(t, check.OK, "%s: %s", check.Name, check.Found)
	}

	delete(g.a.Histories.(told), "deploy")
	_, err = conclude()
	require.ErrorContains(t, err, "not all of the release could be kept", "what is missing is found out one after the other")
}
