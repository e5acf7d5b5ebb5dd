package workflows

import (
	"slices"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/workflow"

	"slipway/activities"
	"slipway/release"
)

// ahead lists the environments that the release has still to go to.
func (r *run) ahead() []string {
	var ahead []string
	for _, e := range r.plan.Environments {
		if !slices.Contains(r.done, e.Name) {
			ahead = append(ahead, e.Name)
		}
	}
	return ahead
}

// authorizeDeployment asks for the authorization of this package, on this
// evidence, on these targets, as they are by now.
func (r *run) authorizeDeployment(ctx workflow.Context, name string) error {
	r.enter(ctx, release.StageIn(release.StageDeployGate, name))
	if _, asked := r.plan.Gate(release.DeployGate(name)); asked || r.amended() {
		if err := r.amend(ctx, name); err != nil {
			return err
		}
	}
	return r.askDeployment(ctx, name)
}

// askDeployment opens the gate of a deployment.
func (r *run) askDeployment(ctx workflow.Context, name string) error {
	gate := release.DeployGate(name)
	policy, asked := r.plan.Gate(gate)
	if !asked && r.amended() {
		// Nobody would be asked about what was amended since the plan was authorized.
		policy, asked = r.plan.Gate(release.GatePlan)
	}
	env, _ := r.plan.Environment(name)
	content, err := r.deploymentContent(env)
	if err != nil {
		return err
	}
	if asked {
		if err := r.compareModules(ctx, env); err != nil {
			return err
		}
	}
	return r.ask(ctx, gate, policy, asked, content)
}

// deploymentContent is what the authorization of a deployment is bound to.
func (r *run) deploymentContent(env release.PlannedEnvironment) (release.GateContent, error) {
	evidence, err := release.DigestOf(r.currentEvidence())
	if err != nil {
		return release.GateContent{}, err
	}
	backOut, err := release.DigestOf(r.definition.Steps)
	if err != nil {
		return release.GateContent{}, err
	}
	window := env.Opening.Why
	if r.bound() {
		window = r.plan.WindowOf(env)
	}
	return release.GateContent{
		Plan: r.plan.Digest, Package: r.record.Package.Digest, Evidence: evidence,
		Targets: env.TargetNames(), Window: window, BackOut: backOut,
	}, nil
}

// compareModules finds out which modules the package changes against the one that
// runs in an environment.
func (r *run) compareModules(ctx workflow.Context, env release.PlannedEnvironment) error {
	if !r.bound() || env.Previous == nil {
		return nil
	}
	var a *activities.Activities
	var found activities.CompareResult
	in := activities.CompareInput{Running: env.Previous.Package.Digest, Package: r.record.Package.Digest}
	if err := quick(ctx, "Compare with what runs in "+env.Name, a.Compare, in, &found); err != nil {
		return err
	}
	record := r.record.Environment(env.Name)
	record.Modules, record.ModulesNote = found.Changes, found.Note
	return nil
}

// deploy runs the deployment as a child. It gives nil when the environment is live
// and verified.
func (r *run) deploy(ctx workflow.Context, name string) error {
	env, _ := r.plan.Environment(name)
	order := r.order(env)
	ready := r.readiness(name)
	order.Readiness = &ready
	status, err := r.runDeployment(ctx, order, release.StageReady)
	if err != nil {
		return err
	}
	if status.State == release.EnvLive {
		order.Undo = &status.Undo
		for _, t := range status.Targets {
			if t.State != release.TargetNew {
				order.Aside = append(order.Aside, t.Name)
			}
		}
		r.undo[name] = order
		r.tellNews(ctx, news{Live: name})
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	elsewhere := r.plan.Model.BackOut.Scope == release.ScopeRelease && len(r.undo) > 0
	switch {
	case status.State == release.EnvNotDeployed && r.superseding != nil:
		return r.superseding
	case status.State == release.EnvLive && r.backOutAsked == "":
		return r.countAssets(ctx, name)
	case status.State == release.EnvLive:
		// It was asked for when the deployment had done everything already.
		return end(release.BackedOut, r.backOutAsked)
	case status.Lapsed != "" && r.interrupt == nil:
		r.lapse(ctx, name, status.Lapsed)
		return errAgain
	case status.State == release.EnvNotDeployed && !elsewhere:
		return end(release.Withdrawn, name+" was not deployed: "+status.Reason)
	case status.State == release.EnvNotDeployed:
		return end(release.BackedOut, name+" was not deployed: "+status.Reason)
	case status.State == release.EnvPartly:
		return end(release.BackedOut, name+" was backed out in part: "+status.Reason)
	case status.State == release.EnvUndecided:
		return end(release.Failed, name+" is undecided: "+status.Reason)
	}
	return end(release.BackedOut, name+" was backed out: "+status.Reason)
}

func (r *run) order(env release.PlannedEnvironment) release.DeploymentOrder {
	d := r.definition
	order := release.DeploymentOrder{
		Release: r.record.ID, Service: d.Service, Version: d.Version, In: env, Package: *r.record.Package,
		Steps: d.Steps, Verification: d.Verification, Emergency: d.Emergency != nil,
		OverrideFreeze:    d.Emergency != nil && d.Emergency.OverrideFreeze != "",
		MayOverrideFreeze: r.plan.Model.MayOverrideFreeze,
		Acceptance:        slices.Contains(r.plan.Model.AcceptIn, env.Purpose),
		BackOut:           r.plan.Model.BackOut, Authority: r.plan.Authority(),
		LookAgain: r.bound(), Edition: release.Edition, Rollout: r.plan.Rollout(env.Name), Blockers: r.plan.Blockers(env.Name),
	}
	if g := r.record.Gate(release.DeployGate(env.Name)); g != nil && g.Decision == release.Authorize {
		order.ValidUntil = g.ValidUntil()
	}
	return order
}

// runDeployment runs a deployment, or the undoing of one, and takes what came of
// it into the record. A cancelled release gets its result all the same: the child
// hears the cancellation, backs out, and says so.
func (r *run) runDeployment(ctx workflow.Context, order release.DeploymentOrder, stage release.StageName) (release.DeploymentStatus, error) {
	name := order.In.Name
	r.deploying = name
	defer func() { r.deploying, r.reachable = "", false; delete(r.childWait, name); r.show(ctx) }()
	r.enter(ctx, release.StageIn(stage, name))
	what := "Deploy %s to %s"
	if order.Undo != nil {
		what = "Back %s out of %s"
	}
	child := workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
		WorkflowID:            release.DeploymentID(order.Release, name),
		WaitForCancellation:   true,
		ParentClosePolicy:     enums.PARENT_CLOSE_POLICY_REQUEST_CANCEL,
		WorkflowIDReusePolicy: enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		StaticSummary:         summary(what, order.Release, name),
	})
	running := workflow.ExecuteChildWorkflow(child, release.WorkflowDeployment, order)
	if err := r.authorizeAgain(ctx, name, running); err != nil {
		workflow.GetLogger(ctx).Error("a lapsed authorization was not asked for again", "environment", name, "error", err)
	}
	var status release.DeploymentStatus
	if err := running.Get(ctx, &status); err != nil {
		return status, err
	}
	r.takeBack(ctx, running, order, status)
	r.deployed(ctx, status)
	return status, nil
}

// deployed takes a deployment's result into the record.
func (r *run) deployed(ctx workflow.Context, status release.DeploymentStatus) {
	env := r.record.Environment(status.Environment)
	env.State, env.Reason, env.Targets = status.State, status.Reason, status.Targets
	if n := len(status.Stages); status.State == release.EnvLive && env.Live.IsZero() && n > 0 {
		env.Live = status.Stages[n-1].Ended
	}
	env.Aside = append(env.Aside, status.Aside...)
	env.Override = status.Override
	env.Steps = append(env.Steps, status.Steps...)
	env.Audits = append(env.Audits, status.Audits...)
	if status.Readiness != nil {
		env.Readiness = status.Readiness
	}
	r.record.Acts = append(r.record.Acts, status.Acts...)
	r.waited(ctx, status.Waits...)
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
func (r *run) support(ctx workflow.Context, name string) error {
	env, _ := r.plan.Environment(name)
	plan := r.definition.SupportIn(name)
	if plan.Period == 0 {
		return nil
	}
	r.enter(ctx, release.StageIn(release.StageSupport, env.Name))
	r.supporting = env.Name
	defer func() { r.supporting = ""; delete(r.childWait, env.Name); r.show(ctx) }()
	order := release.SupportOrder{
		Release: r.record.ID, Version: r.record.Version, Environment: env.Name,
		TaskQueue: env.TaskQueue, Targets: r.live(env), Inventory: env.Inventory,
		Plan: plan, Authority: r.plan.Authority(), KnownErrors: r.definition.KnownErrors,
	}
	if r.plan.Since(2) {
		order.Edition, order.Policy, order.Package, order.Reachable = release.SupportEdition, r.plan.Model.Support, r.record.Package, r.plan.Reachable
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
		r.record.KnownErrors = r.record.OpenErrors(r.definition.KnownErrors)
	}
	r.childWaits(ctx, env.Name, nil, status.Acts)
	record.State = release.EnvLive
	if err == nil && status.BackOut != "" {
		return end(release.BackedOut, release.Automatic(name, status.BackOut))
	}
	return err
}

// live lists the targets of an environment on which the release is live.
func (r *run) live(env release.PlannedEnvironment) []release.Target {
	isNew := map[string]bool{}
	for _, t := range r.record.Environment(env.Name).Targets {
		isNew[t.Name] = t.State == release.TargetNew
	}
	return slices.DeleteFunc(env.Targets(), func(t release.Target) bool { return !isNew[t.Name] })
}

// handOver waits until service operations take the environment over, where the
// model asks for it.
func (r *run) handOver(ctx workflow.Context, name string) error {
	env, _ := r.plan.Environment(name)
	if !slices.Contains(r.plan.Model.HandOverIn, env.Purpose) {
		r.done = append(r.done, name)
		return nil
	}
	r.enter(ctx, release.StageIn(release.StageHandOver, env.Name))
	r.handing = env.Name
	defer func() { r.handing = "" }()
	authority := r.plan.Authority()
	with := ""
	if known := r.record.Environment(name).OpenErrors(r.definition.KnownErrors); len(known) > 0 {
		with = " with " + release.ManyOf(len(known), "known error")
	}
	example := release.HandOver{}
	example.By, example.Environment = authority.First(release.ActHandOver), env.Name
	taken, err := r.waitFor(ctx, release.Awaiting{
		Kind: release.WaitHandOver, Environment: env.Name, Action: release.ActHandOver, Payload: release.Example(example),
		Needs: "service operations to take over" + with + ", by " + authority.Who(release.ActHandOver),
	}, func() bool { return r.record.Environment(env.Name).HandedOver != nil })
	if taken {
		r.done = append(r.done, name)
	}
	return err
}
