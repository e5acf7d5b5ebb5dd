package workflows

import (
	"fmt"
	"slices"
	"strings"

	"go.temporal.io/sdk/workflow"

	"slipway/activities"
	"slipway/release"
)

// What the targets hold, and those that a deployment goes on without.

// take notes what came of a pass: in the record, in the CMS, and in what the targets
// hold.
func (d *deployment) take(ctx workflow.Context, did done) {
	for _, r := range did.results {
		d.outputs.note(r)
		if r.Target != "" && !did.backOut && d.last {
			d.complete[r.Target] = r.Fate == release.FateDone || r.Fate == release.FateSkipped
		}
		if did.pass.Step.Action == release.Activate {
			d.mark(r)
		}
	}
	for _, b := range did.batches {
		d.note(ctx, did, b)
	}
	d.show(ctx)
}

// decidedSo takes what a person decided about a step in one place.
func (d *deployment) decidedSo(ctx workflow.Context, pass release.Pass, target string, fate release.Fate, by release.ResolveStep, backOut bool) {
	r := result(pass, target, fate, by.By+": "+by.Reason, backOut)
	d.take(ctx, doneBy(only(pass, target), backOut, activities.PassResult{Results: []release.StepResult{r}}))
}

// only gives the pass for some of its places.
func only(pass release.Pass, places ...string) release.Pass {
	if pass.Wave == 0 {
		return pass
	}
	return pass.Only(places...)
}

// note writes what came of a batch into the record and the CMS.
func (d *deployment) note(ctx workflow.Context, did done, b activities.PassResult) {
	for _, r := range b.Results {
		if b.Report != nil && r.Fate != release.FateFailed && r.Fate != release.FateUnknown && r.Fate != release.FateBackOutStuck {
			continue // the report says it
		}
		kept := r
		if len(d.status.Steps) > release.ManyTargets {
			kept = r.Brief()
		}
		d.status.Steps = append(d.status.Steps, kept)
		if b.Report == nil {
			d.passes++
			d.journal.add(ctx, summary("step/%d", d.passes), func(e *release.Entry) {
				e.Step = &release.StepEntry{Environment: d.order.In.Name, Result: r}
			})
		}
	}
	if b.Report == nil {
		return
	}
	well := result(did.pass, "", release.GoodFate(did.backOut), "", did.backOut)
	well.Targets, well.Report = b.Well, b.Report
	d.status.Steps = append(d.status.Steps, well)
	d.passes++
	d.journal.add(ctx, summary("step/%d", d.passes), func(e *release.Entry) {
		e.Steps = &release.StepsEntry{Environment: d.order.In.Name, Report: *b.Report}
	})
}

// mark notes what a target holds after its current release was to be switched, or
// switched back.
func (d *deployment) mark(r release.StepResult) {
	switch r.Fate {
	case release.FateDone:
		d.setTarget(r.Target, release.TargetNew, d.order.Version)
	case release.FateUndone:
		d.restored(r.Target)
	case release.FateNotStarted:
	default:
		d.setTarget(r.Target, release.TargetUndecided, "")
	}
}

// restored notes that a target holds again what it held before.
func (d *deployment) restored(target string) {
	version, _ := d.held(target)
	d.setTarget(target, release.TargetRestored, version)
}

func (d *deployment) setTarget(name string, state release.TargetState, version string) {
	if i, known := d.index[name]; known {
		d.status.Targets[i].State, d.status.Targets[i].Version = state, version
	}
}

// isIn tells whether a target is in a state.
func (d *deployment) isIn(target string, state release.TargetState) bool {
	i, known := d.index[target]
	return known && d.status.Targets[i].State == state
}

// setAside goes on without the targets on which a step failed, as long as no more
// than may fail: each is backed out alone. Otherwise it gives the failure.
func (d *deployment) setAside(ctx workflow.Context, failed []release.StepResult) error {
	if len(failed) == 0 {
		return nil
	}
	var why []string
	for _, r := range failed {
		if r.Fate == release.FateUnknown {
			why = append(why, "the fate of step "+r.Step+at(r.Target)+" is unknown: "+r.Message)
			continue
		}
		why = append(why, "step "+r.Step+at(r.Target)+" failed: "+r.Message)
	}
	names := places(failed)
	stopped := &failure{why: first(why), targets: names}
	out := len(d.aside) + len(failed)
	if out > d.order.In.MayFail || out == len(d.status.Targets) || slices.Contains(names, "") {
		return stopped
	}
	for i, name := range names {
		d.aside[name] = true
		reason := "" // of many, the report of their batch says why
		if len(d.status.Aside) < release.ManyTargets {
			reason = why[i]
		}
		d.status.Aside = append(d.status.Aside, release.Aside(name, reason))
	}
	whole, err := d.undoTargets(ctx, names)
	if err == nil && !whole {
		err = &failure{why: stopped.why + ", and could not be backed out", targets: names}
	}
	return err
}

// first gives the first of several reasons, and says how many more there are.
func first(reasons []string) string {
	const told = 5
	if more := len(reasons) - told; more > 0 {
		return fmt.Sprintf("%s; and %d more", strings.Join(reasons[:told], "; "), more)
	}
	return strings.Join(reasons, "; ")
}

// asMeant gives the targets as they are when the deployment goes live: all are new
// but for those that were set aside.
func (d *deployment) asMeant() []release.TargetStatus {
	targets := slices.Clone(d.status.Targets)
	for i := range targets {
		if !d.aside[targets[i].Name] {
			targets[i].State, targets[i].Version = release.TargetNew, d.order.Version
		}
	}
	return targets
}

// reached lists the targets that the deployment goes on with.
func (d *deployment) reached(targets []release.Target) []release.Target {
	return release.Pass{Targets: targets}.Without(d.aside).Targets
}
