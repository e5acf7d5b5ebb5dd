package workflows

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"slipway/activities"
	"slipway/release"
)

// carryOut runs one step on one wave of targets. Its inverse is on the stack
// before it begins. An error means that the deployment has to be undone.
func (d *deployment) carryOut(ctx workflow.Context, pass release.Pass) error {
	// What was asked for since the last step comes before the next one.
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := d.backOutAsked(); err != nil {
		return err
	}
	d.status.Undo.Push(pass)
	results, err := d.runPass(ctx, pass, false)
	d.status.Undo.KeepStarted(results)
	d.take(ctx, pass, results)
	if err != nil {
		return err
	}
	for _, r := range results {
		if r.Fate == release.FateUnknown {
			if err := d.settleUnknown(ctx, pass, r); err != nil {
				return err
			}
		}
	}
	var failed, rest []string
	for _, r := range results {
		switch r.Fate {
		case release.FateFailed:
			failed = append(failed, "step "+r.Step+at(r.Target)+" failed: "+r.Message)
		case release.FateNotStarted:
			rest = append(rest, r.Target)
		}
	}
	switch {
	case len(failed) > 0:
		return errors.New(strings.Join(failed, "; "))
	case len(rest) > 0:
		return d.carryOut(ctx, only(pass, rest...)) // they waited for what was unknown, and is settled now
	}
	return d.backOutAsked()
}

// runPass runs the activity of a pass. When its worker is lost, the last
// checkpoint says what is certain, and the fate of what ran is unknown.
func (d *deployment) runPass(ctx workflow.Context, pass release.Pass, backOut bool) ([]release.StepResult, error) {
	var a *activities.Activities
	in := activities.PassInput{
		Release: d.order.Release, Service: d.order.Service, Version: d.order.Version, Environment: d.order.In.Name,
		Previous: d.previousVersion(), Package: d.order.Package, Pass: pass, BackOut: backOut,
	}
	var done activities.PassResult
	options := step(ctx, passTime(pass), d.retries(pass, backOut), d.describe(pass, backOut))
	err := workflow.ExecuteActivity(options, a.RunPass, in).Get(ctx, &done)
	var timeout *temporal.TimeoutError
	switch {
	case err == nil:
		return done.Results, nil
	case errors.As(err, &timeout):
		return fates(pass, timeout, backOut), nil
	case isCancelled(err):
		return unknown(pass, "cancelled before it answered", backOut), err
	}
	return unknown(pass, err.Error(), backOut), nil
}

// retries says how often the activity of a pass may run again. Slipway's own
// actions are safe to repeat, and so is a back-out; a script says so itself.
func (d *deployment) retries(pass release.Pass, backOut bool) int {
	const own = 3
	if backOut || (pass.Step.Action != release.RunScript && pass.Step.Action != "" && pass.Step.Run == "") {
		return max(own, pass.Step.Retries)
	}
	return pass.Step.Retries
}

// passTime is how long the activity may take: every target one after the other,
// as often as the step may be repeated.
func passTime(pass release.Pass) time.Duration {
	times := max(len(pass.Targets), 1) * (pass.Step.Retries + 1)
	return margin + time.Duration(times)*scriptTime(pass.Step.Timeout)
}

func (d *deployment) describe(pass release.Pass, backOut bool) string {
	what := "Step " + pass.Step.Name
	if backOut {
		what = "Back out step " + pass.Step.Name
	}
	if len(pass.Targets) == 0 {
		return what + " in " + d.order.In.Name
	}
	return fmt.Sprintf("%s, wave %d of %d: %s", what, pass.Wave, len(d.order.In.Waves), strings.Join(pass.Places(), ", "))
}

// fates says what became of a pass whose worker was lost, from its last
// checkpoint.
func fates(pass release.Pass, timeout *temporal.TimeoutError, backOut bool) []release.StepResult {
	var checkpoint activities.PassCheckpoint
	if !timeout.HasLastHeartbeatDetails() || timeout.LastHeartbeatDetails(&checkpoint) != nil {
		return unknown(pass, "the worker was lost before it told anything", backOut)
	}
	results := unknown(pass, "the worker was lost before or inside the step", backOut)
	for i := range results {
		known := slices.IndexFunc(checkpoint.Results, func(r release.StepResult) bool { return r.Target == results[i].Target })
		if known >= 0 {
			results[i] = checkpoint.Results[known]
		}
	}
	return results
}

func unknown(pass release.Pass, message string, backOut bool) []release.StepResult {
	results := make([]release.StepResult, 0, len(pass.Places()))
	for _, target := range pass.Places() {
		results = append(results, result(pass, target, release.FateUnknown, message, backOut))
	}
	return results
}

func result(pass release.Pass, target string, fate release.Fate, message string, backOut bool) release.StepResult {
	return release.StepResult{Step: pass.Step.Name, Target: target, Wave: pass.Wave, Fate: fate, Message: message, BackOut: backOut}
}

// settleUnknown decides about a step whose fate nobody knows: policy, or a person.
func (d *deployment) settleUnknown(ctx workflow.Context, pass release.Pass, r release.StepResult) error {
	if d.order.BackOut.Unknown == release.UnknownBackOut {
		return errors.New("the fate of step " + r.Step + at(r.Target) + " is unknown: " + r.Message)
	}
	for {
		decided, err := d.decide(ctx, r.Step, r.Target, r.Message)
		if err != nil {
			return err
		}
		switch decided.Action {
		case release.ResolveSkip:
			d.take(ctx, pass, []release.StepResult{result(pass, r.Target, release.FateSkipped, decided.By+": "+decided.Reason, false)})
			return nil
		case release.ResolveDone:
			d.take(ctx, pass, []release.StepResult{result(pass, r.Target, release.FateDone, decided.By+": "+decided.Reason, false)})
			return nil
		case release.ResolveBackOut:
			return errors.New(decided.By + " decided so about step " + r.Step + at(r.Target) + ": " + decided.Reason)
		}
		again := only(pass, r.Target)
		results, err := d.runPass(ctx, again, false)
		d.take(ctx, again, results)
		if err != nil {
			return err
		}
		if r = results[0]; r.Fate == release.FateDone {
			return nil
		}
	}
}

// only gives the pass for some of its targets.
func only(pass release.Pass, targets ...string) release.Pass {
	pass.Targets = slices.DeleteFunc(slices.Clone(pass.Targets), func(t release.Target) bool { return !slices.Contains(targets, t.Name) })
	return pass
}

// decide waits for a person's decision about a step. It is heard also while the
// deployment is being backed out or was cancelled.
func (d *deployment) decide(ctx workflow.Context, step, target, why string) (release.ResolveStep, error) {
	here := place{step, target}
	delete(d.resolutions, here)
	d.asked = append(d.asked, here)
	defer func() {
		d.asked = slices.DeleteFunc(d.asked, func(p place) bool { return p == here })
	}()
	example := release.ResolveStep{Step: step, Target: target, Action: release.ResolveRetry, Reason: "WHY"}
	example.By = d.order.Authority.First(release.ActResolveStep)
	err := d.waitFor(ctx, release.Awaiting{
		Kind: release.WaitStep, Action: release.ActResolveStep, Payload: payload(example),
		Needs: "a decision (retry, skip, done or back-out) about step " + step + at(target) + " by " +
			d.order.Authority.Who(release.ActResolveStep) + ", because " + why,
	}, func() bool { _, decided := d.resolutions[here]; return decided })
	return d.resolutions[here], err
}

func (d *deployment) resolve(_ workflow.Context, m *release.ResolveStep) (string, error) {
	if err := d.order.Authority.Check(release.ActResolveStep, m.By); err != nil {
		return "", err
	}
	here := place{m.Step, m.Target}
	if !slices.Contains(d.asked, here) {
		var asked []string
		for _, p := range d.asked {
			asked = append(asked, p.step+at(p.target))
		}
		if len(asked) == 0 {
			return "", release.Refusef("no step waits for a decision")
		}
		return "", release.Refusef("step %s%s does not wait for a decision: %s does", m.Step, at(m.Target), strings.Join(asked, ", "))
	}
	d.resolutions[here] = *m
	return fmt.Sprintf("%s: %s%s", m.Action, m.Step, at(m.Target)), nil
}

// take notes results: in the record, in the CMS, and in what the targets hold.
func (d *deployment) take(ctx workflow.Context, pass release.Pass, results []release.StepResult) {
	for _, r := range results {
		d.passes++
		d.status.Steps = append(d.status.Steps, r)
		key := summary("step/%d", d.passes)
		d.journal.add(ctx, key, func(e *release.Entry) {
			e.Step = &release.StepEntry{Environment: d.order.In.Name, Result: r}
		})
		if pass.Step.Action == release.Activate {
			d.mark(r)
		}
	}
	d.show(ctx)
}

// mark notes what a target holds after its current release was to be switched, or
// switched back.
func (d *deployment) mark(r release.StepResult) {
	state, version := release.TargetUndecided, ""
	switch r.Fate {
	case release.FateDone:
		state, version = release.TargetNew, d.order.Version
	case release.FateUndone:
		state, version = release.TargetRestored, d.previousVersion()
	case release.FateNotStarted:
		return
	}
	d.setTarget(r.Target, state, version)
}

func (d *deployment) setTarget(name string, state release.TargetState, version string) {
	for i := range d.status.Targets {
		if t := &d.status.Targets[i]; t.Name == name {
			t.State, t.Version = state, version
		}
	}
}

// at names a target behind a step, or nothing for a step that runs once.
func at(target string) string {
	if target == "" {
		return ""
	}
	return " on " + target
}
