package e2e_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"slipway/release"
	"slipway/release/audit"
	"slipway/worker/library"
)

func TestANormalReleaseIsRatedReviewedAndCosted(t *testing.T) {
	s := plainSite(t)
	s.config.Organization.Rates = release.Rates{Currency: "CHF", Roles: map[string]float64{"release-managers": 120}, MachineHour: 3600}
	s.work()
	d := s.definition("1.0")
	least := 4.0
	d.Performance = []release.PerformanceTarget{{Measure: release.MeasureSatisfaction, AtLeast: &least}}
	d.Customers = []string{"olga"}
	id := s.start(d)
	_, err := s.starter.LogEffort(s.ctx(), id, release.LogEffort{Sender: release.Sender{By: "marc"}, Hours: 1.5, Expense: 20})
	require.NoError(t, err)
	_, err = s.starter.LogEffort(s.ctx(), id, release.LogEffort{Sender: release.Sender{By: "marc"}, Hours: -2})
	require.ErrorContains(t, err, "hours -2: it cannot be negative")
	s.authorize(id, release.GatePlan, "ana", "ben")
	s.authorize(id, release.DeployGate(s.env("staging")), "ana")
	s.authorize(id, release.DeployGate(s.env("production")), "ana", "ben")
	s.accept(id)
	s.takeOver(id)
	r := s.awaits(id, release.WaitRating)
	require.Equal(t, []string{"rita", "olga", "uwe"}, r.Review.Asked)
	_, err = s.starter.Rate(s.ctx(), id, release.Rate{Sender: release.Sender{By: "ana"}, Score: 1})
	require.ErrorContains(t, err, "ana is not asked how satisfied they are with "+id+": asked are rita, olga, uwe")
	r = s.ended(id)

	require.Equal(t, release.Completed, r.Outcome, r.Reason)
	require.Equal(t, "marc", r.Review.Closed.By)
	require.True(t, r.Review.Performance[0].Met)
	require.InDelta(t, 4, *r.Review.Performance[0].Actual, 0.001)
	require.InDelta(t, 180, r.Review.Cost.People, 0.001)
	require.Positive(t, r.Review.Cost.Machines, "it was built and tested, and its steps ran")
	require.Equal(t, s.kept(r).Review, r.Review)
	s.keep(id, "reviewed")
}

func TestARejectedReleaseHasItsReportInTheLibraryAndItsReviewInTheCMS(t *testing.T) {
	s := newSite(t)
	id := s.start(s.definition("1.0"))
	record := s.awaits(id, release.GatePlan)
	_, err := s.starter.Authorize(s.ctx(), id, signed(t, record, release.GatePlan, release.Reject, "ana"))
	require.NoError(t, err)
	r := s.ended(id)
	require.Equal(t, release.Rejected, r.Outcome)
	kept := s.kept(r)
	require.Equal(t, release.Rejected, kept.Outcome)
	require.Nil(t, kept.Report)

	require.Equal(t, len(r.Stages), s.count(`SELECT count(*) FROM stages WHERE release = ?`, id))
	require.Equal(t, 1, s.count(`SELECT count(*) FROM reviews WHERE release = ? AND report = ?`, id, string(r.Report.Digest)))
}

// kept reads the record beside the report of a release, as the library shows it.
func (s *site) kept(r release.Record) release.Record {
	s.t.Helper()
	require.NotNil(s.t, r.Report, r.Reason)
	lib, err := library.Open(s.config.DML)
	require.NoError(s.t, err)
	contents, err := lib.Read(s.ctx())
	require.NoError(s.t, err)
	item, err := contents.One(s.ctx(), string(r.Report.Digest))
	require.NoError(s.t, err)
	require.Equal(s.t, library.KindReport, library.Kind(item.Artifact))
	page, err := contents.Document(s.ctx(), item, audit.ReportPage)
	require.NoError(s.t, err)
	require.Contains(s.t, string(page), r.ID)
	text, err := contents.Document(s.ctx(), item, audit.ReportRecord)
	require.NoError(s.t, err)
	var record release.Record
	require.NoError(s.t, json.Unmarshal(text, &record))
	return record
}
