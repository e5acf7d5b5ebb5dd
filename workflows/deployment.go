package workflows

import (
	"errors"

	"go.temporal.io/sdk/workflow"

	"slipway/release"
)

// Deployment brings a package into one environment, step by step and wave by wave,
// and undoes what it did when it cannot finish. With an order to undo, it only
// undoes what an earlier deployment did. It always ends with a result: every
// target wholly old or wholly new, or listed as undecided.
func Deployment(ctx workflow.Context, order release.DeploymentOrder) (release.DeploymentStatus, error) {
	d, err := openDeployment(ctx, order)
	if err != nil {
		return release.DeploymentStatus{}, err
	}
	if order.Undo != nil {
		d.status.Undo = *order.Undo
		d.outputs = outputs(order.Undo.Outputs)
		return d.finish(ctx, errors.New(order.Reason))
	}
	return d.finish(ctx, d.carry(ctx))
}

// carry is rows 8 to 11 of the process; an error means that it has to be undone.
func (d *deployment) carry(ctx workflow.Context) error {
	d.enter(ctx, release.StageReady, release.EnvWaiting)
	if err := d.awaitTurn(ctx); err != nil {
		return err
	}
	asked := d.asks
	if err := d.awaitWorkers(ctx); err != nil {
		return err
	}
	if err := d.assessReadiness(ctx); err != nil {
		return err
	}
	if err := d.auditBefore(ctx); err != nil {
		return err
	}
	if err := d.stillItsTurn(ctx, asked); err != nil {
		return err
	}
	if d.superseded {
		return d.backOutAsked()
	}
	d.enter(ctx, release.StageDeploy, release.EnvDeploying)
	d.begun = true
	if err := d.deploy(ctx); err != nil {
		return err
	}
	d.enter(ctx, release.StageVerify, release.EnvVerifying)
	if err := d.awaitWorkers(ctx); err != nil {
		return err
	}
	if err := d.auditAfter(ctx); err != nil {
		return err
	}
	if err := d.verify(ctx, d.reached(d.order.In.Targets()), d.order.Version); err != nil {
		return err
	}
	if err := d.awaitAcceptance(ctx); err != nil {
		return err
	}
	return d.backOutAsked()
}

// deploy goes through the steps, wave by wave.
func (d *deployment) deploy(ctx workflow.Context) error {
	legs := d.layout.Legs()
	for i, leg := range legs {
		if leg.Wave > 0 && leg.Wave != d.wave {
			if err := d.betweenWaves(ctx, leg.Wave); err != nil {
				return err
			}
		}
		for n, pass := range leg.Passes {
			d.last = leg.Wave > 0 && n == len(leg.Passes)-1 && !leg.In(legs[i+1:])
			if err := d.carryOut(ctx, pass); err != nil {
				return err
			}
		}
	}
	return nil
}

// finish ends the deployment: live, or undone as far as anything happened.
func (d *deployment) finish(ctx workflow.Context, err error) (release.DeploymentStatus, error) {
	detached, _ := workflow.NewDisconnectedContext(ctx)
	d.decided = true
	switch {
	case err == nil:
		d.status.State = release.EnvLive
		d.status.Undo.Outputs = d.outputs
		d.status.Targets = d.asMeant()
		d.leave(detached)
		d.setBaseline(detached, d.newBaseline(detached).After(d.order.In.Previous, d.status.Targets))
	case len(d.status.Undo.Passes) == 0:
		d.status.State, d.status.Reason = release.EnvNotDeployed, reasonOf(err)
		var lapsed *lapse
		if errors.As(err, &lapsed) {
			d.status.Lapsed = lapsed.why
		}
	default:
		d.status.Reason = reasonOf(err)
		if err := d.undo(detached, err); err != nil {
			return d.status, err
		}
	}
	d.status.Awaiting = nil
	if d.order.Since(3) {
		d.noteEnd(detached)
	}
	if d.order.LookAgain {
		// Who gets the environment next has to find in the CMS what runs there now.
		if err := d.journal.drain(detached); err != nil {
			return d.status, err
		}
	}
	if !d.leaveLease() {
		d.returnLease(detached)
	}
	d.leave(detached)
	if !d.order.Since(3) {
		d.noteEnd(detached)
	}
	if err := d.journal.drain(detached); err != nil {
		return d.status, err
	}
	err = workflow.Await(detached, func() bool { return workflow.AllHandlersFinished(detached) })
	return d.status, err
}

// noteEnd notes in the CMS how the deployment ended.
func (d *deployment) noteEnd(ctx workflow.Context) {
	d.journal.add(ctx, "deployment", func(e *release.Entry) {
		e.Deployment = &release.DeployState{
			Environment: d.order.In.Name, State: d.status.State, Reason: d.status.Reason,
			Targets: release.WithReasons(d.status.Targets, d.status.Aside),
		}
	})
}

func reasonOf(err error) string {
	if isCancelled(err) {
		return "the workflow was cancelled"
	}
	return err.Error()
}

// deployment is a deployment on its way.
type deployment struct {
	order   release.DeploymentOrder
	status  release.DeploymentStatus
	journal *journal
	ears    *ears
	desk    *desk
	teller  *teller
	layout  release.Layout
	// index is where each target stands in the status, held what it held before.
	index map[string]int
	held  func(target string) (version string, p release.Package)
	// passes counts what is noted in the CMS, tries what is asked of workers, stalled
	// how often in a row nothing came of it.
	passes, tries, stalled int

	// wave is the one that is being deployed. complete are the targets that are
	// through with all steps, aside those that it goes on without.
	wave            int
	complete, aside map[string]bool
	// last tells that targets are complete after the pass that is carried out.
	last    bool
	outputs outputs

	// begun tells that it does not matter any more whether all is as planned.
	begun bool
	// superseded tells that a newer release took the place of this one before it began.
	superseded bool
	// backOutReason is set when a person asks for a back-out.
	backOutReason string
	// givenUp tells that a person left something that was to be undone.
	givenUp bool
	// decided tells that the deployment goes live, or is undone.
	decided     bool
	accepted    bool
	resolutions map[place]release.ResolveStep
	asked       []place
	// asks counts what people were asked.
	asks int
	// lapsed says why the deployment has to be authorized again, between two waves.
	lapsed string
	// baseline is what the deployment has made of the environment, once it is known.
	baseline *release.BaselineEntry
	lent     lease
	// news counts what may have changed about its opening, and frozen tells that the
	// deployment waits because of a freeze.
	news   int
	frozen bool
}

func openDeployment(ctx workflow.Context, order release.DeploymentOrder) (*deployment, error) {
	d := &deployment{
		order: order, journal: newJournal(ctx, order.Release), ears: &ears{}, resolutions: map[place]release.ResolveStep{},
		layout: order.Layout(), index: map[string]int{}, held: order.In.Previous.Lookup(), wave: 1,
		complete: map[string]bool{}, aside: map[string]bool{}, outputs: outputs{},
		lent: lease{environment: order.In.Name, emergency: order.Emergency},
		status: release.DeploymentStatus{
			ID: release.DeploymentID(order.Release, order.In.Name), Environment: order.In.Name, State: release.EnvPlanned,
		},
	}
	if order.Readiness != nil && order.Undo == nil {
		d.status.Readiness = order.Readiness.Confirmed
	}
	never := release.SetOf(order.Aside)
	for i, t := range order.In.Targets() {
		was := release.TargetStatus{Name: t.Name, State: release.TargetNew, Version: order.Version}
		if order.Undo == nil || never[t.Name] {
			was.State = release.TargetOld
			was.Version, _ = d.held(t.Name)
		}
		d.status.Targets = append(d.status.Targets, was)
		d.index[t.Name] = i
	}
	d.journal.gathers = order.Since(3)
	d.teller = newTeller(ctx, order.Since(3), d.where)
	d.hearSupersede(ctx)
	d.desk = &desk{journal: d.journal, ears: d.ears, record: func(ctx workflow.Context, a release.Act) {
		d.status.Acts = append(d.status.Acts, a)
		d.show(ctx)
	}}
	d.journal.answers = d.desk.answers
	d.hearNews(ctx)
	err := workflow.SetQueryHandlerWithOptions(ctx, release.QueryStatus,
		func() (release.DeploymentStatus, error) { return d.status, nil },
		workflow.QueryHandlerOptions{Description: "The state of the deployment"})
	return d, errors.Join(err,
		serve(ctx, d.desk, release.ActAccept, "Users accept what was deployed", d.accept),
		serve(ctx, d.desk, release.ActConfirm, "Confirm an item of readiness", d.confirm),
		serve(ctx, d.desk, release.ActResolveStep, "Decide about a step that is stuck: retry, skip, done or back-out", d.resolve),
		serve(ctx, d.desk, release.ActOverrideFreeze, "Go on in spite of a freeze", d.overrideFreeze),
		serve(ctx, d.desk, release.ActBackOut, "Bring the old state back", d.askBackOut),
	)
}

func (d *deployment) previousVersion() string {
	if d.order.In.Previous == nil {
		return ""
	}
	return d.order.In.Previous.Version
}

// enter begins a stage and a state, and tells the release.
func (d *deployment) enter(ctx workflow.Context, stage release.StageName, state release.EnvironmentState) {
	d.leave(ctx)
	d.status.Stages = append(d.status.Stages, release.Stage{Name: stage, Started: workflow.Now(ctx).UTC()})
	d.status.State = state
	d.show(ctx)
	d.teller.tell()
}

func (d *deployment) leave(ctx workflow.Context) {
	if n := len(d.status.Stages); n > 0 && d.status.Stages[n-1].Ended.IsZero() {
		d.status.Stages[n-1].Ended = workflow.Now(ctx).UTC()
	}
}

func (d *deployment) where() progress {
	p := progress{
		Environment: d.status.Environment, State: d.status.State, Awaiting: d.status.Awaiting, Lapsed: d.lapsed,
		Readiness: d.status.Readiness, Override: d.status.Override,
	}
	if len(d.status.Targets) <= release.ManyTargets {
		p.Targets = d.status.Targets // of more, the release is told at the end
	}
	if n := len(d.status.Stages); n > 0 {
		p.Stage = d.status.Stages[n-1].Name
	}
	return p
}

func (d *deployment) show(ctx workflow.Context) {
	workflow.SetCurrentDetails(ctx, release.DeploymentDetails(d.status))
}
