package workflows

import (
	"slices"
	"time"

	"go.temporal.io/sdk/workflow"

	"slipway/activities"
	"slipway/release"
)

// carry goes on, one stretch of time after the other, until early life support is over.
func (s *support) carry(ctx workflow.Context) error {
	if s.order.Before == nil {
		s.note(ctx)
		s.teller.tell()
	}
	for {
		s.look(ctx)
		course := s.order.Course(s.status, workflow.Now(ctx).UTC())
		switch {
		case course.BackOut != "":
			s.status.BackOut = course.BackOut
			return nil
		case course.End:
			return nil
		case course.Extend != nil:
			s.prolong(ctx, *course.Extend)
			continue
		}
		if workflow.GetInfo(ctx).GetContinueAsNewSuggested() {
			return s.continueAsNew(ctx)
		}
		if err := s.stretch(ctx); err != nil {
			return err
		}
	}
}

// turned tells whether early life support has come to its end by what happened while it
// was waited for something else.
func (s *support) turned(ctx workflow.Context) bool {
	now := workflow.Now(ctx).UTC()
	status := s.status
	status.Unmet = release.Unmet(s.order.Plan.Evaluate(status, now))
	course := s.order.Course(status, now)
	return course.BackOut != "" || course.End
}

// stretch lets a stretch of time pass, in which the probes look. What ends early life
// support ends it.
func (s *support) stretch(ctx workflow.Context) error {
	plan, now := s.order.Plan, workflow.Now(ctx).UTC()
	until := s.status.Until
	if plan.Probe == nil {
		if !now.Before(until) {
			until = plan.Turns(s.status, now)
		}
		return s.sleep(ctx, until)
	}
	if end := now.Add(plan.Stretch().Std()); !now.Before(until) || end.Before(until) {
		until = end
	}
	if !s.watched.Before(until) { // by the worker's clock
		return s.sleep(ctx, until)
	}
	return s.watch(ctx, until)
}

// sleep waits until a time, or until early life support is to last longer; a zero time
// never comes.
func (s *support) sleep(ctx workflow.Context, until time.Time) error {
	end := s.status.Until
	_, err := awaitUntil(ctx, until, "Early life support until "+end.Format(time.RFC3339), func() bool {
		return s.turned(ctx) || !s.status.Until.Equal(end)
	})
	return err
}

// watch probes the targets until a time, and takes in what was seen.
func (s *support) watch(ctx workflow.Context, until time.Time) error {
	within, stop := workflow.WithCancel(ctx)
	defer stop()
	plan := s.order.Plan
	in := activities.WatchInput{
		Estate: activities.Estate{Targets: s.order.Targets, Inventory: s.order.Inventory},
		Probe:  *plan.Probe, Version: s.order.Version, Environment: s.order.Environment, Interval: plan.Every(),
		From: s.watched, Until: until, Carried: s.status.Sight().Carry(), Limit: plan.DowntimeLimit(),
	}
	var a *activities.Activities
	options := repeatable(within, until.Sub(workflow.Now(ctx))+margin, summary("Probe %s every %s until %s", s.order.Environment, in.Interval, until.Format(time.RFC3339)))
	running := workflow.ExecuteActivity(there(options, s.order.TaskQueue), a.Watch, in)
	cancelled := workflow.Await(ctx, func() bool { return running.IsReady() || s.turned(ctx) })
	if !running.IsReady() {
		stop()
	}
	var found activities.WatchResult
	err := running.Get(ctx, &found)
	if found.Latency.To.After(s.watched) {
		s.watched = found.Latency.To
	}
	s.status.Saw(found.Sight, plan.Tolerance())
	switch {
	case cancelled != nil:
		return cancelled
	case isCancelled(err): // it was stopped, and no worker was there to say what it saw
		return nil
	}
	return err
}

// prolong lets it last longer.
func (s *support) prolong(ctx workflow.Context, x release.Extension) {
	s.status.Until = x.Until
	s.status.Extensions = append(s.status.Extensions, x)
	s.changed(ctx)
	s.note(ctx)
}

// await says what it waits for beyond its planned end; the release is told when that
// changed.
func (s *support) await(ctx workflow.Context) {
	waits := s.order.Waits(s.status, workflow.Now(ctx).UTC())
	if !slices.Equal(waits, s.status.Awaiting) {
		s.status.Awaiting = waits
		s.teller.tell()
	}
}

// continueAsNew goes on in a new run, once everything that runs is finished.
func (s *support) continueAsNew(ctx workflow.Context) error {
	err := workflow.Await(ctx, func() bool {
		return s.desk.cleared(ctx) && s.telling == 0 && s.journal.idle() && !s.teller.dirty
	})
	if err != nil {
		return err
	}
	next := s.order
	next.Before, next.Watched, next.Acts = &s.status, s.watched, s.journal.acts
	return workflow.NewContinueAsNewError(ctx, release.WorkflowSupport, next)
}
