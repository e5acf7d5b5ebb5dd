package main

import (
	"strings"

	ics "github.com/arran4/golang-ical"
)

// icsText is the form of agendas and calendars only.
const icsText = "ics"

// newCalendar begins a calendar (RFC 5545) of a name.
func newCalendar(name string) *ics.Calendar {
	calendar := ics.NewCalendar()
	calendar.SetProductId("-//slipway//starter//EN")
	calendar.SetMethod(ics.MethodPublish)
	calendar.SetXWRCalName(name)
	return calendar
}

// publish writes a calendar.
func (a *app) publish(calendar *ics.Calendar) error {
	return calendar.SerializeTo(a.out, ics.WithNewLineWindows) // lines end so everywhere
}

// addAppointment begins an appointment. Calendars know it again by its id.
func (a *app) addAppointment(calendar *ics.Calendar, id, summary string, description ...string) *ics.VEvent {
	event := calendar.AddEvent(plain(id + "@slipway"))
	event.SetDtStampTime(a.now())
	event.SetSummary(plain(summary))
	event.SetDescription(strings.Join(description, "\n"))
	return event
}

// plain keeps a text on one line and free of what would steer its reader.
func plain(text string) string { return harmless(strings.Join(strings.Fields(text), " ")) }
