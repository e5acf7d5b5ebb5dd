package release_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/release"
)

// shared is an organization in which ana may freeze, and ben add windows.
func shared() release.Organization {
	o := calendar([]release.Window{fridays("Europe/Zurich")}, release.Freeze{Reason: "audit", From: noon, To: noon.Add(time.Hour)})
	o.Environments = append(o.Environments, release.Environment{Name: "staging", Targets: targets("s", 1)})
	o.Roster = []release.Person{{ID: "ana", Groups: []string{"managers"}}, {ID: "ben", Groups: []string{"operations"}}}
	o.Calendar.May = map[release.CalendarKind][]string{release.CalendarFreeze: {"managers"}, release.CalendarWindow: {"operations"}}
	return o
}

func by(id string, hours int) release.CalendarMark {
	return release.CalendarMark{By: id, At: noon.Add(time.Duration(hours) * time.Hour)}
}

func yearEnd(environments ...string) release.CalendarEntry {
	return release.AddFreeze{From: noon, To: noon.AddDate(0, 0, 7), Reason: "year end", Environments: environments}.Entry()
}

func TestWhatPeopleAddedCountsBesideTheConfiguration(t *testing.T) {
	o := shared()
	night := release.AddWindow{Window: release.Window{Rule: "FREQ=DAILY", Start: "2026-01-01T22:00", Length: hours(2)}}
	night.Environment = "staging"
	merged := o.With([]release.CalendarEntry{yearEnd("production"), night.Entry(), {Environment: "gone", Window: &night.Window}})
	require.Len(t, merged.Freezes, 2)
	staging, _ := merged.Environment("staging")
	require.Equal(t, []release.Window{night.Window}, staging.Windows, "it had none, so it has that one")
	opening, err := merged.Opening("staging", noon.Add(2*time.Hour), false)
	require.NoError(t, err)
	require.False(t, opening.Open)
	require.Equal(t, "outside the change windows; the next one is FREQ=DAILY", opening.Why)

	was, _ := o.Environment("staging")
	require.Empty(t, was.Windows, "the configuration is as it was")
	require.Len(t, o.Freezes, 1)
	removed := yearEnd()
	mark := by("ana", 1)
	removed.Removed = &mark
	require.Len(t, o.With([]release.CalendarEntry{removed}).Freezes, 1)
}

func TestWhoMayChangeTheCalendar(t *testing.T) {
	for _, c := range []struct {
		what string
		kind release.CalendarKind
		by   string
		want string
	}{
		{"a freeze, in the group", release.CalendarFreeze, "ana", ""},
		{"a freeze, in another group", release.CalendarFreeze, "ben", "ben may not add or remove a freeze: organization.calendar.may.freeze leaves it to group managers (ana)"},
		{"a window, in the group", release.CalendarWindow, "ben", ""},
		{"a stranger", release.CalendarWindow, "eve", "eve is not on the roster"},
	} {
		err := shared().MayChangeCalendar(c.kind, c.by)
		if c.want == "" {
			assert.NoError(t, err, c.what)
			continue
		}
		assert.EqualError(t, err, c.want, c.what)
	}
	o := shared()
	o.Calendar.May = nil
	assert.EqualError(t, o.MayChangeCalendar(release.CalendarFreeze, "ana"),
		"nobody may add or remove a freeze: name groups under organization.calendar.may.freeze in slipway.yaml, or write the freeze there")
}

func TestThePolicyOfTheCalendarIsChecked(t *testing.T) {
	o := shared()
	assert.NotContains(t, o.Check().Error(), "calendar")
	o.Calendar.May = map[release.CalendarKind][]string{release.CalendarFreeze: {"nobodies"}, "holiday": {"managers"}}
	assert.ErrorContains(t, o.Check(), `calendar.may.freeze: nobody on the roster is in group "nobodies"`)
	assert.ErrorContains(t, o.Check(), "calendar.may.holiday: there is no such entry of the calendar: use freeze or window")
}

func TestAnEntryThatCannotWorkIsRefused(t *testing.T) {
	freeze := func(from, to int, environments ...string) release.CalendarEntry {
		return release.AddFreeze{From: noon.Add(time.Duration(from) * time.Hour), To: noon.Add(time.Duration(to) * time.Hour), Environments: environments}.Entry()
	}
	window := func(environment string, change func(*release.Window)) release.CalendarEntry {
		w := fridays("Europe/Zurich")
		change(&w)
		return release.CalendarEntry{Environment: environment, Window: &w}
	}
	same := func(*release.Window) {}
	for _, c := range []struct {
		what  string
		entry release.CalendarEntry
		want  string
	}{
		{"a freeze", freeze(0, 1), ""},
		{"a freeze that has begun", freeze(-1, 1), ""},
		{"a freeze that is over", freeze(-2, 0), "it would be over already: it ends at 2026-03-01T12:00:00Z, and it is 2026-03-01T12:00:00Z"},
		{"a freeze backwards", freeze(2, 1), "it ends (2026-03-01T13:00:00Z) before it begins (2026-03-01T14:00:00Z)"},
		{"a freeze of nowhere", freeze(0, 1, "moon"), `there is no environment "moon": use production, staging`},
		{"a window", window("staging", same), ""},
		{"a window of nowhere", window("moon", same), `there is no environment "moon": use production, staging`},
		{"a window without a length", window("staging", func(w *release.Window) { w.Length = 0 }), "length: a window has to stay open for a while, as in 4h"},
		{"a window that is over", window("staging", func(w *release.Window) { w.Rule = "FREQ=DAILY;COUNT=2" }), "this window does not open within 400 days: Friday evening (FREQ=DAILY;COUNT=2 from 2026-01-02T18:00 Europe/Zurich for 4h)"},
	} {
		err := shared().CheckEntry(c.entry, noon)
		if c.want == "" {
			assert.NoError(t, err, c.what)
			continue
		}
		assert.EqualError(t, err, c.want, c.what)
	}
}

func TestAnEntryIsRemovedOnceAndItsIdNeverUsedAgain(t *testing.T) {
	var s release.CalendarStatus
	first, err := s.Add(yearEnd(), by("ana", 0))
	require.NoError(t, err)
	require.Equal(t, "freeze-1", first.ID)
	second, err := s.Add(release.CalendarEntry{Environment: "staging", Window: &release.Window{}}, by("ben", 0))
	require.NoError(t, err)
	require.Equal(t, "window-2", second.ID)

	_, err = s.Remove("freeze-7", by("ana", 1))
	require.EqualError(t, err, `the calendar has no entry "freeze-7": use freeze-1, window-2`)
	_, err = s.Remove("organization.freezes[0]", by("ana", 1))
	require.EqualError(t, err, "organization.freezes[0] stands in slipway.yaml and is removed there: the workers read the file again when it changes")
	removed, err := s.Remove("freeze-1", by("ana", 1))
	require.NoError(t, err)
	require.Equal(t, by("ana", 1), *removed.Removed)
	require.Equal(t, by("ana", 0), *removed.Added)
	_, err = s.Remove("freeze-1", by("ana", 1))
	require.Error(t, err)
	third, err := s.Add(yearEnd(), by("ana", 2))
	require.NoError(t, err)
	require.Equal(t, "freeze-3", third.ID)
}

func TestTheCalendarStaysOfABearableSize(t *testing.T) {
	var s release.CalendarStatus
	for i := range 200 {
		_, err := s.Add(yearEnd(), by("ana", i%24))
		require.NoError(t, err)
		s.Note(release.Act{By: "ana", Summary: fmt.Sprint(i), Counted: true})
	}
	_, err := s.Add(yearEnd(), by("ana", 0))
	require.ErrorContains(t, err, "the calendar has 200 entries already")
	require.Len(t, s.Acts, 50)
	require.Equal(t, "199", s.Acts[49].Summary)
	require.Equal(t, 200, s.Acted)
	_, err = s.Add(yearEnd(), by("ana", 7*24))
	require.NoError(t, err, "what is over makes room")
	require.Len(t, s.Entries, 1)

	_, err = release.DecodeMessage(release.ActAddFreeze, []byte(`{"by":"ana","from":"2026-12-20T00:00:00Z","to":"2027-01-04T06:00:00Z","reason":"`+strings.Repeat("x", 501)+`"}`))
	require.ErrorContains(t, err, `field "reason" has 501 bytes; at most 500 are kept`)
	_, err = release.DecodeMessage(release.ActAddWindow, []byte(`{"by":"ana","environment":"production","rule":"FREQ=HOURLY","start":"0001-01-01T00:00","length":"1h"}`))
	require.ErrorContains(t, err, "use a year from 2000 on")
}

func TestTheCalendarShowsWhatIsConfiguredAndWhatWasAdded(t *testing.T) {
	var s release.CalendarStatus
	added, err := s.Add(yearEnd("production"), by("ana", 0))
	require.NoError(t, err)
	view, err := shared().View([]release.CalendarEntry{added}, noon, release.CalendarRequest{Days: 14})
	require.NoError(t, err)
	require.Len(t, view.Environments, 2)
	production, staging := view.Environments[0], view.Environments[1]
	var ids []string
	for _, e := range production.Entries {
		ids = append(ids, e.Source+" "+e.ID)
	}
	require.Equal(t, []string{"configuration organization.environments[0].windows[0]", "configuration organization.freezes[0]", "calendar freeze-1"}, ids)
	require.Len(t, production.Entries[0].Spans, 2, "Fridays of two weeks")
	require.Len(t, production.Open, 1, "the first is frozen")
	require.Equal(t, production.Open[0].From, production.Opening.At)
	require.Len(t, staging.Entries, 1, "only the freeze of all environments")
	require.Equal(t, []release.Span{{From: noon.Add(time.Hour), To: noon.AddDate(0, 0, 14)}}, staging.Open)

	view, err = shared().View(nil, noon, release.CalendarRequest{Days: 1, Environment: "staging"})
	require.NoError(t, err)
	require.Len(t, view.Environments, 1)
	_, err = shared().View(nil, noon, release.CalendarRequest{Days: 14, Environment: "moon"})
	require.EqualError(t, err, `there is no environment "moon": use production, staging`)
	_, err = shared().View(nil, noon, release.CalendarRequest{Days: 367})
	require.EqualError(t, err, "367 days: use 1 to 366")
	hourly := shared()
	hourly.Environments[0].Windows = []release.Window{{Rule: "FREQ=HOURLY", Start: "2026-01-01T00:00", Length: release.Duration(time.Minute)}}
	_, err = hourly.View(nil, noon, release.CalendarRequest{Days: 366})
	require.ErrorContains(t, err, "ask for fewer days")
}

func TestThePageOfTheCalendar(t *testing.T) {
	var s release.CalendarStatus
	require.Contains(t, release.CalendarDetails(s, noon), "There are none.")
	_, err := s.Add(yearEnd("production"), by("ana", 0))
	require.NoError(t, err)
	s.Note(release.Act{At: noon, Action: release.ActAddFreeze, By: "ana", Summary: "add a freeze", Counted: true})
	s.Note(release.Act{At: noon, Action: release.ActAddFreeze, By: "eve", Summary: "add a freeze", Refusal: "eve is not on the roster"})
	page := release.CalendarDetails(s, noon)
	require.Contains(t, page, "| freeze-1 | freeze of production from 2026-03-01T12:00:00Z until 2026-03-08T12:00:00Z: year end | ana | 2026-03-01 12:00 UTC |")
	require.Contains(t, page, "- 2026-03-01 12:00 UTC, ana: add a freeze")
	require.Contains(t, page, "by eve: **eve is not on the roster**")
}

func TestOnlyGroupsThatTheModelNamesOverrideAFreeze(t *testing.T) {
	a := authority()
	assert.EqualError(t, a.Check(release.ActOverrideFreeze, "marc"), "marc may not override-freeze: model normal leaves it to nobody")
	a.May[release.ActOverrideFreeze] = []string{"cab"}
	defer delete(a.May, release.ActOverrideFreeze)
	assert.NoError(t, a.Check(release.ActOverrideFreeze, "eva"))
	assert.Error(t, a.Check(release.ActOverrideFreeze, "marc"), "the release manager is not named")
}
