package report

import (
	"math"

	"slipway/release/figures"
)

// leastHeight keeps small values visible, in pixels.
const leastHeight = 1.5

// columnsOver draws counts as bars by month, the series on top of each other.
func columnsOver(months monthAxis, series []figures.Series, unit string) *plot {
	least, most := 0.0, 0.0
	for n := range months.count {
		up, down := stack(months, series, n)
		least, most = min(least, down), max(most, up)
	}
	p, l := newPlot(months.labels(), least, most, whole(series))
	width := 100 / float64(months.count)
	for n := range months.count {
		up, down := 0.0, 0.0
		for i, one := range series {
			point, found := inMonth(months, one, n)
			if !found || point.Value == 0 {
				continue
			}
			from := &up
			if point.Value < 0 {
				from = &down
			}
			top, bottom := l.y(max(*from, *from+point.Value)), l.y(min(*from, *from+point.Value))
			*from += point.Value
			p.Bars = append(p.Bars, plotBar{
				lookOf(series, i), percent(width * (float64(n) + 0.15)), pixels(top), percent(width * 0.7),
				pixels(max(bottom-top, leastHeight)), pointTitle(one, point, unit),
			})
		}
	}
	return p
}

// whole tells that all values are whole numbers.
func whole(series []figures.Series) bool {
	for _, s := range series {
		for _, p := range s.Points {
			if p.Value != math.Trunc(p.Value) {
				return false
			}
		}
	}
	return true
}

// stack is how far the series of a month go up and down together.
func stack(months monthAxis, series []figures.Series, n int) (up, down float64) {
	for _, one := range series {
		point, _ := inMonth(months, one, n)
		up, down = up+max(point.Value, 0), down+min(point.Value, 0)
	}
	return up, down
}

func inMonth(months monthAxis, s figures.Series, n int) (figures.Point, bool) {
	return pointAt(s, months.first.AddDate(0, n, 0).Format("2006-01"))
}
