package workflows_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"

	"slipway/release"
	"slipway/workflows"
)

// tester is a test, or a round of a property test.
type tester interface {
	require.TestingT
	Helper()
	Logf(format string, args ...any)
}

// newEnv makes an environment for workflows, with a clock that skips all waiting.
func newEnv() *testsuite.TestWorkflowEnvironment {
	suite := &testsuite.WorkflowTestSuite{}
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	env := suite.NewTestWorkflowEnvironment()
	workflows.Register(env)
	env.SetStartTime(monday)
	env.SetTestTimeout(20 * time.Second)
	env.SetWorkerOptions(worker.Options{DeadlockDetectionTimeout: 10 * time.Second})
	return env
}

// rig runs a release with its deployments and early life supports in a world, with
// people who do what is asked of them unless a test says otherwise.
type rig struct {
	t     tester
	env   *testsuite.TestWorkflowEnvironment
	world *world
	fakes *fakes
	// people answer a wait: by its key ("deploy:production", "step:production"),
	// else by its kind ("gate", "acceptance").
	people map[string]func(a release.Awaiting)
	// seen are the waits that people have seen, in their order.
	seen []release.Awaiting
	// changes are the changes of the search attributes.
	changes []temporal.SearchAttributes
	pause   time.Duration
	answers []*answer
	// patience is how long a release may take before a test gives it up.
	patience time.Duration
	gaveUp   bool
	// activates tells that the release switches targets by itself.
	activates bool
}

func newRig(t tester) *rig {
	t.Helper()
	r := &rig{t: t, env: newEnv(), world: newWorld(organization(t)), patience: 60 * 24 * time.Hour}
	r.fakes = &fakes{world: r.world, env: r.env}
	r.env.RegisterActivity(r.fakes)
	r.env.SetStartWorkflowOptions(client.StartWorkflowOptions{ID: sampleID})
	r.env.SetOnActivityCanceledListener(func(info *activity.Info) { r.world.stop(info.TaskToken) })
	r.people = map[string]func(release.Awaiting){
		release.WaitGate: r.authorize,
		release.WaitAcceptance: func(a release.Awaiting) {
			r.send(release.ActAccept, release.Accept{InEnvironment: in("uwe", a.Environment)})
		},
		release.WaitHandOver: func(a release.Awaiting) {
			r.send(release.ActHandOver, release.HandOver{InEnvironment: in("olga", a.Environment)})
		},
		release.WaitRating: func(release.Awaiting) {
			r.send(release.ActRate, release.Rate{Sender: sender("uwe"), Score: 4})
		},
		release.WaitReview: func(release.Awaiting) {
			r.send(release.ActNote, release.TakeNote{Sender: sender("max"), Kind: release.NoteLesson, Text: "ask earlier"})
			r.send(release.ActCloseReview, release.CloseReview{Sender: sender("max"), Comment: "well done"})
		},
	}
	return r
}

func in(by, environment string) release.InEnvironment {
	return release.InEnvironment{Sender: sender(by), Environment: environment}
}

func sender(id string) release.Sender { return release.Sender{By: id} }

// run carries a release from request to close. What has to hold after every
// release is checked here.
func (r *rig) run(d release.Definition) release.Record {
	r.t.Helper()
	r.activates = slices.ContainsFunc(d.Steps, func(s release.Step) bool { return s.Action == release.Activate })
	r.pause = time.Minute
	r.env.RegisterDelayedCallback(r.lookNowAndThen, r.pause)
	r.env.OnUpsertTypedSearchAttributes(mock.Anything).Run(func(args mock.Arguments) {
		r.changes = append(r.changes, args.Get(0).(temporal.SearchAttributes))
		r.env.RegisterDelayedCallback(r.look, time.Minute)
	}).Return(nil).Maybe()
	r.env.ExecuteWorkflow(release.WorkflowRelease, release.Request{Definition: d})
	require.True(r.t, r.env.IsWorkflowCompleted())
	require.NoError(r.t, r.env.GetWorkflowError())
	var ended release.Conclusion
	require.NoError(r.t, r.env.GetWorkflowResult(&ended))
	record := r.status()
	require.Equal(r.t, record.Conclude().Outcome, ended.Outcome)
	require.False(r.t, r.gaveUp, "the release did not end by itself")
	r.checkAlways(record)
	return record
}

// lookNowAndThen shows people what the release waits for, also when its search
// attributes say nothing new; the less happens, the rarer.
func (r *rig) lookNowAndThen() {
	r.pause = min(2*r.pause, 12*time.Hour)
	r.look()
	if r.env.Now().Sub(monday) < r.patience {
		r.env.RegisterDelayedCallback(r.lookNowAndThen, r.pause)
		return
	}
	r.gaveUp = true
	r.t.Logf("it still waits for %v", r.status().Awaiting)
	r.env.CancelWorkflow()
}

// look shows people what the release waits for.
func (r *rig) look() {
	for _, a := range r.status().Awaiting {
		same := func(s release.Awaiting) bool {
			return s.Key() == a.Key() && s.Since.Equal(a.Since) && (s.Needs == a.Needs || a.Gate != "")
		}
		if slices.ContainsFunc(r.seen, same) {
			continue
		}
		r.seen = append(r.seen, a)
		r.pause = time.Minute
		answer := r.people[a.Key()]
		if answer == nil {
			answer = r.people[a.Kind]
		}
		if answer != nil {
			answer(a)
		}
	}
}

// status asks the release for its state; only between its tasks.
func (r *rig) status() release.Record {
	var record release.Record
	value, err := r.env.QueryWorkflow(release.QueryStatus)
	require.NoError(r.t, err)
	require.NoError(r.t, value.Get(&record))
	return record
}

// waited tells whether people saw a wait of a key.
func (r *rig) waited(key string) bool {
	return slices.ContainsFunc(r.seen, func(a release.Awaiting) bool { return a.Key() == key })
}

// authorize votes for what a gate shows, with as many as the gate needs.
func (r *rig) authorize(a release.Awaiting) {
	record := r.status()
	for group, needed := range record.Gate(a.Gate).Policy.Votes {
		for _, p := range r.world.org.Roster {
			if p.In(group) && needed > 0 {
				needed--
				r.vote(p.ID, a.Gate, release.Authorize)
			}
		}
	}
}

func (r *rig) vote(by, gate string, d release.Decision) {
	r.send(release.ActAuthorize, release.Authorization{
		Sender: sender(by), Gate: gate, Decision: d, Comment: "seen", Signature: signatureOf(by),
	})
}

// send sends an action to the release, as the Web UI does.
func (r *rig) send(action release.Action, message any) { r.env.SignalWorkflow(string(action), message) }

// resolve decides about a step that waits for it.
func (r *rig) resolve(step, target string, how release.Resolution) {
	var asked release.ResolveStep
	for _, a := range r.status().Awaiting {
		var shown release.ResolveStep
		if a.Action == release.ActResolveStep && json.Unmarshal([]byte(a.Payload), &shown) == nil && shown.Step == step && shown.Target == target {
			asked = shown
		}
	}
	asked.Step, asked.Target = step, target
	r.decideSo(asked, how)
}

// decideSo answers what a wait shows.
func (r *rig) decideSo(asked release.ResolveStep, how release.Resolution) {
	asked.By, asked.Action, asked.Reason = "dan", how, "looked at it"
	r.send(release.ActResolveStep, asked)
}

func (r *rig) askBackOut() {
	r.send(release.ActBackOut, release.BackOut{Sender: sender("olga"), Reason: "users complain"})
}

// answer is what the sender of an update is told.
type answer struct {
	rejected, failed error
	receipt          any
	complete         bool
}

// update sends an action as starter does, which is told what came of it.
func (r *rig) update(action release.Action, message any) *answer {
	a := &answer{}
	r.answers = append(r.answers, a)
	r.env.UpdateWorkflow(string(action), fmt.Sprintf("update-%d", len(r.answers)), &testsuite.TestUpdateCallback{
		OnReject: func(err error) { a.rejected, a.complete = err, true },
		OnAccept: func() {},
		OnComplete: func(receipt any, err error) {
			a.receipt, a.failed, a.complete = receipt, err, true
		},
	}, message)
	return a
}

// raw is a payload that is sent as it is.
func raw(text string) converter.RawValue {
	return converter.NewRawValue(&commonpb.Payload{
		Metadata: map[string][]byte{converter.MetadataEncoding: []byte(converter.MetadataEncodingJSON)}, Data: []byte(text),
	})
}

// after does something when a time has passed.
func (r *rig) after(d time.Duration, do func()) { r.env.RegisterDelayedCallback(do, d) }

// interrupting makes a hook that does something and then goes on working until the
// activity is told to stop.
func (r *rig) interrupting(do func()) func(ctx context.Context) {
	return func(ctx context.Context) {
		do()
		select {
		case <-r.world.stopping(activity.GetInfo(ctx).TaskToken):
		case <-time.After(5 * time.Second):
			r.world.change(func(w *world) { w.wrong = append(w.wrong, "an activity was not told to stop") })
		}
	}
}

// meanwhile makes a hook that does something, and waits until everybody took it in
// before the activity ends.
func (r *rig) meanwhile(do func()) func(ctx context.Context) {
	return func(context.Context) {
		do()
		for range 8 {
			heard := make(chan struct{})
			r.env.RegisterDelayedCallback(func() { close(heard) }, 0)
			<-heard
		}
	}
}
