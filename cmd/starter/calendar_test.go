package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"
	"github.com/stretchr/testify/require"

	"slipway/release"
	"slipway/starter"
)

// plannedCalendar is a calendar with one of each: configured and added windows and
// freezes, an environment without windows, and releases on their way.
func plannedCalendar(t *testing.T, days int) starter.Calendar {
	t.Helper()
	evening := release.Window{Name: "Friday evening", Rule: "FREQ=WEEKLY;BYDAY=FR", Start: "2026-01-02T18:00", Zone: "Europe/Zurich", Length: release.Duration(4 * time.Hour)}
	o := release.Organization{
		Environments: []release.Environment{{Name: "staging"}, {Name: "production", Windows: []release.Window{evening}}},
		Freezes:      []release.Freeze{{Reason: "audit; of the accounts", From: today.AddDate(0, 0, 1), To: today.AddDate(0, 0, 4), Environments: []string{"production"}}},
	}
	var s release.CalendarStatus
	nights := release.AddWindow{Window: release.Window{Rule: "FREQ=DAILY", Start: "2026-03-01T02:30", Zone: "America/New_York", Length: release.Duration(90 * time.Minute)}}
	nights.Environment = "production"
	_, err := s.Add(nights.Entry(), release.CalendarMark{By: "olga", At: today, Reason: hostile})
	require.NoError(t, err)
	_, err = s.Add(release.AddFreeze{From: today.AddDate(0, 0, 10), To: today.AddDate(0, 0, 12), Reason: hostile}.Entry(), release.CalendarMark{By: "marc", At: today})
	require.NoError(t, err)
	view, err := o.View(s.Entries, today, release.CalendarRequest{Days: days})
	require.NoError(t, err)
	opens := view.Environments[1].Opening
	return starter.Calendar{CalendarView: view, Releases: []starter.PlannedRelease{
		{Release: "mail@7.0.1", Title: hostile, Environment: "staging", State: release.EnvPlanned, Awaits: []string{"plan"}, Opens: today},
		{Release: "httpbin@2.26.0", Title: "AVIF", Environment: "production", State: release.EnvWaiting, Awaits: []string{"window:production"}, Opens: opens.At, Until: opens.Until},
		{Release: "shop@1.4.0", Environment: "production", State: release.EnvPlanned},
		{Release: "old@1.0.0", Unknown: "no worker polls task queue old"},
	}}
}

func TestACalendarIsShownToPeopleAndPrograms(t *testing.T) {
	var text bytes.Buffer
	a := viewer(&text)
	c := plannedCalendar(t, 14)
	require.NoError(t, a.print(c, func(w io.Writer) { a.writeCalendar(w, c) }))
	require.NotContains(t, text.String(), "\x1b")
	fmt.Fprintln(&text, "---- nothing")
	empty := starter.Calendar{CalendarView: release.CalendarView{From: today, To: today.AddDate(0, 0, 1)}}
	require.NoError(t, a.print(empty, func(w io.Writer) { a.writeCalendar(w, empty) }))
	for _, a.format = range []string{jsonLines, yamlText} {
		fmt.Fprintf(&text, "---- %s\n", a.format)
		require.NoError(t, a.print(plannedCalendar(t, 1), nil))
	}
	golden(t, "calendar", text.String())
}

// What a calendar reads from the appointments of a year is what Slipway itself goes
// by, over all changes of the clocks.
func TestTheAppointmentsOfAYearAreTheOpeningsOfItsWindows(t *testing.T) {
	var out, errs bytes.Buffer
	a := &app{out: &out, errs: &errs, zone: time.UTC, now: func() time.Time { return today }}
	c := plannedCalendar(t, 366)
	require.NoError(t, a.writeAppointments(c))
	require.Equal(t, "without old@1.0.0: no worker polls task queue old\n", errs.String())
	calendar, err := ics.ParseCalendar(bytes.NewReader(out.Bytes()))
	require.NoError(t, err)

	read := map[string][]release.Span{}
	ids := map[string]bool{}
	for _, event := range calendar.Events() {
		require.False(t, ids[event.Id()], event.Id())
		ids[event.Id()] = true
		from, err := event.GetStartAt()
		require.NoError(t, err)
		to, err := event.GetEndAt()
		require.NoError(t, err)
		require.True(t, strings.HasSuffix(value(t, event, ics.ComponentPropertyDtStart), "Z"), "in UTC")
		id := strings.Split(event.Id(), "/")
		key := id[0]
		if len(id) == 3 { // a window: environment, entry, time
			key = id[1]
		}
		read[key] = append(read[key], release.Span{From: from.UTC(), To: to.UTC()})
	}
	wanted := map[string][]release.Span{}
	for _, item := range c.Environments[1].Entries {
		for _, s := range item.Spans {
			wanted[item.ID] = append(wanted[item.ID], release.Span{From: s.From.UTC(), To: s.To.UTC()})
		}
	}
	require.Greater(t, len(wanted["window-1"]), 360)
	wanted["mail@7.0.1"] = []release.Span{{From: today, To: today.Add(time.Hour)}}
	opens := c.Environments[1].Opening
	wanted["httpbin@2.26.0"] = []release.Span{{From: opens.At, To: opens.At.Add(time.Hour)}}
	require.Equal(t, wanted, read)
}

func TestTheAppointmentsOfACalendar(t *testing.T) {
	var out, errs bytes.Buffer
	a := &app{out: &out, errs: &errs, zone: time.UTC, now: func() time.Time { return today }}
	require.NoError(t, a.writeAppointments(plannedCalendar(t, 3)))
	for _, line := range strings.Split(strings.TrimSuffix(out.String(), "\r\n"), "\r\n") {
		require.LessOrEqual(t, len(line), 75)
		require.False(t, strings.ContainsAny(line, "\r\n\x1b\u2028"), line)
		require.False(t, strings.HasPrefix(line, "ATTACH"))
	}
	golden(t, "calendar-ics", strings.ReplaceAll(out.String(), "\r\n", "\n"))
}

func TestTheTimesOfAFreezeAreReadAsTheClocksShowThemHere(t *testing.T) {
	zurich, err := time.LoadLocation("Europe/Zurich")
	require.NoError(t, err)
	a := &app{zone: zurich}
	for text, want := range map[string]string{
		"2026-12-20":                "2026-12-19T23:00:00Z",
		"2026-12-20T18:00":          "2026-12-20T17:00:00Z",
		"2026-07-20 18:00":          "2026-07-20T16:00:00Z",
		"2026-12-20T18:00:00Z":      "2026-12-20T18:00:00Z",
		"2026-12-20T18:00:00-05:00": "2026-12-20T23:00:00Z",
	} {
		at, err := a.moment("from", text)
		require.NoError(t, err)
		require.Equal(t, want, at.UTC().Format(time.RFC3339), text)
	}
	_, err = a.moment("from", "tomorrow")
	require.ErrorContains(t, err, "--from:")
}
