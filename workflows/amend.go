package workflows

import (
	"go.temporal.io/sdk/workflow"

	"slipway/activities"
	"slipway/release"
)

// amend brings environments of the plan up to date with the organization's
// inventory and calendar and with what runs there. It gives errAgain when the plan
// has to be authorized again.
func (r *run) amend(ctx workflow.Context, names ...string) error {
	if !r.bound() {
		return nil
	}
	var a *activities.Activities
	var found activities.AmendResult
	in := activities.AmendInput{Plan: r.plan, Environments: names}
	if err := quick(ctx, "Are targets, windows and baselines as planned?", a.Amend, in, &found); err != nil {
		return err
	}
	if found.Plan == nil {
		return nil
	}
	authorized := r.authorized == r.plan.Digest
	built := r.prepared == r.plan.Digest
	r.plan = *found.Plan
	r.record.PlanDigest = r.plan.Digest
	r.record.Amendments = append(r.record.Amendments, found.Amendments...)
	for _, name := range names {
		r.adoptEnvironment(name)
	}
	if built {
		// What was prepared and built does not depend on where it goes.
		r.prepared, r.buildGate = r.plan.Digest, r.plan.Digest
	}
	r.note(ctx)
	r.show(ctx)
	if authorized && !r.begun() {
		return errAgain
	}
	if authorized {
		// What is live was authorized as it was; what is not has a gate of its own.
		r.authorized = r.plan.Digest
	}
	return nil
}

// amended tells whether the plan is not as its gate authorized it any more:
// something was live already when it was amended.
func (r *run) amended() bool {
	g := r.record.Gate(release.GatePlan)
	return g != nil && g.Content.Plan != r.plan.Digest
}

// lapse notes that an authorization does not hold any more, so that it is asked for
// again.
func (r *run) lapse(ctx workflow.Context, environment, why string) {
	g := r.record.Gate(release.DeployGate(environment))
	if g == nil {
		return
	}
	g.Reason = why
	if g.Decision == release.PreAuthorized {
		// The model authorizes what it is by now, too; but this gate does not look for
		// itself whether all is as planned.
		r.stale = true
		return
	}
	g.Close(release.LapsedGate, workflow.Now(ctx).UTC())
	r.tell(ctx, release.NoticeVoided, g.Name, whoVoted(g), "The authorization at gate "+g.Name+" has lapsed: "+why+". It is asked for again.")
	r.noteGate(ctx, *g)
}
