package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/release"
)

// during does something some time after early life support in staging began.
func (r *rig) during(after time.Duration, do func()) {
	r.world.when("watch staging", func(context.Context) { r.after(after, do) })
}

func (r *rig) incident(severity int, text string) *answer {
	return r.update(release.ActIncident, release.ReportIncident{InEnvironment: in("stan", "staging"), Severity: severity, Text: text})
}

func (r *rig) resolveIncident(id string) *answer {
	return r.update(release.ActResolveIncident, release.ResolveIncident{InEnvironment: in("olga", "staging"), Incident: id, Resolution: "restarted"})
}

// inStaging is the sample with staging alone.
func inStaging(model string) release.Definition {
	d := definition(model)
	d.Environments = d.Environments[:1]
	return d
}

func TestAnOpenIncidentKeepsEarlyLifeSupportWaiting(t *testing.T) {
	r := newRig(t)
	r.during(time.Hour, func() { r.incident(1, "no images") })
	r.people["incidents:staging"] = func(a release.Awaiting) {
		assert.Contains(t, a.Needs, "INC-1")
		assert.Equal(t, release.ActResolveIncident, a.Action)
		r.after(30*time.Hour, func() { r.resolveIncident("INC-1") })
	}
	record := r.run(inStaging("standard"))

	assert.Equal(t, release.Completed, record.Outcome)
	support := record.Environment("staging").Support
	require.Len(t, support.Incidents, 1)
	assert.False(t, support.Incidents[0].Open())
	assert.Equal(t, "olga", support.Incidents[0].ResolvedBy)
	assert.GreaterOrEqual(t, support.Ended.Sub(support.Started), 54*time.Hour)
	assert.Empty(t, support.Unmet)
	incidents := r.world.find(func(e release.Entry) bool { return e.Incident != nil })
	require.Len(t, incidents, 2)
	assert.Equal(t, incidents[0].Key, incidents[1].Key)
	assert.True(t, incidents[0].Incident.Incident.Open())
}

func TestEveryOpenIncidentIsWaitedFor(t *testing.T) {
	r := newRig(t)
	r.during(time.Hour, func() {
		r.incident(3, "ugly")
		r.incident(2, "slow")
		r.incident(1, "no images")
	})
	r.people["incidents:staging"] = func(a release.Awaiting) {
		id := []string{"INC-2", "INC-3"}[len(r.seen)-1]
		assert.Contains(t, a.Needs, id)
		assert.Contains(t, a.Payload, id)
		r.resolveIncident(id)
	}
	record := r.run(inStaging("standard"))
	assert.Equal(t, release.Completed, record.Outcome)
	assert.Len(t, r.seen, 2, "what is waited for is shown anew")
	assert.True(t, record.Environment("staging").Support.Incidents[0].Open(), "a mild one does not hold it up")
}

func TestCallsAndIncidentsAreRecorded(t *testing.T) {
	r := newRig(t)
	r.during(time.Hour, func() {
		r.send(release.ActServiceDeskCall, release.ServiceDeskCall{InEnvironment: in("uwe", ""), CI: "shop", Text: "how do I log in"})
		r.send(release.ActServiceDeskCall, release.ServiceDeskCall{InEnvironment: in("uwe", "staging"), Text: "thanks"})
		r.incident(4, "a typo")
		r.after(time.Hour, func() {
			now := r.status()
			assert.Equal(t, release.EnvSupported, now.Environment("staging").State)
			require.NotNil(t, now.Environment("staging").Support)
			assert.Len(t, now.Environment("staging").Support.Calls, 2, "the release shows them while they come in")
		})
	})
	record := r.run(inStaging("standard"))
	assert.Equal(t, release.Completed, record.Outcome)
	support := record.Environment("staging").Support
	require.Len(t, support.Calls, 2)
	assert.Equal(t, "shop", support.Calls[0].CI)
	assert.Equal(t, "how do I log in", support.Calls[0].Summary)
	require.Len(t, support.Incidents, 1)
	assert.Len(t, r.world.find(func(e release.Entry) bool { return e.Call != nil }), 2)
	assert.Len(t, r.world.find(func(e release.Entry) bool { return e.Incident != nil }), 1)
}

func TestAnActionInEarlyLifeSupportIsRefused(t *testing.T) {
	r := newRig(t)
	r.people["deploy:staging"] = func(a release.Awaiting) {
		r.incident(1, "too early")
		r.after(time.Minute, func() { r.authorize(a) })
	}
	r.during(time.Hour, func() {
		r.incident(9, "the end of the world")
		r.incident(1, "")
		r.update(release.ActIncident, release.ReportIncident{InEnvironment: in("zoe", ""), Severity: 1, Text: "x"})
		r.update(release.ActIncident, release.ReportIncident{InEnvironment: in("stan", "production"), Severity: 1, Text: "x"})
		r.resolveIncident("INC-7")
	})
	record := r.run(inStaging("normal"))
	assert.Equal(t, release.Completed, record.Outcome)
	r.assertRefused(r.answers[0], "no environment is in early life support")
	r.assertRefused(r.answers[1], "severity 9: use 1 (worst) to 4 (mildest)")
	r.assertRefused(r.answers[2], `"summary" is missing`)
	r.assertRefused(r.answers[3], "zoe is not on the roster")
	r.assertRefused(r.answers[4], "no environment is in early life support")
	assert.Empty(t, record.Environment("staging").Support.Incidents)
	acts := r.world.find(func(e release.Entry) bool {
		return e.Act != nil && e.Act.Action == release.ActResolveIncident && !e.Act.Counted
	})
	require.Len(t, acts, 1, "what only the child can know, the child refuses")
	assert.Contains(t, acts[0].Act.Refusal, "there is no incident INC-7")
}

func TestEarlyLifeSupportLastsItsPeriod(t *testing.T) {
	for name, probe := range map[string]*release.Probe{"with probes": {Path: "/"}, "without probes": nil} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			d := inStaging("standard")
			d.EarlyLifeSupport = release.Support{Period: days(14), Probe: probe}
			record := r.run(d)
			assert.Equal(t, release.Completed, record.Outcome)
			support := record.Environment("staging").Support
			assert.Equal(t, 14*24*time.Hour, support.Ended.Sub(support.Started))
			assert.Equal(t, probe != nil, len(support.Availability) == 1)
		})
	}
}

func TestTooMuchDowntimeIsAnIssue(t *testing.T) {
	r := newRig(t)
	d := inStaging("standard")
	d.EarlyLifeSupport.Exit.MaxDowntime = release.Duration(time.Minute)
	r.world.goesWrong("watch staging", fails)
	r.people["support-decision:staging"] = func(release.Awaiting) { r.endSupport("olga", "we know why") }
	record := r.run(d)
	assert.Equal(t, release.CompletedWithIssues, record.Outcome)
	assert.Contains(t, record.Reason, "staging: s1 was down for 1m1s (wanted: at most 1m)")
	r.assertNew("staging")
}

func TestHandOverWaitsForServiceOperations(t *testing.T) {
	r := newRig(t)
	r.people[release.WaitHandOver] = func(release.Awaiting) {
		r.update(release.ActHandOver, release.HandOver{InEnvironment: in("uwe", "production")})
		r.update(release.ActHandOver, release.HandOver{InEnvironment: in("olga", "staging")})
		r.after(30*24*time.Hour, func() {
			r.update(release.ActHandOver, release.HandOver{InEnvironment: in("olga", "production"), Comment: "ours now"})
		})
	}
	record := r.run(definition("normal"))
	assert.Equal(t, release.Completed, record.Outcome)
	r.assertRefused(r.answers[0], "uwe may not hand-over")
	r.assertRefused(r.answers[1], "staging does not wait to be handed over")
	assert.Equal(t, "ours now", record.Environment("production").HandedOver.Summary)
}
