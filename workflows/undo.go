package workflows

import (
	"go.temporal.io/sdk/workflow"

	"slipway/release"
)

// undo takes the stack down: the inverse of each pass that may have happened, last
// in first out. A back-out that fails waits for a person; none is skipped
// silently. Afterwards the old version is proved to be there.
func (d *deployment) undo(ctx workflow.Context) error {
	d.enter(ctx, release.StageBackOut, release.EnvBackingOut)
	d.status.Awaiting = nil
	if err := d.lease(ctx); err != nil {
		return err
	}
	undecided := false
	for {
		pass, more := d.status.Undo.Pop()
		if !more {
			break
		}
		whole, err := d.undoPass(ctx, pass)
		if err != nil {
			return err
		}
		undecided = undecided || !whole
	}
	return d.proveOld(ctx, undecided)
}

// undoPass undoes one pass; it gives false when a person chose to leave it undone.
func (d *deployment) undoPass(ctx workflow.Context, pass release.Pass) (whole bool, err error) {
	results, err := d.runPass(ctx, pass, true)
	if err != nil {
		return false, err
	}
	d.take(ctx, pass, results)
	whole = true
	for _, r := range results {
		for r.Fate != release.FateUndone {
			decided, err := d.decide(ctx, r.Step, r.Target, "its back-out failed: "+r.Message)
			if err != nil {
				return false, err
			}
			if decided.Action == release.ResolveRetry || decided.Action == release.ResolveBackOut {
				again, err := d.runPass(ctx, only(pass, r.Target), true)
				if err != nil {
					return false, err
				}
				d.take(ctx, pass, again)
				r = again[0]
				continue
			}
			fate := release.FateSkipped
			if decided.Action == release.ResolveDone {
				fate = release.FateUndone
			}
			r = result(pass, r.Target, fate, decided.By+": "+decided.Reason, true)
			d.take(ctx, pass, []release.StepResult{r})
			whole = whole && fate == release.FateUndone
			break
		}
	}
	return whole, nil
}

// proveOld verifies that the version before answers again, and that the targets
// hold it.
func (d *deployment) proveOld(ctx workflow.Context, undecided bool) error {
	audit, err := d.audit(ctx, "after the back-out", d.order.In.Previous)
	if err != nil {
		return err
	}
	problem := error(nil)
	if len(audit.Discrepancies) == 0 {
		problem = d.verify(ctx, d.previousVersion())
	}
	d.status.State = release.EnvBackedOut
	switch {
	case undecided || len(audit.Discrepancies) > 0:
		d.status.State = release.EnvUndecided
		for _, x := range audit.Discrepancies {
			d.setTarget(x.Target, release.TargetUndecided, x.Found)
		}
	case problem != nil:
		d.status.State = release.EnvUndecided
		d.status.Reason += "; after the back-out, " + problem.Error()
	default:
		for i := range d.status.Targets {
			if t := &d.status.Targets[i]; t.State != release.TargetOld {
				t.State, t.Version = release.TargetRestored, d.previousVersion()
			}
		}
	}
	d.setBaseline(ctx, d.order.In.Previous)
	return nil
}

func (d *deployment) setAll(state release.TargetState, version string) {
	for i := range d.status.Targets {
		d.status.Targets[i].State, d.status.Targets[i].Version = state, version
	}
}
