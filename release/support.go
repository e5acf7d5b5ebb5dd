package release

import (
	"fmt"
	"slices"
	"time"
)

// Incident is something that broke during early life support (ITIL: incident
// management).
type Incident struct {
	ID         string    `json:"id"`
	Severity   int       `json:"severity"`
	CI         string    `json:"ci,omitempty"`
	Summary    string    `json:"summary"`
	By         string    `json:"by"`
	Opened     time.Time `json:"opened"`
	Unrelated  bool      `json:"unrelated,omitempty"`
	Resolved   time.Time `json:"resolved,omitzero"`
	ResolvedBy string    `json:"resolvedBy,omitempty"`
	Resolution string    `json:"resolution,omitempty"`
	Workaround string    `json:"workaround,omitempty"`
}

// Open tells whether the incident is not resolved yet.
func (i Incident) Open() bool { return i.Resolved.IsZero() }

// Call is a service desk call.
type Call struct {
	At      time.Time `json:"at"`
	By      string    `json:"by"`
	CI      string    `json:"ci,omitempty"`
	Summary string    `json:"summary"`
}

// SupportOrder is what an early life support is asked to do.
type SupportOrder struct {
	Release     string    `json:"release"`
	Version     string    `json:"version"`
	Environment string    `json:"environment"`
	TaskQueue   string    `json:"taskQueue,omitempty"`
	Targets     []Target  `json:"targets"`
	Inventory   Digest    `json:"inventory,omitempty"`
	Plan        Support   `json:"plan"`
	Authority   Authority `json:"authority"`
}

// SupportStatus is what is known of an early life support, while it goes on and
// as its result.
type SupportStatus struct {
	ID          string    `json:"id"`
	Environment string    `json:"environment"`
	Started     time.Time `json:"started"`
	Until       time.Time `json:"until"`
	Ended       time.Time `json:"ended,omitzero"`
	// Availability is measured by the probes, one row a target.
	Availability []Availability `json:"availability,omitempty"`
	Incidents    []Incident     `json:"incidents,omitempty"`
	Calls        []Call         `json:"calls,omitempty"`
	Acts         []Act          `json:"acts,omitempty"`
	Awaiting     []Awaiting     `json:"awaiting,omitempty"`
	// Unmet lists the exit criteria that do not hold (yet).
	Unmet []string `json:"unmet,omitempty"`
}

// Report opens an incident and gives it an id.
func (s *SupportStatus) Report(m ReportIncident, now time.Time) Incident {
	incident := Incident{
		ID: fmt.Sprintf("INC-%d", len(s.Incidents)+1), Severity: m.Severity, CI: m.CI,
		Summary: m.Text, By: m.By, Opened: now, Unrelated: m.Unrelated,
	}
	s.Incidents = append(s.Incidents, incident)
	return incident
}

// Resolve closes an open incident.
func (s *SupportStatus) Resolve(m ResolveIncident, now time.Time) (Incident, error) {
	i := slices.IndexFunc(s.Incidents, func(i Incident) bool { return i.ID == m.Incident })
	if i < 0 {
		return Incident{}, Refusef("there is no incident %s in %s: it has %s", m.Incident, s.ID,
			names(s.Incidents, func(i Incident) string { return i.ID }))
	}
	incident := &s.Incidents[i]
	if !incident.Open() {
		return Incident{}, Refusef("incident %s was resolved by %s at %s", m.Incident, incident.ResolvedBy, incident.Resolved.UTC().Format(time.RFC3339))
	}
	incident.Resolved, incident.ResolvedBy = now, m.By
	incident.Resolution, incident.Workaround = m.Resolution, m.Workaround
	return *incident, nil
}

// Evaluate lists the exit criteria that do not hold: only when there are none may
// early life support end well (ITIL: exit criteria for early life support).
func (c ExitCriteria) Evaluate(s SupportStatus) []string {
	var unmet []string
	limit := c.OpenSeverity
	if limit == 0 {
		limit = 2
	}
	for _, i := range s.Incidents {
		if i.Open() && !i.Unrelated && i.Severity <= limit {
			unmet = append(unmet, fmt.Sprintf("incident %s of severity %d is open: %s", i.ID, i.Severity, i.Summary))
		}
	}
	for _, a := range s.Availability {
		if c.MaxDowntime > 0 && a.Downtime() > c.MaxDowntime {
			unmet = append(unmet, fmt.Sprintf("%s was down for %s, more than %s", a.Target, a.Downtime(), c.MaxDowntime))
		}
	}
	return unmet
}

// Downtime is the longest downtime of any target.
func (s SupportStatus) Downtime() Duration {
	var longest Duration
	for _, a := range s.Availability {
		longest = max(longest, a.Downtime())
	}
	return longest
}
