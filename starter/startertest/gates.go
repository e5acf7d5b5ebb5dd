package startertest

import (
	"context"
	"slices"
	"testing"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"slipway/release"
	"slipway/release/ballot"
)

// Waiting is a release that waits at its gates, and the roster that its voters are
// on.
type Waiting struct {
	Record release.Record
	Plan   release.Plan
	Roster []release.Person
}

// WorkOnGates runs a worker for releases that only wait at gates: votes count or are
// refused there as at real ones.
func WorkOnGates(t testing.TB, c client.Client, taskQueue string) worker.Worker {
	t.Helper()
	w := worker.New(c, taskQueue, worker.Options{})
	w.RegisterWorkflowWithOptions(stand, workflow.RegisterOptions{Name: release.WorkflowRelease})
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	return w
}

// Hold starts such a release on a task queue, whether anybody polls that or not.
func Hold(t testing.TB, c client.Client, taskQueue string, waiting Waiting) {
	t.Helper()
	awaiting := waiting.Record.Awaiting[0].Key()
	options := client.StartWorkflowOptions{ID: waiting.Record.ID, TaskQueue: taskQueue, TypedSearchAttributes: temporal.NewSearchAttributes(
		temporal.NewSearchAttributeKeyKeyword(release.AttributeAwaiting).ValueSet(awaiting),
		temporal.NewSearchAttributeKeyKeyword(release.AttributeType).ValueSet(waiting.Record.Model),
		temporal.NewSearchAttributeKeyInt64(release.AttributeRisk).ValueSet(int64(waiting.Record.Risk.Score)),
	)}
	if _, err := c.ExecuteWorkflow(context.Background(), options, release.WorkflowRelease, waiting); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.TerminateWorkflow(context.Background(), waiting.Record.ID, "", "the test is over") })
}

// stand waits until every gate is decided.
func stand(ctx workflow.Context, waiting Waiting) (release.Record, error) {
	record := waiting.Record
	err := workflow.SetQueryHandler(ctx, release.QueryStatus, func() (release.Record, error) { return record, nil })
	if err != nil {
		return record, err
	}
	if err := workflow.SetQueryHandler(ctx, release.QueryPlan, func() (release.Plan, error) { return waiting.Plan, nil }); err != nil {
		return record, err
	}
	vote := func(ctx workflow.Context, m release.Authorization) (release.Receipt, error) {
		gate, err := waiting.cast(ctx, m)
		if err != nil {
			return release.Receipt{}, temporal.NewNonRetryableApplicationError(err.Error(), release.ErrorRefused, nil)
		}
		if gate.Decision != release.Pending {
			record.Awaiting = slices.DeleteFunc(record.Awaiting, func(a release.Awaiting) bool { return a.Gate == gate.Name })
		}
		return release.Receipt{Message: "gate " + gate.Name + ": " + gate.Progress()}, nil
	}
	if err := workflow.SetUpdateHandler(ctx, string(release.ActAuthorize), vote); err != nil {
		return record, err
	}
	err = workflow.Await(ctx, func() bool { return len(record.Awaiting) == 0 })
	record.Outcome = release.Completed
	return record, err
}

// cast counts a vote at its gate, signed or not.
func (w Waiting) cast(ctx workflow.Context, m release.Authorization) (*release.Gate, error) {
	gate := w.Record.Gate(m.Gate)
	if gate == nil {
		return nil, release.Refusef("gate %s is not open", m.Gate)
	}
	organization, now := release.Organization{Roster: w.Roster}, workflow.Now(ctx)
	voter := release.Voter{Seats: organization.Seats(m.By, now)}
	if m.Signature != "" {
		want := ballot.Ballot{Release: w.Record.ID, Gate: gate.Name, Digest: gate.Digest, Decision: m.Decision, By: m.By}
		person, _ := organization.Person(m.By)
		var err error
		if voter.Key, voter.Issued, err = ballot.Authenticate(m.Signature, want, person.Keys, now); err != nil {
			return nil, err
		}
	}
	return gate, gate.Cast(m, voter, now)
}
