package main

import (
	"fmt"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"

	"slipway/starter"
)

// icsText is the form of agendas only.
const icsText = "ics"

// appointment is how long a calendar shows a gate before it closes.
const appointment = 30 * time.Minute

// writeCalendar writes gates as appointments (RFC 5545). A gate keeps its
// appointment over time: calendars know it by release, gate and digest.
func (a *app) writeCalendar(items []starter.AgendaItem) error {
	calendar := ics.NewCalendar()
	calendar.SetProductId("-//slipway//starter//EN")
	calendar.SetMethod(ics.MethodPublish)
	calendar.SetXWRCalName("Gates that wait for votes")
	for _, item := range items {
		if item.Unknown != "" {
			a.tell("without %s: %s", item.Release, item.Unknown)
			continue
		}
		a.addEvent(calendar, item)
	}
	return calendar.SerializeTo(a.out, ics.WithNewLineWindows) // lines end so everywhere
}

func (a *app) addEvent(calendar *ics.Calendar, item starter.AgendaItem) {
	event := calendar.AddEvent(plain(fmt.Sprintf("%s/%s/%s@slipway", item.Release, item.Gate, item.Digest.Short())))
	summary := plain(fmt.Sprintf("%s: gate %s, risk %d (%s)", item.Release, item.Gate, item.Risk, item.Level))
	event.SetDtStampTime(a.now())
	event.SetSummary(summary)
	event.SetDescription(a.eventText(item))
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
func (a *app) eventText(item starter.AgendaItem) string {
	var lines []string
	whole := func(t time.Time) string { return t.In(a.zone).Format(time.DateTime + " MST") }
	for _, f := range agendaFacts(item, whole) {
		if f.text != "" {
			lines = append(lines, plain(f.name+": "+f.text))
		}
	}
	return strings.Join(append(lines, plain(voteCommand(item))), "\n")
}

// plain keeps a text on one line and free of what would steer its reader.
func plain(text string) string { return harmless(strings.Join(strings.Fields(text), " ")) }
