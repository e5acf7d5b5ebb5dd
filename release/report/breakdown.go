package report

import (
	"cmp"
	"slices"
	"strings"

	"slipway/release"
	"slipway/release/figures"
)

// breakdown is a figure by one thing: as a picture, and as a table with the same
// numbers.
type breakdown struct {
	Title string
	// By says by what.
	By    string
	Chart chart
	Table table
	// Left says what is neither in the picture nor in the table.
	Left string
	// Sizes are what the bars of the table's rows stand for.
	Sizes []float64
}

// Told tells whether the picture says all numbers too, so that paper need not repeat
// them.
func (b breakdown) Told() bool { return b.Chart.Rows != nil && b.Chart.Left == "" }

// mostColumns is how many series have a column each; more have a row for every number.
const mostColumns = 4

func (s surveyor) breakdown(f figures.Figure, series []figures.Series) breakdown {
	b := breakdown{
		Title: breakdownTitle(series[0].By, f.Unit), By: words(series[0].By), Chart: s.chartOf(f, series),
	}
	series = plannedFirst(series)
	if len(series) > mostColumns {
		b.Table, b.Sizes = s.longTable(f, series)
	} else {
		b.Table, b.Sizes = s.wideTable(f, series)
	}
	left := 0
	for _, one := range series {
		left = max(left, one.Left)
	}
	if left > 0 {
		b.Left = release.Grouped(left) + " more were left out: the oldest months, or what has the smallest values."
	}
	return b
}

// longTable has a row for each number that is not zero.
func (s surveyor) longTable(f figures.Figure, series []figures.Series) (t table, sizes []float64) {
	t.Columns = []string{capital(words(series[0].By)), "Of", capital(words(f.Unit)), "Releases"}
	for _, at := range ats(series) {
		for _, one := range series {
			if point, found := pointAt(one, at); found && point.Value != 0 {
				t.Rows = append(t.Rows, []cell{text(readable(one.By, at)), text(words(one.Name)), text(numeral(point.Value)), s.behind(point.Links)})
				sizes = append(sizes, point.Value)
			}
		}
	}
	return t, sizes
}

// wideTable has a column for each series.
func (s surveyor) wideTable(f figures.Figure, series []figures.Series) (t table, sizes []float64) {
	t = table{Columns: []string{capital(words(series[0].By))}}
	for _, one := range series {
		t.Columns = append(t.Columns, capital(words(cmp.Or(one.Name, f.Unit))))
	}
	t.Columns = append(t.Columns, "Releases")
	for _, at := range ats(series) {
		row := []cell{text(readable(series[0].By, at))}
		var links figures.Links
		size := 0.0
		for _, one := range series {
			point, found := pointAt(one, at)
			if !found {
				row = append(row, nil)
				continue
			}
			row = append(row, text(numeral(point.Value)))
			links = joined(links, point.Links)
			size = s.size(size, point.Value, f.Unit)
		}
		sizes = append(sizes, size)
		t.Rows = append(t.Rows, append(row, s.behind(links)))
	}
	return t, sizes
}

// breakdownTitle says by what a figure is broken down, and in which unit.
func breakdownTitle(by, unit string) string {
	title := "By " + words(by)
	if unit == "" || strings.HasPrefix(unit, "per ") || strings.HasPrefix(unit, "of ") {
		return title
	}
	return title + ", in " + unit
}

// size is how large a row with one more value is: counts add up, of other values the
// last series tells, which is what was reached where another was planned.
func (s surveyor) size(before, value float64, unit string) float64 {
	if s.additive(unit) {
		return before + value
	}
	return value
}

// ats lists what the points of series stand for: months in their order, other
// things in the order of the series.
func ats(series []figures.Series) []string {
	var list []string
	seen := map[string]bool{}
	for _, one := range series {
		for _, p := range one.Points {
			if !seen[p.At] {
				seen[p.At] = true
				list = append(list, p.At)
			}
		}
	}
	if series[0].By == byMonth {
		slices.Sort(list)
	}
	return list
}

// byMonth is the breakdown over time.
const byMonth = "month"

func pointAt(s figures.Series, at string) (figures.Point, bool) {
	i := slices.IndexFunc(s.Points, func(p figures.Point) bool { return p.At == at })
	if i < 0 {
		return figures.Point{}, false
	}
	return s.Points[i], true
}

// joined are the releases behind two numbers, each once as far as they are named.
func joined(a, b figures.Links) figures.Links {
	all := slices.Clone(a.Releases)
	both := 0
	for _, id := range b.Releases {
		if slices.Contains(a.Releases, id) {
			both++
		} else {
			all = append(all, id)
		}
	}
	return figures.Links{Releases: all, Count: a.Count + b.Count - both}
}
