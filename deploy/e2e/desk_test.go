package e2e_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"slipway/release"
	"slipway/release/records"
)

// signals sends an action to a release as the Web UI does.
func (s *site) signals(id string, action release.Action, m release.Message) {
	s.t.Helper()
	require.NoError(s.t, temporal.SignalWorkflow(s.ctx(), id, "", string(action), m))
}

// about is the sender of a message about staging.
func (s *site) about(by string) release.InEnvironment {
	return release.InEnvironment{Sender: release.Sender{By: by}, Environment: s.env("staging")}
}

// found waits until the early life support of staging is as it should be.
func (s *site) found(id, what string, holds func(*release.SupportStatus) bool) {
	s.t.Helper()
	s.until(id, what, func(r release.Record) bool {
		e := r.Environment(s.env("staging"))
		return e != nil && e.Support != nil && holds(e.Support)
	})
}

func TestWhatEarlyLifeSupportFindsIsRecordedAssignedRemindedAndResolved(t *testing.T) {
	s := plainSite(t)
	mailbox := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(mailbox.Close)
	for i := range s.config.Organization.Roster {
		s.config.Organization.Roster[i].Contact = "generic+" + mailbox.URL
	}
	for i := range s.config.Organization.Models {
		s.config.Organization.Models[i].Support = release.SupportPolicy{RemindEvery: release.Duration(2 * time.Second)}
	}
	s.work()
	d := s.standard("1.0")
	d.Environments = d.Environments[:1]
	d.EarlyLifeSupport.Period = release.Duration(8 * time.Second)
	d.KnownErrors = []release.KnownError{{ID: "KE-1", Summary: "slow start"}}
	id := s.start(d)
	s.until(id, "early life support", func(r release.Record) bool { return r.Phase == release.StageIn(release.StageSupport, s.env("staging")) })

	told := func(receipt release.Receipt, err error) string {
		t.Helper()
		require.NoError(t, err)
		return receipt.Message
	}
	refused := func(want string, err error) {
		t.Helper()
		require.ErrorContains(t, err, want)
	}
	// By updates, as starter sends them, to early life support itself.
	require.Equal(t, "INC-1; tess looks after it", told(s.starter.ReportIncident(s.ctx(), id,
		release.ReportIncident{InEnvironment: s.about("uwe"), Severity: 3, CI: s.name, Text: "slow", Assignee: "tess"})))
	related := false
	require.Equal(t, "INC-1 is updated", told(s.starter.UpdateIncident(s.ctx(), id,
		release.UpdateIncident{InEnvironment: s.about("olga"), Incident: "INC-1", Severity: 2, Defect: release.DefectPerformance, Unrelated: &related})))
	require.Equal(t, "RFC-1", told(s.starter.RaiseRFC(s.ctx(), id, release.RaiseRFC{InEnvironment: s.about("olga"), Title: "more memory", Incident: "INC-1"})))
	_, err := s.starter.UpdateIncident(s.ctx(), id, release.UpdateIncident{InEnvironment: s.about("olga"), Incident: "INC-1", Severity: 9})
	refused("severity 9: use 1 (worst) to 4 (mildest)", err)
	_, err = s.starter.ResolveIncident(s.ctx(), id, release.ResolveIncident{InEnvironment: s.about("olga"), Incident: "INC-7", Resolution: "?"})
	refused("there is no incident INC-7 in "+release.SupportID(id, s.env("staging"))+": it has INC-1", err)

	// By signals, as the Web UI sends them, to the release, which passes them on.
	s.signals(id, release.ActIncident, release.ReportIncident{InEnvironment: s.about("uwe"), Severity: 4, Text: "a typo", Unrelated: true})
	s.signals(id, release.ActServiceDeskCall, release.ServiceDeskCall{InEnvironment: s.about("uwe"), Text: "how?"})
	s.found(id, "the typo and the call", func(s *release.SupportStatus) bool { return len(s.Incidents) == 2 && len(s.Calls) == 1 })
	s.signals(id, release.ActUpdateIncident, release.UpdateIncident{InEnvironment: s.about("olga"), Incident: "INC-2", Assignee: "rita"})
	s.signals(id, release.ActResolveIncident, release.ResolveIncident{InEnvironment: s.about("olga"), Incident: "INC-2", Resolution: "spelt well"})
	s.signals(id, release.ActUpdateCall, release.UpdateCall{InEnvironment: s.about("olga"), Call: "CALL-1", Assignee: "uwe", Resolution: "told how"})
	s.signals(id, release.ActKnownError, release.NoteKnownError{InEnvironment: s.about("olga"), Text: "slow with many", Workaround: "wait", Incident: "INC-1"})
	s.signals(id, release.ActRaiseRFC, release.RaiseRFC{InEnvironment: s.about("olga"), RFC: "CHG-7", Title: "faster disks"})
	require.Eventually(t, func() bool {
		return s.count("SELECT count(*) FROM notices WHERE release = $1 AND kind = 'reminder' AND text LIKE '%INC-1%'", id) > 0
	}, patience, 50*time.Millisecond, "tess is reminded")
	require.Equal(t, "INC-1 is resolved", told(s.starter.ResolveIncident(s.ctx(), id,
		release.ResolveIncident{InEnvironment: s.about("tess"), Incident: "INC-1", Resolution: "restarted"})))
	_, err = s.starter.ResolveIncident(s.ctx(), id, release.ResolveIncident{InEnvironment: s.about("tess"), Incident: "INC-1", Resolution: "again"})
	refused("incident INC-1 was resolved by tess at ", err)

	r := s.ended(id)
	require.Equal(t, release.Completed, r.Outcome, r.Reason)
	s.keep(id, "desk")
	support := r.Environment(s.env("staging")).Support
	found, err := s.starter.Records(s.ctx(), records.Request{Incidents: &records.Incidents{Release: id}})
	require.NoError(t, err)
	recorded := map[string]release.Incident{}
	for _, i := range found.Incidents {
		recorded[i.ID] = i.Incident
	}
	require.Len(t, recorded, 2)
	one, two := recorded["INC-1"], recorded["INC-2"]
	require.Equal(t, []any{2, release.DefectPerformance, "tess", "KE-2", "RFC-1", "tess", "restarted"},
		[]any{one.Severity, one.Defect, one.Assignee, one.KnownError, one.RFC, one.ResolvedBy, one.Resolution})
	require.Equal(t, []any{true, "rita", "olga", "spelt well"}, []any{two.Unrelated, two.Assignee, two.ResolvedBy, two.Resolution})
	known, err := s.starter.Records(s.ctx(), records.Request{KnownErrors: &records.KnownErrors{Service: s.name}})
	require.NoError(t, err)
	var texts []string
	for _, k := range known.KnownErrors {
		texts = append(texts, k.ID+" "+k.Summary+" "+k.Workaround)
	}
	require.ElementsMatch(t, []string{"KE-1 slow start ", "KE-2 slow with many wait"}, texts)
	require.Equal(t, []release.KnownError{d.KnownErrors[0], support.KnownErrors[0].KnownError}, r.KnownErrors)
	require.Equal(t, 1, s.count("SELECT count(*) FROM calls WHERE release = $1 AND call = 'CALL-1' AND assignee = 'uwe' AND resolution = 'told how'", id))
	require.Equal(t, 2, s.count("SELECT count(*) FROM raised_rfcs WHERE release = $1 AND (incident = 'INC-1' AND rfc = 'RFC-1' OR rfc = 'CHG-7')", id))
	require.Equal(t, 2, s.count("SELECT count(*) FROM notices WHERE release = $1 AND kind = 'assigned'", id), "tess and rita")
	require.Equal(t, 3, s.count("SELECT count(*) FROM actions WHERE release = $1 AND NOT counted", id), "what was refused is recorded, too")

	catalogue, err := s.starter.Catalogue(s.ctx(), release.CatalogueRequest{Service: s.name})
	require.NoError(t, err)
	var ids []string
	for _, k := range catalogue.Services[0].KnownErrors() {
		ids = append(ids, k.ID)
	}
	require.Equal(t, "KE-1 KE-2", strings.Join(ids, " "))
}
