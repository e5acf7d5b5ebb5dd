package startertest

import (
	"context"
	"errors"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"slipway/release"
)

// The people and the environment that the workflows know.
const (
	// Stranger is refused whatever is sent.
	Stranger = "stranger"
	// Unknown makes a definition invalid, as its requester.
	Unknown     = "unknown"
	Environment = "staging"
)

// BuildTakes is how long the activity of a release works.
const BuildTakes = 1500 * time.Millisecond

// Work runs a worker on a task queue until it is stopped.
func Work(c client.Client, taskQueue string) (worker.Worker, error) {
	w := worker.New(c, taskQueue, worker.Options{})
	name := func(name string) workflow.RegisterOptions { return workflow.RegisterOptions{Name: name} }
	w.RegisterWorkflowWithOptions(planning, name(release.WorkflowPlanning))
	w.RegisterWorkflowWithOptions(conclude, name(release.WorkflowRelease))
	w.RegisterWorkflowWithOptions(deploy, name(release.WorkflowDeployment))
	w.RegisterWorkflowWithOptions(support, name(release.WorkflowSupport))
	w.RegisterActivityWithOptions(build, activity.RegisterOptions{Name: "Build"})
	return w, w.Start()
}

func planOf(d release.Definition) release.Plan {
	return release.Plan{Release: release.ID(d.Service, d.Version), Revision: 1, Definition: d, Digest: release.DigestOfBytes([]byte(d.Title))}
}

func planning(_ workflow.Context, r release.Request) (release.Plan, error) {
	if r.Definition.Requester == Unknown {
		problems := release.Problems{{Path: "requester", Message: `"unknown" is not on the roster: use rita`}}
		return release.Plan{}, temporal.NewNonRetryableApplicationError("the definition is invalid", release.ErrorInvalidDefinition, nil, problems)
	}
	return planOf(r.Definition), nil
}

// conclude carries a release, and ends with its conclusion.
func conclude(ctx workflow.Context, r release.Request) (release.Conclusion, error) {
	record, err := carry(ctx, r)
	return record.Conclude(), err
}

// carry takes a release from one wait to the next.
func carry(ctx workflow.Context, r release.Request) (release.Record, error) {
	d := r.Definition
	plan := planOf(d)
	record := release.Record{
		ID: plan.Release, Service: d.Service, Version: d.Version, Title: d.Title, Model: d.Model,
		Requester: d.Requester, Manager: d.Manager, Started: workflow.Now(ctx), Revision: 1, PlanDigest: plan.Digest,
		Environments: []release.EnvironmentRecord{{Name: Environment, State: release.EnvPlanned}},
	}
	acts := receive(ctx, release.Actions, &record.Acts)
	err := errors.Join(
		workflow.SetQueryHandler(ctx, release.QueryStatus, func() (release.Record, error) { return record, nil }),
		workflow.SetQueryHandler(ctx, release.QueryPlan, func() (release.Plan, error) { return plan, nil }),
		workflow.SetQueryHandler(ctx, release.QueryAuthorizations, func() ([]release.Act, error) { return record.Acts, nil }),
	)
	if err != nil {
		return record, err
	}
	enter := func(phase release.StageName, waits ...release.Awaiting) error {
		record.Phase, record.Awaiting = phase, waits
		record.Stages = append(record.Stages, release.Stage{Name: phase, Started: workflow.Now(ctx)})
		awaiting := temporal.NewSearchAttributeKeyKeyword(release.AttributeAwaiting).ValueUnset()
		if len(waits) > 0 {
			awaiting = temporal.NewSearchAttributeKeyKeyword(release.AttributeAwaiting).ValueSet(waits[0].Key())
		}
		return workflow.UpsertTypedSearchAttributes(ctx, awaiting,
			temporal.NewSearchAttributeKeyKeyword(release.AttributeService).ValueSet(d.Service),
			temporal.NewSearchAttributeKeyKeyword(release.AttributePhase).ValueSet(string(phase)),
			temporal.NewSearchAttributeKeyKeyword(release.AttributeOutcome).ValueSet(string(record.Outcome)),
			temporal.NewSearchAttributeKeyInt64(release.AttributeRisk).ValueSet(int64(record.Risk.Score)))
	}
	end := func(outcome release.Outcome) (release.Record, error) {
		record.Outcome, record.Closed = outcome, workflow.Now(ctx)
		return record, enter(release.StageClosed)
	}
	if err := enter(release.StagePlanGate, release.Awaiting{
		Kind: release.WaitGate, Gate: release.GatePlan, Digest: plan.Digest, Needs: "1 more of group cab (ana)", Since: workflow.Now(ctx),
		Action: release.ActAuthorize, Payload: `{"gate":"plan","decision":"authorize","by":"ana"}`,
	}); err != nil {
		return record, err
	}
	if acts.next(ctx, release.ActAuthorize, release.ActWithdraw) == release.ActWithdraw {
		return end(release.Withdrawn)
	}
	if err := enter(release.StageBuild); err != nil {
		return record, err
	}
	ao := workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: time.Minute, HeartbeatTimeout: 10 * time.Second, Summary: "build 1 of " + d.Service,
	})
	if err := workflow.ExecuteActivity(ao, "Build").Get(ctx, nil); err != nil {
		return record, err
	}
	if err := enter(release.StageIn(release.StageVerify, Environment), release.Awaiting{
		Kind: release.WaitAcceptance, Environment: Environment, Needs: "group users (uwe)", Since: workflow.Now(ctx), Action: release.ActAccept,
	}); err != nil {
		return record, err
	}
	if err := child(ctx, release.WorkflowDeployment, release.DeploymentID(record.ID, Environment)); err != nil {
		return record, err
	}
	record.Environments[0].State = release.EnvSupported
	if err := enter(release.StageIn(release.StageSupport, Environment)); err != nil {
		return record, err
	}
	if err := child(ctx, release.WorkflowSupport, release.SupportID(record.ID, Environment)); err != nil {
		return record, err
	}
	return end(release.Completed)
}

func child(ctx workflow.Context, kind, id string) error {
	options := workflow.ChildWorkflowOptions{WorkflowID: id, StaticSummary: kind + " to " + Environment}
	return workflow.ExecuteChildWorkflow(workflow.WithChildOptions(ctx, options), kind).Get(ctx, nil)
}

// deploy waits for the acceptance.
func deploy(ctx workflow.Context) error {
	status := release.DeploymentStatus{ID: workflow.GetInfo(ctx).WorkflowExecution.ID, Environment: Environment, State: release.EnvVerifying}
	if err := workflow.SetQueryHandler(ctx, release.QueryStatus, func() (release.DeploymentStatus, error) { return status, nil }); err != nil {
		return err
	}
	receive(ctx, []release.Action{release.ActAccept}, &status.Acts).next(ctx, release.ActAccept)
	return nil
}

// support takes one incident, until that is resolved.
func support(ctx workflow.Context) error {
	status := release.SupportStatus{ID: workflow.GetInfo(ctx).WorkflowExecution.ID, Environment: Environment, Started: workflow.Now(ctx)}
	if err := workflow.SetQueryHandler(ctx, release.QueryStatus, func() (release.SupportStatus, error) { return status, nil }); err != nil {
		return err
	}
	receive(ctx, []release.Action{
		release.ActIncident, release.ActUpdateIncident, release.ActResolveIncident, release.ActServiceDeskCall, release.ActUpdateCall,
		release.ActKnownError, release.ActRaiseRFC,
	}, &status.Acts).next(ctx, release.ActResolveIncident)
	return nil
}

// inbox remembers what was sent, in its order.
type inbox struct{ came []release.Action }

// receive takes actions as updates; the stranger is refused.
func receive(ctx workflow.Context, actions []release.Action, acts *[]release.Act) *inbox {
	box := &inbox{}
	for _, action := range actions {
		handle := func(ctx workflow.Context, m release.Sender) (release.Receipt, error) {
			act := release.Act{At: workflow.Now(ctx), Action: action, By: m.By, Summary: string(action), Counted: true}
			if m.By == Stranger {
				act.Counted, act.Refusal = false, "stranger is not on the roster"
				*acts = append(*acts, act)
				return release.Receipt{}, temporal.NewNonRetryableApplicationError(act.Refusal, release.ErrorRefused, nil)
			}
			*acts = append(*acts, act)
			box.came = append(box.came, action)
			return release.Receipt{Message: string(action) + " counted"}, nil
		}
		if err := workflow.SetUpdateHandler(ctx, string(action), handle); err != nil {
			panic(err)
		}
	}
	return box
}

// next waits for one of the actions.
func (b *inbox) next(ctx workflow.Context, wanted ...release.Action) release.Action {
	for {
		if err := workflow.Await(ctx, func() bool { return len(b.came) > 0 }); err != nil {
			return ""
		}
		first := b.came[0]
		b.came = b.came[1:]
		for _, w := range wanted {
			if w == first {
				return first
			}
		}
	}
}

// build works for a moment and tells what it does.
func build(ctx context.Context) error {
	since := time.Now()
	for time.Since(since) < BuildTakes {
		activity.RecordHeartbeat(ctx, release.Progress{What: "build 1: step compile", Line: "compiling", Since: since})
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
	return nil
}
