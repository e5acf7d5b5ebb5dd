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
// that what was changed in the configuration meanwhile is noticed. What people change
// in the calendar is told at once.
const checkWindow = 6 * time.Hour

// awaitWindow waits until the environment may be changed.
func (d *deployment) awaitWindow(ctx workflow.Context) error {
	var shown release.Awaiting
	over := func() {}
	defer func() { over(); d.frozen = false }()
	for {
		changes := d.calendarChanges
		opening, err := d.look(ctx)
		if err != nil {
			return err
		}
		if opening.Open {
			return d.backOutAsked()
		}
		d.frozen = opening.Frozen
		wait := d.windowWait(opening)
		if wait != shown {
			over()
			shown, over = wait, d.announce(ctx, wait)
		}
		again := d.nextLook(ctx, opening)
		moved := func() bool { return d.calendarChanges != changes }
		if err := d.rest(ctx, again, "May "+d.order.In.Name+" be changed then? It is "+opening.Why, moved); err != nil {
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
		in.Planned, in.Service, in.WaveSizes = &d.order.In, d.order.Service, d.order.WaveSizes
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
