package release_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/release"
)

// supportOrder is that of the early life support of the tests.
func supportOrder() release.SupportOrder {
	return release.SupportOrder{
		Release: "web@2.30", Version: "2.30", Environment: "production", Authority: electorate, Edition: release.SupportEdition,
		KnownErrors: []release.KnownError{{ID: "KE-1", Summary: "no umlauts", Workaround: "write ae"}},
	}
}

func supported() *release.SupportStatus { return &release.SupportStatus{ID: "web@2.30:production:els"} }

// from is the sender of a message about an environment.
func from(who string) release.InEnvironment {
	return release.InEnvironment{Sender: release.Sender{By: who}}
}

// refusedAs checks that an action does not count, and why.
func refusedAs(t require.TestingT, want string, err error) {
	var refusal release.Refusal
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, want, refusal.Error())
}

func report(t require.TestingT, s *release.SupportStatus, severity int) release.Incident {
	i, err := s.Report(supportOrder(), release.ReportIncident{InEnvironment: from("uwe"), Severity: severity, Text: "it is slow"}, noon)
	require.NoError(t, err)
	return i
}

func TestIncidentsAreNumberedAndResolvedOnce(t *testing.T) {
	s, o := supported(), supportOrder()
	m := release.ReportIncident{InEnvironment: from("uwe"), Severity: 2, CI: "web", Text: "it is slow", Unrelated: true, Defect: release.DefectData, Assignee: "ben"}
	first, err := s.Report(o, m, noon)
	require.NoError(t, err)
	assert.Equal(t, release.Incident{
		ID: "INC-1", Severity: 2, CI: "web", Defect: release.DefectData, Summary: "it is slow", By: "uwe", Opened: noon, Unrelated: true,
		Assignment: release.Assignment{Assignee: "ben", Assigned: noon},
	}, first)
	second := report(t, s, 3)
	assert.Equal(t, "INC-2", second.ID)
	assert.True(t, second.Open())

	resolve := release.ResolveIncident{InEnvironment: from("ben"), Incident: "INC-2", Resolution: "more memory", Workaround: "restart"}
	resolved, err := s.Resolve(resolve, noon.Add(time.Hour))
	require.NoError(t, err)
	assert.False(t, resolved.Open())
	assert.Equal(t, []release.Incident{first, resolved}, s.Incidents)
	assert.Equal(t, []string{"ben", "more memory", "restart"}, []string{resolved.ResolvedBy, resolved.Resolution, resolved.Workaround})

	_, err = s.Resolve(resolve, noon.Add(2*time.Hour))
	refusedAs(t, "incident INC-2 was resolved by ben at 2026-03-01T13:00:00Z and stays so: record another", err)
	_, err = s.UpdateIncident(o, release.UpdateIncident{InEnvironment: from("ben"), Incident: "INC-2", Severity: 1}, noon)
	refusedAs(t, "incident INC-2 was resolved by ben at 2026-03-01T13:00:00Z and stays so: record another", err)
	resolve.Incident = "INC-3"
	_, err = s.Resolve(resolve, noon)
	refusedAs(t, "there is no incident INC-3 in web@2.30:production:els: it has INC-1, INC-2", err)
	m.Assignee = "zoe"
	_, err = s.Report(o, m, noon)
	require.ErrorContains(t, err, "zoe is not on the roster and cannot look after it: use rita, ")
	assert.Equal(t, []release.Incident{first, resolved}, s.Incidents, "refused means unchanged")
	assert.Equal(t, "INC-3", report(t, s, 3).ID)
}

func TestAnUpdateChangesWhatItNamesAndNothingElse(t *testing.T) {
	s, o := supported(), supportOrder()
	was := report(t, s, 3)
	unrelated := true
	for name, c := range map[string]struct {
		update release.UpdateIncident
		change func(i *release.Incident)
	}{
		"severity": {release.UpdateIncident{Severity: 1}, func(i *release.Incident) { i.Severity = 1 }},
		"defect":   {release.UpdateIncident{Defect: release.DefectSecurity}, func(i *release.Incident) { i.Defect = release.DefectSecurity }},
		"cause":    {release.UpdateIncident{Unrelated: &unrelated}, func(i *release.Incident) { i.Unrelated = true }},
		"assignee": {release.UpdateIncident{Assignee: "sam"}, func(i *release.Incident) {
			i.Assignment = release.Assignment{Assignee: "sam", Assigned: noon.Add(time.Hour)}
		}},
	} {
		s.Incidents = []release.Incident{was}
		c.update.By, c.update.Incident = "ben", "INC-1"
		got, err := s.UpdateIncident(o, c.update, noon.Add(time.Hour))
		require.NoError(t, err, name)
		want := was
		c.change(&want)
		assert.Equal(t, want, got, name)
		assert.Equal(t, []release.Incident{want}, s.Incidents, name)
	}
}

func TestCallsAreNumberedAssignedAndResolvedOnce(t *testing.T) {
	s, o := supported(), supportOrder()
	call := s.Call(release.ServiceDeskCall{InEnvironment: from("uwe"), CI: "web", Text: "how?"}, noon)
	assert.Equal(t, release.Call{ID: "CALL-1", At: noon, By: "uwe", CI: "web", Summary: "how?"}, call)
	assigned, err := s.UpdateCall(o, release.UpdateCall{InEnvironment: from("uwe"), Call: "CALL-1", Assignee: "sam"}, noon)
	require.NoError(t, err)
	assert.Equal(t, "sam", assigned.Assignee)
	resolve := release.UpdateCall{InEnvironment: from("sam"), Call: "CALL-1", Resolution: "told"}
	resolved, err := s.UpdateCall(o, resolve, noon.Add(time.Hour))
	require.NoError(t, err)
	assert.Equal(t, []release.Call{resolved}, s.Calls)
	assert.Equal(t, []any{"sam", "sam", "told"}, []any{resolved.Assignee, resolved.ResolvedBy, resolved.Resolution})
	_, err = s.UpdateCall(o, resolve, noon)
	refusedAs(t, "call CALL-1 was resolved by sam at 2026-03-01T13:00:00Z and stays so: record another", err)
	resolve.Call = "CALL-9"
	_, err = s.UpdateCall(o, resolve, noon)
	refusedAs(t, "there is no service desk call CALL-9 in web@2.30:production:els: it has CALL-1", err)
}

func TestOfManyCallsTheLatestAndThoseLookedAfterAreKept(t *testing.T) {
	s, o := supported(), supportOrder()
	for range 3 {
		s.Call(release.ServiceDeskCall{InEnvironment: from("uwe"), Text: "how?"}, noon)
	}
	_, err := s.UpdateCall(o, release.UpdateCall{InEnvironment: from("uwe"), Call: "CALL-2", Assignee: "sam"}, noon)
	require.NoError(t, err)
	for range 397 {
		s.Call(release.ServiceDeskCall{InEnvironment: from("uwe"), Text: strings.Repeat("how? ", 1000)}, noon)
	}
	assert.Equal(t, 400, s.CallCount())
	assert.Len(t, s.Calls, 100)
	assert.Equal(t, []string{"CALL-2", "CALL-302", "CALL-400"}, []string{s.Calls[0].ID, s.Calls[1].ID, s.Calls[99].ID})
	assert.LessOrEqual(t, len(s.Calls[99].Summary), 1010)
}

func TestAKnownErrorIsRecordedChangedAndResolved(t *testing.T) {
	s, o := supported(), supportOrder()
	i := report(t, s, 2)
	note := func(m release.NoteKnownError) (release.FoundError, *release.Incident, error) {
		m.InEnvironment = from("ben")
		return s.NoteKnownError(o, m, noon)
	}
	known, carrier, err := note(release.NoteKnownError{Text: "images are slow", Workaround: "use PNG", Incident: "INC-1"})
	require.NoError(t, err)
	assert.Equal(t, release.FoundError{
		KnownError: release.KnownError{ID: "KE-2", Summary: "images are slow", Workaround: "use PNG"}, Incident: "INC-1", By: "ben", At: noon,
	}, known, "KE-1 is shipped")
	i.KnownError = "KE-2"
	assert.Equal(t, i, *carrier)

	known, carrier, err = note(release.NoteKnownError{KnownError: "KE-2", Assignee: "sam"})
	require.NoError(t, err)
	assert.Nil(t, carrier)
	assert.Equal(t, []string{"images are slow", "use PNG", "sam"}, []string{known.Summary, known.Workaround, known.Assignee})
	known, _, err = note(release.NoteKnownError{KnownError: "KE-1", Resolution: "umlauts work"})
	require.NoError(t, err)
	assert.Equal(t, []string{"no umlauts", "write ae", "ben"}, []string{known.Summary, known.Workaround, known.ResolvedBy}, "one that was shipped")
	assert.Len(t, s.KnownErrors, 2)

	_, _, err = note(release.NoteKnownError{KnownError: "KE-1", Workaround: "none"})
	refusedAs(t, "known error KE-1 was resolved by ben at 2026-03-01T12:00:00Z and stays so: record another", err)
	_, _, err = note(release.NoteKnownError{KnownError: "KE-7", Text: "x"})
	refusedAs(t, "there is no known error KE-7 in web@2.30:production:els: it has KE-2, KE-1; leave the id out to record another", err)
	_, _, err = note(release.NoteKnownError{Text: "x", Incident: "INC-1"})
	refusedAs(t, "incident INC-1 is known as KE-2 already: change that", err)
	_, _, err = note(release.NoteKnownError{Text: "x", Incident: "INC-2"})
	refusedAs(t, "there is no incident INC-2 in web@2.30:production:els: it has INC-1", err)
	assert.Len(t, s.KnownErrors, 2, "refused means unchanged")
}

func TestAnRFCIsRaisedFromAnIncidentWhichCarriesIt(t *testing.T) {
	s, o := supported(), supportOrder()
	report(t, s, 2)
	s.Incidents[0].CI = "web-images"
	_, err := s.Resolve(release.ResolveIncident{InEnvironment: from("ben"), Incident: "INC-1", Resolution: "restarted"}, noon)
	require.NoError(t, err)
	raise := func(m release.RaiseRFC) (release.RaisedRFC, *release.Incident, error) {
		m.InEnvironment = from("ben")
		return s.RaiseRFC(o, m, noon)
	}
	rfc, carrier, err := raise(release.RaiseRFC{Title: "more memory", Reason: "it is slow", Incident: "INC-1"})
	require.NoError(t, err)
	assert.Equal(t, release.RaisedRFC{
		ID: "RFC-1", Title: "more memory", Reason: "it is slow", Incident: "INC-1", CI: "web-images", By: "ben", At: noon,
	}, rfc)
	assert.Equal(t, "RFC-1", carrier.RFC, "also when it is resolved")
	rfc, carrier, err = raise(release.RaiseRFC{RFC: "CHG-7", Title: "faster disks"})
	require.NoError(t, err)
	assert.Equal(t, "CHG-7", rfc.ID)
	assert.Nil(t, carrier)

	_, _, err = raise(release.RaiseRFC{RFC: "CHG-7", Title: "x"})
	refusedAs(t, "RFC CHG-7 was raised by ben at 2026-03-01T12:00:00Z: give another id, or leave it out for the next", err)
	_, _, err = raise(release.RaiseRFC{Title: "x", Incident: "INC-1"})
	refusedAs(t, "incident INC-1 led to RFC-1 already: raise another without naming the incident", err)
	assert.Len(t, s.RFCs, 2)
}

func TestWhatIsStillWrongGoesIntoTheCatalogueAndToServiceOperations(t *testing.T) {
	known := func(id, workaround string) release.KnownError {
		return release.KnownError{ID: id, Summary: "about " + id, Workaround: workaround}
	}
	shipped := []release.KnownError{known("KE-1", ""), known("KE-2", ""), known("KE-3", "")}
	worked := func(id, errorID string, unrelated bool) release.Incident {
		return release.Incident{ID: id, Summary: "about " + id, Workaround: "restart", KnownError: errorID, Unrelated: unrelated}
	}
	staging := release.EnvironmentRecord{Name: "staging", Support: &release.SupportStatus{
		Incidents: []release.Incident{worked("INC-1", "", false), worked("INC-2", "KE-4", false), worked("INC-3", "", true), {ID: "INC-4"}},
		KnownErrors: []release.FoundError{
			{KnownError: known("KE-2", "wait")}, {KnownError: known("KE-3", ""), Resolved: noon}, {KnownError: known("KE-4", "restart"), Incident: "INC-2"},
		},
	}}
	left := []release.KnownError{known("KE-1", ""), known("KE-2", "wait"), known("KE-4", "restart"), known("INC-1", "restart")}
	assert.Equal(t, left, staging.OpenErrors(shipped))
	assert.Equal(t, shipped, release.EnvironmentRecord{Name: "production"}.OpenErrors(shipped))

	r := release.Record{Environments: []release.EnvironmentRecord{{Name: "production"}}}
	assert.Equal(t, shipped, r.OpenErrors(shipped), "nobody looked yet")
	r.Environments = append(r.Environments, staging)
	assert.Equal(t, left, r.OpenErrors(shipped))
	r.Environments[0].Support = &release.SupportStatus{}
	assert.ElementsMatch(t, append(left, known("KE-2", ""), known("KE-3", "")), r.OpenErrors(shipped), "each environment leaves its own")
}
