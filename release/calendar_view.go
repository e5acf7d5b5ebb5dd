package release

import (
	"fmt"
	"time"
)

// CalendarRequest asks for the calendar from now on.
type CalendarRequest struct {
	Days int `json:"days"`
	// Environment, when given, leaves out the others.
	Environment string `json:"environment,omitempty"`
}

// CalendarView is the calendar between two times.
type CalendarView struct {
	From         time.Time             `json:"from"`
	To           time.Time             `json:"to"`
	Environments []CalendarEnvironment `json:"environments"`
}

// CalendarEnvironment is the calendar of an environment.
type CalendarEnvironment struct {
	Name    string `json:"name"`
	Purpose string `json:"purpose,omitempty"`
	// Opening is when it may be changed next.
	Opening Opening `json:"opening"`
	// Entries are its windows, and the freezes that hold for it in that time.
	Entries []CalendarItem `json:"entries"`
	// Open is when it may be changed: its windows without the freezes.
	Open []Span `json:"open"`
}

// CalendarItem is an entry with when it holds.
type CalendarItem struct {
	CalendarEntry
	// Spans are whole, also where they begin before the view or end after it.
	Spans []Span `json:"spans"`
}

const (
	// DefaultCalendarDays is how far ahead the calendar is shown when nobody says.
	DefaultCalendarDays = 14
	// CalendarDays is how far ahead it is shown at most.
	CalendarDays = 366
	// calendarSpans keeps a view to a size that can be sent.
	calendarSpans = 8000
)

// Check refuses a request that cannot be answered.
func (r CalendarRequest) Check() error {
	if r.Days < 1 || r.Days > CalendarDays {
		return fmt.Errorf("%d days: use 1 to %d", r.Days, CalendarDays)
	}
	return nil
}

// View gives the calendar of the organization with the entries that people added.
func (o Organization) View(added []CalendarEntry, now time.Time, r CalendarRequest) (CalendarView, error) {
	view := CalendarView{From: now, To: now.AddDate(0, 0, r.Days), Environments: []CalendarEnvironment{}}
	if err := r.Check(); err != nil {
		return view, Refusal(err.Error())
	}
	if r.Environment != "" {
		if err := o.known(r.Environment); err != nil {
			return view, err
		}
	}
	entries, merged := append(o.configured(), added...), o.With(added)
	left := calendarSpans
	for _, env := range merged.Environments {
		if r.Environment != "" && env.Name != r.Environment {
			continue
		}
		shown, err := merged.view(env, entries, view.From, view.To)
		if err != nil {
			return view, err
		}
		for _, item := range shown.Entries {
			left -= len(item.Spans)
		}
		if left -= len(shown.Open); left < 0 {
			return view, Refusef("the windows open more than %d times: ask for fewer days, or for one environment", calendarSpans)
		}
		view.Environments = append(view.Environments, shown)
	}
	return view, nil
}

func (o Organization) view(env Environment, entries []CalendarEntry, from, to time.Time) (shown CalendarEnvironment, err error) {
	shown = CalendarEnvironment{Name: env.Name, Purpose: env.Purpose, Entries: []CalendarItem{}}
	if shown.Opening, err = o.Opening(env.Name, from, false); err != nil {
		return shown, err
	}
	for _, e := range entries {
		item := CalendarItem{CalendarEntry: e, Spans: []Span{}}
		switch {
		case e.Removed != nil || e.Window != nil && e.Environment != env.Name || e.Freeze != nil && !e.Freeze.holds(env.Name):
			continue
		case e.Freeze != nil:
			if len(within([]Span{e.Freeze.span()}, from, to)) == 0 {
				continue
			}
			item.Spans = append(item.Spans, e.Freeze.span())
		default:
			spans, err := e.Window.spans(from, to)
			if err != nil {
				return shown, err
			}
			item.Spans = append(item.Spans, spans...)
		}
		shown.Entries = append(shown.Entries, item)
	}
	shown.Open, err = o.Openings(env.Name, from, to)
	return shown, err
}
