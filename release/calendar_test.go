package release_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"slipway/release"
)

// at reads a time in UTC.
func at(t require.TestingT, text string) time.Time {
	then, err := time.Parse("2006-01-02T15:04", text)
	require.NoError(t, err)
	return then
}

// hours is a duration in whole hours.
func hours(n int) release.Duration { return release.Duration(n) * release.Duration(time.Hour) }

// fridays is a window on Friday evenings.
func fridays(zone string) release.Window {
	return release.Window{Name: "Friday evening", Rule: "FREQ=WEEKLY;BYDAY=FR", Start: "2026-01-02T18:00", Zone: zone, Length: hours(4)}
}

// calendar has one environment with these windows and freezes.
func calendar(windows []release.Window, freezes ...release.Freeze) release.Organization {
	return release.Organization{
		Environments: []release.Environment{{Name: "production", Targets: targets("p", 1), Windows: windows}},
		Freezes:      freezes,
	}
}

func TestAnEnvironmentIsOpenInItsWindowsAndNotInAFreeze(t *testing.T) {
	freeze := func(from, to string, environments ...string) release.Freeze {
		return release.Freeze{Reason: "year end", From: at(t, from), To: at(t, to), Environments: environments}
	}
	evening := []release.Window{fridays("")}
	const none = "0001-01-01T00:00"
	for _, c := range []struct {
		name     string
		o        release.Organization
		now      string
		override bool
		open     bool
		at       string
		until    string
		why      string
	}{
		{"no windows", calendar(nil), "2026-03-02T12:00", false, true, "2026-03-02T12:00", none, "no change window is set for production: changes are allowed at any time"},
		{"inside a window", calendar(evening), "2026-03-06T19:00", false, true, "2026-03-06T19:00", "2026-03-06T22:00", "inside change window Friday evening"},
		{"as it opens", calendar(evening), "2026-03-06T18:00", false, true, "2026-03-06T18:00", "2026-03-06T22:00", "inside change window Friday evening"},
		{"as it closes", calendar(evening), "2026-03-06T22:00", false, false, "2026-03-13T18:00", "2026-03-13T22:00", "outside the change windows; the next one is Friday evening"},
		{"before it opens", calendar(evening), "2026-03-02T12:00", false, false, "2026-03-06T18:00", "2026-03-06T22:00", "outside the change windows; the next one is Friday evening"},
		{"before the first window ever", calendar(evening), "2025-06-01T12:00", false, false, "2026-01-02T18:00", "2026-01-02T22:00", "outside the change windows; the next one is Friday evening"},
		{"frozen without windows", calendar(nil, freeze("2026-03-01T00:00", "2026-03-05T00:00")), "2026-03-02T12:00", false, false, "2026-03-05T00:00", none, "frozen until 2026-03-05T00:00:00Z: year end"},
		{"a freeze wins over a window", calendar(evening, freeze("2026-03-06T00:00", "2026-03-07T00:00")), "2026-03-06T19:00", false, false, "2026-03-13T18:00", "2026-03-13T22:00", "frozen until 2026-03-07T00:00:00Z: year end; the next change window after that is Friday evening"},
		{"a window within a freeze is passed over", calendar(evening, freeze("2026-03-06T00:00", "2026-03-07T00:00")), "2026-03-02T12:00", false, false, "2026-03-13T18:00", "2026-03-13T22:00", "outside the change windows; the next one is Friday evening, because of the freeze until 2026-03-07T00:00:00Z (year end)"},
		{"a freeze that ends inside a window", calendar(evening, freeze("2026-03-01T00:00", "2026-03-06T20:00")), "2026-03-06T19:00", false, false, "2026-03-06T20:00", "2026-03-06T22:00", "frozen until 2026-03-06T20:00:00Z: year end"},
		{"a freeze that begins inside a window closes it", calendar(evening, freeze("2026-03-06T20:00", "2026-03-10T00:00")), "2026-03-06T19:00", false, true, "2026-03-06T19:00", "2026-03-06T20:00", "inside change window Friday evening"},
		{"a freeze to come closes what no window closes", calendar(nil, freeze("2026-03-06T20:00", "2026-03-10T00:00")), "2026-03-02T12:00", false, true, "2026-03-02T12:00", "2026-03-06T20:00", "no change window is set for production: changes are allowed at any time"},
		{"an overridden freeze does not count", calendar(evening, freeze("2026-03-06T00:00", "2026-03-07T00:00")), "2026-03-06T19:00", true, true, "2026-03-06T19:00", "2026-03-06T22:00", "inside change window Friday evening"},
		{"an overridden freeze closes nothing", calendar(nil, freeze("2026-03-06T20:00", "2026-03-10T00:00")), "2026-03-02T12:00", true, true, "2026-03-02T12:00", none, "no change window is set for production: changes are allowed at any time"},
		{"an override does not open a window", calendar(evening, freeze("2026-03-01T00:00", "2026-03-31T00:00")), "2026-03-02T12:00", true, false, "2026-03-06T18:00", "2026-03-06T22:00", "outside the change windows; the next one is Friday evening"},
		{"a freeze of other environments", calendar(nil, freeze("2026-03-01T00:00", "2026-03-05T00:00", "staging")), "2026-03-02T12:00", false, true, "2026-03-02T12:00", none, "no change window is set for production: changes are allowed at any time"},
		{"a freeze of this environment", calendar(nil, freeze("2026-03-01T00:00", "2026-03-05T00:00", "staging", "production")), "2026-03-02T12:00", false, false, "2026-03-05T00:00", none, "frozen until 2026-03-05T00:00:00Z: year end"},
		{"as a freeze ends", calendar(nil, freeze("2026-03-01T00:00", "2026-03-05T00:00")), "2026-03-05T00:00", false, true, "2026-03-05T00:00", none, "no change window is set for production: changes are allowed at any time"},
		{"freezes that follow each other", calendar(nil, freeze("2026-03-05T00:00", "2026-03-07T00:00"), freeze("2026-03-01T00:00", "2026-03-05T00:00")), "2026-03-02T12:00", false, false, "2026-03-07T00:00", none, "frozen until 2026-03-07T00:00:00Z: year end"},
		{"a freeze that ends before it begins", calendar(nil, freeze("2026-03-05T00:00", "2026-03-01T00:00")), "2026-03-02T12:00", false, true, "2026-03-02T12:00", none, "no change window is set for production: changes are allowed at any time"},
		{"frozen beyond sight", calendar(nil, freeze("2026-03-01T00:00", "2030-01-01T00:00")), "2026-03-02T12:00", false, false, none, none, "frozen until 2030-01-01T00:00:00Z: year end; no change window opens within 400 days"},
		{"windows that are over", calendar([]release.Window{{Rule: "FREQ=DAILY;COUNT=2", Start: "2026-01-02T18:00", Length: hours(1)}}), "2026-03-02T12:00", false, false, none, none, "no change window opens within 400 days"},
		{"a window that never comes", calendar([]release.Window{{Rule: "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", Start: "2026-01-02T18:00", Length: hours(1)}}), "2026-03-02T12:00", false, false, none, none, "no change window opens within 400 days"},
		{"a window beyond sight", calendar([]release.Window{{Rule: "FREQ=YEARLY", Start: "2028-01-02T18:00", Length: hours(1)}}), "2026-03-02T12:00", false, false, none, none, "no change window opens within 400 days"},
		{
			"the window that opens first", calendar([]release.Window{fridays(""), {Rule: "FREQ=WEEKLY;BYDAY=TU", Start: "2026-01-06T06:00", Length: hours(1)}}),
			"2026-03-02T12:00", false, false, "2026-03-03T06:00", "2026-03-03T07:00", "outside the change windows; the next one is FREQ=WEEKLY;BYDAY=TU",
		},
		{
			"a window that carries the opening on", calendar([]release.Window{fridays(""), {Name: "night", Rule: "FREQ=WEEKLY;BYDAY=FR", Start: "2026-01-02T21:00", Length: hours(6)}}),
			"2026-03-06T19:00", false, true, "2026-03-06T19:00", "2026-03-07T03:00", "inside change window Friday evening",
		},
		{
			"inside the later of two windows", calendar([]release.Window{fridays(""), {Name: "night", Rule: "FREQ=WEEKLY;BYDAY=FR", Start: "2026-01-02T21:00", Length: hours(6)}}),
			"2026-03-06T23:00", false, true, "2026-03-06T23:00", "2026-03-07T03:00", "inside change window night",
		},
		{"over midnight", calendar([]release.Window{{Name: "night", Rule: "FREQ=DAILY", Start: "2026-01-02T22:00", Length: hours(8)}}), "2026-03-03T02:00", false, true, "2026-03-03T02:00", "2026-03-03T06:00", "inside change window night"},
	} {
		o, err := c.o.Opening("production", at(t, c.now), c.override)
		require.NoError(t, err, c.name)
		const form = "2006-01-02T15:04"
		assert.Equal(t, c.open, o.Open, c.name)
		assert.Equal(t, c.at, o.At.UTC().Format(form), c.name)
		assert.Equal(t, c.until, o.Until.UTC().Format(form), c.name)
		assert.Equal(t, c.why, o.Why, c.name)
	}
	_, err := calendar(nil).Opening("moon", noon, false)
	assert.EqualError(t, err, `there is no environment "moon"`)
}

// Through a year, also over the changes of summer time, a window opens at its local
// time and stays open for its length.
func TestWindowsOpenAtTheirLocalTimeAllYear(t *testing.T) {
	for zone, changes := range map[string][]string{
		"Europe/Zurich":    {"2026-03-29", "2026-10-25"},
		"America/New_York": {"2026-03-08", "2026-11-01"},
		"":                 nil,
		"Asia/Kathmandu":   nil,
	} {
		place, err := time.LoadLocation(zone)
		require.NoError(t, err)
		daily := release.Window{Rule: "FREQ=DAILY", Start: "2026-01-01T18:30", Zone: zone, Length: hours(2)}
		o := calendar([]release.Window{daily})
		offsets := map[int]bool{}
		for day := time.Date(2026, 1, 1, 9, 0, 0, 0, place); day.Year() == 2026; day = day.AddDate(0, 0, 6) {
			opening, err := o.Opening("production", day, false)
			require.NoError(t, err)
			require.Equal(t, time.Date(2026, day.Month(), day.Day(), 18, 30, 0, 0, place).UTC(), opening.At.UTC(), "%s in %s", day, zone)
			require.Equal(t, 2*time.Hour, opening.Until.Sub(opening.At))
			_, offset := opening.At.In(place).Zone()
			offsets[offset] = true
		}
		assert.Len(t, offsets, min(2, 1+len(changes)), "summer time in %s", zone)

		// A night in which the clocks change is as long as any other.
		night := calendar([]release.Window{{Rule: "FREQ=DAILY", Start: "2026-01-01T23:00", Zone: zone, Length: hours(6)}})
		for _, date := range changes {
			eve, err := time.ParseInLocation(time.DateOnly, date, place)
			require.NoError(t, err)
			opening, err := night.Opening("production", eve.Add(-time.Minute), false)
			require.NoError(t, err)
			assert.True(t, opening.Open)
			assert.Equal(t, eve.Add(5*time.Hour).UTC(), opening.Until.UTC(), "%s in %s", date, zone)
		}
	}
}

func TestAWindowInTheHourThatSummerTimeSkipsStillOpens(t *testing.T) {
	o := calendar([]release.Window{{Rule: "FREQ=DAILY", Start: "2026-03-01T02:30", Zone: "Europe/Zurich", Length: hours(1)}})
	opening, err := o.Opening("production", at(t, "2026-03-28T12:00"), false)
	require.NoError(t, err)
	assert.Equal(t, at(t, "2026-03-29T00:00").Format(time.DateOnly), opening.At.UTC().Format(time.DateOnly))
	assert.Equal(t, time.Hour, opening.Until.Sub(opening.At))
}

// The opening is what looking at every half hour finds.
func TestTheOpeningIsTheFirstTimeThatIsInAWindowAndNotFrozen(t *testing.T) {
	const step = 30 * time.Minute
	begin := at(t, "2026-03-27T00:00") // Summer time begins in Zurich on the 29th.
	zurich, err := time.LoadLocation("Europe/Zurich")
	require.NoError(t, err)
	rapid.Check(t, func(t *rapid.T) {
		halfHours := func(name string, low, high int) time.Duration {
			return time.Duration(rapid.IntRange(low, high).Draw(t, name)) * step
		}
		var o release.Organization
		type span struct{ from, to time.Time }
		var windows []span
		env := release.Environment{Name: "production"}
		for i := range rapid.IntRange(1, 3).Draw(t, "windows") {
			// Times of day that no change of the clock skips or repeats.
			first := time.Date(2026, 3, 1+rapid.IntRange(0, 6).Draw(t, "day"), rapid.SampledFrom([]int{0, 4, 11, 22}).Draw(t, "hour"), 0, 0, 0, zurich)
			length := halfHours("length", 1, 40)
			env.Windows = append(env.Windows, release.Window{
				Name: fmt.Sprint(i), Rule: "FREQ=WEEKLY", Start: first.Format("2006-01-02T15:04"), Zone: "Europe/Zurich", Length: release.Duration(length),
			})
			for week := range 8 {
				from := first.AddDate(0, 0, 7*week)
				windows = append(windows, span{from, from.Add(length)})
			}
		}
		o.Environments = []release.Environment{env}
		for range rapid.IntRange(0, 3).Draw(t, "freezes") {
			from := begin.Add(halfHours("from", 0, 400))
			o.Freezes = append(o.Freezes, release.Freeze{From: from, To: from.Add(halfHours("frozen", 1, 200))})
		}
		override := rapid.Bool().Draw(t, "override")
		allowed := func(when time.Time) bool {
			for _, f := range o.Freezes {
				if !override && !when.Before(f.From) && when.Before(f.To) {
					return false
				}
			}
			for _, w := range windows {
				if !when.Before(w.from) && when.Before(w.to) {
					return true
				}
			}
			return false
		}
		now := begin.Add(halfHours("now", 0, 300))
		opens := now
		for !allowed(opens) {
			opens = opens.Add(step)
		}
		closes := opens
		for allowed(closes) {
			closes = closes.Add(step)
		}
		got, err := o.Opening("production", now, override)
		require.NoError(t, err)
		require.Equal(t, opens.Equal(now), got.Open)
		require.Equal(t, opens.UTC(), got.At.UTC())
		require.Equal(t, closes.UTC(), got.Until.UTC())
		require.NotEmpty(t, got.Why)
	})
}

func TestBadWindowsAndFreezesAreRefused(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*release.Window)
		want   string
	}{
		{"no length", func(w *release.Window) { w.Length = 0 }, "length: a window has to stay open for a while, as in 4h"},
		{"zone", func(w *release.Window) { w.Zone = "Zurich" }, `zone: "Zurich" is not an IANA time zone, as in Europe/Zurich`},
		{"zone of whatever machine", func(w *release.Window) { w.Zone = "Local" }, `zone: "Local" is not an IANA time zone, as in Europe/Zurich`},
		{"zone from another folder", func(w *release.Window) { w.Zone = "../zone" }, `zone: "../zone" is not an IANA time zone, as in Europe/Zurich`},
		{"start", func(w *release.Window) { w.Start = "2026-01-02" }, `start: "2026-01-02" is not a local time, as in 2026-01-02T18:00`},
		{"start in a zone of its own", func(w *release.Window) { w.Start = "2026-01-02T18:00Z" }, `start: "2026-01-02T18:00Z" is not a local time, as in 2026-01-02T18:00`},
		{"no rule", func(w *release.Window) { w.Rule = "" }, `rule: "" is not an RFC 5545 recurrence rule, as in FREQ=WEEKLY;BYDAY=FR: wrong format`},
		{"rule in words", func(w *release.Window) { w.Rule = "every friday" }, `rule: "every friday" is not an RFC 5545 recurrence rule, as in FREQ=WEEKLY;BYDAY=FR: wrong format`},
		{"unknown part of a rule", func(w *release.Window) { w.Rule = "FREQ=DAILY;ON=FR" }, `rule: "FREQ=DAILY;ON=FR" is not an RFC 5545 recurrence rule, as in FREQ=WEEKLY;BYDAY=FR: unknown RRULE property: ON`},
		{"impossible hour", func(w *release.Window) { w.Rule = "FREQ=DAILY;BYHOUR=25" }, `rule: "FREQ=DAILY;BYHOUR=25": byhour must be between 0 and 23`},
		{"every minute", func(w *release.Window) { w.Rule = "FREQ=MINUTELY" }, `rule: "FREQ=MINUTELY" opens more often than hourly`},
	} {
		w := fridays("Europe/Zurich")
		c.change(&w)
		o := calendar([]release.Window{w})
		assert.Equal(t, "environments[0].windows[0]: "+c.want, o.Check().Error(), c.name)
		if c.name != "no length" {
			_, err := o.Opening("production", noon, false)
			assert.EqualError(t, err, c.want, c.name)
		}
	}
	backwards := calendar(nil, release.Freeze{From: noon, To: noon})
	assert.ErrorContains(t, backwards.Check(), "freezes[0]: it ends (2026-03-01 12:00:00 +0000 UTC) before it begins")
	assert.Empty(t, calendar([]release.Window{fridays("Europe/Zurich")}).Check())
}

func TestAnOpeningTellsOfTheFreezesOfTheNextTwoWeeks(t *testing.T) {
	freeze := func(reason string, from, to int, environments ...string) release.Freeze {
		return release.Freeze{Reason: reason, From: noon.AddDate(0, 0, from), To: noon.AddDate(0, 0, to), Environments: environments}
	}
	o := calendar(nil, freeze("over", -2, 0), freeze("holds", -1, 1), freeze("comes", 13, 15), freeze("later", 14, 15), freeze("elsewhere", 1, 2, "staging"))
	for _, override := range []bool{false, true} {
		opening, err := o.Opening("production", noon, override)
		require.NoError(t, err)
		var reasons []string
		for _, f := range opening.Freezes {
			reasons = append(reasons, f.Reason)
		}
		assert.Equal(t, []string{"holds", "comes"}, reasons)
	}
}
