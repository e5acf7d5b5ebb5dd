package main

import (
	"fmt"
	"time"

	ics "github.com/arran4/golang-ical"

	"slipway/release"
	"slipway/starter"
)

// writeAppointments writes windows, freezes and planned releases as appointments.
// Each opening of a window is one of its own, in UTC: programs differ in what a rule
// means in an hour that is skipped or comes twice, but not in what a time in UTC is.
func (a *app) writeAppointments(c starter.Calendar) error {
	calendar := newCalendar("Change windows, freezes and planned releases")
	frozen := map[string]bool{}
	for _, e := range c.Environments {
		for _, item := range e.Entries {
			if item.Freeze == nil {
				a.addWindows(calendar, e.Name, item)
			} else if !frozen[item.ID] { // a freeze of several environments is one appointment
				frozen[item.ID] = true
				a.addFreeze(calendar, *item.Freeze, item.CalendarEntry)
			}
		}
	}
	for _, p := range c.Releases {
		if p.Unknown != "" {
			a.tell("without %s: %s", p.Release, p.Unknown)
		} else if !p.Opens.IsZero() {
			a.addPlanned(calendar, p, c.From)
		}
	}
	return a.publish(calendar)
}

func (a *app) addWindows(calendar *ics.Calendar, environment string, item release.CalendarItem) {
	for _, s := range item.Spans {
		id := fmt.Sprintf("%s/%s/%s", environment, item.ID, s.From.UTC().Format("20060102T150405Z"))
		event := a.addAppointment(calendar, id, environment+": change window "+item.Window.String(), plain(item.String()))
		event.SetStartAt(s.From)
		event.SetEndAt(s.To)
		event.SetTimeTransparency(ics.TransparencyTransparent) // nobody is busy for it
	}
}

func (a *app) addFreeze(calendar *ics.Calendar, f release.Freeze, e release.CalendarEntry) {
	event := a.addAppointment(calendar, e.ID+"/"+f.From.UTC().Format("20060102T150405Z"), "Freeze: "+f.Reason, plain(e.String()))
	event.SetStartAt(f.From)
	event.SetEndAt(f.To)
	event.SetTimeTransparency(ics.TransparencyTransparent)
}

// addPlanned shows a release when it may begin.
func (a *app) addPlanned(calendar *ics.Calendar, p starter.PlannedRelease, now time.Time) {
	event := a.addAppointment(calendar, p.Release+"/"+p.Environment, p.Release+" to "+p.Environment,
		plain("title: "+p.Title), plain("state: "+string(p.State)), plain("waits for: "+awaitsText(p)))
	from := p.Opens
	if from.Before(now) {
		from = now
	}
	event.SetStartAt(from)
	to := from.Add(time.Hour)
	if to.After(p.Until) && from.Before(p.Until) {
		to = p.Until
	}
	event.SetEndAt(to)
}
