package workflows_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"slipway/release"
)

func TestAReleaseThatGoesLiveIsCountedAndPutIntoTheCatalogue(t *testing.T) {
	r := newRig(t)
	d := definition("normal")
	d.Description, d.Assets = "an echo", []release.Asset{{Name: "seats", Kind: "licence", Change: release.AssetIntroduced}}
	record := r.run(d)
	require.Equal(t, release.Completed, record.Outcome)
	for _, e := range record.Environments {
		require.Equal(t, "components: 1 changed; files: 3 introduced; licence: 1 introduced", e.Assets.String(), e.Name)
		services := r.world.find(func(entry release.Entry) bool { return entry.Service != nil && entry.Service.Environment == e.Name })
		require.Len(t, services, 2, "when it went live, and at close")
		require.Equal(t, []release.AssetInService{{Name: "seats", Kind: "licence", Release: record.ID}}, services[1].Service.Assets)
		require.Equal(t, "an echo", services[1].Service.Description)
		require.Equal(t, len(e.Targets), services[1].Service.Targets)
		require.Len(t, r.world.find(func(entry release.Entry) bool { return entry.Assets != nil && entry.Assets.Environment == e.Name }), 1)
	}
}

func TestWhatCannotBeCountedInTimeKeepsNobodyWaiting(t *testing.T) {
	r := newRig(t)
	r.world.goesWrong("count staging", slices.Repeat([]mishap{breaks}, 1000)...)
	record := r.run(definition("normal"))
	require.Equal(t, release.Completed, record.Outcome)
	require.Equal(t, "components: not known; files: not known; not counted: it is down", record.Environment("staging").Assets.String())
}

func TestWhatWasBackedOutIsNotPutIntoTheCatalogueAgain(t *testing.T) {
	r := newRig(t)
	r.people[release.WaitHandOver] = func(release.Awaiting) { r.askBackOut() }
	record := r.run(definition("normal"))
	require.Equal(t, release.BackedOut, record.Outcome)
	require.Len(t, r.world.find(func(e release.Entry) bool { return e.Service != nil && e.Service.Environment == "production" }), 1)
}

func TestTheAttestationNamesTheHistories(t *testing.T) {
	r := newRig(t)
	record := r.run(definition("normal"))
	require.Len(t, record.Histories, 1)
	require.Equal(t, record.Histories, r.world.attested[0].Histories)
	require.Empty(t, r.world.attested[0].NoHistories)
}

func TestHistoriesThatCannotBeExportedAreAnIssueAndDoNotKeepTheReleaseOpen(t *testing.T) {
	r := newRig(t)
	r.world.goesWrong("history", slices.Repeat([]mishap{breaks}, 1000)...)
	record := r.run(definition("normal"))
	require.Equal(t, release.CompletedWithIssues, record.Outcome)
	require.Equal(t, "the histories could not be exported: it is down", record.Reason)
	require.Empty(t, record.Histories)
	require.Equal(t, record.Reason, r.world.attested[0].NoHistories)
	require.NotNil(t, record.Attestation, "what can be attested is")
}
