package e2e_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"slipway/config"
	"slipway/release"
)

// careful lets this site's standard releases be backed out by their conditions.
func (s *site) careful() {
	s.t.Helper()
	models, err := config.Models()
	require.NoError(s.t, err)
	model, found := release.Organization{Models: models}.Model("standard")
	require.True(s.t, found)
	model.Name, model.Support.AutoBackOut = "careful", true
	s.config.Organization.Models = append(s.config.Organization.Models, model)
}

func TestAnIncidentThatTheReleaseCausedBacksItOutWhereThePlanSaysSo(t *testing.T) {
	s := plainSite(t)
	s.careful()
	s.work()
	require.Equal(t, release.Completed, s.ended(s.start(s.standard("1.0"))).Outcome)
	d := s.standard("2.0")
	d.Model = "careful"
	d.Steps = append(d.Steps, release.Step{
		Name: "note", Kind: release.ServiceDeployment, Per: release.PerTarget,
		Run: `true`, BackOut: `echo "undo $TARGET" >>"` + s.path("marks") + `"`,
	})
	d.Environments[1].EarlyLifeSupport = &release.Support{
		Period: release.Duration(time.Hour), Interval: release.Duration(100 * time.Millisecond), Probe: &release.Probe{Path: "/"},
		BackOut: release.BackOutCondition{Severity: 1},
	}
	id := s.start(d)
	s.until(id, "early life support in production", func(r release.Record) bool { return r.Environments[1].State == release.EnvSupported })
	report := release.ReportIncident{Severity: 1, Text: "the lifts stand still", Unrelated: true}
	report.By = "uwe"
	for _, unrelated := range []bool{true, false} {
		report.Unrelated = unrelated
		_, err := s.starter.ReportIncident(s.ctx(), id, report)
		require.NoError(t, err)
	}
	r := s.ended(id)

	require.Equal(t, release.BackedOut, r.Outcome, r.Reason)
	require.Contains(t, r.Reason, "INC-2", "not the one that something else caused")
	require.NotEmpty(t, r.Environments[1].Support.BackOut)
	s.serves("staging", "1.0")
	s.serves("production", "1.0")
	require.Equal(t, []string{"undo_production-2", "undo_production-3", "undo_production-1", "undo_staging-1"}, s.lines("marks"), "the last wave first")
	s.keep(id, "backed-out-by-condition")
	s.keepHistory(release.SupportID(id, s.env("production")), "backed-out-by-condition-els-production")
}

func TestABurntDowntimeBacksTheReleaseOutWhereThePlanSaysSo(t *testing.T) {
	s := plainSite(t)
	s.careful()
	v := s.killable()
	s.work()
	d := s.supported()
	d.Model = "careful"
	d.EarlyLifeSupport.Period, d.EarlyLifeSupport.Window = release.Duration(time.Hour), 0
	d.EarlyLifeSupport.Exit.MaxDowntime = release.Duration(2 * time.Second)
	d.EarlyLifeSupport.BackOut = release.BackOutCondition{BudgetBurnt: true}
	id := s.start(d)
	s.watched(id)
	v.kill()
	s.until(id, "a back-out", func(r release.Record) bool {
		return r.Environments[0].State == release.EnvBackingOut || r.Outcome != ""
	})
	v.start()
	r := s.ended(id)
	require.Equal(t, release.BackedOut, r.Outcome, r.Reason)
	require.Contains(t, r.Environments[0].Support.BackOut, "staging-1")
	require.Equal(t, release.EnvBackedOut, r.Environments[0].State, r.Reason)
	s.serves("staging", "")
}
