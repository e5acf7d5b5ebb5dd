package workflows

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/workflow"

	"slipway/release"
)

// What people decide about steps, and what they do by hand.

// place is a step, or its back-out, in one target; the target is empty for a step
// that runs once.
type place struct {
	step, target string
	backOut      bool
}

// String names the place for people.
func (p place) String() string {
	if p.backOut {
		return "the back-out of step " + p.step + at(p.target)
	}
	return "step " + p.step + at(p.target)
}

// settleUnknown lets a person decide about a step whose fate nobody knows.
func (d *deployment) settleUnknown(ctx workflow.Context, pass release.Pass, r release.StepResult) error {
	for {
		decided, err := d.decide(ctx, place{step: r.Step, target: r.Target}, r.Message)
		if err != nil {
			return err
		}
		switch decided.Action {
		case release.ResolveSkip:
			d.decidedSo(ctx, pass, r.Target, release.FateSkipped, decided, false)
			return nil
		case release.ResolveDone:
			d.decidedSo(ctx, pass, r.Target, release.FateDone, decided, false)
			return nil
		case release.ResolveBackOut:
			return &failure{
				why: decided.By + " decided so about step " + r.Step + at(r.Target) + ": " + decided.Reason, targets: []string{r.Target},
			}
		}
		again, err := d.runPass(ctx, only(pass, r.Target), false)
		d.take(ctx, again)
		if err != nil {
			return err
		}
		if r = again.results[0]; r.Fate == release.FateDone {
			return nil
		}
	}
}

// decide waits for a person's decision about a step. It is heard also while the
// deployment is being backed out or was cancelled.
func (d *deployment) decide(ctx workflow.Context, here place, why string) (release.ResolveStep, error) {
	needs := "a decision (retry, skip, done or back-out) about " + here.String() + " by " +
		d.order.Authority.Who(release.ActResolveStep) + ", because " + why
	decided, _, err := d.askAbout(ctx, here, release.ResolveRetry, needs, time.Time{})
	return decided, err
}

// askAbout waits for what a person says about a step, proposing an action. It gives
// false when the deadline, which may be zero, came first.
func (d *deployment) askAbout(
	ctx workflow.Context, here place, propose release.Resolution, needs string, deadline time.Time,
) (release.ResolveStep, bool, error) {
	delete(d.resolutions, here)
	d.asks++
	d.asked = append(d.asked, here)
	defer func() {
		d.asked = slices.DeleteFunc(d.asked, func(p place) bool { return p == here })
	}()
	example := release.ResolveStep{Step: here.step, Target: here.target, Action: propose, Reason: "WHY", OfBackOut: here.backOut && d.order.Since(1)}
	example.By = d.order.Authority.First(release.ActResolveStep)
	decided := func() bool { _, decided := d.resolutions[here]; return decided }
	over := d.announce(ctx, release.Awaiting{
		Kind: release.WaitStep, Action: release.ActResolveStep, Payload: release.Example(example), Needs: needs, Deadline: deadline,
	})
	err := d.rest(ctx, deadline, "Waiting for "+needs, decided)
	if decided() { // others may have decided about other steps meanwhile
		over(d.resolutions[here].By)
	} else {
		over()
	}
	return d.resolutions[here], decided(), err
}

func (d *deployment) resolve(_ workflow.Context, m *release.ResolveStep) (string, error) {
	if err := d.order.Authority.Check(release.ActResolveStep, m.By); err != nil {
		return "", err
	}
	here := place{m.Step, m.Target, m.OfBackOut}
	if !d.order.Since(1) { // there it was not told apart
		here.backOut = slices.Contains(d.asked, place{m.Step, m.Target, true})
	}
	if !slices.Contains(d.asked, here) {
		return "", d.notAsked(here)
	}
	d.resolutions[here] = *m
	return fmt.Sprintf("%s: %s", m.Action, here), nil
}

// notAsked refuses a decision that is not waited for, and says which is.
func (d *deployment) notAsked(here place) error {
	var asked []string
	for _, p := range d.asked {
		asked = append(asked, p.String())
	}
	switch {
	case len(asked) == 0:
		return release.Refusef("no step waits for a decision")
	case slices.Contains(d.asked, place{here.step, here.target, !here.backOut}) && !here.backOut:
		return release.Refusef(`step %s%s is being backed out by now, and what waits is its back-out: decide about that with "ofBackOut": true (--of-back-out)`,
			here.step, at(here.target))
	}
	return release.Refusef("%s does not wait for a decision: %s does", here, strings.Join(asked, ", "))
}

// byHand waits until a person says that a step is done in all places of a pass, or
// undone; the script of such a step says in words what is to be done.
func (d *deployment) byHand(ctx workflow.Context, pass release.Pass, backOut bool) ([]release.StepResult, error) {
	instructions, fate, what := pass.Step.Run, release.GoodFate(backOut), "step "
	if backOut {
		instructions, what = pass.Step.BackOut, "back-out of step "
	}
	if strings.TrimSpace(instructions) == "" {
		return fated(pass, fate, "nothing is to be done", backOut), nil
	}
	deadline := time.Time{}
	if t := pass.Step.Timeout; t > 0 && !backOut {
		deadline = workflow.Now(ctx).UTC().Add(t.Std())
	}
	needs := what + pass.Step.Name + " to be done by hand"
	if pass.Wave > 0 {
		needs += " on " + few(pass.Places())
	}
	needs += ", by " + d.order.Authority.Who(release.ActResolveStep) + ": " + strings.TrimSpace(instructions)
	for {
		decided, inTime, err := d.askAbout(ctx, place{step: pass.Step.Name, backOut: backOut}, release.ResolveDone, needs, deadline)
		said := decided.By + ": " + decided.Reason
		switch {
		case err != nil:
			return fated(pass, release.FateUnknown, err.Error(), backOut), err
		case !inTime:
			return fated(pass, release.FateFailed, fmt.Sprintf("nobody said within %s that it is done", pass.Step.Timeout), backOut), nil
		case decided.Action == release.ResolveDone:
			return fated(pass, fate, said, backOut), nil
		case decided.Action == release.ResolveSkip:
			return fated(pass, release.FateSkipped, said, backOut), nil
		case decided.Action == release.ResolveBackOut && !backOut:
			return fated(pass, release.FateFailed, said, backOut), nil
		}
	}
}
