package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"
	"github.com/stretchr/testify/require"

	"slipway/starter"
)

// calendarOf writes an agenda as a calendar, and reads it back.
func calendarOf(t *testing.T, items []starter.AgendaItem) (text, said string, calendar *ics.Calendar) {
	t.Helper()
	var out, errs bytes.Buffer
	a := &app{out: &out, errs: &errs, zone: time.UTC, now: func() time.Time { return today }}
	require.NoError(t, a.writeAgendaCalendar(items))
	calendar, err := ics.ParseCalendar(bytes.NewReader(out.Bytes()))
	require.NoError(t, err)
	return out.String(), errs.String(), calendar
}

func value(t *testing.T, event *ics.VEvent, property ics.ComponentProperty) string {
	t.Helper()
	found := event.GetProperty(property)
	require.NotNil(t, found, property)
	return found.Value
}

func TestAGateIsAnAppointmentThatEndsAtItsDeadline(t *testing.T) {
	text, said, calendar := calendarOf(t, waits())
	require.Equal(t, "without old@1.0.0: no worker polls task queue old, and only a worker can answer: start one with bin/worker\n", said)
	events := calendar.Events()
	require.Len(t, events, 3)

	first := events[0]
	require.Equal(t, "httpbin@2.26.0/deploy:production/3f9a0c1b7d22@slipway", first.Id())
	require.Equal(t, "httpbin@2.26.0: gate deploy:production, risk 25 (low)", value(t, first, ics.ComponentPropertySummary))
	end, err := first.GetEndAt()
	require.NoError(t, err)
	require.Equal(t, at(60*24), end)
	start, err := first.GetStartAt()
	require.NoError(t, err)
	require.Equal(t, 30*time.Minute, end.Sub(start))
	require.Len(t, first.Alarms(), 1)
	require.Equal(t, "-PT1H", first.Alarms()[0].GetProperty(ics.ComponentPropertyTrigger).Value)
	description := value(t, first, ics.ComponentPropertyDescription)
	require.Contains(t, description, "\nneeds: 2 more of group cab (ana, ben, eva, fay, gus, ida) and 1 more of group security (sven), signed\n")
	require.Contains(t, description, "\nstarter authorize httpbin@2.26.0 --gate deploy:production --by NAME --digest 3f9a0c1b7d22 --sign KEY")

	review := events[2]
	day, err := review.GetAllDayStartAt()
	require.NoError(t, err)
	require.Equal(t, "2026-03-02", day.Format(time.DateOnly))
	require.Nil(t, review.GetProperty(ics.ComponentPropertyDtEnd))
	require.Empty(t, review.Alarms())

	again, _, _ := calendarOf(t, waits())
	require.Equal(t, text, again)
	golden(t, "agenda-ics", strings.ReplaceAll(text, "\r\n", "\n"))
}

func TestNoTitleBreaksOutOfItsAppointment(t *testing.T) {
	text, _, calendar := calendarOf(t, waits())
	require.Len(t, calendar.Events(), 3)
	description := value(t, calendar.Events()[1], ics.ComponentPropertyDescription)
	require.Contains(t, description, "title: AVIF; images, \\n \"fast\" END:VEVENT ATTACH:http://example.com [31m: \uFFFD stricter WebSocket frames\n")
	for _, line := range strings.Split(strings.TrimSuffix(text, "\r\n"), "\r\n") {
		require.LessOrEqual(t, len(line), 75)
		require.False(t, strings.ContainsAny(line, "\r\n\x1b\u2028"), line)
		require.False(t, strings.HasPrefix(line, "ATTACH"))
	}
	items := waits()
	for i := range items {
		items[i].Release, items[i].Gate, items[i].Needs, items[i].About = hostile, hostile, hostile, strings.Repeat(hostile, 20)
		items[i].Unknown = ""
	}
	_, _, calendar = calendarOf(t, items)
	require.Len(t, calendar.Events(), len(items))
}
