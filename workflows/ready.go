package workflows

import (
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/workflow"

	"slipway/activities"
	"slipway/release"
)

// Readiness: what people and scripts confirm before a deployment begins.

// readiness is what has to be there for a deployment to an environment, and what
// people confirmed so far.
func (r *run) readiness(name string) release.Readiness {
	env, _ := r.plan.Environment(name)
	ready := release.Readiness{Items: r.definition.ReadinessIn(name, env.Purpose)}
	if e := r.record.Environment(name); e != nil {
		ready.Confirmed = byPeople(e.Readiness)
	}
	return ready
}

// byPeople leaves out what scripts found: they look again before each deployment.
func byPeople(confirmed []release.Confirmation) []release.Confirmation {
	return slices.DeleteFunc(slices.Clone(confirmed), func(c release.Confirmation) bool {
		return c.By == "" || c.Execution != nil || c.Failure != ""
	})
}

// confirm takes the confirmation of an item. A deployment that runs records it
// itself; until then the release keeps it.
func (r *run) confirm(ctx workflow.Context, action release.Action, message release.Message) (string, error) {
	m := *message.(*release.Confirm) //nolint:forcetypeassert // relay decodes no other
	if r.plan.Digest == "" {
		return "", release.Refusef("there is no plan yet that says what has to be ready")
	}
	if err := r.mayActOn(action, m.By); err != nil {
		return "", err
	}
	if m.Item == release.KnowledgeItem && r.supporting != "" && r.plan.Since(2) {
		return r.toSupport(ctx, action, &m)
	}
	place, err := r.placeOf(m)
	if err != nil {
		return "", err
	}
	m.Environment = place
	ready := r.readiness(place)
	confirmed, err := ready.Confirm(m, r.plan.Authority(), workflow.Now(ctx))
	switch {
	case err != nil:
		return "", err
	case r.deploying == place:
		return "passed on to the deployment to " + place, r.toChild(ctx, release.DeploymentID(r.record.ID, place), action, &m)
	}
	r.record.Environment(place).Readiness = ready.Note(confirmed)
	r.journal.readiness(ctx, place, confirmed)
	r.desk.note(ctx, release.Act{At: confirmed.At, Action: action, By: m.By, Summary: m.Summary(), Counted: true})
	return confirmedIn(confirmed, place), nil
}

func confirmedIn(c release.Confirmation, place string) string {
	return c.By + " confirms " + c.Item + " for " + place
}

// placeOf gives the environment that a confirmation is about: the one it names, the
// one that is being deployed, or the only one that the item is for.
func (r *run) placeOf(m release.Confirm) (string, error) {
	var all, asking []string
	for _, e := range r.plan.Environments {
		all = append(all, e.Name)
		for _, item := range r.readiness(e.Name).Items {
			if item.Name == m.Item {
				asking = append(asking, e.Name)
			}
		}
	}
	switch {
	case m.Environment != "" && !slices.Contains(all, m.Environment):
		return "", release.Refusef("the release does not go to %q: it goes to %s", m.Environment, strings.Join(all, ", "))
	case m.Environment != "":
		return m.Environment, nil
	case r.deploying != "":
		return r.deploying, nil
	case len(asking) == 0:
		return "", release.Refusef("there is no item %q of readiness in the plan", m.Item)
	case len(asking) > 1:
		return "", release.Refusef("item %s is for %s: say which with \"environment\"", m.Item, strings.Join(asking, ", "))
	}
	return asking[0], nil
}

// assessPeople waits for what people have still to confirm. Meanwhile others may
// have the environment: afterwards its turn has to come again.
func (d *deployment) assessPeople(ctx workflow.Context) error {
	missing := d.readiness().Missing()
	if len(missing) == 0 {
		return nil
	}
	d.returnLease(ctx)
	var over []func(...string)
	for _, item := range missing {
		over = append(over, d.announce(ctx, d.readinessWait(item)))
	}
	err := d.rest(ctx, time.Time{}, "", func() bool { return len(d.readiness().Missing()) == 0 })
	for _, end := range over {
		end()
	}
	if err != nil {
		return err
	}
	return d.awaitTurn(ctx)
}

// readiness is what has to be there, and what is.
func (d *deployment) readiness() release.Readiness {
	ready := release.Readiness{Confirmed: d.status.Readiness}
	if d.order.Readiness != nil {
		ready.Items = d.order.Readiness.Items
	}
	return ready
}

func (d *deployment) readinessWait(item release.ReadinessItem) release.Awaiting {
	example := release.Confirm{Item: item.Name, Comment: "WHAT YOU SAW"}
	example.By, example.Environment = d.order.Authority.FirstNamed(release.ActConfirm, item.ConfirmedBy), d.order.In.Name
	return release.Awaiting{
		Kind: release.WaitReadiness, Item: item.Name, Action: release.ActConfirm, Payload: release.Example(example),
		Needs: item.String() + ", confirmed by " + d.order.Authority.Named(item.ConfirmedBy),
	}
}

// confirm takes the confirmation of an item, also before the deployment waits for
// it.
func (d *deployment) confirm(ctx workflow.Context, m *release.Confirm) (string, error) {
	place := d.order.In.Name
	switch {
	case m.Environment != "" && m.Environment != place:
		return "", release.Refusef("this is the deployment to %s, not to %s", place, m.Environment)
	case d.order.Undo != nil || d.decided:
		return "", release.Refusef("the deployment to %s does not begin any more: it is %s", place, d.status.State)
	}
	if err := d.order.Authority.Check(release.ActConfirm, m.By); err != nil {
		return "", err
	}
	named := *m
	named.Environment = place
	confirmed, err := d.readiness().Confirm(named, d.order.Authority, workflow.Now(ctx))
	if err != nil {
		return "", err
	}
	d.noteReadiness(ctx, confirmed)
	return confirmedIn(confirmed, place), nil
}

// noteReadiness takes a confirmation into the status and the CMS, and ends the wait
// for it.
func (d *deployment) noteReadiness(ctx workflow.Context, c release.Confirmation) {
	d.status.Readiness = d.readiness().Note(c)
	d.status.Awaiting = slices.DeleteFunc(d.status.Awaiting, func(a release.Awaiting) bool {
		confirmed := a.Kind == release.WaitReadiness && a.Item == c.Item
		if confirmed {
			d.over(ctx, a, []string{c.By})
		}
		return confirmed
	})
	d.journal.readiness(ctx, d.order.In.Name, c)
	d.show(ctx)
	d.teller.tell()
}

// assessScripts runs the scripts of the items, and says which are not there.
func (d *deployment) assessScripts(ctx workflow.Context) (problems []string, err error) {
	items := d.readiness().Automatic()
	if len(items) == 0 {
		return nil, nil
	}
	timeout := margin
	for _, item := range items {
		if timeout += scriptTimeout; item.Timeout > 0 {
			timeout += item.Timeout.Std() - scriptTimeout
		}
	}
	var a *activities.Activities
	var found activities.ReadinessResult
	err = workflow.ExecuteActivity(there(repeatable(ctx, timeout, "Is all there that "+d.order.In.Name+" needs?"), d.order.In.TaskQueue), a.AssessReadiness, activities.ReadinessInput{
		Release: d.order.Release, Service: d.order.Service, Version: d.order.Version, Environment: d.order.In.Name,
		Previous: d.previousVersion(), Package: d.order.Package, Items: items,
	}).Get(ctx, &found)
	for _, c := range found.Confirmed {
		d.noteReadiness(ctx, c)
		if c.Failure != "" {
			problems = append(problems, c.Item+": "+c.Failure)
		}
	}
	return problems, err
}

// acceptScripts notes who accepted that scripts do not find all there.
func (d *deployment) acceptScripts(ctx workflow.Context, by release.ResolveStep) {
	for _, c := range slices.Clone(d.status.Readiness) {
		if c.Failure != "" {
			c.By, c.Comment, c.At = by.By, by.Reason, workflow.Now(ctx).UTC()
			d.noteReadiness(ctx, c)
		}
	}
}

// readiness notes a confirmation in the CMS.
func (j *journal) readiness(ctx workflow.Context, place string, c release.Confirmation) {
	j.add(ctx, "readiness/"+place+"/"+c.Item, func(e *release.Entry) {
		e.Readiness = &release.ReadinessEntry{Environment: place, Confirmation: c}
	})
}
