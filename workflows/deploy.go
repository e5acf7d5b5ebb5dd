package workflows

import (
	"slices"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/workflow"

	"slipway/release"
)

// authorizeDeployment asks for the authorization of this package, on this
// evidence, on these targets.
func (r *run) authorizeDeployment(ctx workflow.Context, env release.PlannedEnvironment) error {
	r.enter(ctx, release.StageIn(release.StageDeployGate, env.Name))
	evidence, err := release.DigestOf(r.currentEvidence())
	if err != nil {
		return err
	}
	backOut, err := release.DigestOf(r.definition.Steps)
	if err != nil {
		return err
	}
	return r.gate(ctx, release.DeployGate(env.Name), release.GateContent{
		Plan: r.plan.Digest, Package: r.record.Package.Digest, Evidence: evidence,
		Targets: env.TargetNames(), Window: env.Opening.Why, BackOut: backOut,
	})
}

// deploy runs the deployment as a child. It gives nil when the environment is live
// and verified.
func (r *run) deploy(ctx workflow.Context, env release.PlannedEnvironment) error {
	order := r.order(env)
	status, err := r.runDeployment(ctx, order, release.StageReady)
	if err != nil {
		return err
	}
	if status.State == release.EnvLive {
		order.Undo = &status.Undo
		r.undo[env.Name] = order
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	elsewhere := r.plan.Model.BackOut.Scope == release.ScopeRelease && len(r.undo) > 0
	switch {
	case status.State == release.EnvLive && r.backOutAsked == "":
		return nil
	case status.State == release.EnvLive:
		// It was asked for when the deployment had done everything already.
		return end(release.BackedOut, r.backOutAsked)
	case status.State == release.EnvNotDeployed && !elsewhere:
		return end(release.Withdrawn, env.Name+" was not deployed: "+status.Reason)
	case status.State == release.EnvNotDeployed:
		return end(release.BackedOut, env.Name+" was not deployed: "+status.Reason)
	case status.State == release.EnvUndecided:
		return end(release.Failed, env.Name+" is undecided: "+status.Reason)
	}
	return end(release.BackedOut, env.Name+" was backed out: "+status.Reason)
}

func (r *run) order(env release.PlannedEnvironment) release.DeploymentOrder {
	d := r.definition
	return release.DeploymentOrder{
		Release: r.record.ID, Service: d.Service, Version: d.Version, In: env, Package: *r.record.Package,
		Steps: d.Steps, Verification: d.Verification, Emergency: d.Emergency != nil,
		OverrideFreeze: d.Emergency != nil && d.Emergency.OverrideFreeze != "",
		Acceptance:     slices.Contains(r.plan.Model.AcceptIn, env.Purpose),
		BackOut:        r.plan.Model.BackOut, Authority: r.plan.Authority(),
	}
}

// runDeployment runs a deployment, or the undoing of one, and takes what came of
// it into the record. A cancelled release gets its result all the same: the child
// hears the cancellation, backs out, and says so.
func (r *run) runDeployment(ctx workflow.Context, order release.DeploymentOrder, stage release.StageName) (release.DeploymentStatus, error) {
	name := order.In.Name
	r.deploying = name
	defer func() { r.deploying = ""; delete(r.childWait, name); r.show(ctx) }()
	r.enter(ctx, release.StageIn(stage, name))
	what := "Deploy %s to %s"
	if order.Undo != nil {
		what = "Back %s out of %s"
	}
	var status release.DeploymentStatus
	child := workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
		WorkflowID:            release.DeploymentID(order.Release, name),
		WaitForCancellation:   true,
		ParentClosePolicy:     enums.PARENT_CLOSE_POLICY_REQUEST_CANCEL,
		WorkflowIDReusePolicy: enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		StaticSummary:         summary(what, order.Release, name),
	})
	if err := workflow.ExecuteChildWorkflow(child, release.WorkflowDeployment, order).Get(ctx, &status); err != nil {
		return status, err
	}
	r.deployed(ctx, status)
	return status, nil
}

// deployed takes a deployment's result into the record.
func (r *run) deployed(ctx workflow.Context, status release.DeploymentStatus) {
	env := r.record.Environment(status.Environment)
	env.State, env.Reason, env.Targets = status.State, status.Reason, status.Targets
	env.Steps = append(env.Steps, status.Steps...)
	env.Audits = append(env.Audits, status.Audits...)
	r.record.Acts = append(r.record.Acts, status.Acts...)
	// The deployment knows its stages better than the one that was entered for it.
	r.record.Stages = r.record.Stages[:len(r.record.Stages)-1]
	for _, stage := range status.Stages {
		stage.Name = release.StageIn(stage.Name, status.Environment)
		stage.Expected = r.expected(stage.Name)
		r.record.Stages = append(r.record.Stages, stage)
	}
	r.note(ctx)
}

// support runs early life support as a timed child, where one is planned.
func (r *run) support(ctx workflow.Context, env release.PlannedEnvironment) error {
	if r.definition.EarlyLifeSupport.Period == 0 {
		return nil
	}
	r.enter(ctx, release.StageIn(release.StageSupport, env.Name))
	r.supporting = env.Name
	defer func() { r.supporting = ""; delete(r.childWait, env.Name); r.show(ctx) }()
	order := release.SupportOrder{
		Release: r.record.ID, Version: r.record.Version, Environment: env.Name, Targets: env.Targets(),
		Plan: r.definition.EarlyLifeSupport, Authority: r.plan.Authority(),
	}
	record := r.record.Environment(env.Name)
	record.State = release.EnvSupported
	var status release.SupportStatus
	err := r.settle(ctx, func(ctx workflow.Context) workflow.Future {
		return workflow.ExecuteChildWorkflow(workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
			WorkflowID:          release.SupportID(r.record.ID, env.Name),
			WaitForCancellation: true, ParentClosePolicy: enums.PARENT_CLOSE_POLICY_REQUEST_CANCEL,
			WorkflowIDReusePolicy: enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
			StaticSummary:         summary("Early life support of %s in %s for %s", r.record.ID, env.Name, order.Plan.Period),
		}), release.WorkflowSupport, order)
	}, &status)
	if status.ID != "" {
		record.Support = &status
	}
	record.State = release.EnvLive
	return err
}

// handOver waits until service operations take the environment over, where the
// model asks for it.
func (r *run) handOver(ctx workflow.Context, env release.PlannedEnvironment) error {
	if !slices.Contains(r.plan.Model.HandOverIn, env.Purpose) {
		return nil
	}
	r.enter(ctx, release.StageIn(release.StageHandOver, env.Name))
	r.handing = env.Name
	defer func() { r.handing = "" }()
	authority := r.plan.Authority()
	example := release.HandOver{}
	example.By, example.Environment = authority.First(release.ActHandOver), env.Name
	_, err := r.waitFor(ctx, release.Awaiting{
		Kind: release.WaitHandOver, Environment: env.Name, Action: release.ActHandOver, Payload: payload(example),
		Needs: "service operations to take over, by " + authority.Who(release.ActHandOver),
	}, func() bool { return r.record.Environment(env.Name).HandedOver != nil })
	return err
}
