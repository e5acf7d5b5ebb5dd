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
	if !d.order.Since(1) || d.order.Undo == nil {
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
	results, err := d.undoUntilBegun(ctx, pass)
	if err != nil {
		return false, err
	}
	whole = true
	for _, r := range results {
		undone, err := d.settleBackOut(ctx, pass, r)
		if err != nil {
			return false, err
		}
		if !undone {
			whole, d.givenUp = false, true
		}
	}
	return whole, nil
}

// undoUntilBegun undoes one pass, and again what of it never began: because its worker
// was lost, or because the wave was stopped before it.
func (d *deployment) undoUntilBegun(ctx workflow.Context, pass release.Pass) ([]release.StepResult, error) {
	did, err := d.undoOnce(ctx, pass)
	results := did.results
	for tries := 1; err == nil && tries < stalls; tries++ {
		waiting := with(results, release.FateNotStarted)
		if len(waiting) == 0 {
			break
		}
		var again done
		again, err = d.undoOnce(ctx, only(pass, places(waiting)...))
		switch {
		case !d.order.Since(2): // what a wave had left stayed so, whatever came of it
			again.results = elsewhere(again.results, did.left())
		case len(with(again.results, release.FateNotStarted)) < len(waiting):
			tries = 0
		}
		results = latest(results, again.results)
	}
	return results, err
}

// undoOnce undoes one pass, as far as that goes without asking anybody.
func (d *deployment) undoOnce(ctx workflow.Context, pass release.Pass) (done, error) {
	did, err := d.runPass(ctx, pass, true)
	if err == nil {
		d.take(ctx, did)
	}
	return did, err
}

// settleBackOut lets a person decide about a back-out that failed in one place, until
// it is undone; it gives false when it is left as it is.
func (d *deployment) settleBackOut(ctx workflow.Context, pass release.Pass, r release.StepResult) (undone bool, err error) {
	for r.Fate != release.FateUndone {
		if pass.Step.Manual {
			return false, nil // the person who was asked left it so
		}
		decided, err := d.decide(ctx, place{r.Step, r.Target, true}, "its back-out failed: "+r.Message)
		if err != nil {
			return false, err
		}
		switch decided.Action {
		case release.ResolveRetry, release.ResolveBackOut:
			again, err := d.undoOnce(ctx, only(pass, r.Target))
			if err != nil {
				return false, err
			}
			r = again.results[0]
		case release.ResolveDone:
			d.decidedSo(ctx, pass, r.Target, release.FateUndone, decided, true)
			return true, nil
		default:
			d.decidedSo(ctx, pass, r.Target, release.FateSkipped, decided, true)
			return false, nil
		}
	}
	return true, nil
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
		if d.order.Since(1) {
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
