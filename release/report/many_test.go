package report

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"slipway/release"
)

// large is the plan of a release to so many targets in production.
func (s story) large(n int) release.Plan {
	p := s.plan()
	e := &p.Environments[1]
	all := make([]release.Target, n)
	for i := range all {
		all[i].Name = fmt.Sprintf("t-%d", i+1)
	}
	e.Waves = [][]release.Target{all[:n/10], all[n/10:]}
	e.Parallel, e.VerifyWaves, e.MayFail, e.TaskQueue = 8, true, 2, "dmz"
	return p
}

// partly was stopped in its second wave, on so many targets, with the first wave left
// on the new release.
func (s story) partly(n int) release.Record {
	r := s.backedOut()
	e := &r.Environments[1]
	e.State, e.Reason = release.EnvPartly, "step switch on t-1999 failed: exit status 1"
	e.Targets, e.Steps = nil, []release.StepResult{
		{Step: "cable", Fate: release.FateDone, Message: "tess: plugged in", Started: s.at(107), Elapsed: s.lasts(1)},
		{Step: "migrate", Fate: release.FateDone, Message: release.KnownByMark, Outputs: map[string]string{"SCHEMA": "42"}, Started: s.at(108), Elapsed: s.lasts(1)},
	}
	for i := range n {
		t := release.TargetStatus{Name: fmt.Sprintf("t-%d", i+1), State: release.TargetOld, Version: "2.25.0"}
		if i < n/10 {
			t.State, t.Version = release.TargetNew, "2.26.0"
		}
		e.Targets = append(e.Targets, t)
	}
	e.Targets[2].State, e.Targets[2].Version = release.TargetRestored, "2.25.0"
	e.Targets[n/5].State, e.Targets[n/5].Version = release.TargetUndecided, ""
	e.Aside = []string{release.Aside("t-3", "step switch on t-3 failed: disk full")}
	e.Steps = append(e.Steps,
		release.StepResult{Step: "switch", Target: "t-3", Wave: 1, Fate: release.FateFailed, Message: "disk full", Started: s.at(109), Elapsed: s.lasts(0.3)},
		release.StepResult{Step: "switch", Target: e.Targets[n/5].Name, Wave: 2, Fate: release.FateBackOutStuck, BackOut: true, Message: "exit status 1"},
	)
	for i := range n / 100 {
		wave := 2
		if i < n/1000 {
			wave = 1
		}
		report := release.Blob{Digest: named(fmt.Sprint("report ", i)), Size: 9000}
		e.Steps = append(e.Steps, release.StepResult{Step: "switch", Wave: wave, Fate: release.FateDone, Targets: 100, Report: &report})
	}
	e.Audits = []release.Audit{{When: release.AuditAfterBackOut, At: s.at(127), Targets: n, Unlisted: n / 10, Discrepancies: []release.Discrepancy{
		{Target: e.Targets[n/5].Name, Expected: "2.25.0", Found: ""},
	}}}
	availability := &release.SupportStatus{Started: s.at(110), Ended: s.at(120)}
	for i := range n / 10 {
		availability.Availability = append(availability.Availability, s.watched(e.Targets[i].Name, 110, 120, 10))
	}
	e.Support = availability
	return r
}

func TestTenThousandTargetsHaveAShortReport(t *testing.T) {
	record, plan := quick.partly(10_000), quick.large(10_000)
	small := len(rendered(t, quick.partly(1000), quick.large(1000)))
	assert.Less(t, len(rendered(t, record, plan)), small+20_000, "the targets do not make it longer")
	text := Markdown(record, plan)
	assert.Contains(t, text, "10,000: 1 undecided, 999 new, 1 restored, 8,999 old")
	assert.Contains(t, text, "set aside: step switch on t-3 failed: disk full")
	assert.NotContains(t, text, "t-500 ")
}
