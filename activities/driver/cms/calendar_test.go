package cms_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"slipway/activities/driver/cms"
	"slipway/release"
)

// calendarEntry is an entry of the CMS for one of the calendar.
func calendarEntry(c release.CalendarEntry, minute int) release.Entry {
	return release.Entry{Key: "calendar/" + c.ID, At: at(minute), Release: release.CalendarID, Calendar: &c}
}

func addedAt(minute int, reason string) *release.CalendarMark {
	return &release.CalendarMark{By: "ana", At: at(minute), Reason: reason}
}

func TestTheCalendarIsReadAsItWasWritten(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		store := p.open(t)
		freeze := release.CalendarEntry{
			ID: "freeze-1", Source: release.SourceCalendar, Added: addedAt(1, ""),
			Freeze: &release.Freeze{Reason: "year end", From: at(10), To: at(60), Environments: []string{"production", "emea"}},
		}
		window := release.CalendarEntry{
			ID: "window-2", Source: release.SourceCalendar, Added: addedAt(2, "migration"), Environment: "production",
			Window: &release.Window{Name: "night", Rule: "FREQ=DAILY", Start: "2026-03-01T22:00", Zone: "Europe/Zurich", Length: release.Duration(4 * time.Hour)},
		}
		everywhere := release.CalendarEntry{
			ID: "freeze-3", Source: release.SourceCalendar, Added: addedAt(3, ""), Freeze: &release.Freeze{Reason: "audit", From: at(0), To: at(90)},
		}
		for range 2 { // written again, nothing changes
			write(t, store, calendarEntry(freeze, 1), calendarEntry(window, 2), calendarEntry(everywhere, 3))
		}
		got := func(minute, count int, want ...release.CalendarEntry) {
			t.Helper()
			entries, n, err := store.Calendar(context.Background(), at(minute))
			require.NoError(t, err)
			require.Equal(t, count, n)
			require.Equal(t, want, entries)
		}
		got(5, 3, freeze, window, everywhere)
		got(60, 3, window, everywhere)

		removed := window
		removed.Removed = &release.CalendarMark{By: "ben", At: at(7), Reason: "it is done"}
		write(t, store, calendarEntry(removed, 7), calendarEntry(window, 2))
		got(5, 3, freeze, everywhere)
		require.Equal(t, []string{"window-2|window|production|night|14400000|migration|ana|ben|it is done"},
			p.rows(t, "SELECT entry, kind, environment, name, length_ms, reason, added_by, removed_by, removal FROM calendar WHERE removed IS NOT NULL"))
	})
}

func TestWhatPeopleAskOfTheCalendarIsAnActionOfIt(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		store := p.open(t)
		e := release.Entry{Key: "calendar/act/1", At: at(1), Release: release.CalendarID, Act: &release.Act{
			At: at(1), Action: release.ActAddFreeze, By: "eve", Refusal: "eve is not on the roster",
		}}
		write(t, store, e)
		require.Equal(t, []string{"calendar|add-freeze|eve|0|eve is not on the roster"},
			p.rows(t, "SELECT release, action, person, counted, refusal FROM actions"))
		e.Act, e.Build = nil, &release.BuildRecord{}
		require.ErrorIs(t, store.Write(context.Background(), []release.Entry{e}), cms.ErrInvalid)
		both := calendarEntry(release.CalendarEntry{ID: "x", Added: addedAt(1, ""), Window: &release.Window{}, Freeze: &release.Freeze{}}, 1)
		require.ErrorIs(t, store.Write(context.Background(), []release.Entry{both}), cms.ErrInvalid)
	})
}
