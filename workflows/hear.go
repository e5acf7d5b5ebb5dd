package workflows

import (
	"errors"

	"go.temporal.io/sdk/workflow"

	"slipway/release"
)

// hear opens the desk: every action that people may send to a release.
func (r *run) hear(ctx workflow.Context) error {
	r.hearProgress(ctx)
	r.hearNews(ctx)
	r.hearSupersede(ctx)
	return errors.Join(
		serve(ctx, r.desk, release.ActAuthorize, "Vote at a gate: authorize, reject or revise", r.vote),
		serve(ctx, r.desk, release.ActRevise, "Replace the definition; voids the votes so far", r.revise),
		serve(ctx, r.desk, release.ActRebuild, "Build again, possibly from other sources", r.rebuild),
		serve(ctx, r.desk, release.ActHandOver, "Service operations take an environment over", r.takeOver),
		serve(ctx, r.desk, release.ActWithdraw, "Take the release back; what is live stays", r.withdraw),
		serve(ctx, r.desk, release.ActBackOut, "Bring the old state back", r.backOut),
		serve(ctx, r.desk, release.ActNote, "Note a lesson, risk, issue or improvement, at any time", r.takeNote),
		serve(ctx, r.desk, release.ActLogEffort, "Record hours or money spent, at any time", r.logEffort),
		serve(ctx, r.desk, release.ActRate, "Say how satisfied you are, from 1 to 5", r.rate),
		serve(ctx, r.desk, release.ActCloseReview, "Close the review, and with it the release", r.closeReview),
		relay[*release.Accept](ctx, r, release.ActAccept, "Users accept an environment", r.toDeployment),
		relay[*release.Confirm](ctx, r, release.ActConfirm, "Confirm an item of readiness, also early", r.confirm),
		relay[*release.ResolveStep](ctx, r, release.ActResolveStep, "Decide about a step that is stuck", r.toDeployment),
		relay[*release.OverrideFreeze](ctx, r, release.ActOverrideFreeze, "Go on in spite of a freeze", r.toDeployment),
		relay[*release.ReportIncident](ctx, r, release.ActIncident, "Report an incident", r.toSupport),
		relay[*release.ResolveIncident](ctx, r, release.ActResolveIncident, "Say how an incident was resolved", r.toSupport),
		relay[*release.ServiceDeskCall](ctx, r, release.ActServiceDeskCall, "Record a service desk call", r.toSupport),
		relay[*release.ExtendSupport](ctx, r, release.ActExtendSupport, "Let early life support last longer", r.toSupport),
		relay[*release.EndSupport](ctx, r, release.ActEndSupport, "End early life support", r.toSupport),
		relay[*release.UpdateIncident](ctx, r, release.ActUpdateIncident, "Change what is known of an incident, or who looks after it", r.toSupport),
		relay[*release.UpdateCall](ctx, r, release.ActUpdateCall, "Assign or resolve a service desk call", r.toSupport),
		relay[*release.NoteKnownError](ctx, r, release.ActKnownError, "Record or change a known error", r.toSupport),
		relay[*release.RaiseRFC](ctx, r, release.ActRaiseRFC, "Raise a request for change", r.toSupport),
	)
}

// relay takes an action that a child decides about, and passes it on. The child
// records it; only what cannot be passed on is recorded here.
func relay[M release.Message](
	ctx workflow.Context, r *run, action release.Action, description string,
	to func(ctx workflow.Context, action release.Action, m release.Message) (string, error),
) error {
	r.desk.relayed = append(r.desk.relayed, action)
	return serve(ctx, r.desk, action, description+" (passed on to the workflow that waits for it)",
		func(ctx workflow.Context, m M) (string, error) { return to(ctx, action, m) })
}

// revise replaces the plan. It is refused when the new definition does not hold,
// and once a deployment has begun.
func (r *run) revise(ctx workflow.Context, m *release.Revise) (string, error) {
	if err := r.mayRevise(m.By); err != nil {
		return "", err
	}
	if release.ID(m.Definition.Service, m.Definition.Version) != r.record.ID {
		return "", release.Refusef("the definition is of %s, not of %s: start that as a release of its own",
			release.ID(m.Definition.Service, m.Definition.Version), r.record.ID)
	}
	plan, err := compile(ctx, *m.Definition, r.record.Revision+1)
	var problems release.Problems
	switch {
	case errors.As(err, &problems):
		return "", release.Refusef("the revised definition does not hold: %s", problems.Error())
	case err != nil:
		return "", err
	case plan.Digest == r.plan.Digest:
		return "", release.Refusef("the revised definition gives the same plan (%s)", r.plan.Digest.Short())
	case plan.Revision != r.record.Revision+1:
		return "", release.Refusef("another revision came first: read it and revise that")
	}
	if err := r.mayRevise(m.By); err != nil {
		return "", err // it was so when the plan was asked for, but is not any more
	}
	r.handIn(m.By, "revised the release and cannot authorize it")
	r.voiding = summary("%s revised the release: %s", m.By, m.Reason)
	r.adopt(ctx, plan)
	r.failedBuilds = 0
	r.interrupt = errAgain
	return summary("revision %d, plan %s; the votes so far are void", plan.Revision, plan.Digest.Short()), nil
}

func (r *run) mayRevise(by string) error {
	if err := r.mayActOn(release.ActRevise, by); err != nil {
		return err
	}
	if r.begun() {
		return release.Refusef("a deployment has begun, so the plan cannot be revised any more: back out, or start a new version")
	}
	return nil
}

// rebuild asks for another build, and voids the package that there is.
func (r *run) rebuild(_ workflow.Context, m *release.Rebuild) (string, error) {
	if err := r.mayActOn(release.ActRebuild, m.By); err != nil {
		return "", err
	}
	if r.begun() {
		return "", release.Refusef("a deployment has begun, so there is no other build any more: back out, or start a new version")
	}
	components, err := release.Replace(r.components, m.Components)
	if err != nil {
		return "", err
	}
	r.components, r.record.Package, r.failedBuilds = components, nil, 0
	r.prepared = ""
	if len(m.Components) > 0 {
		r.record.Components = components
	}
	r.handIn(m.By, "asked for another build and cannot authorize it")
	r.voiding = summary("%s asked for another build: %s", m.By, m.Reason)
	r.interrupt = errAgain
	return summary("build %d follows", len(r.record.Builds)+1), nil
}

// withdraw takes the release back. What is live already stays; a running
// deployment has to be backed out instead.
func (r *run) withdraw(_ workflow.Context, m *release.Withdraw) (string, error) {
	if err := r.mayActOn(release.ActWithdraw, m.By); err != nil {
		return "", err
	}
	if r.deploying != "" {
		return "", release.Refusef("%s is being deployed: use back-out, which also brings the old state back", r.deploying)
	}
	if r.bound() && r.record.Phase == release.StageReview {
		return "", release.Refusef("what was deployed is in review, which has to be held before the release is closed: %s", r.reviewNeeds())
	}
	r.interrupt = end(release.Withdrawn, m.By+" withdrew it: "+m.Reason)
	return "withdrawn", nil
}

// backOut brings the old state back: in the environment that is being deployed,
// or, between deployments, as far as the release model's policy says.
func (r *run) backOut(ctx workflow.Context, m *release.BackOut) (string, error) {
	if err := r.mayActOn(release.ActBackOut, m.By); err != nil {
		return "", err
	}
	switch {
	case r.deploying != "":
		if err := r.toChild(ctx, release.DeploymentID(r.record.ID, r.deploying), release.ActBackOut, m); err != nil {
			return "", err
		}
		r.backOutAsked = m.By + " asked for it: " + m.Reason
		return "the deployment to " + r.deploying + " backs out", nil
	case len(r.undo) == 0:
		return "", release.Refusef("nothing is deployed that could be backed out: use withdraw")
	}
	r.interrupt = end(release.BackedOut, m.By+" asked for it: "+m.Reason)
	return "backing out", nil
}

// takeOver notes that service operations take an environment over.
func (r *run) takeOver(ctx workflow.Context, m *release.HandOver) (string, error) {
	if err := r.mayActOn(release.ActHandOver, m.By); err != nil {
		return "", err
	}
	switch {
	case r.handing == "":
		return "", release.Refusef("no environment waits to be handed over: the release is in %s", r.record.Phase)
	case m.Environment != "" && m.Environment != r.handing:
		return "", release.Refusef("%s does not wait to be handed over: %s does", m.Environment, r.handing)
	}
	r.record.Environment(r.handing).HandedOver = &release.Act{
		At: workflow.Now(ctx).UTC(), Action: release.ActHandOver, By: m.By, Summary: m.Comment, Counted: true,
	}
	return m.By + " takes over " + r.handing, nil
}

// mayActOn refuses what the model does not let somebody do, and everything once the
// release ends. Before there is a plan, the requester and the release manager of the
// definition may steer.
func (r *run) mayActOn(action release.Action, by string) error {
	var ended *ending
	switch {
	case errors.As(r.interrupt, &ended):
		return release.Refusef("the release ends already, %s: %s", ended.outcome, ended.reason)
	case r.closing:
		return release.Refusef("the release ends already")
	}
	if r.plan.Digest == "" {
		if by == r.definition.Requester || by == r.definition.Manager {
			return nil
		}
		return release.Refusef("there is no plan yet, so only %s may %s", steerers(r.definition), action)
	}
	return r.plan.Authority().Check(action, by)
}

// begun tells whether any deployment of this release has begun.
func (r *run) begun() bool { return r.deploying != "" || len(r.undo) > 0 }

// toDeployment passes an action on to the deployment that runs.
func (r *run) toDeployment(ctx workflow.Context, action release.Action, m release.Message) (string, error) {
	if r.deploying == "" || (m.Place() != "" && m.Place() != r.deploying) {
		return "", release.Refusef("no deployment to %s is running: the release is in %s", m.Place(), r.record.Phase)
	}
	if err := r.plan.Authority().Check(action, m.Who()); err != nil {
		return "", err
	}
	return "passed on to the deployment to " + r.deploying, r.toChild(ctx, release.DeploymentID(r.record.ID, r.deploying), action, m)
}

// toSupport passes an action on to the early life support that runs.
func (r *run) toSupport(ctx workflow.Context, action release.Action, m release.Message) (string, error) {
	if r.supporting == "" || (m.Place() != "" && m.Place() != r.supporting) {
		return "", release.Refusef("no environment is in early life support: the release is in %s", r.record.Phase)
	}
	if err := r.plan.Authority().Check(action, m.Who()); err != nil {
		return "", err
	}
	return "passed on to early life support in " + r.supporting, r.toChild(ctx, release.SupportID(r.record.ID, r.supporting), action, m)
}

// awaitsChild is the change by which an action waits for a deployment that has just
// been asked for.
const awaitsChild = "action-awaits-child"

func (r *run) toChild(ctx workflow.Context, id string, action release.Action, m release.Message) error {
	detached, _ := workflow.NewDisconnectedContext(ctx)
	starting := func() bool { return r.deploying != "" && !r.reachable }
	if starting() && workflow.GetVersion(ctx, awaitsChild, workflow.DefaultVersion, 1) == 1 {
		if err := workflow.Await(detached, func() bool { return !starting() }); err != nil {
			return err
		}
	}
	if err := workflow.SignalExternalWorkflow(detached, id, "", string(action), m).Get(detached, nil); err != nil {
		return release.Refusef("%s does not take it any more: %v", id, err)
	}
	return nil
}
