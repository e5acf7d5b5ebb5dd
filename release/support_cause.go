package release

import (
	"cmp"
	"slices"
	"time"
)

// NoteKnownError records a known error, or changes one: of this early life support, or
// of those that the release was shipped with. The incident that it names carries it
// from then on; it is nil when none is named.
func (s *SupportStatus) NoteKnownError(o SupportOrder, m NoteKnownError, now time.Time) (FoundError, *Incident, error) {
	known, err := s.knownError(o, m, now)
	if err != nil {
		return FoundError{}, nil, err
	}
	incident, err := s.cause(m.Incident)
	switch {
	case err != nil:
		return FoundError{}, nil, err
	case incident != nil && incident.KnownError != "" && incident.KnownError != known.ID:
		return FoundError{}, nil, Refusef("incident %s is known as %s already: change that", incident.ID, incident.KnownError)
	}
	if err := o.assign(&known.Assignment, m.Assignee, now); err != nil {
		return FoundError{}, nil, err
	}
	known.Summary = cmp.Or(clip(m.Text), known.Summary)
	known.Workaround = cmp.Or(clip(m.Workaround), known.Workaround)
	if m.Resolution != "" {
		known.Resolved, known.ResolvedBy, known.Resolution = now, m.By, clip(m.Resolution)
	}
	if incident != nil {
		incident.KnownError = known.ID
		known.Incident = cmp.Or(known.Incident, incident.ID)
		known.Workaround = cmp.Or(known.Workaround, incident.Workaround)
	}
	if i := s.foundError(known.ID); i >= 0 {
		s.KnownErrors[i] = known
	} else {
		s.KnownErrors = append(s.KnownErrors, known)
	}
	return known, incident, nil
}

// knownError gives the known error that a message is about, as it is before: one that
// was found, one that was shipped, or a new one.
func (s *SupportStatus) knownError(o SupportOrder, m NoteKnownError, now time.Time) (FoundError, error) {
	if i := s.foundError(m.KnownError); i >= 0 {
		known := s.KnownErrors[i]
		return known, unresolved("known error "+known.ID, known.Resolved, known.ResolvedBy)
	}
	var ids []string
	for _, k := range s.KnownErrors {
		ids = append(ids, k.ID)
	}
	for _, k := range o.KnownErrors {
		if s.foundError(k.ID) < 0 {
			ids = append(ids, k.ID)
		}
	}
	known := FoundError{By: m.By, At: now}
	shipped := slices.IndexFunc(o.KnownErrors, func(k KnownError) bool { return k.ID == m.KnownError })
	switch {
	case m.KnownError == "":
		known.ID = next("KE", ids)
	case shipped >= 0:
		known.KnownError = o.KnownErrors[shipped]
	default:
		return known, Refusef("there is no known error %s in %s: it has %s; leave the id out to record another",
			m.KnownError, s.ID, anyOf(ids))
	}
	return known, o.room("known errors", len(s.KnownErrors))
}

func (s *SupportStatus) foundError(id string) int {
	return slices.IndexFunc(s.KnownErrors, func(k FoundError) bool { return k.ID == id })
}

// RaiseRFC records a request for change. The incident that it names carries it from
// then on; it is nil when none is named.
func (s *SupportStatus) RaiseRFC(o SupportOrder, m RaiseRFC, now time.Time) (RaisedRFC, *Incident, error) {
	if err := o.room("RFCs", len(s.RFCs)); err != nil {
		return RaisedRFC{}, nil, err
	}
	var ids []string
	for _, r := range s.RFCs {
		if r.ID == m.RFC {
			return RaisedRFC{}, nil, Refusef("RFC %s was raised by %s at %s: give another id, or leave it out for the next",
				r.ID, r.By, r.At.UTC().Format(time.RFC3339))
		}
		ids = append(ids, r.ID)
	}
	incident, err := s.cause(m.Incident)
	switch {
	case err != nil:
		return RaisedRFC{}, nil, err
	case incident != nil && incident.RFC != "":
		return RaisedRFC{}, nil, Refusef("incident %s led to %s already: raise another without naming the incident", incident.ID, incident.RFC)
	}
	rfc := RaisedRFC{
		ID: cmp.Or(m.RFC, next("RFC", ids)), Title: clip(m.Title), Reason: clip(m.Reason), Incident: m.Incident, CI: m.CI, By: m.By, At: now,
	}
	if incident != nil {
		incident.RFC = rfc.ID
		rfc.CI = cmp.Or(rfc.CI, incident.CI)
	}
	s.RFCs = append(s.RFCs, rfc)
	return rfc, incident, nil
}
