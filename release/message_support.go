package release

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// ReportIncident says that something is broken; severity 1 is the worst, 4 the
// mildest.
type ReportIncident struct {
	InEnvironment
	Severity int    `json:"severity"`
	CI       string `json:"ci,omitempty"`
	Text     string `json:"summary"`
	// Unrelated says that this release did not cause it.
	Unrelated bool `json:"unrelated,omitempty"`
	// Defect is the kind of fault, as far as it is known already.
	Defect Defect `json:"defect,omitempty"`
	// Assignee is who looks after it, when somebody does already.
	Assignee string `json:"assignee,omitempty"`
}

// Summary says what broke.
func (m ReportIncident) Summary() string {
	return join(fmt.Sprintf("incident of severity %d", m.Severity), m.Text)
}

func (m ReportIncident) check() error {
	if m.Severity < 1 || m.Severity > 4 {
		return fmt.Errorf("severity %d: use 1 (worst) to 4 (mildest)", m.Severity)
	}
	if err := m.Defect.check(); err != nil {
		return err
	}
	return need(m.Sender, field{"summary", m.Text})
}

// UpdateIncident changes what is known of an incident: what is left out stays.
type UpdateIncident struct {
	InEnvironment
	Incident string `json:"incident"`
	Severity int    `json:"severity,omitempty"`
	Defect   Defect `json:"defect,omitempty"`
	Assignee string `json:"assignee,omitempty"`
	// Unrelated says whether this release did not cause it.
	Unrelated *bool  `json:"unrelated,omitempty"`
	Comment   string `json:"comment,omitempty"`
}

// Summary says what changes.
func (m UpdateIncident) Summary() string {
	var changes []string
	if m.Severity != 0 {
		changes = append(changes, fmt.Sprintf("severity %d", m.Severity))
	}
	if m.Defect != "" {
		changes = append(changes, "defect "+string(m.Defect))
	}
	if m.Unrelated != nil {
		changes = append(changes, map[bool]string{true: "not caused by the release", false: "caused by the release"}[*m.Unrelated])
	}
	if m.Assignee != "" {
		changes = append(changes, "for "+m.Assignee)
	}
	return join("update "+m.Incident+" ("+strings.Join(changes, ", ")+")", m.Comment)
}

func (m UpdateIncident) check() error {
	if m.Severity < 0 || m.Severity > 4 {
		return fmt.Errorf("severity %d: use 1 (worst) to 4 (mildest)", m.Severity)
	}
	if err := m.Defect.check(); err != nil {
		return err
	}
	if m.Severity == 0 && m.Defect == "" && m.Assignee == "" && m.Unrelated == nil {
		return fmt.Errorf("nothing changes: give severity, defect, unrelated or assignee")
	}
	return need(m.Sender, field{"incident", m.Incident})
}

// check refuses what is no defect type; empty is not known yet.
func (d Defect) check() error {
	if d != "" && !slices.Contains(Defects, d) {
		return fmt.Errorf("%q is not a defect type: use %s", d, names(Defects, func(d Defect) string { return string(d) }))
	}
	return nil
}

// ResolveIncident says how an incident was resolved.
type ResolveIncident struct {
	InEnvironment
	Incident   string `json:"incident"`
	Resolution string `json:"resolution"`
	Workaround string `json:"workaround,omitempty"`
}

// Summary says how.
func (m ResolveIncident) Summary() string { return join("resolve "+m.Incident, m.Resolution) }

func (m ResolveIncident) check() error {
	return need(m.Sender, field{"incident", m.Incident}, field{"resolution", m.Resolution})
}

// ServiceDeskCall is a call about the release.
type ServiceDeskCall struct {
	InEnvironment
	CI   string `json:"ci,omitempty"`
	Text string `json:"summary"`
}

// Summary says what the caller said.
func (m ServiceDeskCall) Summary() string { return join("service desk call", m.Text) }

func (m ServiceDeskCall) check() error { return need(m.Sender, field{"summary", m.Text}) }

// UpdateCall assigns a service desk call, or says how it was resolved.
type UpdateCall struct {
	InEnvironment
	Call       string `json:"call"`
	Assignee   string `json:"assignee,omitempty"`
	Resolution string `json:"resolution,omitempty"`
}

// Summary says what changes.
func (m UpdateCall) Summary() string {
	if m.Resolution != "" {
		return join("resolve "+m.Call, m.Resolution)
	}
	return "assign " + m.Call + " to " + m.Assignee
}

func (m UpdateCall) check() error {
	if m.Assignee == "" && m.Resolution == "" {
		return fmt.Errorf("nothing changes: give assignee or resolution")
	}
	return need(m.Sender, field{"call", m.Call})
}

// NoteKnownError records a known error, or changes the one with this id: what is left
// out stays.
type NoteKnownError struct {
	InEnvironment
	// KnownError is the id; a new one gets the next KE-n when it is empty.
	KnownError string `json:"knownError,omitempty"`
	Text       string `json:"summary,omitempty"`
	Workaround string `json:"workaround,omitempty"`
	// Incident is the one that it was found by.
	Incident   string `json:"incident,omitempty"`
	Assignee   string `json:"assignee,omitempty"`
	Resolution string `json:"resolution,omitempty"`
}

// Summary says what is known.
func (m NoteKnownError) Summary() string {
	what := strings.TrimSpace("known error " + m.KnownError)
	if m.Resolution != "" {
		return join("resolve "+what, m.Resolution)
	}
	return join(what, m.Text)
}

func (m NoteKnownError) check() error {
	if m.KnownError == "" && m.Text == "" {
		return fmt.Errorf("field %q is missing or empty: say what the error is, or give the id of a known one", "summary")
	}
	if m.Text == "" && m.Workaround == "" && m.Incident == "" && m.Assignee == "" && m.Resolution == "" {
		return fmt.Errorf("nothing changes: give summary, workaround, incident, assignee or resolution")
	}
	return need(m.Sender)
}

// RaiseRFC asks for a change because of what early life support found.
type RaiseRFC struct {
	InEnvironment
	// RFC is its id elsewhere; the next RFC-n of the release when it is empty.
	RFC      string `json:"rfc,omitempty"`
	Title    string `json:"title"`
	Reason   string `json:"reason,omitempty"`
	Incident string `json:"incident,omitempty"`
	CI       string `json:"ci,omitempty"`
}

// Summary says what is asked for.
func (m RaiseRFC) Summary() string {
	return join(strings.TrimSpace("raise RFC "+strings.TrimPrefix(m.RFC, "RFC-")), m.Title)
}

func (m RaiseRFC) check() error { return need(m.Sender, field{"title", m.Title}) }

// ExtendSupport lets early life support last longer: until a time, or by a period.
type ExtendSupport struct {
	InEnvironment
	Until  time.Time `json:"until,omitzero"`
	Period Duration  `json:"period,omitempty"`
	Reason string    `json:"reason"`
}

// Summary says until when, and why.
func (m ExtendSupport) Summary() string {
	if m.Until.IsZero() {
		return join("extend early life support by "+m.Period.String(), m.Reason)
	}
	return join("extend early life support until "+m.Until.UTC().Format(time.RFC3339), m.Reason)
}

func (m ExtendSupport) check() error {
	switch {
	case m.Period < 0:
		return fmt.Errorf("period %s: it cannot be negative", m.Period)
	case m.Until.IsZero() == (m.Period == 0):
		return fmt.Errorf("give either until, as in 2026-05-01T18:00:00Z, or period, as in 48h")
	}
	return need(m.Sender, field{"reason", m.Reason})
}

// EndSupport ends early life support before its time, or in spite of exit criteria
// that do not hold.
type EndSupport struct {
	InEnvironment
	Reason string `json:"reason"`
}

// Summary says why.
func (m EndSupport) Summary() string { return join("end early life support", m.Reason) }

func (m EndSupport) check() error { return need(m.Sender, field{"reason", m.Reason}) }
