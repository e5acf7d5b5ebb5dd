package workflows

import (
	"cmp"
	"slices"

	"go.temporal.io/sdk/workflow"

	"slipway/activities"
	"slipway/release"
)

// suites are the test suites that run on one package, beside each other as far as
// they may.
type suites struct {
	r     *run
	built release.BuildRecord
	found []release.Evidence
	// running are those that run, next is the one to begin then.
	running  []release.Suite
	next     int
	selector workflow.Selector
	first    error
}

// runSuites runs all suites of the release on a package. The future is ready when all
// have ended, with the first error; what they found is by then filled in.
func (r *run) runSuites(ctx workflow.Context, built release.BuildRecord, found []release.Evidence) workflow.Future {
	s := &suites{r: r, built: built, found: found, selector: workflow.NewSelector(ctx)}
	s.begin(ctx)
	all, settable := workflow.NewFuture(ctx)
	workflow.Go(ctx, func(ctx workflow.Context) {
		for len(s.running) > 0 {
			s.selector.Select(ctx)
			s.begin(ctx)
		}
		settable.Set(nil, s.first)
	})
	return all
}

// begin begins those that may run now, in their order; none once they are stopped.
func (s *suites) begin(ctx workflow.Context) {
	test := s.r.definition.Test
	for ctx.Err() == nil && s.next < len(test.Suites) && test.MayBegin(test.Suites[s.next], s.running) {
		i, suite := s.next, test.Suites[s.next]
		s.next++
		s.running = append(s.running, suite)
		s.selector.AddFuture(s.r.runSuite(ctx, s.built, suite), func(f workflow.Future) {
			if err := f.Get(ctx, &s.found[i]); err != nil && s.first == nil {
				s.first = err
			}
			s.running = slices.DeleteFunc(s.running, func(other release.Suite) bool { return other.Name == suite.Name })
		})
	}
}

// inTestEnvironment does something while the release has its test environment, if it
// needs one, and gives that back whatever comes of it.
func (r *run) inTestEnvironment(ctx workflow.Context, build int, do func() error) error {
	planned := r.plan.TestEnvironment
	if planned == nil {
		return do()
	}
	l := &lease{environment: planned.Name, emergency: r.definition.Emergency != nil, token: summary("tests of build %d", build)}
	defer func() {
		detached, _ := workflow.NewDisconnectedContext(ctx)
		back, asked := l.returned(detached)
		if !asked {
			return
		}
		if err := giveBack(detached, back); err != nil {
			workflow.GetLogger(ctx).Error("the test environment was not given back", "environment", planned.Name, "error", err)
		}
	}()
	err := l.ask(ctx, func(ctx workflow.Context, granted func() bool) error { return r.awaitLease(ctx, planned.Name, granted) })
	if err != nil {
		return err
	}
	return do()
}

// awaitLease waits until an environment is granted, and says who has it when that
// takes longer.
func (r *run) awaitLease(ctx workflow.Context, name string, granted func() bool) error {
	free, err := r.rest(ctx, workflow.Now(ctx).Add(leaseGrace), "Is "+name+" free?", granted)
	if err != nil || free {
		return err
	}
	_, err = r.waitFor(ctx, release.Awaiting{
		Kind: release.WaitLease, Environment: name,
		Needs: cmp.Or(holder(ctx, name), "another release") + " has " + name + ", where build " + summary("%d", len(r.record.Builds)) + " is to be tested; it comes free when that one is done",
	}, granted)
	return err
}

// holder says who has an environment; empty when that cannot be found out, for which
// nobody waits: an environment that was never lent does not answer.
func holder(ctx workflow.Context, name string) string {
	var a *activities.Activities
	var lent activities.LentResult
	in := activities.LentInput{Environment: name}
	if err := workflow.ExecuteLocalActivity(local(ctx, "Who has "+name+"?"), a.Lent, in).Get(ctx, &lent); err != nil {
		return ""
	}
	return lent.Holder
}
