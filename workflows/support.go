package workflows

import (
	"errors"
	"time"

	"go.temporal.io/sdk/workflow"

	"slipway/release"
)

// EarlyLifeSupport watches over a release for its period: probes measure downtime,
// incidents and calls are recorded. It ends when the period is over and the exit criteria
// hold, or a person ends it in spite of those that do not, or the release is to be backed
// out; a cancellation ends it early, with what is known so far. One that goes on for long
// continues in a new run.
func EarlyLifeSupport(ctx workflow.Context, order release.SupportOrder) (release.SupportStatus, error) {
	s, err := openSupport(ctx, order)
	if err != nil {
		return release.SupportStatus{}, err
	}
	if order.Since(1) {
		err = s.carry(ctx)
	} else {
		err = s.carryAsBefore(ctx)
	}
	if err != nil && !isCancelled(err) {
		return s.status, err
	}
	return s.close(ctx)
}

type support struct {
	order   release.SupportOrder
	status  release.SupportStatus
	desk    *desk
	journal *journal
	teller  *teller
	// telling counts the notices on their way.
	telling int
	// watched is until when the probes have looked.
	watched time.Time
}

func openSupport(ctx workflow.Context, order release.SupportOrder) (*support, error) {
	now := workflow.Now(ctx).UTC()
	s := &support{
		order: order, journal: newJournal(ctx, order.Release), watched: now,
		status: release.SupportStatus{
			ID: release.SupportID(order.Release, order.Environment), Environment: order.Environment,
			Started: now, Until: now.Add(order.Plan.Period.Std()),
		},
	}
	if order.Plan.Minimum > 0 {
		s.status.Minimum = now.Add(order.Plan.Minimum.Std())
	}
	if order.Before != nil {
		s.status, s.watched, s.journal.acts = *order.Before, order.Watched, order.Acts
	}
	s.teller = newTeller(ctx, false, func() progress {
		return progress{Environment: order.Environment, State: release.EnvSupported, Awaiting: s.status.Awaiting, Support: &s.status}
	})
	s.desk = &desk{journal: s.journal, ears: &ears{}, record: func(ctx workflow.Context, a release.Act) {
		s.status.Acts = keepAct(s.status.Acts, a)
		s.show(ctx)
	}}
	err := workflow.SetQueryHandlerWithOptions(ctx, release.QueryStatus,
		func() (release.SupportStatus, error) { return s.status, nil },
		workflow.QueryHandlerOptions{Description: "The state of early life support"})
	s.look(ctx)
	s.reminding(ctx)
	return s, errors.Join(err, s.hear(ctx), s.hearDecisions(ctx))
}

// close ends it: what came of it is in the CMS and the DML, and everything that runs is
// finished.
func (s *support) close(ctx workflow.Context) (release.SupportStatus, error) {
	s.status.Ended = workflow.Now(ctx).UTC()
	s.status.Awaiting = nil
	s.look(ctx)
	detached, _ := workflow.NewDisconnectedContext(ctx)
	if s.order.Since(1) {
		s.document(detached, s.status.BackOut != "" || ctx.Err() != nil)
		s.note(detached)
	}
	s.show(detached)
	if err := workflow.Await(detached, func() bool { return s.telling == 0 }); err != nil {
		return s.status, err
	}
	if err := s.journal.drain(detached); err != nil {
		return s.status, err
	}
	err := workflow.Await(detached, func() bool { return workflow.AllHandlersFinished(detached) })
	return s.status, err
}

// changed shows what changed, and tells the release.
func (s *support) changed(ctx workflow.Context) {
	s.look(ctx)
	s.teller.tell()
}

// look compares the exit criteria with what there is by now, and shows it.
func (s *support) look(ctx workflow.Context) {
	s.status.Criteria = s.order.Plan.Evaluate(s.status, workflow.Now(ctx).UTC())
	s.status.Unmet = release.Unmet(s.status.Criteria)
	if s.order.Since(1) && s.status.Ended.IsZero() {
		s.await(ctx)
	}
	s.show(ctx)
}

func (s *support) show(ctx workflow.Context) {
	workflow.SetCurrentDetails(ctx, release.SupportDetails(s.status))
}

// note writes into the CMS how it is by now.
func (s *support) note(ctx workflow.Context) {
	status := s.status
	s.journal.add(ctx, "support", func(e *release.Entry) {
		e.Support = &release.SupportEntry{Environment: s.order.Environment, Status: status}
	})
}
