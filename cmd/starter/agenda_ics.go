package main

import (
	"fmt"
	"time"

	ics "github.com/arran4/golang-ical"

	"slipway/starter"
)

// appointment is how long a calendar shows a gate before it closes.
const appointment = 30 * time.Minute

// writeAgendaCalendar writes gates as appointments (RFC 5545). A gate keeps its
// appointment over time: calendars know it by release, gate and digest.
func (a *app) writeAgendaCalendar(items []starter.AgendaItem) error {
	calendar := newCalendar("Gates that wait for votes")
	for _, item := range items {
		if item.Unknown != "" {
			a.tell("without %s: %s", item.Release, item.Unknown)
			continue
		}
		a.addEvent(calendar, item)
	}
	return a.publish(calendar)
}

func (a *app) addEvent(calendar *ics.Calendar, item starter.AgendaItem) {
	id := fmt.Sprintf("%s/%s/%s", item.Release, item.Gate, item.Digest.Short())
	summary := plain(fmt.Sprintf("%s: gate %s, risk %d (%s)", item.Release, item.Gate, item.Risk, item.Level))
	event := a.addAppointment(calendar, id, summary, a.eventText(item)...)
	if item.Deadline.IsZero() {
		event.SetAllDayStartAt(item.Since.In(a.zone))
		event.SetTimeTransparency(ics.TransparencyTransparent) // nobody is busy all day
		return
	}
	event.SetStartAt(item.Deadline.Add(-appointment))
	event.SetEndAt(item.Deadline)
	alarm := event.AddAlarm()
	alarm.SetAction(ics.ActionDisplay)
	alarm.SetTrigger("-PT1H")
	alarm.SetDescription(summary)
}

// eventText says what voters want to know, a fact a line, and how to vote.
func (a *app) eventText(item starter.AgendaItem) []string {
	var lines []string
	whole := func(t time.Time) string { return t.In(a.zone).Format(time.DateTime + " MST") }
	for _, f := range agendaFacts(item, whole) {
		if f.text != "" {
			lines = append(lines, plain(f.name+": "+f.text))
		}
	}
	return append(lines, plain(voteCommand(item)))
}
