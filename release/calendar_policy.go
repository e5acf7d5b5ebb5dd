package release

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// CalendarPolicy says who may change the calendar while releases run.
type CalendarPolicy struct {
	// May lists the groups that may add and remove freezes, and windows; nobody may
	// where there are none.
	May map[CalendarKind][]string `json:"may,omitempty"`
}

func (p CalendarPolicy) check(o Organization, problems *Problems) {
	for _, kind := range slices.Sorted(maps.Keys(p.May)) {
		path := "calendar.may." + string(kind)
		if !slices.Contains(CalendarKinds, kind) {
			problems.add(path, "there is no such entry of the calendar: use freeze or window")
		}
		for _, group := range p.May[kind] {
			if !slices.Contains(o.Groups(), group) {
				problems.add(path, "nobody on the roster is in group %q", group)
			}
		}
	}
}

// MayChangeCalendar refuses a change of somebody whom the policy does not let add
// or remove entries of a kind.
func (o Organization) MayChangeCalendar(kind CalendarKind, by string) error {
	person, known := o.Person(by)
	groups := o.Calendar.May[kind]
	switch {
	case !known:
		return Refusef("%s is not on the roster", by)
	case len(groups) == 0:
		return Refusef("nobody may add or remove a %s: name groups under organization.calendar.may.%s in slipway.yaml, or write the %s there", kind, kind, kind)
	case !person.In(groups...):
		authority := Authority{Roster: o.Roster}
		return Refusef("%s may not add or remove a %s: organization.calendar.may.%s leaves it to %s", by, kind, kind,
			names(groups, authority.group))
	}
	return nil
}

// CheckEntry refuses an entry that cannot be added.
func (o Organization) CheckEntry(e CalendarEntry, now time.Time) error {
	if e.Freeze != nil {
		return o.checkFreeze(*e.Freeze, now)
	}
	if err := o.known(e.Environment); err != nil {
		return err
	}
	if err := e.Window.check(); err != nil {
		return Refusal(err.Error())
	}
	spans, err := e.Window.spans(now, now.Add(horizon))
	switch {
	case err != nil:
		return Refusal(err.Error())
	case len(spans) == 0:
		return Refusef("this window does not open within 400 days: %s", e.Window.describe())
	}
	return nil
}

func (o Organization) checkFreeze(f Freeze, now time.Time) error {
	switch {
	case !f.From.Before(f.To):
		return Refusef("it ends (%s) before it begins (%s)", f.To.UTC().Format(time.RFC3339), f.From.UTC().Format(time.RFC3339))
	case !now.Before(f.To):
		return Refusef("it would be over already: it ends at %s, and it is %s", f.To.UTC().Format(time.RFC3339), now.UTC().Format(time.RFC3339))
	}
	for _, name := range f.Environments {
		if err := o.known(name); err != nil {
			return err
		}
	}
	return nil
}

func (o Organization) known(environment string) error {
	if _, found := o.Environment(environment); !found {
		return Refusef("there is no environment %q: use %s", environment, names(o.Environments, func(e Environment) string { return e.Name }))
	}
	return nil
}

// The limits of what people may write into the calendar, which is kept in one
// document.
const (
	calendarEntries      = 200
	calendarText         = 500
	calendarEnvironments = 50
	firstYear            = "2000"
)

// roomy says which text is too long.
func roomy(fields ...field) error {
	for _, f := range fields {
		if len(f.value) > calendarText {
			return fmt.Errorf("field %q has %d bytes; at most %d are kept", f.name, len(f.value), calendarText)
		}
	}
	return nil
}
