package workflows

import (
	"errors"

	"go.temporal.io/sdk/workflow"

	"slipway/release"
)

// hear opens the desk for what people record during early life support.
func (s *support) hear(ctx workflow.Context, d *desk) error {
	return errors.Join(
		serve(ctx, d, release.ActIncident, "Report an incident, severity 1 (worst) to 4", s.report),
		serve(ctx, d, release.ActResolveIncident, "Say how an incident was resolved", s.resolve),
		serve(ctx, d, release.ActServiceDeskCall, "Record a service desk call", s.call),
	)
}

func (s *support) report(ctx workflow.Context, m *release.ReportIncident) (string, error) {
	if err := s.check(release.ActIncident, m); err != nil {
		return "", err
	}
	incident := s.status.Report(*m, workflow.Now(ctx).UTC())
	s.noteIncident(ctx, incident)
	return incident.ID, nil
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

func (s *support) noteIncident(ctx workflow.Context, incident release.Incident) {
	s.journal.add(ctx, "incident/"+incident.ID, func(e *release.Entry) {
		e.Incident = &release.IncidentEntry{Environment: s.order.Environment, Incident: incident}
	})
	s.changed(ctx)
}

func (s *support) call(ctx workflow.Context, m *release.ServiceDeskCall) (string, error) {
	if err := s.check(release.ActServiceDeskCall, m); err != nil {
		return "", err
	}
	call := release.Call{At: workflow.Now(ctx).UTC(), By: m.By, CI: m.CI, Summary: m.Text}
	s.status.Calls = append(s.status.Calls, call)
	s.journal.add(ctx, summary("call/%d", len(s.status.Calls)), func(e *release.Entry) {
		e.Call = &release.CallEntry{Environment: s.order.Environment, Call: call}
	})
	s.changed(ctx)
	return summary("call %d recorded", len(s.status.Calls)), nil
}
