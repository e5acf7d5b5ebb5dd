package workflows_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"

	"slipway/release"
)

func (r *rig) endSupport(by, reason string) *answer {
	return r.update(release.ActEndSupport, release.EndSupport{InEnvironment: in(by, "staging"), Reason: reason})
}

func (r *rig) extendSupport(by string, m release.ExtendSupport) *answer {
	m.InEnvironment, m.Reason = in(by, "staging"), "to be sure"
	return r.update(release.ActExtendSupport, m)
}

// supportOf is what became of the early life support in staging.
func supportOf(t *testing.T, record release.Record) release.SupportStatus {
	t.Helper()
	support := record.Environment("staging").Support
	require.NotNil(t, support)
	return *support
}

// events counts what a workflow's history would hold at most, from what it does: each
// thing is followed by a workflow task of its own.
func (r *rig) events(workflowID string) *int {
	const task, scheduled, timer, marker = 3, 3, 2, 1
	count := 2 + task // it begins and ends
	mine := func(info *activity.Info) bool { return info.WorkflowExecution.ID == workflowID }
	r.env.SetOnActivityStartedListener(func(info *activity.Info, _ context.Context, _ converter.EncodedValues) {
		if mine(info) {
			count += scheduled + task
		}
	})
	r.env.SetOnLocalActivityStartedListener(func(info *activity.Info, _ context.Context, _ []interface{}) {
		if mine(info) {
			count += marker + task
		}
	})
	r.env.SetOnTimerScheduledListener(func(string, time.Duration) { count += timer + task }) // of all workflows
	return &count
}

func TestThirtyDaysOfProbesEveryTenSecondsFitIntoASmallHistory(t *testing.T) {
	r := newRig(t)
	r.patience = 120 * 24 * time.Hour
	d := inStaging("standard")
	d.EarlyLifeSupport = release.Support{
		Period: days(30), Probe: &release.Probe{Path: "/"}, Interval: release.Duration(10 * time.Second),
		Exit: release.ExitCriteria{Knowledge: true},
	}
	count := r.events(release.SupportID(sampleID, "staging"))
	reported := 0
	r.during(time.Hour, func() {
		for range 40 {
			r.after(time.Duration(reported)*12*time.Hour, func() { r.incident(3, "ugly") })
			r.after(time.Duration(reported)*12*time.Hour+time.Hour, func() {
				r.send(release.ActServiceDeskCall, release.ServiceDeskCall{InEnvironment: in("uwe", "staging"), Text: "how do I log in"})
			})
			reported++
		}
	})
	r.people["support-decision:staging"] = func(a release.Awaiting) {
		if a.Action == release.ActExtendSupport {
			r.extendSupport("olga", release.ExtendSupport{Period: days(5)})
			r.after(30*time.Hour, func() {
				r.send(release.ActConfirm, release.Confirm{InEnvironment: in("olga", "staging"), Item: "knowledge", Comment: "two sessions"})
			})
		}
	}
	record := r.run(d)
	assert.Equal(t, release.Completed, record.Outcome, record.Reason)
	s := supportOf(t, record)
	require.Len(t, s.Extensions, 2)
	assert.Equal(t, []string{"", "olga"}, []string{s.Extensions[0].By, s.Extensions[1].By})
	assert.Contains(t, s.Extensions[0].Reason, "nobody confirmed that knowledge was transferred")
	assert.Equal(t, "olga", s.Knowledge.By)
	assert.Len(t, s.Incidents, 40)
	assert.Len(t, s.Calls, 40)
	assert.GreaterOrEqual(t, len(s.Latency), 60)
	assert.Equal(t, s.Until, s.Ended, "what a person extends lasts for all of its time")
	for i, w := range s.Latency[1:] {
		assert.Equal(t, s.Latency[i].To, w.From, "the windows leave nothing out")
	}
	assert.Zero(t, s.Availability[0].UnobservedTime())
	// Each action is a signal to the release, one to the child, and back: 3 events there.
	const actions, each = 82, 3 + 3 + 3
	t.Logf("at most %d events", *count+actions*each)
	assert.Less(t, *count+actions*each, 2000)
}

func TestAnIncidentThatTheReleaseCausedBacksItOutByItself(t *testing.T) {
	r := newRig(t)
	d := inStaging("normal")
	d.EarlyLifeSupport = release.Support{
		Period: days(30), Probe: &release.Probe{Path: "/"}, BackOut: release.BackOutCondition{Severity: 1},
	}
	r.during(5*24*time.Hour, func() {
		r.update(release.ActIncident, release.ReportIncident{InEnvironment: in("stan", "staging"), Severity: 1, Text: "the power is out", Unrelated: true})
		r.incident(2, "slow")
	})
	r.world.when("verify staging "+newVersion, func(context.Context) {
		r.after(12*24*time.Hour, func() { r.incident(1, "no images") })
	})
	record := r.run(d)
	assert.Equal(t, release.BackedOut, record.Outcome)
	assert.Equal(t, "early life support in staging asked for it automatically: incident INC-3 of severity 1 is open: no images", record.Reason)
	r.assertOld("staging")
	s := supportOf(t, record)
	assert.Equal(t, "incident INC-3 of severity 1 is open: no images", s.BackOut)
	assert.InDelta(t, 12*24, s.Ended.Sub(s.Started).Hours(), 1)
	require.Len(t, r.world.supportReports, 1)
	assert.Contains(t, r.world.supportReports[0], "backed out automatically")
	entries := r.world.find(func(e release.Entry) bool { return e.Support != nil })
	assert.Equal(t, s.BackOut, entries[len(entries)-1].Support.Status.BackOut)
	assert.NotNil(t, s.Document)
}

func TestABurntErrorBudgetBacksOutAtOnce(t *testing.T) {
	r := newRig(t)
	d := inStaging("normal")
	d.EarlyLifeSupport.Exit.ErrorBudget = 1
	d.EarlyLifeSupport.BackOut.BudgetBurnt = true
	r.world.goesWrong("watch staging", fails)
	record := r.run(d)
	assert.Equal(t, release.BackedOut, record.Outcome)
	assert.Contains(t, record.Reason, "automatically: s1 was down for 14m25s, and at most 14m24s are accepted")
	s := supportOf(t, record)
	assert.Less(t, s.Ended.Sub(s.Started), 20*time.Minute)
	r.assertOld("staging")
}

func TestTheModelMayKeepBackOutsForPeople(t *testing.T) {
	r := newRig(t)
	for i := range r.world.org.Models {
		r.world.org.Models[i].Support.AutoBackOut = true
	}
	d := inStaging("standard")
	d.EarlyLifeSupport.BackOut.Severity = 1
	_, problems := release.Compile(d, r.world.org, release.Facts{Now: monday}, 1)
	require.Empty(t, problems)
	d.Model = "standard"
	_, problems = release.Compile(d, organization(t), release.Facts{Now: monday}, 1)
	require.ErrorContains(t, problems, "earlyLifeSupport.backOut: model standard lets nothing be backed out before somebody asks for it")
}

func TestUnmetCriteriaExtendAndThenAskAPerson(t *testing.T) {
	r := newRig(t)
	d := inStaging("standard")
	d.EarlyLifeSupport.Exit.Knowledge = true
	var waits []release.Awaiting
	r.people["support-decision:staging"] = func(a release.Awaiting) {
		waits = append(waits, a)
		if a.Action == release.ActEndSupport {
			r.update(release.ActEndSupport, json.RawMessage(a.Payload))
		}
	}
	record := r.run(d)
	assert.Equal(t, release.CompletedWithIssues, record.Outcome)
	assert.Contains(t, record.Reason, "nobody confirmed that knowledge was transferred")
	require.Len(t, waits, 2)
	assert.Contains(t, waits[0].Needs, "group service-operations (olga)")
	assert.Contains(t, waits[0].Needs, "exit criteria do not hold (knowledge)")
	assert.Equal(t, release.ActExtendSupport, waits[0].Action)
	assert.Contains(t, waits[1].Needs, "back-out")
	s := supportOf(t, record)
	require.NotNil(t, s.EndedBy)
	assert.Equal(t, "WHY", s.EndedBy.Summary)
	require.Len(t, s.Extensions, 1, "as often as the model extends by itself")
	assert.Equal(t, s.Started.Add(2*24*time.Hour), s.Until)
	entries := r.world.find(func(e release.Entry) bool { return e.Support != nil })
	assert.Len(t, entries, 3, "the beginning, the extension, and the end")
}

func TestASupportThatWaitsForADecisionEndsByItselfOnceItsCriteriaHold(t *testing.T) {
	for name, probe := range map[string]*release.Probe{"with probes": {Path: "/"}, "without probes": nil} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			d := inStaging("standard")
			most := 0.5
			d.EarlyLifeSupport.Probe, d.EarlyLifeSupport.Exit.CallsPerDay = probe, &most
			r.during(time.Hour, func() {})
			r.world.when("verify staging "+newVersion, func(context.Context) {
				r.after(30*time.Hour, func() {
					for range 4 {
						r.send(release.ActServiceDeskCall, release.ServiceDeskCall{InEnvironment: in("uwe", "staging"), Text: "it is slow"})
					}
				})
				r.after(time.Hour, func() {
					r.send(release.ActServiceDeskCall, release.ServiceDeskCall{InEnvironment: in("uwe", "staging"), Text: "it is slow"})
				})
			})
			record := r.run(d)
			assert.Equal(t, release.Completed, record.Outcome, record.Reason)
			assert.True(t, r.waited("support-decision:staging"))
			s := supportOf(t, record)
			assert.Empty(t, s.Unmet)
			assert.InDelta(t, (30*time.Hour + 7*24*time.Hour).Hours(), s.Ended.Sub(s.Started).Hours(), 26)
		})
	}
}

func TestWhatCannotBeDecidedAboutSupportIsRefused(t *testing.T) {
	r := newRig(t)
	d := inStaging("standard")
	d.EarlyLifeSupport.Minimum = release.Duration(20 * time.Hour)
	var told []*answer
	r.during(time.Hour, func() {
		told = append(
			told,
			r.extendSupport("stan", release.ExtendSupport{Period: days(1)}),
			r.endSupport("stan", "I am tired"),
		)
		for _, m := range []release.ExtendSupport{{Until: monday}, {Until: r.env.Now().Add(time.Hour)}, {Period: days(400)}} {
			m.InEnvironment, m.Reason = in("olga", "staging"), "x"
			r.send(release.ActExtendSupport, m)
		}
		r.send(release.ActEndSupport, release.EndSupport{InEnvironment: in("olga", "staging"), Reason: "too early"})
		r.send(release.ActConfirm, release.Confirm{InEnvironment: in("uwe", "staging"), Item: "knowledge"})
		r.after(20*time.Hour, func() { r.endSupport("max", "it is quiet") })
	})
	record := r.run(d)
	assert.Equal(t, release.Completed, record.Outcome)
	r.assertRefused(told[0], "stan may not extend-els: model standard leaves it to max (release manager)")
	r.assertRefused(told[1], "stan may not end-els")
	s := supportOf(t, record)
	var refusals []string
	for _, a := range s.Acts {
		if !a.Counted {
			refusals = append(refusals, a.Refusal)
		}
	}
	require.Len(t, refusals, 5)
	assert.Contains(t, refusals[0], "2026-03-02T09:00:00Z is past")
	assert.Contains(t, refusals[1], "it lasts until "+s.Until.Format(time.RFC3339)+" already")
	assert.Contains(t, refusals[2], "more than a year away")
	assert.Contains(t, refusals[3], "it lasts until "+s.Minimum.Format(time.RFC3339)+" at least, so it cannot be ended before")
	assert.Contains(t, refusals[4], "uwe may not confirm that knowledge was transferred")
	assert.Equal(t, "max", s.EndedBy.By)
	assert.InDelta(t, 21, s.Ended.Sub(s.Started).Hours(), 1)
}

func TestALibraryThatIsDownDoesNotKeepTheReleaseFromGoingOn(t *testing.T) {
	r := newRig(t)
	for range 30 {
		r.world.goesWrong("support report", breaks)
	}
	record := r.run(inStaging("standard"))
	assert.Equal(t, release.CompletedWithIssues, record.Outcome)
	assert.Contains(t, record.Reason, "the support report is not in the DML: it is down")
}

func TestALongSupportGoesOnInANewRunWithAllThatItKnows(t *testing.T) {
	order := release.SupportOrder{
		Release: sampleID, Version: newVersion, Environment: "staging", Edition: release.SupportEdition,
		Targets: organization(t).Environments[0].Targets,
		Plan:    release.Support{Period: days(2), Probe: &release.Probe{Path: "/"}},
	}
	order.Authority.Roster = organization(t).Roster
	var runs []release.SupportOrder
	started := monday
	for {
		r := newRig(t)
		r.env.SetStartTime(started)
		r.env.SetStartWorkflowOptions(client.StartWorkflowOptions{ID: release.SupportID(sampleID, "staging")})
		runs = append(runs, order)
		if len(runs) < 4 {
			r.after(10*time.Hour, func() {
				r.send(release.ActServiceDeskCall, release.ServiceDeskCall{InEnvironment: in("uwe", "staging"), Text: "hello"})
				r.env.SetContinueAsNewSuggested(true)
			})
		}
		r.env.ExecuteWorkflow(release.WorkflowSupport, order)
		require.True(t, r.env.IsWorkflowCompleted())
		started = r.env.Now()
		var next *workflow.ContinueAsNewError
		if err := r.env.GetWorkflowError(); !assert.ErrorAs(new(testing.T), err, &next) {
			require.NoError(t, err)
			var s release.SupportStatus
			require.NoError(t, r.env.GetWorkflowResult(&s))
			assert.Len(t, runs, 4)
			assert.Len(t, s.Calls, 3)
			assert.Len(t, s.Acts, 3)
			assert.Equal(t, monday, s.Started)
			assert.Equal(t, s.Started.Add(2*24*time.Hour), s.Until)
			assert.Equal(t, s.Until, s.Ended)
			assert.Len(t, s.Availability, 1)
			assert.Zero(t, s.Availability[0].UnobservedTime())
			assert.Equal(t, 3, runs[3].Acts)
			return
		}
		order = release.SupportOrder{}
		require.NoError(t, converter.GetDefaultDataConverter().FromPayloads(next.Input, &order))
		require.NotNil(t, order.Before)
	}
}
