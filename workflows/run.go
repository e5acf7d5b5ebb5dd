package workflows

import (
	"fmt"
	"slices"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"slipway/release"
)

// run is a release on its way: its record, its plan, and what people asked of it
// meanwhile.
type run struct {
	record     release.Record
	definition release.Definition
	plan       release.Plan
	journal    *journal
	ears       *ears
	desk       *desk

	// hands are those who had a hand in what is voted on, beside those of the plan.
	hands []release.Exclusion
	// stale tells that it has to be looked at whether the plan still holds; voiding
	// why the votes are void.
	stale   bool
	voiding string
	// telling counts what is told beside the process, to people, releases and environments.
	telling int
	// noHistories says why histories of the release's workflows are not in the DML.
	noHistories string
	// reviewed tells that the retrospective review was held; lookedBack that the review
	// of the release is complete, and settled that nothing is added to it any more.
	reviewed, lookedBack, settled bool
	// noted, rated, logged and waitCount tell apart what the CMS gets of each kind;
	// unwritten are waits that it did not get yet.
	noted, rated, logged, waitCount int
	unwritten                       []release.Waited

	// authorized is the digest of the plan that was authorized, and prepared the
	// one that was prepared.
	authorized, prepared release.Digest
	// unchecked tells that the next build checks its environment first.
	unchecked bool
	// components are the plan's, with the sources that a rebuild gave them.
	components []release.Component
	// failedBuilds counts since a person last said "rebuild".
	failedBuilds int
	// buildGate is the digest of the plan whose build was authorized.
	buildGate release.Digest

	// done are the environments that the release is through with.
	done []string
	// deploying names the environment whose deployment runs; supporting the one
	// in early life support.
	deploying, supporting string
	// reachable tells that the deployment that runs has begun to hear.
	reachable bool
	// handing is the environment that waits to be handed over.
	handing string
	undo    map[string]release.DeploymentOrder

	// interrupt is what a person asked for that the process has to hear: an
	// ending, or errAgain.
	interrupt error
	// told are the conflicts that other releases found with this one.
	told []release.Conflict
	// superseding is how the release ends if the deployment that waits hears of it
	// before it begins.
	superseding error
	// backOutAsked is why a person asked the deployment that runs to back out.
	backOutAsked string
	// closing tells that the outcome is decided.
	closing   bool
	waits     []release.Awaiting
	childWait map[string][]release.Awaiting
	// lapsed says of environments why their deployments, between two waves, have to
	// be authorized again.
	lapsed  map[string]string
	shown   attributes
	changed bool
	// brisk counts what is being done in the workflow task and takes no time.
	brisk int
}

// open sets a release up: its record, and the desk where people act on it.
func open(ctx workflow.Context, request release.Request) (*run, error) {
	d := request.Definition
	id := release.ID(d.Service, d.Version)
	r := &run{
		definition: d,
		components: d.Components,
		journal:    newJournal(ctx, id),
		ears:       &ears{},
		undo:       map[string]release.DeploymentOrder{},
		childWait:  map[string][]release.Awaiting{},
		lapsed:     map[string]string{},
		record: release.Record{
			ID: id, Service: d.Service, Version: d.Version, Title: d.Title, Model: d.Model,
			Requester: d.Requester, Manager: d.Manager, Started: workflow.Now(ctx).UTC(),
			Awaiting: []release.Awaiting{}, Environments: []release.EnvironmentRecord{}, Stages: []release.Stage{},
		},
	}
	r.record.Ledger = release.Ledger{Release: id, Started: r.record.Started.Truncate(time.Microsecond)}
	r.desk = &desk{journal: r.journal, ears: r.ears, record: r.act, ledger: r.enterLedger}
	r.journal.answers = r.desk.answers
	if err := r.answerQueries(ctx); err != nil {
		return nil, err
	}
	if err := r.hear(ctx); err != nil {
		return nil, err
	}
	r.showing(ctx)
	return r, nil
}

func (r *run) answerQueries(ctx workflow.Context) error {
	queries := []struct {
		name, description string
		answer            any
	}{
		{release.QueryStatus, "The whole state of the release, as one document", func() (release.Record, error) { return r.record, nil }},
		{release.QueryPlan, "The release management plan", func() (release.Plan, error) { return r.plan, nil }},
		{release.QueryAuthorizations, "Every vote, whether it counted or not", func() ([]release.Act, error) { return r.votes(), nil }},
	}
	for _, q := range queries {
		err := workflow.SetQueryHandlerWithOptions(ctx, q.name, q.answer, workflow.QueryHandlerOptions{Description: q.description})
		if err != nil {
			return fmt.Errorf("query %s: %w", q.name, err)
		}
	}
	return nil
}

func (r *run) votes() []release.Act {
	return slices.DeleteFunc(slices.Clone(r.record.Acts), func(a release.Act) bool { return a.Action != release.ActAuthorize })
}

// enter begins a stage and ends the one before.
func (r *run) enter(ctx workflow.Context, name release.StageName) {
	now := workflow.Now(ctx).UTC()
	r.leave(now)
	r.record.Stages = append(r.record.Stages, release.Stage{Name: name, Started: now, Expected: r.expected(name)})
	r.record.Phase = name
	r.show(ctx)
}

// expected is how long a stage is planned to take.
func (r *run) expected(name release.StageName) release.Duration {
	for _, planned := range r.plan.Stages {
		if planned.Name == name {
			return planned.Expected
		}
	}
	return 0
}

// leave ends the stage that is open, if any.
func (r *run) leave(now time.Time) {
	if n := len(r.record.Stages); n > 0 && r.record.Stages[n-1].Ended.IsZero() {
		r.record.Stages[n-1].Ended = now
	}
}

// act records what somebody did.
func (r *run) act(ctx workflow.Context, a release.Act) {
	r.record.Acts = keepAct(r.record.Acts, a)
	r.show(ctx)
}

// keepAct adds an act to those that are kept. The CMS keeps them all; a record keeps
// what a person would read.
func keepAct(acts []release.Act, a release.Act) []release.Act {
	const kept, length = 200, 1000
	a.By, a.Summary, a.Refusal = release.Cut(a.By, length), release.Cut(a.Summary, length), release.Cut(a.Refusal, length)
	return keep(append(acts, a), kept)
}

// keep gives the last of a list.
func keep[T any](list []T, most int) []T { return slices.Clone(list[max(0, len(list)-most):]) }

// waitFor waits until a condition holds, saying so in the record, and hears
// interruptions. It gives false when the deadline of the wait passed first.
func (r *run) waitFor(ctx workflow.Context, wait release.Awaiting, done func() bool) (bool, error) {
	defer r.announce(ctx, wait)()
	return r.rest(ctx, wait.Deadline, "Waiting for "+wait.Key()+", "+wait.Needs, done)
}

// announce says in the record what is waited for, until it is over: by these people,
// or else by those whose acts it waited for.
func (r *run) announce(ctx workflow.Context, wait release.Awaiting) (over func(people ...string)) {
	wait.Since = workflow.Now(ctx).UTC()
	r.waits = append(r.waits, wait)
	r.show(ctx)
	return func(people ...string) {
		r.waits = slices.DeleteFunc(r.waits, func(a release.Awaiting) bool { return a.Key() == wait.Key() })
		if over, told := wait.Over(workflow.Now(ctx).UTC(), r.record.Acts, people...); told {
			r.waited(ctx, over)
		}
		r.show(ctx)
	}
}

// rest waits until a condition holds or until a time (zero never comes), and hears
// interruptions. It gives false when the time came first.
func (r *run) rest(ctx workflow.Context, until time.Time, summary string, done func() bool) (bool, error) {
	met, err := awaitUntil(ctx, until, summary, func() bool { return r.interrupt != nil || done() })
	if err != nil {
		return false, err
	}
	if err := r.interrupted(); err != nil {
		return false, err
	}
	return met, nil
}

// interrupted gives what a person asked for meanwhile; asking for another round is
// heard once.
func (r *run) interrupted() error {
	err := r.interrupt
	if err == errAgain { //nolint:errorlint // identity is meant: the sentinel is never wrapped
		r.interrupt = nil
	}
	return err
}

// settle waits for something that runs, and stops it when a person asks for
// something else meanwhile, or the release is cancelled. The result is filled in
// whenever there is one.
func (r *run) settle(ctx workflow.Context, start func(ctx workflow.Context) workflow.Future, result any) error {
	within, stop := workflow.WithCancel(ctx)
	defer stop()
	future := start(within)
	cancelled := workflow.Await(ctx, func() bool { return future.IsReady() || r.interrupt != nil })
	if !future.IsReady() {
		stop()
	}
	err := future.Get(ctx, result)
	if cancelled != nil {
		return cancelled
	}
	if interruption := r.interrupted(); interruption != nil {
		return interruption
	}
	return err
}

// awaitUntil waits for a condition until a deadline; a zero deadline never comes.
// It gives false when the deadline came first.
func awaitUntil(ctx workflow.Context, deadline time.Time, summary string, condition func() bool) (bool, error) {
	if deadline.IsZero() {
		err := workflow.Await(ctx, condition)
		return err == nil, err
	}
	return workflow.AwaitWithOptions(ctx, workflow.AwaitOptions{
		Timeout:      deadline.Sub(workflow.Now(ctx)),
		TimerOptions: workflow.TimerOptions{Summary: brief(summary)},
	}, condition)
}

// isCancelled tells a cancellation from other errors.
func isCancelled(err error) bool { return temporal.IsCanceledError(err) }
