package workflows

import (
	"errors"
	"time"

	"go.temporal.io/sdk/workflow"

	"slipway/release"
)

// authorizeAgain watches a deployment until it is over. Whenever it says that its
// authorization lapsed between two waves, the gate is asked again while it waits.
func (r *run) authorizeAgain(ctx workflow.Context, name string, deployment workflow.ChildWorkflowFuture) error {
	r.reachable = deployment.GetChildWorkflowExecution().Get(ctx, nil) == nil
	for {
		err := workflow.Await(ctx, func() bool { return deployment.IsReady() || r.lapsed[name] != "" })
		if err != nil || deployment.IsReady() {
			return nil // who was cancelled is told by the deployment itself
		}
		if err := r.reopen(ctx, name, deployment); err != nil {
			return err
		}
	}
}

// reopen asks the gate of a deployment again, and tells the deployment what came of
// it: it goes on, or it is backed out.
func (r *run) reopen(ctx workflow.Context, name string, deployment workflow.ChildWorkflowFuture) error {
	why := r.lapsed[name]
	r.lapse(ctx, name, why)
	within, stop := workflow.WithCancel(ctx)
	defer stop()
	workflow.Go(ctx, func(ctx workflow.Context) {
		// A deployment that ends meanwhile, because a person backs it out, needs none.
		if workflow.Await(ctx, func() bool { return deployment.IsReady() || r.lapsed[name] == "" }) == nil {
			stop()
		}
	})
	err := r.askDeployment(within, name)
	if deployment.IsReady() || r.lapsed[name] == "" {
		return nil
	}
	r.lapsed[name] = ""
	id := release.DeploymentID(r.record.ID, name)
	if err == nil {
		g := r.record.Gate(release.DeployGate(name))
		return workflow.SignalExternalWorkflow(ctx, id, "", signalAuthorized, authorizedAgain{ValidUntil: g.ValidUntil()}).Get(ctx, nil)
	}
	reason := err.Error()
	var ended *ending
	if errors.As(err, &ended) {
		reason = ended.reason
	}
	m := &release.BackOut{Sender: release.Sender{By: r.definition.Manager}, Reason: "its authorization lapsed and was not given again: " + reason}
	return r.toChild(ctx, id, release.ActBackOut, m)
}

// signalAuthorized is how a release says that a deployment may go on.
const signalAuthorized = "authorized-again"

// authorizedAgain says until when it may.
type authorizedAgain struct {
	ValidUntil time.Time `json:"validUntil,omitzero"`
}

// lapsedMeanwhile tells whether a deployment that was parked between two waves was
// parked for longer than its authorization is valid.
func (d *deployment) lapsedMeanwhile(ctx workflow.Context) bool {
	until := d.order.ValidUntil
	return d.order.Since(1) && d.begun && !until.IsZero() && !workflow.Now(ctx).Before(until)
}

// reauthorize lets the release ask again for the authorization, and waits for it
// with everything as it is.
func (d *deployment) reauthorize(ctx workflow.Context) error {
	d.lapsed = summary("it was valid until %s, and change windows kept wave %d from beginning before",
		d.order.ValidUntil.Format(time.RFC3339), d.wave)
	again := workflow.GetSignalChannelWithOptions(ctx, signalAuthorized, workflow.SignalChannelOptions{
		Description: "Slipway's own: the deployment is authorized again",
	})
	err := d.waitFor(ctx, release.Awaiting{
		Kind: release.WaitAuthorization, Needs: "the authorization at gate " + release.DeployGate(d.order.In.Name) + " again: " + d.lapsed,
	}, func() bool { return again.Len() > 0 })
	d.lapsed = ""
	if err != nil {
		return err
	}
	var given authorizedAgain
	again.ReceiveAsync(&given)
	d.order.ValidUntil = given.ValidUntil
	return nil
}
