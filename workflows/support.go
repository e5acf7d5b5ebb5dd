package workflows

import (
	"errors"
	"time"

	"go.temporal.io/sdk/workflow"

	"slipway/activities"
	"slipway/release"
)

// EarlyLifeSupport watches over a release for its period: probes measure downtime,
// incidents and calls are recorded. It ends when the period is over and no serious
// incident is open; a cancellation ends it early, with what is known so far.
func EarlyLifeSupport(ctx workflow.Context, order release.SupportOrder) (release.SupportStatus, error) {
	s, err := openSupport(ctx, order)
	if err != nil {
		return release.SupportStatus{}, err
	}
	cancelled := s.watch(ctx)
	if cancelled == nil {
		cancelled = s.awaitIncidents(ctx)
	}
	if cancelled != nil && !isCancelled(cancelled) {
		return s.status, cancelled
	}
	s.status.Ended = workflow.Now(ctx).UTC()
	s.status.Awaiting = nil
	s.status.Unmet = order.Plan.Exit.Evaluate(s.status)
	detached, _ := workflow.NewDisconnectedContext(ctx)
	s.show(detached)
	if err := workflow.Await(detached, func() bool { return s.telling == 0 }); err != nil {
		return s.status, err
	}
	if err := s.journal.drain(detached); err != nil {
		return s.status, err
	}
	err = workflow.Await(detached, func() bool { return workflow.AllHandlersFinished(detached) })
	return s.status, err
}

type support struct {
	order   release.SupportOrder
	status  release.SupportStatus
	journal *journal
	teller  *teller
	// telling counts the notices on their way.
	telling int
}

func openSupport(ctx workflow.Context, order release.SupportOrder) (*support, error) {
	now := workflow.Now(ctx).UTC()
	s := &support{
		order: order, journal: newJournal(ctx, order.Release),
		status: release.SupportStatus{
			ID: release.SupportID(order.Release, order.Environment), Environment: order.Environment,
			Started: now, Until: now.Add(order.Plan.Period.Std()),
		},
	}
	s.teller = newTeller(ctx, func() progress {
		return progress{Environment: order.Environment, State: release.EnvSupported, Awaiting: s.status.Awaiting, Support: &s.status}
	})
	desk := &desk{journal: s.journal, record: func(ctx workflow.Context, a release.Act) {
		s.status.Acts = append(s.status.Acts, a)
		s.show(ctx)
	}}
	err := workflow.SetQueryHandlerWithOptions(ctx, release.QueryStatus,
		func() (release.SupportStatus, error) { return s.status, nil },
		workflow.QueryHandlerOptions{Description: "The state of early life support"})
	s.show(ctx)
	s.reminding(ctx)
	return s, errors.Join(err, s.hear(ctx, desk))
}

// watch probes the targets until the period is over, in one activity; without a
// probe it is a timer.
func (s *support) watch(ctx workflow.Context) error {
	plan := s.order.Plan
	if plan.Probe == nil {
		_, err := awaitUntil(ctx, s.status.Until, "Early life support until "+s.status.Until.Format(time.RFC3339), func() bool { return false })
		return err
	}
	var a *activities.Activities
	var found activities.WatchResult
	interval := plan.Interval
	if interval == 0 {
		interval = release.Duration(defaultInterval)
	}
	options := repeatable(ctx, plan.Period.Std()+margin, summary("Probe %s every %s until %s", s.order.Environment, interval, s.status.Until.Format(time.RFC3339)))
	err := workflow.ExecuteActivity(there(options, s.order.TaskQueue), a.Watch, activities.WatchInput{
		Estate: activities.Estate{Targets: s.order.Targets, Inventory: s.order.Inventory},
		Probe:  *plan.Probe, Version: s.order.Version, Environment: s.order.Environment, Interval: interval, Until: s.status.Until,
	}).Get(ctx, &found)
	s.status.Availability = found.Availability
	if err != nil {
		return err
	}
	return ctx.Err()
}

// defaultInterval is the time between probes when the plan does not say.
const defaultInterval = 10 * time.Second

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
			Needs: needs, Action: release.ActResolveIncident, Payload: payload(example),
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
		unmet := s.order.Plan.Exit.Evaluate(release.SupportStatus{Incidents: []release.Incident{i}})
		if len(unmet) > 0 {
			return i.ID, unmet[0]
		}
	}
	return "", ""
}

// changed shows what changed, and tells the release.
func (s *support) changed(ctx workflow.Context) {
	s.status.Unmet = s.order.Plan.Exit.Evaluate(s.status)
	s.show(ctx)
	s.teller.tell()
}

func (s *support) show(ctx workflow.Context) {
	workflow.SetCurrentDetails(ctx, release.SupportDetails(s.status))
}
