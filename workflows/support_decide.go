package workflows

import (
	"errors"
	"time"

	"go.temporal.io/sdk/workflow"

	"slipway/release"
)

// hearDecisions opens the desk for what people decide about how early life support ends.
func (s *support) hearDecisions(ctx workflow.Context) error {
	return errors.Join(
		serve(ctx, s.desk, release.ActExtendSupport, "Let early life support last longer", s.extend),
		serve(ctx, s.desk, release.ActEndSupport, "End early life support before its time, or in spite of exit criteria that do not hold", s.end),
		serve(ctx, s.desk, release.ActConfirm, "Confirm that knowledge was transferred: item knowledge", s.confirm),
	)
}

// decidable refuses what cannot be decided any more, or never could.
func (s *support) decidable() error {
	switch {
	case !s.order.Since(1):
		return release.Refusef("%s began under an earlier version of Slipway, which does not know this: use back-out, or wait for its end", s.status.ID)
	case !s.status.Ended.IsZero():
		return release.Refusef("%s has ended", s.status.ID)
	case s.status.EndedBy != nil:
		return release.Refusef("%s ends already, as %s wanted", s.status.ID, s.status.EndedBy.By)
	case s.status.BackOut != "":
		return release.Refusef("%s ends already, and the release is backed out: %s", s.status.ID, s.status.BackOut)
	}
	return nil
}

func (s *support) mayDecide(action release.Action, m release.Message) error {
	if err := s.decidable(); err != nil {
		return err
	}
	return s.check(action, m)
}

func (s *support) extend(ctx workflow.Context, m *release.ExtendSupport) (string, error) {
	if err := s.mayDecide(release.ActExtendSupport, m); err != nil {
		return "", err
	}
	extension, err := s.status.Extension(*m, workflow.Now(ctx).UTC())
	if err != nil {
		return "", err
	}
	s.prolong(ctx, extension)
	return "early life support in " + s.order.Environment + " lasts until " + extension.Until.Format(time.RFC3339), nil
}

func (s *support) end(ctx workflow.Context, m *release.EndSupport) (string, error) {
	if err := s.mayDecide(release.ActEndSupport, m); err != nil {
		return "", err
	}
	now := workflow.Now(ctx).UTC()
	if err := s.status.MayEnd(now); err != nil {
		return "", err
	}
	s.status.EndedBy = &release.Act{At: now, Action: release.ActEndSupport, By: m.By, Summary: m.Reason, Counted: true}
	s.changed(ctx)
	if n := len(s.status.Unmet); n > 0 {
		return summary("early life support in %s ends, though %s", s.order.Environment, s.status.Unmet[0]), nil
	}
	return "early life support in " + s.order.Environment + " ends, and its exit criteria hold", nil
}

func (s *support) confirm(ctx workflow.Context, m *release.Confirm) (string, error) {
	if err := s.decidable(); err != nil {
		return "", err
	}
	if err := s.inHere(m); err != nil {
		return "", err
	}
	knowledge, err := s.status.Confirm(*m, s.order.Authority, workflow.Now(ctx).UTC())
	if err != nil {
		return "", err
	}
	s.status.Knowledge = knowledge
	s.changed(ctx)
	return m.By + " confirms that knowledge was transferred in " + s.order.Environment, nil
}
