package report

import (
	"time"

	"slipway/release/figures"
)

// mostMonths is how many months are drawn; the table has the earlier ones too.
const mostMonths = 60

// monthAxis are months beside each other.
type monthAxis struct {
	first time.Time
	count int
}

func parseMonth(s string) (time.Time, error) { return time.Parse("2006-01", s) }

// monthsOf spans the months of a portfolio and of the points of series. It tells
// whether the series are about months.
func (s surveyor) monthsOf(series []figures.Series) (axis monthAxis, timed bool) {
	if series[0].By != byMonth {
		return monthAxis{}, false
	}
	var from, to time.Time
	span := func(t time.Time) {
		t = time.Date(t.UTC().Year(), t.UTC().Month(), 1, 0, 0, 0, 0, time.UTC)
		if from.IsZero() || t.Before(from) {
			from = t
		}
		if t.After(to) {
			to = t
		}
	}
	for _, at := range ats(series) {
		month, err := parseMonth(at)
		if err != nil {
			return monthAxis{}, false
		}
		span(month)
	}
	if !s.Since.IsZero() {
		span(s.Since)
	}
	if !s.Until.IsZero() {
		span(s.lastDay())
	}
	count := 12*(to.Year()-from.Year()) + int(to.Month()-from.Month()) + 1
	if count > mostMonths {
		return monthAxis{to.AddDate(0, 1-mostMonths, 0), mostMonths}, true
	}
	return monthAxis{from, count}, true
}

// holds tells whether a point is in one of the months.
func (a monthAxis) holds(at string) bool {
	month, err := parseMonth(at)
	return err == nil && !month.Before(a.first) && month.Before(a.first.AddDate(0, a.count, 0))
}

// middle is where a month is, in percent of the width.
func (a monthAxis) middle(n int) float64 { return 100 * (float64(n) + 0.5) / float64(a.count) }

// mostLabels is how many months can be named beside each other on a phone.
const mostLabels = 12

// labels names every month, or every second, third, sixth, twelfth of many.
func (a monthAxis) labels() []axisLabel {
	every := 1
	for _, candidate := range []int{1, 2, 3, 6, 12} {
		if every = candidate; a.count <= candidate*mostLabels {
			break
		}
	}
	var list []axisLabel
	for n := range a.count {
		month := a.first.AddDate(0, n, 0)
		if (int(month.Month())-1)%every != 0 {
			continue
		}
		label := axisLabel{X: percent(a.middle(n)), Name: month.Format("Jan"), Anchor: "middle"}
		if month.Month() == time.January || len(list) == 0 && !a.turns(n+2*every) {
			label.Year = month.Format("2006") // but not beside that of the next January
		}
		list = append(list, label)
	}
	return list
}

// turns tells whether a year begins with one of the months up to the nth.
func (a monthAxis) turns(n int) bool {
	return a.first.AddDate(0, min(n, a.count-1), 0).Year() != a.first.Year()
}
