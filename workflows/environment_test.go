package workflows_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"slipway/activities"
	"slipway/release"
	"slipway/workflows"
)

// lender runs the workflow of one environment, with deployments that are names.
type lender struct {
	t     tester
	env   *testsuite.TestWorkflowEnvironment
	world *world
	mu    sync.Mutex
	// granted tells to whom the environment was lent, in order.
	granted []string
	// queue, when there is one, is told what happens, and checks what is granted.
	queue *queue
	clock time.Duration
}

func newLender(t tester) *lender {
	l := &lender{t: t, world: newWorld(release.Organization{})}
	l.renew()
	return l
}

// renew makes a fresh run, as continue-as-new does.
func (l *lender) renew() {
	l.env, l.clock = newEnv(), 0
	l.env.RegisterActivity(&fakes{world: l.world, env: l.env})
	l.env.OnSignalExternalWorkflow(mock.Anything, mock.Anything, mock.Anything, "lease-granted", mock.Anything).Return(
		func(_, id, run, _ string, _ any) error {
			l.world.mu.Lock()
			gone := l.world.gone[id+"/"+run]
			l.world.mu.Unlock()
			if gone {
				return errors.New("it is not there")
			}
			l.mu.Lock()
			defer l.mu.Unlock()
			l.granted = append(l.granted, id)
			if l.queue != nil {
				l.queue.granted(id)
			}
			return nil
		}).Maybe()
}

// moment is the time between two things that happen; never a sum of them is as long
// as the environment waits before it looks after its holder.
const moment = 1010 * time.Millisecond

// then does something some time after what was before.
func (l *lender) then(after time.Duration, do func()) {
	l.clock += after
	l.env.RegisterDelayedCallback(do, l.clock)
}

func lease(holder string) activities.LeaseRequest {
	return activities.LeaseRequest{Environment: "staging", Holder: holder, RunID: "run", Emergency: holder[0] == 'E'}
}

func (l *lender) ask(holders ...string) {
	for _, holder := range holders {
		l.then(moment, func() {
			l.tell(func(q *queue) { q.ask(holder) })
			request := lease(holder)
			request.Asked = l.env.Now()
			l.env.SignalWorkflow(workflows.SignalLeaseRequest, request)
		})
	}
}

// take takes the environment, if it is free.
func (l *lender) take(holder string, want bool) {
	l.then(moment, func() {
		l.env.UpdateWorkflow(workflows.UpdateTakeLease, "", &testsuite.TestUpdateCallback{
			OnAccept: func() {},
			OnReject: func(err error) { assert.NoError(l.t, err) },
			OnComplete: func(taken any, err error) {
				assert.NoError(l.t, err)
				assert.Equal(l.t, want, taken, holder)
			},
		}, lease(holder))
	})
}

func (l *lender) giveBack(holders ...string) {
	for _, holder := range holders {
		l.then(moment, func() {
			l.tell(func(q *queue) { q.giveBack(holder) })
			l.env.SignalWorkflow(workflows.SignalLeaseReturn, lease(holder))
		})
	}
}

func (l *lender) vanish(holder string) {
	l.then(moment, func() {
		l.tell(func(q *queue) { q.gone[holder] = true })
		l.world.change(func(w *world) { w.gone[holder+"/run"] = true })
	})
}

func (l *lender) tell(what func(q *queue)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.queue != nil {
		what(l.queue)
	}
}

// continueAsNew lets the server suggest it, which is heard when something happens.
func (l *lender) continueAsNew() {
	l.then(time.Second, func() { l.env.SetContinueAsNewSuggested(true) })
	l.then(time.Second, func() { l.env.SignalWorkflow(workflows.SignalLeaseReturn, lease("nobody")) })
}

// run lets it all happen from a state on, and gives the state that is carried on.
func (l *lender) run(state release.EnvironmentStatus) (next release.EnvironmentStatus, again bool) {
	l.t.Helper()
	l.then(5*time.Minute, func() {
		value, err := l.env.QueryWorkflow(release.QueryStatus)
		require.NoError(l.t, err)
		require.NoError(l.t, value.Get(&next))
		l.env.CancelWorkflow()
	})
	l.env.ExecuteWorkflow(release.WorkflowEnvironment, state)
	err := l.env.GetWorkflowError()
	var renewed *workflow.ContinueAsNewError
	if errors.As(err, &renewed) {
		require.NoError(l.t, converter.GetDefaultDataConverter().FromPayloads(renewed.Input, &next))
		return next, true
	}
	require.True(l.t, temporal.IsCanceledError(err), "%v", err)
	return next, false
}

func TestAnEnvironmentIsLentToOneAtATimeInTheOrderOfArrival(t *testing.T) {
	l := newLender(t)
	l.ask("a", "b", "c")
	l.then(time.Hour, func() { assert.Equal(t, []string{"a"}, l.granted) })
	l.giveBack("a")
	l.then(time.Second, func() { assert.Equal(t, []string{"a", "b"}, l.granted) })
	l.giveBack("b", "c")
	state, _ := l.run(release.EnvironmentStatus{Name: "staging"})
	assert.Equal(t, []string{"a", "b", "c"}, l.granted)
	assert.Equal(t, release.EnvironmentStatus{Name: "staging"}, state)
}

func TestAFreeEnvironmentIsTakenAtOnceAndNoOtherOne(t *testing.T) {
	l := newLender(t)
	l.take("a", true)
	l.take("a", true) // it asks again because the answer got lost
	l.take("b", false)
	l.ask("c")
	l.giveBack("a")
	l.take("d", false) // c has it
	l.giveBack("c")
	l.take("d", true)
	l.giveBack("d")
	state, _ := l.run(release.EnvironmentStatus{Name: "staging"})
	assert.Equal(t, []string{"c"}, l.granted)
	assert.Equal(t, release.EnvironmentStatus{Name: "staging"}, state)
}

func TestNobodyTakesAnEnvironmentForWhichAnotherWaits(t *testing.T) {
	l := newLender(t)
	l.ask("a", "b")
	l.take("c", false)
	l.giveBack("a")
	l.take("c", false)
	l.run(release.EnvironmentStatus{Name: "staging"})
	assert.Equal(t, []string{"a", "b"}, l.granted)
}

func TestAnEnvironmentThatIsOnlyTakenContinuesAsNew(t *testing.T) {
	l := newLender(t)
	l.take("a", true)
	l.then(time.Second, func() { l.env.SetContinueAsNewSuggested(true) })
	l.take("b", false)
	state, again := l.run(release.EnvironmentStatus{Name: "staging"})
	require.True(t, again)
	require.NotNil(t, state.Holder)
	assert.Equal(t, "a", state.Holder.Holder)
}

func TestEmergenciesGoFirstInTheirOrder(t *testing.T) {
	l := newLender(t)
	l.ask("a", "b", "E1", "c", "E2")
	l.giveBack("a", "E1", "E2", "b")
	l.run(release.EnvironmentStatus{Name: "staging"})
	assert.Equal(t, []string{"a", "E1", "E2", "b", "c"}, l.granted)
}

func TestAnEmergencyMakesNoOtherOne(t *testing.T) {
	l := newLender(t)
	l.ask("a", "b")
	l.then(moment, func() {
		l.env.SignalWorkflowSkippingWorkflowTask(workflows.SignalLeaseRequest, lease("E"))
		l.env.SignalWorkflow(workflows.SignalLeaseRequest, lease("c"))
	})
	l.giveBack("a", "E", "b")
	l.run(release.EnvironmentStatus{Name: "staging"})
	assert.Equal(t, []string{"a", "E", "b", "c"}, l.granted)
}

func TestWhoAsksTwiceIsServedOnce(t *testing.T) {
	l := newLender(t)
	l.ask("a", "a", "b", "b")
	l.giveBack("a", "b")
	state, _ := l.run(release.EnvironmentStatus{Name: "staging"})
	assert.Equal(t, []string{"a", "b"}, l.granted)
	assert.Nil(t, state.Holder)
}

func TestAHolderThatIsLostIsReplaced(t *testing.T) {
	l := newLender(t)
	l.ask("a", "b")
	l.vanish("a")
	l.then(time.Minute, func() { assert.Equal(t, []string{"a", "b"}, l.granted) })
	l.run(release.EnvironmentStatus{Name: "staging"})
	assert.Equal(t, []string{"a", "b"}, l.granted)
}

func TestWhoWaitsAndIsLostIsPassedOver(t *testing.T) {
	l := newLender(t)
	l.ask("a", "b", "c")
	l.vanish("b")
	l.giveBack("a")
	state, _ := l.run(release.EnvironmentStatus{Name: "staging"})
	assert.Equal(t, []string{"a", "c"}, l.granted)
	require.NotNil(t, state.Holder)
	assert.Equal(t, "c", state.Holder.Holder)
}

func TestWhoGivesUpWaitingIsNotServed(t *testing.T) {
	for name, ask := range map[string]func(l *lender){
		"later": func(l *lender) { l.ask("b"); l.giveBack("b") },
		"at once": func(l *lender) {
			l.then(time.Second, func() {
				l.env.SignalWorkflowSkippingWorkflowTask(workflows.SignalLeaseRequest, lease("b"))
				l.env.SignalWorkflow(workflows.SignalLeaseReturn, lease("b"))
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLender(t)
			l.ask("a")
			ask(l)
			l.giveBack("a")
			state, _ := l.run(release.EnvironmentStatus{Name: "staging"})
			assert.Equal(t, []string{"a"}, l.granted)
			assert.Empty(t, state.Queue)
		})
	}
}

func TestALeaseThatAnotherRunHoldsIsNotGivenBack(t *testing.T) {
	l := newLender(t)
	l.ask("a", "b")
	l.then(time.Second, func() {
		stale := lease("a")
		stale.RunID = "before"
		l.env.SignalWorkflow(workflows.SignalLeaseReturn, stale)
	})
	state, _ := l.run(release.EnvironmentStatus{Name: "staging"})
	assert.Equal(t, []string{"a"}, l.granted)
	assert.Len(t, state.Queue, 1)
}

func TestContinueAsNewKeepsTheHolderAndTheQueue(t *testing.T) {
	l := newLender(t)
	l.ask("a", "b", "E")
	l.continueAsNew()
	state, again := l.run(release.EnvironmentStatus{Name: "staging"})
	require.True(t, again)
	at := func(holder string, moments int) release.Lease {
		return release.Lease{Holder: holder, RunID: "run", Emergency: holder == "E", Since: monday.Add(time.Duration(moments) * moment)}
	}
	a := at("a", 1)
	assert.Equal(t, release.EnvironmentStatus{Name: "staging", Holder: &a, Queue: []release.Lease{at("E", 3), at("b", 2)}}, state)

	l.renew()
	l.giveBack("a", "E")
	l.run(state)
	assert.Equal(t, fmt.Sprint([]string{"a", "E", "b"}), fmt.Sprint(l.granted))
}

func TestALostHolderIsNoticedAtOnceByTheNextWhoAsks(t *testing.T) {
	l := newLender(t)
	l.ask("a")
	l.vanish("a")
	l.ask("b")
	l.then(time.Second, func() { assert.Equal(t, []string{"a", "b"}, l.granted) })
	l.run(release.EnvironmentStatus{Name: "staging"})
	assert.Equal(t, []string{"a", "b"}, l.granted)
}

func TestAnEnvironmentKnowsWhatRunsInItAndCarriesItOn(t *testing.T) {
	l := newLender(t)
	runs := func(holder, service, version string) {
		l.ask(holder)
		l.then(moment, func() {
			back := lease(holder)
			entry := release.BaselineEntry{Environment: "staging", Service: service}
			if version != "" {
				entry.Baseline = &release.Baseline{Environment: "staging", Service: service, Version: version}
			}
			back.Baselines = []release.BaselineEntry{entry}
			l.env.SignalWorkflow(workflows.SignalLeaseReturn, back)
		})
	}
	runs("a", "shop", "1")
	runs("b", "billing", "3.0")
	runs("c", "gone", "1")
	runs("d", "shop", "2")
	runs("e", "gone", "")
	l.continueAsNew()
	state, again := l.run(release.EnvironmentStatus{Name: "staging"})
	require.True(t, again)
	var found []string
	for _, b := range state.Baselines {
		found = append(found, b.Service+" "+b.Version)
	}
	assert.Equal(t, []string{"billing 3.0", "shop 2"}, found)
	assert.Contains(t, release.EnvironmentDetails(state), "| billing | 3.0 |")
}

func TestWhoGivesBackAndAsksAgainAtOnceIsServedAgain(t *testing.T) {
	l := newLender(t)
	request := func(signal, token string) {
		r := lease("a")
		r.Token = token
		l.env.SignalWorkflowSkippingWorkflowTask(signal, r)
	}
	l.then(moment, func() {
		request(workflows.SignalLeaseRequest, "1")
		l.env.SignalWorkflow(workflows.SignalLeaseReturn, lease("nobody"))
	})
	l.then(moment, func() {
		request(workflows.SignalLeaseReturn, "1")
		request(workflows.SignalLeaseRequest, "2")
		l.env.SignalWorkflow(workflows.SignalLeaseReturn, lease("nobody"))
	})
	state, _ := l.run(release.EnvironmentStatus{Name: "staging"})
	assert.Equal(t, []string{"a", "a"}, l.granted)
	require.NotNil(t, state.Holder)
	assert.Equal(t, "2", state.Holder.Token)
}
