package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"slipway/activities"
	"slipway/release"
)

// What follows is how early life support was carried out before its first edition: one
// that began then ends like that.

// carryAsBefore watches for the period, in one activity, and then until no serious
// incident is open.
func (s *support) carryAsBefore(ctx workflow.Context) error {
	if err := s.watchAsBefore(ctx); err != nil {
		return err
	}
	return s.awaitIncidents(ctx)
}

func (s *support) watchAsBefore(ctx workflow.Context) error {
	plan := s.order.Plan
	if plan.Probe == nil {
		_, err := awaitUntil(ctx, s.status.Until, "Early life support until "+s.status.Until.Format(time.RFC3339), func() bool { return false })
		return err
	}
	var a *activities.Activities
	var found activities.WatchResult
	options := repeatable(ctx, plan.Period.Std()+margin, summary("Probe %s every %s until %s", s.order.Environment, plan.Every(), s.status.Until.Format(time.RFC3339)))
	err := workflow.ExecuteActivity(there(options, s.order.TaskQueue), a.Watch, activities.WatchInput{
		Estate: activities.Estate{Targets: s.order.Targets, Inventory: s.order.Inventory},
		Probe:  *plan.Probe, Version: s.order.Version, Environment: s.order.Environment, Interval: plan.Every(), Until: s.status.Until,
	}).Get(ctx, &found)
	s.status.Saw(found.Sight, plan.Tolerance())
	if err != nil {
		return err
	}
	return ctx.Err()
}

// awaitIncidents waits until the exit criteria that people can still meet hold:
// no serious incident is open.
func (s *support) awaitIncidents(ctx workflow.Context) error {
	since := workflow.Now(ctx).UTC()
	for {
		incident, needs := s.serious()
		if incident == "" {
			return nil
		}
		example := release.ResolveIncident{Incident: incident, Resolution: "HOW"}
		example.By = s.order.Authority.First(release.ActResolveIncident)
		s.status.Awaiting = []release.Awaiting{{
			Kind: release.WaitIncidents, Environment: s.order.Environment, Since: since,
			Needs: needs, Action: release.ActResolveIncident, Payload: release.Example(example),
		}}
		s.changed(ctx)
		err := workflow.Await(ctx, func() bool {
			now, _ := s.serious()
			return now != incident
		})
		if err != nil {
			return err
		}
	}
}

// serious gives the first open incident that keeps early life support from ending,
// and why.
func (s *support) serious() (incident, why string) {
	for _, i := range s.status.Incidents {
		if s.order.Plan.Exit.Serious(i) {
			return i.ID, i.String()
		}
	}
	return "", ""
}
