package e2e_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"slipway/release"
	"slipway/starter"
	"slipway/workflows"
)

// freeze forbids changes of environments from now on, and gives the entry's id.
func (s *site) freeze(reason string, purposes ...string) string {
	s.t.Helper()
	m := release.AddFreeze{
		Sender: release.Sender{By: "marc"}, From: time.Now().Add(-time.Minute), To: time.Now().Add(240 * time.Hour), Reason: reason,
	}
	for _, p := range purposes {
		m.Environments = append(m.Environments, s.env(p))
	}
	receipt, err := s.starter.AddFreeze(s.ctx(), m)
	require.NoError(s.t, err)
	id, _, _ := strings.Cut(receipt.Message, " ")
	return id
}

func (s *site) unfreeze(entry string) {
	s.t.Helper()
	_, err := s.starter.RemoveCalendarEntry(s.ctx(), release.RemoveCalendarEntry{
		Sender: release.Sender{By: "marc"}, ID: entry, Reason: "it is over",
	})
	require.NoError(s.t, err)
}

// ownFreeze is a freeze that only this site's CMS knows, for tests beside that of the
// calendar. What it gives ends the freeze, and tells the deployments of releases that
// wait there.
func (s *site) ownFreeze(reason, purpose string) (thaw func(ids ...string)) {
	s.t.Helper()
	now := time.Now().UTC()
	entry := release.CalendarEntry{
		ID: "freeze-1", Source: release.SourceCalendar, Added: &release.CalendarMark{By: "marc", At: now},
		Freeze: &release.Freeze{Reason: reason, From: now.Add(-time.Hour), To: now.Add(240 * time.Hour), Environments: []string{s.env(purpose)}},
	}
	store := s.store()
	write := func() {
		require.NoError(s.t, store.Write(s.ctx(), []release.Entry{
			{Key: "calendar/" + entry.ID, At: time.Now().UTC(), Release: release.CalendarID, Calendar: &entry},
		}))
	}
	write()
	return func(ids ...string) {
		s.t.Helper()
		entry.Removed = &release.CalendarMark{By: "marc", At: time.Now().UTC(), Reason: "it is over"}
		write()
		for _, id := range ids {
			require.NoError(s.t, temporal.SignalWorkflow(s.ctx(), release.DeploymentID(id, s.env(purpose)), "", workflows.SignalLookAgain, nil))
		}
	}
}

// parked waits until a release waits for the window of an environment, for a reason.
func (s *site) parked(id, purpose, reason string) release.Record {
	s.t.Helper()
	return s.until(id, "a wait because of "+reason, func(r release.Record) bool {
		for _, a := range r.Awaiting {
			if a.Key() == release.WaitWindow+":"+s.env(purpose) && strings.Contains(a.Needs, reason) {
				return true
			}
		}
		return false
	})
}

// A server has one calendar, and so these tests have one site.
func TestTheCalendarReachesReleasesThatWait(t *testing.T) {
	s := plainSite(t)
	s.config.Organization.Calendar.May = map[release.CalendarKind][]string{release.CalendarFreeze: {"release-managers"}}
	s.config.Organization.Environments[0].Windows = []release.Window{{
		Name: "next week", Rule: "FREQ=YEARLY", Start: time.Now().UTC().AddDate(0, 0, 7).Format("2006-01-02T15:04"), Length: release.Duration(time.Hour),
	}}
	s.config.Organization.Environments = append(s.config.Organization.Environments, s.environment("pilot", 1))
	s.work()
	s.parksAndGoesOn()
	s.namesTheFreezeWhileItWaitsForItsWindow()
	s.isOverriddenByTheECAB()
	s.keepHistory(release.CalendarID, "calendar")
}

// toPilot is a release to environments without windows.
func (s *site) toPilot(version string) release.Definition {
	d := s.standard(version)
	d.Environments = []release.EnvironmentDefinition{{Name: s.env("pilot")}, {Name: s.env("production"), Waves: release.Sizes(1, 2)}}
	return d
}

func (s *site) parksAndGoesOn() {
	s.t.Helper()
	d := s.toPilot("1.0")
	go1, began := s.path("go"), s.path("began")
	d.Steps = append(d.Steps, release.Step{
		Name: "hold", Kind: release.ServiceDeployment, Per: release.PerTarget,
		Run: `[ "$TARGET" != production-1 ] && exit 0; touch ` + began + `; while [ ! -e ` + go1 + ` ]; do sleep 0.05; done`,
	})
	freeze := s.freeze("the accounts are audited", "pilot")
	id := s.start(d)
	r := s.parked(id, "pilot", "the accounts are audited")
	require.Empty(s.t, r.Awaiting[0].Payload, "a standard release overrides nothing")
	shown, err := s.starter.Calendar(s.ctx(), release.CalendarRequest{Days: 3, Environment: s.env("pilot")})
	require.NoError(s.t, err)
	require.Equal(s.t, freeze, shown.Environments[0].Entries[0].ID)
	require.Empty(s.t, shown.Environments[0].Open)
	require.Equal(s.t, id, shown.Releases[0].Release)
	require.Equal(s.t, []string{"window:" + s.env("pilot")}, shown.Releases[0].Awaits)
	s.serves("pilot", "")

	lifted := time.Now()
	s.unfreeze(freeze)
	require.Eventually(s.t, func() bool { _, err := os.Stat(began); return err == nil }, patience, 10*time.Millisecond)
	require.Less(s.t, time.Since(lifted), 30*time.Second, "told, and not found out after hours")
	freeze = s.freeze("incident in the other centre")
	require.NoError(s.t, os.WriteFile(go1, nil, 0o600))
	s.parked(id, "production", "incident in the other centre")
	s.unfreeze(freeze)
	require.Equal(s.t, release.Completed, s.ended(id).Outcome)
	s.serves("production", "1.0")
	entries, count, err := s.store().Calendar(s.ctx(), time.Now())
	require.NoError(s.t, err)
	require.Empty(s.t, entries)
	require.Equal(s.t, 2, count)
	s.keep(id, "parked")
}

func (s *site) namesTheFreezeWhileItWaitsForItsWindow() {
	s.t.Helper()
	d := s.standard("1.1")
	d.Environments = d.Environments[:1]
	id := s.start(d)
	s.parked(id, "staging", "outside the change windows; the next one is next week")
	freeze := s.freeze("the moon is full", "staging")
	s.parked(id, "staging", "the moon is full")
	s.unfreeze(freeze)
	s.parked(id, "staging", "outside the change windows; the next one is next week")
	_, err := s.starter.BackOut(s.ctx(), id, release.BackOut{Sender: release.Sender{By: "marc"}, Reason: "not needed"})
	require.NoError(s.t, err)
	require.Equal(s.t, release.Withdrawn, s.ended(id).Outcome)
}

func (s *site) isOverriddenByTheECAB() {
	s.t.Helper()
	s.freeze("year end", "pilot")
	d := s.toPilot("2.0")
	d.Environments = d.Environments[:1]
	d.Model, d.Emergency = "emergency", &release.Emergency{Reason: "CVE-2026-1"}
	id := s.start(d)
	s.authorize(id, release.GatePlan, "eva")
	s.authorize(id, release.DeployGate(s.env("pilot")), "eva")
	r := s.parked(id, "pilot", "year end; group ecab (eva) may override the freeze")
	require.Equal(s.t, release.ActOverrideFreeze, r.Awaiting[0].Action)
	_, err := s.starter.OverrideFreeze(s.ctx(), id, overriding("marc"))
	require.Equal(s.t, starter.Refused, starter.CodeOf(err))
	require.ErrorContains(s.t, err, "marc may not override-freeze: model emergency leaves it to group ecab (eva)")
	_, err = s.starter.OverrideFreeze(s.ctx(), id, overriding("eva"))
	require.NoError(s.t, err)
	s.authorize(id, release.GateReview, "ana", "ben")
	r = s.ended(id)
	require.Equal(s.t, release.Completed, r.Outcome, r.Reason)
	s.serves("pilot", "2.0")
	require.Equal(s.t, "eva", r.Environment(s.env("pilot")).Override.By)
	s.keepHistory(release.DeploymentID(id, s.env("pilot")), "overridden-deployment")
	require.Equal(s.t, "the hole is being used", r.Environment(s.env("pilot")).Override.Summary)
}

func overriding(by string) release.OverrideFreeze {
	m := release.OverrideFreeze{Reason: "the hole is being used"}
	m.By = by
	return m
}
