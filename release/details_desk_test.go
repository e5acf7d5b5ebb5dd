package release_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/release"
)

func TestASupportsPageShowsWhatIsOpenWithTheLineThatResolvesIt(t *testing.T) {
	s, o := supported(), supportOrder()
	s.Environment, s.Started, s.Until = "production", noon, noon.AddDate(0, 0, 14)
	must := func(err error) { require.NoError(t, err) }
	_, err := s.Report(o, release.ReportIncident{InEnvironment: from("uwe"), Severity: 1, Text: "down | *all*", Assignee: "ben"}, noon)
	must(err)
	report(t, s, 3)
	report(t, s, 4)
	for _, text := range []string{"how?", "thanks"} {
		s.Call(release.ServiceDeskCall{InEnvironment: from("sam"), Text: text}, noon)
	}
	_, err = s.UpdateCall(o, release.UpdateCall{InEnvironment: from("sam"), Call: "CALL-1", Assignee: "sam"}, noon.Add(time.Hour))
	must(err)
	_, _, err = s.NoteKnownError(o, release.NoteKnownError{InEnvironment: from("ben"), Text: "slow images", Workaround: "use PNG", Incident: "INC-2"}, noon)
	must(err)
	_, _, err = s.RaiseRFC(o, release.RaiseRFC{InEnvironment: from("ben"), Title: "more memory", Incident: "INC-2"}, noon)
	must(err)
	_, err = s.Resolve(release.ResolveIncident{InEnvironment: from("ben"), Incident: "INC-2", Resolution: "see KE-2"}, noon.Add(time.Hour))
	must(err)
	golden(t, "details-desk.md", release.SupportDetails(*s))
}

func TestThePageOfABusySupportStaysShort(t *testing.T) {
	s, o := supported(), supportOrder()
	for range 200 {
		report(t, s, 3)
		s.Call(release.ServiceDeskCall{InEnvironment: from("sam"), Text: strings.Repeat("how? ", 300)}, noon)
		_, _, err := s.RaiseRFC(o, release.RaiseRFC{InEnvironment: from("ben"), Title: "more memory"}, noon)
		require.NoError(t, err)
	}
	page := release.SupportDetails(*s)
	assert.Less(t, len(page), 20_000)
	assert.Contains(t, page, "And 190 more.")
	assert.Contains(t, page, "The latest of 200:\n\n- CALL-181 at ")
	_, err := s.Report(o, release.ReportIncident{InEnvironment: from("uwe"), Severity: 3, Text: "slow"}, noon)
	refusedAs(t, "200 incidents are recorded, which is all that an early life support keeps: back the release out, or record service desk calls", err)
}
