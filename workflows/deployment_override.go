package workflows

import (
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"

	"slipway/release"
)

// What lets a deployment that waits for its opening look again: the calendar changed,
// another release may have got out of the way, or a freeze is overridden.

// SignalLookAgain is how deployments learn that something may have changed.
const SignalLookAgain = "look-again"

// hearNews notes when something may have changed.
func (d *deployment) hearNews(ctx workflow.Context) {
	listen(ctx, d.ears, SignalLookAgain, "Slipway's own: windows, freezes or what other releases do changed",
		func(workflow.Context, converter.RawValue) { d.news++ })
}

// windowWait is what is shown while an environment may not be changed.
func (d *deployment) windowWait(opening release.Opening) *release.Awaiting {
	wait := &release.Awaiting{Kind: release.WaitWindow, Needs: opening.Why, Deadline: opening.At.UTC()}
	by := d.order.Authority.First(release.ActOverrideFreeze)
	if opening.Frozen && d.order.MayOverrideFreeze && by != "" {
		example := release.OverrideFreeze{Reason: "why it cannot wait"}
		example.By, example.Environment = by, d.order.In.Name
		wait.Action, wait.Payload = release.ActOverrideFreeze, release.Example(example)
		wait.Needs += "; " + d.order.Authority.Who(release.ActOverrideFreeze) + " may override the freeze"
	}
	return wait
}

// overrideFreeze lets the deployment go on in its windows, whatever freeze holds.
func (d *deployment) overrideFreeze(ctx workflow.Context, m *release.OverrideFreeze) (string, error) {
	name := d.order.In.Name
	switch {
	case m.Environment != "" && m.Environment != name:
		return "", release.Refusef("this is the deployment to %s, not to %s", name, m.Environment)
	case d.order.OverrideFreeze:
		return "", release.Refusef("freezes of %s are overridden already", name)
	case !d.frozen:
		return "", release.Refusef("no freeze keeps %s from being changed now: it is %s", name, d.status.State)
	case !d.order.MayOverrideFreeze:
		return "", release.Refusef("model %s lets nobody override a freeze: have it removed from the calendar, or release under a model with mayOverrideFreeze",
			d.order.Authority.Model)
	}
	if err := d.order.Authority.Check(release.ActOverrideFreeze, m.By); err != nil {
		return "", err
	}
	d.order.OverrideFreeze = true
	d.status.Override = &release.Act{
		At: workflow.Now(ctx).UTC(), Action: release.ActOverrideFreeze, By: m.By, Summary: m.Reason, Counted: true,
	}
	d.news++
	d.teller.tell()
	return "freezes of " + name + " do not count for this deployment any more; its windows do", nil
}
