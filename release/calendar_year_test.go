package release_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"slipway/release"
)

// The zones of the tests: one on each side of the ocean, one where summer is in
// January, and one whose clocks change by half an hour.
var clockZones = []string{"Europe/Zurich", "America/New_York", "Australia/Sydney", "Australia/Lord_Howe"}

// lookedAt finds the openings of daily windows, by their time of the day, by looking at
// the clock on the wall every minute, as somebody would who waits in front of it: one
// opens when the clock shows the time for the first time that day. On a day on which
// it never does, one opens as long after the clock jumped as the time is after what it
// would have shown.
func lookedAt(zone *time.Location, from, to time.Time, clocks ...string) map[string][]time.Time {
	opens := map[string][]time.Time{}
	wanted, last := map[string]int{}, map[string]int{}
	minutes := func(t time.Time) int { return t.Hour()*60 + t.Minute() }
	for _, clock := range clocks {
		t, _ := time.Parse("15:04", clock)
		wanted[clock] = minutes(t)
	}
	before := minutes(from.Add(-time.Minute).In(zone))
	for at := from; at.Before(to); at = at.Add(time.Minute) {
		local := at.In(zone)
		should, shows := before+1, minutes(local)
		before = shows
		for clock, want := range wanted {
			if shows > should && should <= want && want < shows {
				opens[clock] = append(opens[clock], at.Add(time.Duration(want-should)*time.Minute))
			}
			if shows == want && last[clock] != local.YearDay() {
				last[clock] = local.YearDay()
				opens[clock] = append(opens[clock], at)
			}
		}
	}
	return opens
}

func TestWindowsOpenWhenSomebodyInFrontOfTheClockWouldOpenThem(t *testing.T) {
	from, to := at(t, "2026-01-03T00:00"), at(t, "2027-01-03T00:00")
	for _, name := range clockZones {
		zone, err := time.LoadLocation(name)
		require.NoError(t, err)
		for clock, want := range lookedAt(zone, from, to, "00:30", "01:30", "01:59", "02:00", "02:15", "02:30", "03:00", "23:00") {
			require.Len(t, want, 365, "%s in %s", clock, name)
			want = slices.DeleteFunc(want, func(opens time.Time) bool { return !opens.After(from) })
			for i := range want {
				want[i] = want[i].UTC()
			}
			for _, length := range []time.Duration{15 * time.Minute, 4 * time.Hour} {
				w := release.Window{Rule: "FREQ=DAILY", Start: "2025-12-01T" + clock, Zone: name, Length: release.Duration(length)}
				spans, err := calendar([]release.Window{w}).Openings("production", from, to)
				require.NoError(t, err)
				var got []time.Time
				for _, s := range spans {
					if s.From.After(from) {
						got = append(got, s.From.UTC())
						require.True(t, s.To.Equal(to) || s.To.Sub(s.From) == length, "%s at %s in %s for %s", s.From, clock, name, s.To.Sub(s.From))
					}
				}
				require.Equal(t, want, got, "%s in %s", clock, name)
			}
		}
	}
}

func TestWindowsInHoursThatAreSkippedOrComeTwice(t *testing.T) {
	for _, c := range []struct{ what, zone, clock, day, opens string }{
		{"skipped: at the time that would have been", "Europe/Zurich", "02:30", "2026-03-29", "2026-03-29T01:30"},
		{"skipped: at the time that would have been", "America/New_York", "02:30", "2026-03-08", "2026-03-08T07:30"},
		{"skipped: at the time that would have been", "Australia/Sydney", "02:30", "2026-10-04", "2026-10-03T16:30"},
		{"twice: the first time", "Europe/Zurich", "02:30", "2026-10-25", "2026-10-25T00:30"},
		{"twice: the first time", "America/New_York", "01:30", "2026-11-01", "2026-11-01T05:30"},
		{"twice: the first time", "Australia/Sydney", "02:30", "2026-04-05", "2026-04-04T15:30"},
		{"half an hour is skipped", "Australia/Lord_Howe", "02:15", "2026-10-04", "2026-10-03T15:45"},
	} {
		w := release.Window{Rule: "FREQ=DAILY", Start: "2026-01-01T" + c.clock, Zone: c.zone, Length: hours(2)}
		zone, err := time.LoadLocation(c.zone)
		require.NoError(t, err)
		day, err := time.ParseInLocation(time.DateOnly, c.day, zone)
		require.NoError(t, err)
		opening, err := calendar([]release.Window{w}).Opening("production", day, false)
		require.NoError(t, err)
		assert.Equal(t, at(t, c.opens), opening.At.UTC(), "%s: %s in %s", c.what, c.day, c.zone)
		assert.Equal(t, 2*time.Hour, opening.Until.Sub(opening.At), "a length is elapsed time")
	}
}

func TestTheLengthOfAWindowIsElapsedTime(t *testing.T) {
	night := release.Window{Rule: "FREQ=DAILY", Start: "2026-01-01T22:00", Zone: "Europe/Zurich", Length: hours(8)}
	o := calendar([]release.Window{night})
	for eve, closes := range map[string]string{
		"2026-03-27T22:00": "06:00", // as on any other night
		"2026-03-28T22:00": "07:00", // the clocks are set forward
		"2026-10-24T22:00": "05:00", // and back
	} {
		zurich, err := time.LoadLocation("Europe/Zurich")
		require.NoError(t, err)
		opens, err := time.ParseInLocation("2006-01-02T15:04", eve, zurich)
		require.NoError(t, err)
		opening, err := o.Opening("production", opens, false)
		require.NoError(t, err)
		assert.True(t, opening.Open)
		assert.Equal(t, 8*time.Hour, opening.Until.Sub(opens))
		assert.Equal(t, closes, opening.Until.In(zurich).Format("15:04"), eve)
	}
}

func TestARuleEndsWhenItSays(t *testing.T) {
	for until, want := range map[string]int{
		"20260327T173000Z": 1, // in UTC: an hour later in Zurich
		"20260328T173000Z": 2,
		"20260328T183000":  2, // by the clock on the wall
	} {
		w := release.Window{Rule: "FREQ=DAILY;UNTIL=" + until, Start: "2026-03-27T18:30", Zone: "Europe/Zurich", Length: hours(1)}
		spans, err := calendar([]release.Window{w}).Openings("production", at(t, "2026-03-01T00:00"), at(t, "2026-05-01T00:00"))
		require.NoError(t, err)
		assert.Len(t, spans, want, until)
	}
}

func TestAWindowThatNeverClosesIsNotClosedByWhatIsOutOfSight(t *testing.T) {
	o := calendar([]release.Window{{Rule: "FREQ=DAILY", Start: "2026-01-01T00:00", Zone: "Europe/Zurich", Length: hours(25)}})
	opening, err := o.Opening("production", noon, false)
	require.NoError(t, err)
	assert.True(t, opening.Open)
	assert.Zero(t, opening.Until)
}

// Whatever the windows and freezes are, an opening is outside all freezes, in a
// window, the first such time, and ends when that does: as looking every minute finds.
func TestAnOpeningIsWhatLookingEveryMinuteFinds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(clockZones).Draw(t, "zone")
		zone, err := time.LoadLocation(name)
		require.NoError(t, err)
		change := rapid.SampledFrom([]string{"2026-03-07", "2026-03-28", "2026-04-04", "2026-10-03", "2026-10-24", "2026-10-31"}).Draw(t, "change")
		begin := at(t, change+"T00:00").AddDate(0, 0, -3)
		const minutes = 8 * 24 * 60
		end := begin.Add(minutes * time.Minute)
		open := make([]bool, minutes)
		mark := func(from, to time.Time, as bool) {
			for m := max(0, int(from.Sub(begin)/time.Minute)); m < min(minutes, int(to.Sub(begin)/time.Minute)); m++ {
				open[m] = as
			}
		}
		var windows []release.Window
		for i := range rapid.IntRange(1, 3).Draw(t, "windows") {
			clock := fmt.Sprintf("%02d:%02d", rapid.IntRange(0, 23).Draw(t, "hour"), rapid.SampledFrom([]int{0, 17, 30, 59}).Draw(t, "minute"))
			length := time.Duration(rapid.IntRange(1, 900).Draw(t, "length")) * time.Minute
			windows = append(windows, release.Window{
				Name: fmt.Sprint(i), Rule: "FREQ=DAILY", Start: "2025-12-01T" + clock, Zone: name, Length: release.Duration(length),
			})
			for _, opens := range lookedAt(zone, begin.AddDate(0, 0, -2), end, clock)[clock] {
				mark(opens, opens.Add(length), true)
			}
		}
		var freezes []release.Freeze
		for range rapid.IntRange(0, 3).Draw(t, "freezes") {
			from := begin.Add(time.Duration(rapid.IntRange(-500, minutes).Draw(t, "from")) * time.Minute)
			f := release.Freeze{Reason: "x", From: from, To: from.Add(time.Duration(rapid.IntRange(1, 4000).Draw(t, "frozen")) * time.Minute)}
			freezes = append(freezes, f)
			mark(f.From, f.To, false)
		}
		first := rapid.IntRange(0, minutes-1).Draw(t, "now")
		got, err := calendar(windows, freezes...).Opening("production", begin.Add(time.Duration(first)*time.Minute), false)
		require.NoError(t, err)
		opens := first
		for opens < minutes && !open[opens] {
			opens++
		}
		if opens == minutes {
			require.False(t, got.At.Before(end))
			return
		}
		closes := opens
		for closes < minutes && open[closes] {
			closes++
		}
		require.Equal(t, opens == first, got.Open)
		require.Equal(t, begin.Add(time.Duration(opens)*time.Minute), got.At.UTC())
		if closes < minutes {
			require.Equal(t, begin.Add(time.Duration(closes)*time.Minute), got.Until.UTC())
		}
		for _, f := range freezes {
			require.False(t, f.Covers("production", got.At))
		}
	})
}
