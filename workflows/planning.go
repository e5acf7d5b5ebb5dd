package workflows

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"slipway/activities"
	"slipway/release"
)

// Planning checks a definition against the organization and gives its plan; it
// changes nothing. An invalid definition fails it with the problems as details.
func Planning(ctx workflow.Context, request release.Request) (release.Plan, error) {
	var a *activities.Activities
	var plan release.Plan
	err := quick(ctx, "Check the definition and compile the plan", a.Plan,
		activities.PlanInput{Definition: request.Definition, Revision: 1}, &plan)
	return plan, err
}

// authorizePlan brings about a plan that holds and its authorization. A plan that
// is authorized already stays so until its content changes.
func (r *run) authorizePlan(ctx workflow.Context) error {
	if r.plan.Digest == "" {
		r.enter(ctx, release.StagePlan)
		if err := r.makePlan(ctx); err != nil {
			return err
		}
	}
	if r.stale {
		r.stale = false
		if err := r.amend(ctx, r.ahead()...); err != nil {
			return err
		}
	}
	if r.authorized == r.plan.Digest {
		return nil
	}
	r.enter(ctx, release.StagePlanGate)
	if err := r.gate(ctx, release.GatePlan, release.GateContent{Plan: r.plan.Digest}); err != nil {
		return err
	}
	r.authorized = r.plan.Digest
	r.supersede(ctx)
	return nil
}

// makePlan compiles the definition. A definition that does not hold is shown with
// its problems, and waits for a better one.
func (r *run) makePlan(ctx workflow.Context) error {
	plan, err := compile(ctx, r.definition, r.record.Revision+1)
	if interruption := r.interrupted(); interruption != nil {
		return interruption // the definition was revised or withdrawn meanwhile
	}
	var problems release.Problems
	if errors.As(err, &problems) {
		r.record.Problems = problems
		_, err := r.waitFor(ctx, release.Awaiting{
			Kind: release.WaitRevision, Action: release.ActRevise,
			Needs: "a definition without problems, from " + steerers(r.definition),
		}, func() bool { return false })
		return err
	}
	if err != nil {
		return err
	}
	r.adopt(ctx, plan)
	return nil
}

// compile makes a plan of a definition; an error that is release.Problems says
// what is wrong with it.
func compile(ctx workflow.Context, d release.Definition, revision int) (release.Plan, error) {
	var a *activities.Activities
	var plan release.Plan
	err := quick(ctx, "Check the definition and compile the plan", a.Plan,
		activities.PlanInput{Definition: d, Revision: revision, Known: true}, &plan)
	if plan.Definition.Service == "" {
		plan.Definition = d
	}
	var application *temporal.ApplicationError
	if errors.As(err, &application) && application.Type() == release.ErrorInvalidDefinition {
		var problems release.Problems
		if detail := application.Details(&problems); detail != nil {
			return plan, fmt.Errorf("what is wrong with the definition cannot be read: %w", detail)
		}
		return plan, problems
	}
	return plan, err
}

// adopt makes a plan the release's own. What came of an earlier one is void: it
// has to be built, tested and authorized again.
func (r *run) adopt(ctx workflow.Context, plan release.Plan) {
	was, before := r.definition, r.record.Environments
	r.journal.gathers = plan.Since(3)
	r.plan, r.definition, r.components = plan, plan.Definition, plan.Definition.Components
	r.record.Revision, r.record.PlanDigest, r.record.Risk = plan.Revision, plan.Digest, plan.Risk
	r.record.Title, r.record.Model = plan.Definition.Title, plan.Model.Name
	r.record.Requester, r.record.Manager = plan.Definition.Requester, plan.Definition.Manager
	r.record.Conflicts, r.record.Problems, r.record.Package = slices.Concat(plan.Conflicts, r.told), nil, nil
	r.record.Components, r.record.Requirements = nil, plan.Definition.Proofs(nil)
	r.record.KnownErrors, r.record.Documents, r.record.RFCs = plan.Definition.KnownErrors, plan.Definition.Documents, plan.Definition.RFCs
	for i := range r.record.Stages {
		// The stage "plan" began before there was a plan to say how long it takes.
		r.record.Stages[i].Expected = r.expected(r.record.Stages[i].Name)
	}
	r.record.Environments = []release.EnvironmentRecord{}
	for _, env := range plan.Environments {
		e := release.EnvironmentRecord{Name: env.Name}
		for _, earlier := range before {
			if earlier.Name == env.Name {
				e.Readiness = release.StillConfirmed(earlier.Readiness, was, plan.Definition)
			}
		}
		r.record.Environments = append(r.record.Environments, e)
		r.adoptEnvironment(env.Name)
	}
	r.note(ctx)
	r.journal.prompt = true // who plans from now on has to find this release
	r.waited(ctx)           // before there was a plan
	r.show(ctx)
	r.tellConflicts(ctx)
}

// adoptEnvironment shows an environment as it is planned, before anything was done
// to it.
func (r *run) adoptEnvironment(name string) {
	env, _ := r.plan.Environment(name)
	e := r.record.Environment(name)
	*e = release.EnvironmentRecord{Name: name, Purpose: env.Purpose, State: release.EnvPlanned, Readiness: e.Readiness}
	if env.Previous != nil {
		e.Previous = env.Previous.Version
	}
	for _, t := range env.Targets() {
		e.Targets = append(e.Targets, release.TargetStatus{Name: t.Name, State: release.TargetOld, Version: e.Previous})
	}
}

// prepare checks before anything is built that the release can be validated and
// built: every requirement has its suite (checked with the plan, unless its model
// leaves that until the first deployment gate), and the build and test environment
// has what the release needs.
func (r *run) prepare(ctx workflow.Context) error {
	if r.prepared == r.plan.Digest {
		return nil
	}
	r.enter(ctx, release.StagePrepare)
	if r.unchecked = r.buildPrepares(); !r.unchecked {
		ready, err := r.checkBuilders(ctx)
		if err != nil {
			return err
		}
		if err := r.checked(ctx, ready.Checked, ready.Missing); err != nil {
			return err
		}
	}
	r.prepared = r.plan.Digest
	return nil
}

// buildPrepares tells whether the build itself checks its environment as it begins:
// nobody is asked in between, and the builders are those who carry the release.
func (r *run) buildPrepares() bool {
	_, asked := r.plan.Gate(release.GateBuild)
	return r.plan.Since(3) && !asked && r.plan.BuildQueue == ""
}

// checked notes what was found about the build and test environment, and waits for a
// person when something is missing.
func (r *run) checked(ctx workflow.Context, found, missing []string) error {
	r.record.Prepared = slices.Concat(found, designChecks(r.definition))
	if len(missing) == 0 {
		return nil
	}
	r.prepared = ""
	return r.awaitRebuild(ctx, strings.Join(missing, "; "))
}

// designChecks lists what the plan says about design, training and documents.
func designChecks(d release.Definition) []string {
	covered := fmt.Sprintf("%d requirements, each covered by a test suite", len(d.Requirements))
	if without := d.Uncovered(); len(without) > 0 {
		covered = fmt.Sprintf("%d requirements, of which no test suite covers %s", len(d.Requirements), strings.Join(without, ", "))
	}
	checks := []string{covered}
	for _, t := range d.Training {
		checks = append(checks, "training: "+t.Topic+", for "+t.For)
	}
	for _, doc := range d.Documents {
		checks = append(checks, "document: "+doc.Name)
	}
	return checks
}

func steerers(d release.Definition) string {
	return d.Manager + " (release manager) or " + d.Requester + " (requester)"
}
