package workflows

import (
	"cmp"
	"time"

	"go.temporal.io/sdk/workflow"

	"slipway/activities"
	"slipway/release"
)

// The signals between environments and deployments.
const (
	SignalLeaseRequest = "lease-request"
	SignalLeaseReturn  = "lease-return"
	signalGranted      = "lease-granted"
)

// UpdateTakeLease takes an environment that is free, and answers at once whether it was.
const UpdateTakeLease = "lease-take"

// checkHolder is how often an environment looks, while somebody waits for it,
// whether its holder is still there: one that is terminated meanwhile cannot say so.
const checkHolder = 30 * time.Second

// Environment lends an environment to one deployment at a time. It never ends.
func Environment(ctx workflow.Context, status release.EnvironmentStatus) error {
	e := &environment{EnvironmentStatus: status}
	err := workflow.SetQueryHandlerWithOptions(ctx, release.QueryStatus,
		func() (release.EnvironmentStatus, error) { return e.EnvironmentStatus, nil },
		workflow.QueryHandlerOptions{Description: "To whom the environment is lent, who waits, and what runs there"})
	if err != nil {
		return err
	}
	err = workflow.SetUpdateHandlerWithOptions(ctx, UpdateTakeLease, e.take,
		workflow.UpdateHandlerOptions{Description: "A deployment takes the environment if it is free"})
	if err != nil {
		return err
	}
	requests := workflow.GetSignalChannelWithOptions(ctx, SignalLeaseRequest, workflow.SignalChannelOptions{Description: "A deployment asks for the environment"})
	returns := workflow.GetSignalChannelWithOptions(ctx, SignalLeaseReturn, workflow.SignalChannelOptions{Description: "A deployment gives the environment back"})
	for {
		workflow.SetCurrentDetails(ctx, release.EnvironmentDetails(e.EnvironmentStatus))
		full := func() bool { return workflow.GetInfo(ctx).GetContinueAsNewSuggested() }
		wake := func() bool { return requests.Len() > 0 || returns.Len() > 0 }
		deadline := time.Time{}
		if len(e.Queue) > 0 {
			deadline = workflow.Now(ctx).Add(checkHolder)
		}
		woken, err := awaitUntil(ctx, deadline, "Is the holder still there?", func() bool { return wake() || full() })
		if err != nil {
			return err
		}
		e.now = workflow.Now(ctx).UTC()
		// Requests first: nobody asks again after giving back, but somebody may have
		// asked and given up at once.
		each(requests, e.enqueue)
		each(returns, e.giveBack)
		if !woken || e.asked {
			if err := e.dropLostHolder(ctx); err != nil {
				return err
			}
		}
		e.asked = false
		if err := e.grant(ctx); err != nil {
			return err
		}
		if full() && !wake() {
			return workflow.NewContinueAsNewError(ctx, release.WorkflowEnvironment, e.EnvironmentStatus)
		}
	}
}

// each takes everything that has arrived, each time into a fresh value: what a
// payload leaves out must not be what the one before it said.
func each(arrived workflow.ReceiveChannel, take func(r activities.LeaseRequest)) {
	for {
		var request activities.LeaseRequest
		if !arrived.ReceiveAsync(&request) {
			return
		}
		take(request)
	}
}

type environment struct {
	release.EnvironmentStatus
	now time.Time
	// asked tells that somebody asked who must not wait for a holder that is lost.
	asked bool
	// lending tells that somebody is just told that the environment is theirs.
	lending bool
}

func leaseOf(r activities.LeaseRequest, since time.Time) release.Lease {
	return release.Lease{Holder: r.Holder, RunID: r.RunID, Token: r.Token, Emergency: r.Emergency, Since: since}
}

func (e *environment) enqueue(r activities.LeaseRequest) {
	e.Enqueue(leaseOf(r, e.now))
	e.asked = e.asked || !r.Asked.IsZero()
}

func (e *environment) giveBack(r activities.LeaseRequest) { e.Return(leaseOf(r, e.now), r.Baselines) }

// take lends the environment to who asks for it, if it is free.
func (e *environment) take(ctx workflow.Context, r activities.LeaseRequest) (bool, error) {
	taken := !e.lending && e.Take(leaseOf(r, workflow.Now(ctx).UTC()))
	workflow.SetCurrentDetails(ctx, release.EnvironmentDetails(e.EnvironmentStatus))
	return taken, nil
}

// grant lends the environment to the first who waits and is still there.
func (e *environment) grant(ctx workflow.Context) error {
	e.lending = true
	defer func() { e.lending = false }()
	for e.Holder == nil && len(e.Queue) > 0 {
		next := e.Queue[0]
		e.Queue = e.Queue[1:]
		err := workflow.SignalExternalWorkflow(ctx, next.Holder, next.RunID, signalGranted, cmp.Or(next.Token, e.Name)).Get(ctx, nil)
		if isCancelled(err) {
			return err
		}
		if err != nil {
			workflow.GetLogger(ctx).Info("who waited for the environment is gone", "holder", next.Holder, "error", err)
			continue
		}
		next.Since = workflow.Now(ctx).UTC()
		e.Holder = &next
	}
	return nil
}

// dropLostHolder takes the environment back from a holder that no longer runs.
func (e *environment) dropLostHolder(ctx workflow.Context) error {
	if e.Holder == nil || len(e.Queue) == 0 {
		return nil
	}
	var a *activities.Activities
	var found activities.HolderResult
	in := activities.HolderInput{Holder: e.Holder.Holder, RunID: e.Holder.RunID}
	if err := quick(ctx, "Does "+e.Holder.Holder+" still run?", a.HolderRunning, in, &found); err != nil {
		return err
	}
	if !found.Running {
		e.Holder = nil
	}
	return nil
}
