package release

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// What an early life support keeps of what people tell it: all of it has to fit into
// the release, which shows it. The CMS has every call.
const (
	mostKept  = 200  // incidents, known errors and RFCs, each
	callsKept = 100  // of those that nobody has to do anything about any more
	textKept  = 1000 // bytes
)

// Report opens an incident and gives it an id.
func (s *SupportStatus) Report(o SupportOrder, m ReportIncident, now time.Time) (Incident, error) {
	if err := o.room("incidents", len(s.Incidents)); err != nil {
		return Incident{}, err
	}
	incident := Incident{
		ID: fmt.Sprintf("INC-%d", len(s.Incidents)+1), Severity: m.Severity, CI: m.CI, Defect: m.Defect,
		Summary: clip(m.Text), By: m.By, Opened: now, Unrelated: m.Unrelated,
	}
	if err := o.assign(&incident.Assignment, m.Assignee, now); err != nil {
		return Incident{}, err
	}
	s.Incidents = append(s.Incidents, incident)
	return incident, nil
}

// UpdateIncident changes what is known of an open incident.
func (s *SupportStatus) UpdateIncident(o SupportOrder, m UpdateIncident, now time.Time) (Incident, error) {
	incident, err := s.openIncident(m.Incident)
	if err != nil {
		return Incident{}, err
	}
	if err := o.assign(&incident.Assignment, m.Assignee, now); err != nil {
		return Incident{}, err
	}
	incident.Severity = cmp.Or(m.Severity, incident.Severity)
	incident.Defect = cmp.Or(m.Defect, incident.Defect)
	if m.Unrelated != nil {
		incident.Unrelated = *m.Unrelated
	}
	return *incident, nil
}

// Resolve closes an open incident. A workaround stays with it; when the cause is still
// there, a known error is to be made of it.
func (s *SupportStatus) Resolve(m ResolveIncident, now time.Time) (Incident, error) {
	incident, err := s.openIncident(m.Incident)
	if err != nil {
		return Incident{}, err
	}
	incident.Resolved, incident.ResolvedBy = now, m.By
	incident.Resolution, incident.Workaround = clip(m.Resolution), clip(m.Workaround)
	return *incident, nil
}

// Call records a service desk call and gives it an id. Beyond what is kept, the oldest
// that nobody has to do anything about is left to the CMS.
func (s *SupportStatus) Call(m ServiceDeskCall, now time.Time) Call {
	call := Call{ID: fmt.Sprintf("CALL-%d", s.CallCount()+1), At: now, By: m.By, CI: m.CI, Summary: clip(m.Text)}
	s.Calls = append(s.Calls, call)
	if done := slices.IndexFunc(s.Calls, Call.done); len(s.Calls) > callsKept && done >= 0 {
		s.Calls = slices.Delete(s.Calls, done, done+1)
		s.EarlierCalls++
	}
	return call
}

// CallCount is how many service desk calls there were, with those that only the CMS
// has by now.
func (s SupportStatus) CallCount() int { return s.EarlierCalls + len(s.Calls) }

// UpdateCall assigns a service desk call, or says how it was resolved.
func (s *SupportStatus) UpdateCall(o SupportOrder, m UpdateCall, now time.Time) (Call, error) {
	call, err := find("service desk call", s.ID, s.Calls, func(c Call) string { return c.ID }, m.Call)
	if err == nil {
		err = unresolved("call "+m.Call, call.Resolved, call.ResolvedBy)
	}
	if err == nil {
		err = o.assign(&call.Assignment, m.Assignee, now)
	}
	if err != nil {
		return Call{}, err
	}
	if m.Resolution != "" {
		call.Resolved, call.ResolvedBy, call.Resolution = now, m.By, clip(m.Resolution)
	}
	return *call, nil
}

// openIncident finds an incident that is not resolved, to change it.
func (s *SupportStatus) openIncident(id string) (*Incident, error) {
	incident, err := s.incident(id)
	if err == nil {
		err = unresolved("incident "+id, incident.Resolved, incident.ResolvedBy)
	}
	return incident, err
}

// cause finds the incident that something came from, open or resolved; nil when none
// is named.
func (s *SupportStatus) cause(id string) (*Incident, error) {
	if id == "" {
		return nil, nil
	}
	return s.incident(id)
}

func (s *SupportStatus) incident(id string) (*Incident, error) {
	return find("incident", s.ID, s.Incidents, func(i Incident) string { return i.ID }, id)
}

// find gives the item of an id, to change it, or says which there are.
func find[T any](kind, support string, items []T, name func(T) string, id string) (*T, error) {
	i := slices.IndexFunc(items, func(item T) bool { return name(item) == id })
	if i < 0 || id == "" {
		return nil, Refusef("there is no %s %s in %s: it has %s", kind, id, support, names(items, name))
	}
	return &items[i], nil
}

// unresolved refuses to change what was resolved.
func unresolved(what string, at time.Time, by string) error {
	if at.IsZero() {
		return nil
	}
	return Refusef("%s was resolved by %s at %s and stays so: record another", what, by, at.UTC().Format(time.RFC3339))
}

// next gives the first id of a kind that is not taken.
func next(kind string, taken []string) string {
	for n := 1; ; n++ {
		if id := fmt.Sprintf("%s-%d", kind, n); !slices.Contains(taken, id) {
			return id
		}
	}
}

// assign lets somebody of the roster look after something; empty changes nothing.
func (o SupportOrder) assign(a *Assignment, to string, now time.Time) error {
	if to == "" || to == a.Assignee {
		return nil
	}
	if _, known := o.Authority.Person(to); !known {
		return Refusef("%s is not on the roster and cannot look after it: use %s", to,
			names(o.Authority.Roster, func(p Person) string { return p.ID }))
	}
	*a = Assignment{Assignee: to, Assigned: now}
	return nil
}

// room refuses more than an early life support can show.
func (o SupportOrder) room(of string, there int) error {
	if o.Since(1) && there >= mostKept {
		return Refusef("%d %s are recorded, which is all that an early life support keeps: back the release out, or record service desk calls", there, of)
	}
	return nil
}

// Service is that of the release.
func (o SupportOrder) Service() string { return strings.TrimSuffix(o.Release, "@"+o.Version) }

// done tells that nobody has to do anything about a call.
func (c Call) done() bool { return c.Assignee == "" || !c.Resolved.IsZero() }

// clip cuts a text to what is kept of it.
func clip(text string) string { return Cut(text, textKept) }
