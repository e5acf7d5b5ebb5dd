package activities

import (
	"context"
	"fmt"
	"slices"
	"time"

	"slipway/activities/driver/shell"
	"slipway/activities/driver/target"
	"slipway/release"
)

// Settle looks at the places of a pass whose fate is unknown: what the targets hold
// tells what became of Slipway's own action, and the mark of the attempt what became
// of the script. It waits for a script that still runs. What cannot be told for
// certain stays unknown.
func (a *Activities) Settle(ctx context.Context, in SettleInput) (SettleResult, error) {
	beater := beat(ctx, release.Progress{What: "what became of step " + in.Pass.Step.Name, Since: time.Now().UTC()})
	defer beater.end()
	asked := slices.DeleteFunc(slices.Clone(in.Pass.Targets), func(t release.Target) bool { return !slices.Contains(in.Places, t.Name) })
	targets, err := a.described(ctx, Estate{asked, in.Inventory})
	if err != nil {
		return SettleResult{}, err
	}
	if slices.Contains(in.Places, "") {
		targets = append(targets, release.Target{})
	}
	results := allOf(lookers, targets, func(t release.Target) release.StepResult { return a.settle(ctx, in, t) })
	return SettleResult{Results: results}, ctx.Err()
}

func (a *Activities) settle(ctx context.Context, in SettleInput, t release.Target) release.StepResult {
	r := release.StepResult{Step: in.Pass.Step.Name, Target: t.Name, Wave: in.Pass.Wave, BackOut: in.BackOut}
	seen, err := a.ended(ctx, in, t)
	if err != nil {
		r.Fate, r.Message = release.FateUnknown, "what became of it cannot be seen: "+err.Error()
		return r
	}
	script := scriptOf(in.Pass.Step, in.BackOut) != ""
	own, ownMessage := settleOwn(in.PassInput, seen)
	switch {
	case script && seen.Mark != nil:
		settleMark(&r, in, *seen.Mark)
	case own == release.FateUnknown, own == release.FateNotStarted, !script:
		r.Fate, r.Message = own, ownMessage
	case own != "":
		r.Fate, r.Message = release.FateUnknown, "the "+string(in.Pass.Step.Action)+" is done, but nothing tells whether its script began"
	case t.Name == "" && (in.Host == "" || in.Host != a.Host):
		r.Fate, r.Message = release.FateUnknown, "the worker that carried it out, and the marks there, cannot be asked"
	default:
		r.Fate, r.Message = release.FateNotStarted, "it left no mark, so it never began"
	}
	return r
}

// ended observes a target until the script of the attempt does not run any more, or
// ought to have ended.
func (a *Activities) ended(ctx context.Context, in SettleInput, t release.Target) (target.Observation, error) {
	const pause = time.Second
	timeout := in.Pass.Step.Timeout.Std()
	if timeout <= 0 {
		timeout = shell.DefaultTimeout
	}
	for deadline := time.Now().Add(timeout); ; {
		seen, err := a.Targets.Observe(ctx, t, in.Attempt)
		if err != nil || seen.Mark == nil || !seen.Mark.Running || time.Now().After(deadline) {
			return seen, err
		}
		select {
		case <-ctx.Done():
			return seen, ctx.Err()
		case <-time.After(pause):
		}
	}
}

// settleOwn says what became of Slipway's own action, or that there is none in the
// step: then a pass without a script is done whatever happened.
func settleOwn(in PassInput, seen target.Observation) (release.Fate, string) {
	held := seen.Held.Package == in.Package.Digest
	var there bool
	switch in.Pass.Step.Action {
	case release.Activate:
		if there = held; there && !in.BackOut && !seen.Held.Intact {
			return release.FateUnknown, "the target holds the release, with files that were changed"
		}
	case release.Transfer:
		there = slices.Contains(seen.Packages, in.Package.Digest)
	default:
		if scriptOf(in.Pass.Step, in.BackOut) == "" {
			return release.GoodFate(in.BackOut), ""
		}
		return "", ""
	}
	if there == in.BackOut {
		return release.FateNotStarted, "the target is as it was before"
	}
	return release.GoodFate(in.BackOut), release.KnownBySight
}

// settleMark says what the mark of a script tells.
func settleMark(r *release.StepResult, in SettleInput, mark target.Mark) {
	r.Started = mark.Begun
	if mark.Ended.IsZero() {
		r.Fate = release.FateUnknown
		r.Message = fmt.Sprintf("its script began at %s, and nothing tells how it ended", mark.Begun.Format(time.RFC3339))
		return
	}
	r.Elapsed = release.Duration(mark.Ended.Sub(mark.Begun).Round(time.Millisecond))
	r.Execution = &release.Execution{Name: in.Pass.Step.Name, Started: mark.Begun, Elapsed: r.Elapsed, Exit: mark.Exit}
	r.Fate, r.Outputs, r.Message = release.GoodFate(in.BackOut), mark.Outputs, release.KnownByMark
	if !mark.Done() {
		r.Fate, r.Message = release.BadFate(in.BackOut), mark.Problem
	}
}
