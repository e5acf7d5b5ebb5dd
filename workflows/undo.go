package workflows

import (
	"errors"
	"fmt"
	"slices"

	"go.temporal.io/sdk/workflow"

	"slipway/activities"
	"slipway/release"
)

// undo takes the stack down: the inverse of each pass that may have happened, last
// in first out. A back-out that fails waits for a person; none is skipped
// silently. Afterwards the old version is proved to be there.
func (d *deployment) undo(ctx workflow.Context, why error) error {
	d.enter(ctx, release.StageBackOut, release.EnvBackingOut)
	d.status.Awaiting = nil
	if err := d.lease(ctx); err != nil {
		return err
	}
	if replaced, err := d.replaced(ctx); replaced || err != nil {
		return err
	}
	if err := d.awaitWorkers(ctx); err != nil {
		return err
	}
	if targets := d.partly(why); targets != nil {
		return d.undoSome(ctx, targets)
	}
	for {
		pass, more := d.status.Undo.Pop(d.layout)
		if !more {
			break
		}
		if _, err := d.undoPass(ctx, pass); err != nil {
			return err
		}
	}
	return d.proveOld(ctx)
}

// replaced tells, before an earlier deployment is undone, that another release runs
// there by now: its way back leads here, so that nothing is to be undone.
func (d *deployment) replaced(ctx workflow.Context) (bool, error) {
	if !d.order.SeesReplaced() {
		return false, nil
	}
	var a *activities.Activities
	var found activities.BaselineResult
	in := activities.BaselineInput{Environment: d.order.In.Name, Service: d.order.Service}
	err := quick(ctx, "Does "+d.order.Release+" still run in "+d.order.In.Name+"?", a.Baseline, in, &found)
	if err != nil || found.Baseline == nil || found.Baseline.Anywhere(d.order.Package) {
		return false, err
	}
	d.status.State = release.EnvReplaced
	d.status.Reason += "; " + found.Baseline.Release + " runs in " + d.order.In.Name + " by now and is left alone"
	held := found.Baseline.Lookup()
	for _, t := range d.status.Targets {
		version, _ := held(t.Name)
		d.setTarget(t.Name, release.TargetReplaced, version)
	}
	return true, nil
}

// partly lists the targets to back out when policy leaves others alone: those that
// failed, or all of their wave, and whatever is not wholly new yet. Nil is all.
func (d *deployment) partly(why error) []string {
	var failed *failure
	scope := d.order.BackOut.Scope
	if !errors.As(why, &failed) || len(failed.targets) == 0 || (scope != release.ScopeTarget && scope != release.ScopeWave) {
		return nil
	}
	gone := map[string]bool{}
	for _, name := range failed.targets {
		if gone[name] = true; name == "" {
			return nil // what runs once concerns all
		}
	}
	var targets []string
	left := false
	for i, wave := range d.order.In.Waves {
		for _, t := range wave {
			if gone[t.Name] || !d.complete[t.Name] || (scope == release.ScopeWave && i+1 == d.wave) {
				targets = append(targets, t.Name)
			} else if !d.aside[t.Name] {
				left = true
			}
		}
	}
	if !left {
		return nil
	}
	return targets
}

// undoSome backs some targets out and leaves the others as they are: new, or not
// reached.
func (d *deployment) undoSome(ctx workflow.Context, targets []string) error {
	if _, err := d.undoTargets(ctx, targets); err != nil {
		return err
	}
	for _, t := range (release.Pass{Targets: d.order.In.Targets()}).Without(release.SetOf(targets)).Targets {
		if d.complete[t.Name] {
			d.setTarget(t.Name, release.TargetNew, d.order.Version)
		}
	}
	baseline := d.newBaseline(ctx).After(d.order.In.Previous, d.status.Targets)
	audit, err := d.audit(ctx, release.AuditAfterBackOut, baseline)
	if err != nil {
		return err
	}
	d.status.State = release.EnvPartly
	d.status.Reason += fmt.Sprintf("; %s is live on %d of %d targets", d.order.Version, d.status.Count(release.TargetNew), len(d.status.Targets))
	if d.givenUp || len(audit.Discrepancies) > 0 {
		d.status.State = release.EnvUndecided
		d.undecide(audit)
	}
	d.setBaseline(ctx, baseline)
	return nil
}

// undoTargets undoes what happened on some targets alone; it gives false when a
// person chose to leave something undone.
func (d *deployment) undoTargets(ctx workflow.Context, targets []string) (whole bool, err error) {
	whole = true
	taken := d.status.Undo.Take(d.layout, targets)
	for i, pass := range taken {
		undone, err := d.undoPass(ctx, pass)
		if err != nil {
			// Something else comes first: what is left goes back to where it was.
			for _, left := range slices.Backward(taken[i:]) {
				d.status.Undo.Push(d.layout, left)
			}
			return false, err
		}
		whole = whole && undone
	}
	for _, name := range targets {
		if whole && !d.isIn(name, release.TargetOld) {
			d.restored(name)
		}
	}
	return whole, nil
}

// undoPass undoes one pass; it gives false when a person chose to leave it undone.
func (d *deployment) undoPass(ctx workflow.Context, pass release.Pass) (whole bool, err error) {
	did, err := d.runPass(ctx, pass, true)
	if err != nil {
		return false, err
	}
	d.take(ctx, did)
	// What never began, because its worker was lost, is simply begun again.
	for tries := 1; tries < stalls && len(did.with(release.FateNotStarted)) > 0; tries++ {
		again, err := d.runPass(ctx, only(pass, places(did.with(release.FateNotStarted))...), true)
		if err != nil {
			return false, err
		}
		d.take(ctx, again)
		did.replace(again)
	}
	whole = true
	for _, r := range did.results() {
		for r.Fate != release.FateUndone {
			if pass.Step.Manual { // the person who was asked left it so
				whole, d.givenUp = false, true
				break
			}
			decided, err := d.decide(ctx, place{r.Step, r.Target, true}, "its back-out failed: "+r.Message)
			if err != nil {
				return false, err
			}
			if decided.Action == release.ResolveRetry || decided.Action == release.ResolveBackOut {
				again, err := d.runPass(ctx, only(pass, r.Target), true)
				if err != nil {
					return false, err
				}
				d.take(ctx, again)
				r = again.results()[0]
				continue
			}
			fate := release.FateSkipped
			if decided.Action == release.ResolveDone {
				fate = release.FateUndone
			}
			d.decidedSo(ctx, pass, r.Target, fate, decided, true)
			if fate == release.FateSkipped {
				whole, d.givenUp = false, true
			}
			break
		}
	}
	return whole, nil
}

// proveOld verifies that the version before answers again, and that the targets
// hold it.
func (d *deployment) proveOld(ctx workflow.Context) error {
	audit, err := d.audit(ctx, release.AuditAfterBackOut, d.order.In.Previous)
	if err != nil {
		return err
	}
	problem := error(nil)
	if len(audit.Discrepancies) == 0 {
		problem = d.verify(ctx, d.before(), d.previousVersion())
	}
	d.status.State = release.EnvBackedOut
	switch {
	case d.givenUp || len(audit.Discrepancies) > 0:
		d.status.State = release.EnvUndecided
		d.undecide(audit)
		if d.order.Edition >= 1 {
			return nil // what runs there is not known, so that the CMS is not told anything
		}
	case problem != nil:
		d.status.State = release.EnvUndecided
		d.status.Reason += "; after the back-out, " + problem.Error()
	default:
		for _, t := range d.status.Targets {
			if t.State != release.TargetOld {
				d.restored(t.Name)
			}
		}
	}
	d.setBaseline(ctx, d.order.In.Previous)
	return nil
}

// before lists the targets that ran the version before.
func (d *deployment) before() []release.Target {
	return slices.DeleteFunc(d.order.In.Targets(), func(t release.Target) bool {
		version, _ := d.held(t.Name)
		return version != d.previousVersion()
	})
}

// undecide lists the targets that an audit found to hold something else.
func (d *deployment) undecide(audit release.Audit) {
	for _, x := range audit.Discrepancies {
		d.setTarget(x.Target, release.TargetUndecided, x.Found)
	}
}
