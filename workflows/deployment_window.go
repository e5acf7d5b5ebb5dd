package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"slipway/activities"
	"slipway/release"
)

// When a deployment may begin: its window is open, no other release is in the way,
// the environment is lent to it, and what was authorized is still so.

// lapse is the error of an authorization that does not hold any more before
// anything has begun.
type lapse struct{ why string }

func (l *lapse) Error() string { return "the authorization has lapsed: " + l.why }

// awaitTurn waits for an open window, for other releases and for the lease, and then
// looks again: another release may have had the environment meanwhile.
func (d *deployment) awaitTurn(ctx workflow.Context) error {
	if taken, err := d.takeTurn(ctx); taken || err != nil {
		return err
	}
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
		found, err := d.look(ctx)
		if err != nil {
			return err
		}
		if d.obstacle(found) == nil {
			return nil
		}
		d.returnLease(ctx)
	}
}

// takeTurn takes its turn at once when nothing is in the way, as it is most of the time.
// Older histories asked for the lease and waited for the answer.
func (d *deployment) takeTurn(ctx workflow.Context) (taken bool, err error) {
	if !d.order.Since(3) || d.lent.asked {
		return false, nil
	}
	var a *activities.Activities
	var found activities.TurnResult
	in := activities.TurnInput{OpeningInput: d.opening(ctx), Lease: d.lent.request(ctx)}
	d.lent.asked = true // it may be, also when the answer gets lost
	if err := quick(ctx, "Take "+d.order.In.Name+" if it is free and may be changed now", a.TakeTurn, in, &found); err != nil {
		return false, err
	}
	d.lent.asked, d.lent.granted = found.Taken, found.Taken
	return found.Taken, d.stillAuthorized(ctx, found.OpeningResult)
}

// stillItsTurn takes its turn anew when people were asked something meanwhile and the
// window has closed over it.
func (d *deployment) stillItsTurn(ctx workflow.Context, asked int) error {
	if d.asks == asked || !d.order.Since(1) {
		return nil
	}
	found, err := d.look(ctx)
	if err != nil || d.obstacle(found) == nil {
		return err
	}
	d.returnLease(ctx)
	return d.awaitTurn(ctx)
}

// checkWindow is how often the calendar is read again while a window is closed, so
// that what was changed in the configuration meanwhile is noticed. What people change
// in the calendar is told at once.
const checkWindow = 6 * time.Hour

// checkConflicts is how often it is looked whether another release is still in the
// way. One that gets out of it says so (see tellNews); one that is terminated cannot.
const checkConflicts = time.Hour

// awaitWindow waits until the environment may be changed and nothing is in the way.
func (d *deployment) awaitWindow(ctx workflow.Context) error {
	var shown release.Awaiting
	over := func(...string) {}
	defer func() { over(); d.frozen = false }()
	for {
		heard := d.news
		found, err := d.look(ctx)
		if err != nil {
			return err
		}
		wait := d.obstacle(found)
		if shown.Kind != "" && d.lapsedMeanwhile(ctx) {
			if err := d.reauthorize(ctx); err != nil {
				return err
			}
			continue
		}
		if wait == nil {
			return d.backOutAsked()
		}
		d.frozen = found.Frozen
		if *wait != shown {
			over()
			shown, over = *wait, d.announce(ctx, *wait)
		}
		why := "May " + d.order.In.Name + " be changed then? It is " + found.Why
		if found.Open {
			why = "Does it still wait for another release? " + wait.Needs
		}
		if err := d.rest(ctx, d.nextLook(ctx, found), why, func() bool { return d.news != heard }); err != nil {
			return err
		}
	}
}

// obstacle is what keeps the deployment from beginning; nil when nothing does.
func (d *deployment) obstacle(found activities.OpeningResult) *release.Awaiting {
	switch {
	case !found.Open:
		return d.windowWait(found.Opening)
	case len(found.Blocked) > 0:
		return &release.Awaiting{Kind: release.WaitConflict, Needs: release.Waits(found.Blocked)}
	}
	return nil
}

// look asks whether the environment may be changed now. Before anything has begun,
// an authorization that does not hold any more is a lapse.
func (d *deployment) look(ctx workflow.Context) (activities.OpeningResult, error) {
	var a *activities.Activities
	var found activities.OpeningResult
	if err := quick(ctx, "May "+d.order.In.Name+" be changed now?", a.Opening, d.opening(ctx), &found); err != nil {
		return found, err
	}
	return found, d.stillAuthorized(ctx, found)
}

// opening asks whether the environment may be changed, and as long as that matters
// whether all is as planned.
func (d *deployment) opening(ctx workflow.Context) activities.OpeningInput {
	in := activities.OpeningInput{Environment: d.order.In.Name, Now: workflow.Now(ctx), OverrideFreeze: d.order.OverrideFreeze}
	if d.guarded() {
		in.Planned, in.Service, in.Rollout = &d.order.In, d.order.Service, d.order.Rollout
		if len(in.Rollout.Waves) == 0 {
			in.Rollout.Waves = d.order.WaveSizes
		}
		in.Blockers = d.order.Blockers
	}
	return in
}

// guarded tells whether it still matters that all is as it was authorized.
func (d *deployment) guarded() bool { return d.order.LookAgain && !d.begun }

func (d *deployment) stillAuthorized(ctx workflow.Context, found activities.OpeningResult) error {
	if !d.guarded() {
		return nil
	}
	until, why := d.order.ValidUntil, found.Why
	if wait := d.obstacle(found); wait != nil {
		why = wait.Needs
	}
	switch {
	case found.Changed != "":
		return &lapse{why: found.Changed}
	case !until.IsZero() && !workflow.Now(ctx).Before(until):
		return &lapse{why: "it was valid until " + until.Format(time.RFC3339) + ", and the deployment could not begin before: " + why}
	}
	return nil
}

// nextLook is when to look again at what keeps the deployment from beginning.
func (d *deployment) nextLook(ctx workflow.Context, found activities.OpeningResult) time.Time {
	after := checkWindow
	if found.Open {
		after = checkConflicts
	}
	again := workflow.Now(ctx).Add(after)
	if !found.Open && !found.At.IsZero() && found.At.Before(again) {
		again = found.At
	}
	if until := d.order.ValidUntil; (!d.begun || d.order.Since(1)) && !until.IsZero() && until.Before(again) {
		again = until
	}
	return again
}
