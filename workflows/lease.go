package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"slipway/activities"
	"slipway/release"
)

// lease is the right to an environment, which a deployment, or a release for its
// tests, asks for, has, and gives back.
type lease struct {
	environment string
	emergency   bool
	// token tells apart the requests of who asks more than once; deployments have none.
	token          string
	asked, granted bool
}

// leaseGrace is how soon a free environment answers.
const leaseGrace = 5 * time.Second

// ask asks for the environment, unless it is there already, and lets the caller wait
// until it is granted.
func (l *lease) ask(ctx workflow.Context, wait func(ctx workflow.Context, granted func() bool) error) error {
	if l.granted {
		return nil
	}
	var a *activities.Activities
	request := l.request(ctx)
	request.Asked = workflow.Now(ctx).UTC()
	if err := quick(ctx, "Ask for environment "+l.environment, a.RequestLease, request, nil); err != nil {
		return err
	}
	l.asked = true
	answers := workflow.GetSignalChannelWithOptions(ctx, signalGranted, workflow.SignalChannelOptions{
		Description: "Slipway's own: the environment is lent to this workflow",
	})
	return wait(ctx, func() bool {
		for !l.granted && answers.Len() > 0 {
			var to string
			// What was asked for before, and given back since, is not what is asked for now.
			l.granted = answers.ReceiveAsync(&to) && (l.token == "" || to == l.token)
		}
		return l.granted
	})
}

// returned takes note that the environment, or the request for it, is given back, and
// gives what to say there; false when nothing was asked for.
func (l *lease) returned(ctx workflow.Context) (activities.LeaseRequest, bool) {
	asked := l.asked
	l.asked, l.granted = false, false
	return l.request(ctx), asked
}

func (l *lease) request(ctx workflow.Context) activities.LeaseRequest {
	execution := workflow.GetInfo(ctx).WorkflowExecution
	return activities.LeaseRequest{
		Environment: l.environment, Holder: execution.ID, RunID: execution.RunID, Emergency: l.emergency, Token: l.token,
	}
}

// giveBack gives an environment back once all that was written of it is in the
// history: an activity in the workflow task itself would come before that, and when
// the worker died in between, what is written again would come after what the next
// holder has made of the environment.
func giveBack(ctx workflow.Context, back activities.LeaseRequest) error {
	var a *activities.Activities
	return workflow.ExecuteActivity(lookup(ctx, "Give environment "+back.Environment+" back"), a.ReturnLease, back).Get(ctx, nil)
}

// lease waits until the environment is lent to this deployment.
func (d *deployment) lease(ctx workflow.Context) error {
	return d.lent.ask(ctx, func(ctx workflow.Context, granted func() bool) error {
		// Most of the time it is free and the answer comes at once, which nobody has to
		// be told.
		free, err := awaitUntil(ctx, workflow.Now(ctx).Add(leaseGrace), "Is "+d.order.In.Name+" free?", granted)
		if err != nil || free {
			return err
		}
		return d.waitFor(ctx, release.Awaiting{
			Kind: release.WaitLease, Needs: "another release has " + d.order.In.Name + "; it comes free when that one is done",
		}, granted)
	})
}

// returnLease gives the environment back, or takes the request for it back.
func (d *deployment) returnLease(ctx workflow.Context) {
	back, asked := d.lent.returned(ctx)
	if !asked {
		return
	}
	if d.baseline != nil {
		back.Baselines = []release.BaselineEntry{*d.baseline}
	}
	if err := d.giveBack(ctx, back); err != nil {
		workflow.GetLogger(ctx).Error("the environment was not given back", "environment", d.order.In.Name, "error", err)
	}
}

// leaveLease leaves it to the release to give the environment back, which it does once
// the end of the deployment is in its history. It gives false when there is nobody to do
// that, or nothing to give back.
func (d *deployment) leaveLease() bool {
	if !d.order.Since(3) || d.teller.alone || !d.lent.granted {
		return false
	}
	d.status.Lent = true
	if d.status.State != release.EnvLive {
		d.status.Baseline = d.baseline
	}
	return true
}

// takeBack gives an environment back that a deployment had until its end, beside the
// process.
func (r *run) takeBack(ctx workflow.Context, deployment workflow.ChildWorkflowFuture, order release.DeploymentOrder, status release.DeploymentStatus) {
	if !status.Lent {
		return
	}
	back := activities.LeaseRequest{Environment: order.In.Name, Emergency: order.Emergency}
	if runs := order.Runs(status); runs != nil {
		back.Baselines = []release.BaselineEntry{*runs}
	}
	r.telling++
	detached, _ := workflow.NewDisconnectedContext(ctx)
	workflow.GoNamed(detached, "lease", func(ctx workflow.Context) {
		defer func() { r.telling-- }()
		var child workflow.Execution
		err := deployment.GetChildWorkflowExecution().Get(ctx, &child)
		if err == nil {
			var a *activities.Activities
			back.Holder, back.RunID = child.ID, child.RunID
			err = r.quick(ctx, "Give environment "+back.Environment+" back", a.ReturnLease, back, nil)
		}
		if err != nil {
			workflow.GetLogger(ctx).Error("the environment was not given back", "environment", back.Environment, "error", err)
		}
	})
}

func (d *deployment) giveBack(ctx workflow.Context, back activities.LeaseRequest) error {
	if !d.order.Since(1) { // there it was given back in the workflow task itself
		var a *activities.Activities
		return quick(ctx, "Give environment "+d.order.In.Name+" back", a.ReturnLease, back, nil)
	}
	return giveBack(ctx, back)
}
