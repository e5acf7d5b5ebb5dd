package release_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/release"
)

const hour = release.Duration(time.Hour)

func many(n int, at time.Time) (calls []release.Call) {
	for range n {
		calls = append(calls, release.Call{At: at, By: "uwe", Summary: "it is slow"})
	}
	return calls
}

func TestEachExitCriterionSaysWhatIsWantedAndWhatThereIs(t *testing.T) {
	perDay := 2.0
	plan := release.Support{
		Period: 14 * 24 * hour, Minimum: 72 * hour,
		Exit: release.ExitCriteria{MaxDowntime: hour, ErrorBudget: 0.5, CallsPerDay: &perDay, Knowledge: true},
	}
	assert.Equal(t, hour, plan.DowntimeLimit())
	assert.Equal(t, release.Duration(100*time.Minute+48*time.Second), plan.Budget())
	s := release.SupportStatus{Started: noon, Availability: []release.Availability{downFor("p1", 6000), {Target: "p2", Probes: 1}}, Calls: many(20, noon.Add(time.Hour))}
	unmet := func(now time.Time) (names []string) {
		for _, c := range plan.Evaluate(s, now) {
			require.NotEmpty(t, c.Wanted, c.Name)
			require.NotEmpty(t, c.Actual, c.Name)
			if !c.Met {
				names = append(names, c.Name)
			}
		}
		return names
	}
	assert.Equal(t, []string{"downtime", "calls", "minimum", "knowledge"}, unmet(noon.Add(48*time.Hour)))
	assert.Equal(t, []string{"downtime", "calls", "knowledge"}, unmet(noon.Add(7*24*time.Hour)))
	assert.Equal(t, []string{"downtime", "knowledge"}, unmet(noon.Add(8*24*time.Hour)), "old calls do not count")
	assert.Equal(t, noon.Add(7*24*time.Hour+time.Hour), plan.Turns(s, noon.Add(2*time.Hour)))
	s.Availability = []release.Availability{downFor("p1", 6100)}
	s.Availability[0].Unobserved = []release.Interval{lasting(0, 90, "")}
	assert.Equal(t, []string{"downtime", "error budget", "knowledge"}, unmet(noon.Add(8*24*time.Hour)))
	assert.Contains(t, release.Unmet(plan.Evaluate(s, noon)), "p1 was down for 1h41m40s, and nobody looked for 1m30s (wanted: at most 1h)")
	s.Knowledge = &release.Act{By: "olga"}
	s.Availability = nil
	assert.Empty(t, unmet(noon.Add(8*24*time.Hour)))
}

func TestConditionsForABackOut(t *testing.T) {
	plan := release.Support{Period: 24 * hour, Exit: release.ExitCriteria{ErrorBudget: 10}, BackOut: release.BackOutCondition{Severity: 1, BudgetBurnt: true}}
	unrelated := incident("INC-1", 1, true)
	unrelated.Unrelated = true
	s := release.SupportStatus{Until: noon, Incidents: []release.Incident{unrelated, incident("INC-2", 2, true), incident("INC-3", 1, false)}}
	assert.Empty(t, plan.Reason(s))
	s.Incidents = append(s.Incidents, incident("INC-4", 1, true))
	assert.Equal(t, "incident INC-4 of severity 1 is open: it is slow", plan.Reason(s))
	burnt := release.SupportStatus{Availability: []release.Availability{downFor("p1", 8640)}}
	assert.Empty(t, plan.Reason(burnt), "as much as there is")
	burnt.Availability = []release.Availability{downFor("p1", 8700)}
	assert.Equal(t, "p1 was down for 2h25m, and at most 2h24m are accepted", plan.Reason(burnt))

	order := release.SupportOrder{Plan: plan}
	assert.Empty(t, order.Course(s, noon.Add(-time.Hour)).BackOut, "the model does not let it")
	order.Policy.AutoBackOut = true
	assert.NotEmpty(t, order.Course(s, noon.Add(-time.Hour)).BackOut)
}

func TestTheCourseOfEarlyLifeSupport(t *testing.T) {
	order := release.SupportOrder{Policy: release.SupportPolicy{ExtendBy: hour, Extensions: 1}}
	bad := []string{"it is slow"}
	extended := []release.Extension{{At: noon, From: noon, Until: noon.Add(time.Hour), Reason: "it was slow"}}
	byPerson := []release.Extension{{At: noon, From: noon, Until: noon.Add(time.Hour), By: "olga"}}
	for _, c := range []struct {
		name   string
		status release.SupportStatus
		after  time.Duration
		want   release.SupportCourse
	}{
		{"it goes on until its end", release.SupportStatus{}, -time.Second, release.SupportCourse{}},
		{"it ends when all criteria hold", release.SupportStatus{}, 0, release.SupportCourse{End: true}},
		{"policy extends it", release.SupportStatus{Unmet: bad}, 0, release.SupportCourse{Extend: &release.Extension{At: noon, From: noon, Until: noon.Add(time.Hour), Reason: "it is slow"}}},
		{"it is extended from now on when nobody was there in time", release.SupportStatus{Unmet: bad}, 3 * time.Hour, release.SupportCourse{Extend: &release.Extension{At: noon.Add(3 * time.Hour), From: noon, Until: noon.Add(4 * time.Hour), Reason: "it is slow"}}},
		{"an extension by policy ends with its reason", release.SupportStatus{Until: noon.Add(time.Hour), Extensions: extended}, time.Minute, release.SupportCourse{End: true}},
		{"one by a person lasts", release.SupportStatus{Until: noon.Add(time.Hour), Extensions: byPerson}, time.Minute, release.SupportCourse{}},
		{"then a person is asked", release.SupportStatus{Until: noon.Add(time.Hour), Unmet: bad, Extensions: extended}, time.Hour, release.SupportCourse{Ask: true}},
		{"a person's extension takes none of policy's", release.SupportStatus{Until: noon.Add(time.Hour), Unmet: bad, Extensions: byPerson}, time.Hour, release.SupportCourse{Extend: &release.Extension{At: noon.Add(time.Hour), From: noon.Add(time.Hour), Until: noon.Add(2 * time.Hour), Reason: "it is slow"}}},
		{"a person ends it", release.SupportStatus{Until: noon.Add(time.Hour), Unmet: bad, EndedBy: &release.Act{By: "olga"}}, 0, release.SupportCourse{End: true}},
	} {
		if c.status.Until.IsZero() {
			c.status.Until = noon
		}
		assert.Equal(t, c.want, order.Course(c.status, noon.Add(c.after)), c.name)
	}
}

func TestAWaitForADecisionShowsWhatToSend(t *testing.T) {
	order := release.SupportOrder{
		Environment: "production", Authority: release.Authority{Model: "normal", Manager: "max", Requester: "rita", Roster: []release.Person{{ID: "max"}, {ID: "rita"}}},
	}
	s := release.SupportStatus{Until: noon, Unmet: []string{"incident INC-1 …"}, Incidents: []release.Incident{incident("INC-1", 1, true)}}
	waits := order.Waits(s, noon)
	require.Len(t, waits, 3)
	var actions []release.Action
	for _, w := range waits {
		actions = append(actions, w.Action)
		assert.Equal(t, noon, w.Since)
		_, err := release.DecodeMessage(w.Action, []byte(w.Payload))
		assert.NoError(t, err, w.Payload)
		assert.True(t, json.Valid([]byte(w.Payload)))
	}
	assert.Equal(t, []release.Action{release.ActResolveIncident, release.ActExtendSupport, release.ActEndSupport}, actions)
	s.Awaiting, s.Unmet = waits, []string{"something else"}
	for _, w := range order.Waits(s, noon.Add(time.Hour)) {
		assert.Equal(t, noon, w.Since, "it is the same wait")
	}
	assert.Empty(t, order.Waits(s, noon.Add(-time.Hour)))
}

func TestThePeriodIsCutIntoFewWindows(t *testing.T) {
	for _, c := range []struct{ period, window, want release.Duration }{
		{30 * 24 * hour, 0, 12 * hour},
		{24 * hour, 0, hour},
		{hour, 0, hour / 60},
		{hour / 60, 0, release.Duration(50 * time.Second)},
		{hour, hour / 4, hour / 4},
	} {
		assert.Equal(t, c.want, release.Support{Period: c.period, Window: c.window}.Stretch())
	}
}

func TestAnEnvironmentMayHaveItsOwnSupport(t *testing.T) {
	d := release.Definition{
		EarlyLifeSupport: release.Support{Period: hour},
		Environments:     []release.EnvironmentDefinition{{Name: "staging"}, {Name: "production", EarlyLifeSupport: &release.Support{Period: 14 * 24 * hour}}},
	}
	assert.Equal(t, hour, d.SupportIn("staging").Period)
	assert.Equal(t, 14*24*hour, d.SupportIn("production").Period)
}
