package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"slipway/release"
)

// supported is a release of which early life support found something of everything.
func supported() release.Record {
	r := deploying()
	r.Awaiting = nil
	r.KnownErrors = []release.KnownError{{ID: "KE-1", Summary: "slow start"}, {ID: "KE-7", Summary: "no umlauts"}}
	of := func(who string) release.Assignment { return release.Assignment{Assignee: who, Assigned: at(-3)} }
	r.Environments[0].State = release.EnvSupported
	r.Environments[0].Support = &release.SupportStatus{
		ID: "httpbin@2.26.0:production:els", Environment: "production", Started: at(-5), Until: at(60), EarlierCalls: 40,
		Incidents: []release.Incident{
			{
				ID: "INC-1", Severity: 2, Defect: release.DefectPerformance, Summary: "image/avif\nis slow", By: "sue", Opened: at(-4),
				Assignment: of("dora"), KnownError: "KE-2", RFC: "RFC-1234",
			},
			{ID: "INC-2", Severity: 4, Summary: "a typo", By: "sue", Opened: at(-4), Unrelated: true},
			{ID: "INC-3", Severity: 1, Summary: "down", By: "sue", Opened: at(-4), Resolved: at(-2), ResolvedBy: "olaf", Resolution: "restarted"},
		},
		Calls: []release.Call{
			{ID: "CALL-41", By: "sue", Summary: "thanks"},
			{ID: "CALL-42", By: "sue", Summary: "where is the guide?", Assignment: of("sam")},
			{ID: "CALL-43", By: "sue", Summary: "how?", Resolved: at(-1), ResolvedBy: "sam"},
		},
		KnownErrors: []release.FoundError{
			{KnownError: release.KnownError{ID: "KE-2", Summary: "AVIF is slow", Workaround: "use PNG"}, Incident: "INC-1"},
			{KnownError: release.KnownError{ID: "KE-1", Summary: "slow start"}, Resolved: at(-1), ResolvedBy: "olaf"},
		},
		RFCs: []release.RaisedRFC{{ID: "RFC-1234", Title: "more memory", By: "olaf"}},
	}
	return r
}

func TestStatusShowsWhatEarlyLifeSupportFoundAndWhoLooksAfterIt(t *testing.T) {
	var page bytes.Buffer
	viewer(&page).writeDesk(&page, supported().Environments[0].Support)
	golden(t, "desk", page.String())
}

func TestWhatIsOpenIsOfferedForCompletion(t *testing.T) {
	r := supported()
	require.Equal(t, []string{"INC-1", "INC-2"}, openIncidents(r))
	require.Equal(t, []string{"INC-1", "INC-2", "INC-3"}, allIncidents(r))
	require.Equal(t, []string{"CALL-41", "CALL-42"}, openCalls(r))
	require.Equal(t, []string{"KE-2", "KE-7"}, openErrors(r))
}
