package workflows

import (
	"errors"
	"slices"
	"time"

	"go.temporal.io/sdk/workflow"

	"slipway/release"
)

// What a deployment waits for, and what people say to it meanwhile.

// waitFor waits until a condition holds, until the deadline of the wait, or until a
// person asks for a back-out; it says so to everybody who looks.
func (d *deployment) waitFor(ctx workflow.Context, wait release.Awaiting, done func() bool) error {
	defer d.announce(ctx, wait)()
	return d.rest(ctx, wait.Deadline, "Waiting for "+wait.Needs, done)
}

// announce says to everybody who looks what is waited for, until it is over: by these
// people, or else by those whose acts it waited for.
func (d *deployment) announce(ctx workflow.Context, wait release.Awaiting) (over func(people ...string)) {
	wait.Since, wait.Environment = workflow.Now(ctx).UTC(), d.status.Environment
	d.status.Awaiting = append(d.status.Awaiting, wait)
	d.show(ctx)
	d.teller.tellRest()
	return func(people ...string) {
		before := len(d.status.Awaiting)
		d.status.Awaiting = slices.DeleteFunc(d.status.Awaiting, func(a release.Awaiting) bool { return a == wait })
		if len(d.status.Awaiting) < before { // else it was over earlier
			d.over(ctx, wait, people)
		}
		d.show(ctx)
		d.teller.tell()
	}
}

// rest waits until a condition holds, until a time (zero never comes), or until a
// person asks for a back-out.
func (d *deployment) rest(ctx workflow.Context, until time.Time, summary string, done func() bool) error {
	backingOut := d.status.State == release.EnvBackingOut
	_, err := awaitUntil(ctx, until, summary, func() bool {
		return done() || (d.backOutReason != "" && !backingOut)
	})
	if err == nil && !backingOut {
		err = d.backOutAsked()
	}
	return err
}

// backOutAsked gives the reason of a person who asked for a back-out, as an error.
func (d *deployment) backOutAsked() error {
	if d.backOutReason == "" {
		return nil
	}
	return errors.New(d.backOutReason)
}

// awaitAcceptance waits for the users' sign-off, where the model asks for it.
func (d *deployment) awaitAcceptance(ctx workflow.Context) error {
	if !d.order.Acceptance {
		return nil
	}
	example := release.Accept{}
	example.By, example.Environment = d.order.Authority.First(release.ActAccept), d.order.In.Name
	return d.waitFor(ctx, release.Awaiting{
		Kind: release.WaitAcceptance, Action: release.ActAccept, Payload: release.Example(example),
		Needs: "acceptance by " + d.order.Authority.Who(release.ActAccept),
	}, func() bool { return d.accepted })
}

func (d *deployment) accept(_ workflow.Context, m *release.Accept) (string, error) {
	waiting := slices.ContainsFunc(d.status.Awaiting, func(a release.Awaiting) bool { return a.Kind == release.WaitAcceptance })
	if !waiting {
		return "", release.Refusef("%s does not wait for an acceptance: it is %s", d.order.In.Name, d.status.State)
	}
	if m.Environment != "" && m.Environment != d.order.In.Name {
		return "", release.Refusef("this is the deployment to %s, not to %s", d.order.In.Name, m.Environment)
	}
	if err := d.order.Authority.Check(release.ActAccept, m.By); err != nil {
		return "", err
	}
	d.accepted = true
	return m.By + " accepts " + d.order.In.Name, nil
}

func (d *deployment) askBackOut(_ workflow.Context, m *release.BackOut) (string, error) {
	if err := d.order.Authority.Check(release.ActBackOut, m.By); err != nil {
		return "", err
	}
	switch {
	case d.backOutReason != "" || d.status.State == release.EnvBackingOut:
		return "", release.Refusef("%s is being backed out already", d.order.In.Name)
	case d.decided:
		return "", release.Refusef("the deployment to %s is over: %s", d.order.In.Name, d.status.State)
	}
	d.backOutReason = m.By + " asked for it: " + m.Reason
	return d.order.In.Name + " backs out after the step that runs", nil
}
