package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"slipway/activities"
	"slipway/release"
)

// When a deployment may begin: its window is open, the environment is lent to it,
// and what was authorized is still so.

// lapse is the error of an authorization that does not hold any more before
// anything has begun.
type lapse struct{ why string }

func (l *lapse) Error() string { return "the authorization has lapsed: " + l.why }

// awaitTurn waits for an open window and for the lease, and then looks again: another
// release may have had the environment meanwhile.
func (d *deployment) awaitTurn(ctx workflow.Context) error {
	for {
		if err := d.awaitWindow(ctx); err != nil {
			return err
		}
		if err := d.lease(ctx); err != nil {
			return err
		}
		if !d.order.LookAgain {
			return nil
		}
		opening, err := d.look(ctx)
		if err != nil {
			return err
		}
		if opening.Open {
			return nil
		}
		d.returnLease(ctx)
	}
}

// checkWindow is how often the calendar is read again while a window is closed, so
// that a freeze that was added or lifted meanwhile is noticed.
const checkWindow = 6 * time.Hour

// awaitWindow waits until the environment may be changed.
func (d *deployment) awaitWindow(ctx workflow.Context) error {
	var shown release.Awaiting
	over := func() {}
	defer func() { over() }()
	for {
		opening, err := d.look(ctx)
		if err != nil {
			return err
		}
		if opening.Open && shown.Kind != "" && d.lapsedMeanwhile(ctx) {
			if err := d.reauthorize(ctx); err != nil {
				return err
			}
			continue
		}
		if opening.Open {
			return d.backOutAsked()
		}
		wait := release.Awaiting{Kind: release.WaitWindow, Needs: opening.Why, Deadline: opening.At.UTC()}
		if wait != shown {
			over()
			shown, over = wait, d.announce(ctx, wait)
		}
		again := d.nextLook(ctx, opening)
		if err := d.rest(ctx, again, "May "+d.order.In.Name+" be changed then? It is "+opening.Why, func() bool { return false }); err != nil {
			return err
		}
	}
}

// look asks whether the environment may be changed now. Before anything has begun,
// an authorization that does not hold any more is a lapse.
func (d *deployment) look(ctx workflow.Context) (release.Opening, error) {
	in := activities.OpeningInput{Environment: d.order.In.Name, Now: workflow.Now(ctx), OverrideFreeze: d.order.OverrideFreeze}
	guarded := d.order.LookAgain && !d.begun
	if guarded {
		in.Planned, in.Service, in.Rollout = &d.order.In, d.order.Service, d.order.Rollout
		if len(in.Rollout.Waves) == 0 {
			in.Rollout.Waves = d.order.WaveSizes
		}
	}
	var a *activities.Activities
	var found activities.OpeningResult
	if err := quick(ctx, "May "+d.order.In.Name+" be changed now?", a.Opening, in, &found); err != nil {
		return found.Opening, err
	}
	if guarded {
		if err := d.stillAuthorized(ctx, found); err != nil {
			return found.Opening, err
		}
	}
	return found.Opening, nil
}

func (d *deployment) stillAuthorized(ctx workflow.Context, found activities.OpeningResult) error {
	until := d.order.ValidUntil
	switch {
	case found.Changed != "":
		return &lapse{why: found.Changed}
	case !until.IsZero() && !workflow.Now(ctx).Before(until):
		return &lapse{why: "it was valid until " + until.Format(time.RFC3339) + ", and the deployment could not begin before: " + found.Why}
	}
	return nil
}

// nextLook is when to look at a closed window again.
func (d *deployment) nextLook(ctx workflow.Context, opening release.Opening) time.Time {
	again := workflow.Now(ctx).Add(checkWindow)
	if !opening.At.IsZero() && opening.At.Before(again) {
		again = opening.At
	}
	if until := d.order.ValidUntil; !d.begun && !until.IsZero() && until.Before(again) {
		again = until
	}
	return again
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
	return d.order.AsksAgain() && d.begun && !until.IsZero() && !workflow.Now(ctx).Before(until)
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
