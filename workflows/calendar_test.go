package workflows_test

import (
	"context"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"slipway/activities"
	"slipway/activities/driver/cms"
	"slipway/activities/driver/cms/cmstest"
	"slipway/release"
)

// crier counts how often the deployments are told.
type crier struct{ told atomic.Int32 }

func (c *crier) CalendarChanged(context.Context) (int, error) {
	c.told.Add(1)
	return 2, nil
}

// planner runs the workflow of the calendar on a real CMS.
type planner struct {
	t     *testing.T
	env   *testsuite.TestWorkflowEnvironment
	store *cms.Store
	crier crier
	org   release.Organization
}

func newPlanner(t *testing.T) *planner {
	t.Helper()
	store, err := cms.Open(t.Context(), cmstest.Place(t, filepath.Join(t.TempDir(), "cms.db")))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	p := &planner{t: t, store: store, org: organization(t)}
	p.org.Calendar.May = map[release.CalendarKind][]string{release.CalendarFreeze: {"release-managers"}, release.CalendarWindow: {"service-operations"}}
	p.renew()
	return p
}

// renew makes a fresh run, as continue-as-new and a termination do.
func (p *planner) renew() {
	p.env = newEnv()
	p.env.RegisterActivity(&activities.Activities{
		Organization: func() release.Organization { return p.org }, Store: p.store, Waiters: &p.crier,
	})
}

// run runs the calendar until everything that was planned has happened.
func (p *planner) run(state release.CalendarStatus) release.CalendarStatus {
	p.t.Helper()
	var last release.CalendarStatus
	p.env.RegisterDelayedCallback(func() {
		last = p.status()
		p.env.CancelWorkflow()
	}, time.Hour)
	p.env.ExecuteWorkflow(release.WorkflowCalendar, state)
	require.True(p.t, p.env.IsWorkflowCompleted())
	return last
}

func (p *planner) status() release.CalendarStatus {
	p.t.Helper()
	var status release.CalendarStatus
	value, err := p.env.QueryWorkflow(release.QueryStatus)
	require.NoError(p.t, err)
	require.NoError(p.t, value.Get(&status))
	return status
}

// update sends an action some time after the beginning, and gives its answer.
func (p *planner) update(after time.Duration, action release.Action, message any) *answer {
	a := &answer{}
	p.env.RegisterDelayedCallback(func() {
		p.env.UpdateWorkflow(string(action), "", &testsuite.TestUpdateCallback{
			OnReject: func(err error) { a.rejected, a.complete = err, true },
			OnAccept: func() {},
			OnComplete: func(receipt any, err error) {
				a.receipt, a.failed, a.complete = receipt, err, true
			},
		}, message)
	}, after)
	return a
}

// added gives what the CMS has.
func (p *planner) added() ([]release.CalendarEntry, int) {
	p.t.Helper()
	entries, count, err := p.store.Calendar(context.Background(), monday)
	require.NoError(p.t, err)
	return entries, count
}

func easter(by string) release.AddFreeze {
	return release.AddFreeze{Sender: sender(by), From: monday, To: monday.AddDate(0, 0, 7), Reason: "Easter"}
}

func nights(by string) release.AddWindow {
	return release.AddWindow{InEnvironment: in(by, "staging"), Window: evenings}
}

func TestWhatIsAddedToTheCalendarIsInTheCMSAndTold(t *testing.T) {
	p := newPlanner(t)
	freeze := p.update(time.Minute, release.ActAddFreeze, easter("max"))
	p.env.RegisterDelayedCallback(func() { require.EqualValues(t, 1, p.crier.told.Load(), "at once") }, time.Minute+time.Second)
	p.env.RegisterDelayedCallback(func() { require.EqualValues(t, 2, p.crier.told.Load(), "and once more") }, 2*time.Minute)
	p.env.RegisterDelayedCallback(func() { p.env.SignalWorkflow(string(release.ActAddWindow), nights("olga")) }, 3*time.Minute)
	gone := p.update(4*time.Minute, release.ActRemoveEntry, release.RemoveCalendarEntry{Sender: sender("max"), ID: "freeze-1", Reason: "moved"})
	status := p.run(release.CalendarStatus{})

	require.NoError(t, freeze.failed)
	require.Equal(t, "freeze-1 added: freeze of all environments from 2026-03-02T09:00:00Z until 2026-03-09T09:00:00Z: Easter; the 2 deployments that run were told",
		freeze.receipt.(release.Receipt).Message)
	require.NoError(t, gone.failed)
	require.Len(t, status.Entries, 1)
	require.Equal(t, "window-2", status.Entries[0].ID)
	require.Len(t, status.Acts, 3)
	entries, count := p.added()
	require.Equal(t, 2, count, "the history is kept")
	require.Equal(t, status.Entries, entries)
	require.EqualValues(t, 6, p.crier.told.Load())
}

func TestWhatIsRefusedChangesNothingAndIsRecorded(t *testing.T) {
	p := newPlanner(t)
	p.org.Freezes = []release.Freeze{{Reason: "audit", From: monday, To: monday.AddDate(0, 0, 1)}}
	at := time.Minute
	for what, c := range map[string]struct {
		action  release.Action
		message any
	}{
		"olga may not add or remove a freeze":  {release.ActAddFreeze, easter("olga")},
		"max may not add or remove a window":   {release.ActAddWindow, nights("max")},
		"eve is not on the roster":             {release.ActAddFreeze, easter("eve")},
		`field "reason" is missing or empty`:   {release.ActAddFreeze, release.AddFreeze{Sender: sender("max"), From: monday, To: monday.AddDate(0, 0, 1)}},
		"stands in slipway.yaml":               {release.ActRemoveEntry, release.RemoveCalendarEntry{Sender: sender("max"), ID: "organization.freezes[0]", Reason: "x"}},
		`the calendar has no entry "freeze-9"`: {release.ActRemoveEntry, release.RemoveCalendarEntry{Sender: sender("max"), ID: "freeze-9", Reason: "x"}},
	} {
		a := p.update(at, c.action, c.message)
		defer func() { require.ErrorContains(t, a.failed, what) }()
		at += time.Minute
	}
	p.env.RegisterDelayedCallback(func() { p.env.SignalWorkflow(string(release.ActAddFreeze), "nonsense") }, at)
	status := p.run(release.CalendarStatus{})
	require.Len(t, status.Acts, 7)
	require.Empty(t, status.Entries)
	_, count := p.added()
	require.Zero(t, count)
	require.Zero(t, p.crier.told.Load())
	for _, a := range status.Acts {
		require.False(t, a.Counted)
		require.NotEmpty(t, a.Refusal)
	}
}

func TestTheCalendarGoesOnWhereItWasBefore(t *testing.T) {
	p := newPlanner(t)
	p.update(time.Minute, release.ActAddFreeze, easter("max"))
	p.env.RegisterDelayedCallback(func() { p.env.SetContinueAsNewSuggested(true) }, time.Minute+time.Second)
	p.update(time.Minute+5*time.Second, release.ActAddWindow, nights("olga"))
	p.env.ExecuteWorkflow(release.WorkflowCalendar, release.CalendarStatus{})
	var next *workflow.ContinueAsNewError
	require.ErrorAs(t, p.env.GetWorkflowError(), &next)
	var state release.CalendarStatus
	require.NoError(t, converter.GetDefaultDataConverter().FromPayloads(next.Input, &state))
	require.Len(t, state.Entries, 2, "also what came before all were told")
	require.EqualValues(t, 3, p.crier.told.Load(), "nobody is left untold")

	p.renew()
	p.update(time.Minute, release.ActAddFreeze, easter("max"))
	require.Equal(t, "freeze-3", p.run(state).Entries[2].ID)

	p.renew() // it was terminated, and is started anew
	p.update(time.Minute, release.ActAddFreeze, easter("max"))
	status := p.run(release.CalendarStatus{})
	require.Len(t, status.Entries, 4)
	require.Equal(t, "freeze-4", status.Entries[3].ID)
}

func TestADeploymentThatIsToldLooksAtOnce(t *testing.T) {
	r := newRig(t)
	r.freeze(monday, monday.AddDate(0, 0, 30))
	r.people["window:staging"] = func(release.Awaiting) {
		r.after(3*time.Hour, func() {
			r.world.change(func(w *world) { w.org.Freezes = nil })
			require.NoError(t, r.env.SignalWorkflowByID(release.DeploymentID(sampleID, "staging"), "look-again", nil))
		})
	}
	record := r.run(definition("standard"))
	require.Equal(t, release.Completed, record.Outcome)
	require.WithinDuration(t, r.seen[0].Since.Add(3*time.Hour), begun(t, record, "deploy:staging"), 2*time.Minute)
}

func TestADeploymentParkedBetweenWavesIsToldToo(t *testing.T) {
	r := newRig(t)
	r.world.when("after activate production/p1", func(context.Context) { r.freeze(monday, monday.AddDate(0, 0, 30)) })
	var lifted time.Time
	r.people["window:production"] = func(a release.Awaiting) {
		require.Contains(t, a.Needs, "Easter")
		r.after(time.Hour, func() {
			lifted = r.env.Now()
			r.world.change(func(w *world) { w.org.Freezes = nil })
			require.NoError(t, r.env.SignalWorkflowByID(release.DeploymentID(sampleID, "production"), "look-again", nil))
		})
	}
	record := r.run(onWavesOfOne("standard"))
	require.Equal(t, release.Completed, record.Outcome)
	require.WithinDuration(t, lifted, begun(t, record, "verify:production"), 2*time.Minute)
	r.assertNew("production")
}
