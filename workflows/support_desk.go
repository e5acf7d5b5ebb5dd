package workflows

import (
	"errors"
	"time"

	"go.temporal.io/sdk/workflow"

	"slipway/release"
)

// hear opens the desk for what people record during early life support.
func (s *support) hear(ctx workflow.Context) error {
	return errors.Join(
		serve(ctx, s.desk, release.ActIncident, "Report an incident, severity 1 (worst) to 4", s.report),
		serve(ctx, s.desk, release.ActUpdateIncident, "Change what is known of an incident, or who looks after it", s.updateIncident),
		serve(ctx, s.desk, release.ActResolveIncident, "Say how an incident was resolved", s.resolve),
		serve(ctx, s.desk, release.ActServiceDeskCall, "Record a service desk call", s.call),
		serve(ctx, s.desk, release.ActUpdateCall, "Assign or resolve a service desk call", s.updateCall),
		serve(ctx, s.desk, release.ActKnownError, "Record or change a known error", s.noteKnownError),
		serve(ctx, s.desk, release.ActRaiseRFC, "Raise a request for change", s.raiseRFC),
	)
}

func (s *support) report(ctx workflow.Context, m *release.ReportIncident) (string, error) {
	if err := s.check(release.ActIncident, m); err != nil {
		return "", err
	}
	incident, err := s.status.Report(s.order, *m, workflow.Now(ctx).UTC())
	if err != nil {
		return "", err
	}
	s.noteIncident(ctx, incident)
	return incident.ID + s.assigned(ctx, m.By, incident.Assignment, incident.ID), nil
}

func (s *support) updateIncident(ctx workflow.Context, m *release.UpdateIncident) (string, error) {
	if err := s.check(release.ActUpdateIncident, m); err != nil {
		return "", err
	}
	incident, err := s.status.UpdateIncident(s.order, *m, workflow.Now(ctx).UTC())
	if err != nil {
		return "", err
	}
	s.noteIncident(ctx, incident)
	return incident.ID + " is updated" + s.assigned(ctx, m.By, incident.Assignment, incident.ID), nil
}

func (s *support) resolve(ctx workflow.Context, m *release.ResolveIncident) (string, error) {
	if err := s.check(release.ActResolveIncident, m); err != nil {
		return "", err
	}
	incident, err := s.status.Resolve(*m, workflow.Now(ctx).UTC())
	if err != nil {
		return "", err
	}
	s.noteIncident(ctx, incident)
	return incident.ID + " is resolved", nil
}

func (s *support) call(ctx workflow.Context, m *release.ServiceDeskCall) (string, error) {
	if err := s.check(release.ActServiceDeskCall, m); err != nil {
		return "", err
	}
	call := s.status.Call(*m, workflow.Now(ctx).UTC())
	s.noteCall(ctx, call)
	return call.ID, nil
}

func (s *support) updateCall(ctx workflow.Context, m *release.UpdateCall) (string, error) {
	if err := s.check(release.ActUpdateCall, m); err != nil {
		return "", err
	}
	call, err := s.status.UpdateCall(s.order, *m, workflow.Now(ctx).UTC())
	if err != nil {
		return "", err
	}
	s.noteCall(ctx, call)
	if m.Resolution != "" {
		return call.ID + " is resolved", nil
	}
	return call.ID + " is updated" + s.assigned(ctx, m.By, call.Assignment, call.ID), nil
}

func (s *support) noteKnownError(ctx workflow.Context, m *release.NoteKnownError) (string, error) {
	if err := s.check(release.ActKnownError, m); err != nil {
		return "", err
	}
	known, incident, err := s.status.NoteKnownError(s.order, *m, workflow.Now(ctx).UTC())
	if err != nil {
		return "", err
	}
	s.journal.add(ctx, "known-error/"+known.ID, func(e *release.Entry) {
		e.KnownError = &release.KnownErrorEntry{Environment: s.order.Environment, Service: s.order.Service(), Error: known}
	})
	s.noteLed(ctx, incident)
	return known.ID + s.assigned(ctx, m.By, known.Assignment, known.ID), nil
}

func (s *support) raiseRFC(ctx workflow.Context, m *release.RaiseRFC) (string, error) {
	if err := s.check(release.ActRaiseRFC, m); err != nil {
		return "", err
	}
	rfc, incident, err := s.status.RaiseRFC(s.order, *m, workflow.Now(ctx).UTC())
	if err != nil {
		return "", err
	}
	s.journal.add(ctx, "rfc/"+rfc.ID, func(e *release.Entry) {
		e.RFC = &release.RFCEntry{Environment: s.order.Environment, RFC: rfc}
	})
	s.noteLed(ctx, incident)
	return rfc.ID, nil
}

// check refuses what is for another environment or comes too late, and what the model
// does not let somebody do.
func (s *support) check(action release.Action, m release.Message) error {
	if ended := s.status.Ended; s.order.Since(1) && !ended.IsZero() {
		return release.Refusef("early life support in %s ended at %s, and nothing counts in it any more: tell service operations", s.order.Environment, ended.Format(time.RFC3339))
	}
	if err := s.inHere(m); err != nil {
		return err
	}
	return s.order.Authority.Check(action, m.Who())
}

func (s *support) inHere(m release.Message) error {
	if place := m.Place(); place != "" && place != s.order.Environment {
		return release.Refusef("this is early life support in %s, not in %s", s.order.Environment, place)
	}
	return nil
}

func (s *support) noteIncident(ctx workflow.Context, incident release.Incident) {
	s.journal.add(ctx, "incident/"+incident.ID, func(e *release.Entry) {
		e.Incident = &release.IncidentEntry{Environment: s.order.Environment, Incident: incident}
	})
	s.changed(ctx)
}

// noteLed notes the incident that led to something, if any.
func (s *support) noteLed(ctx workflow.Context, incident *release.Incident) {
	if incident != nil {
		s.noteIncident(ctx, *incident)
		return
	}
	s.changed(ctx)
}

func (s *support) noteCall(ctx workflow.Context, call release.Call) {
	s.journal.add(ctx, "call/"+call.ID, func(e *release.Entry) {
		e.Call = &release.CallEntry{Environment: s.order.Environment, Call: call}
	})
	s.changed(ctx)
}
