package report

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"slipway/release/figures"
)

// panel is a figure with all that belongs to it.
type panel struct {
	Anchor string
	Title  string
	Value  cell
	// Better says which direction people want; it may be empty.
	Better     string
	Definition string
	Source     string
	Behind     cell
	Breakdowns []breakdown
}

// breakdown is a figure by one thing: as a picture, and as a table with the same
// numbers.
type breakdown struct {
	Title string
	Chart chart
	Table table
	// Sizes are what the bars of the table's rows stand for.
	Sizes []float64
}

func figureAnchor(f figures.Figure) string {
	return "figure-" + strings.Map(func(c rune) rune {
		if c < unicode.MaxASCII && wordy(c) {
			return c
		}
		return '-'
	}, f.ID)
}

func (s surveyor) panels() []block {
	return each(s.Figures, func(f figures.Figure) block {
		p := panel{
			Anchor: figureAnchor(f), Title: f.Title, Value: toned(muted, "nothing was recorded"),
			Better: direction(f.Better), Definition: f.Definition, Source: f.Source, Behind: s.behind(f.Links),
		}
		if f.Value != nil {
			p.Value = text(amount(*f.Value, f.Unit))
		}
		for _, together := range kin(f.Series) {
			if len(ats(together)) > 0 {
				p.Breakdowns = append(p.Breakdowns, s.breakdown(f, together))
			}
		}
		return block{Panel: &p}
	})
}

// kin puts the series together that break down by the same thing.
func kin(all []figures.Series) [][]figures.Series {
	var groups [][]figures.Series
	for _, one := range all {
		at := slices.IndexFunc(groups, func(g []figures.Series) bool { return g[0].By == one.By })
		if at < 0 {
			groups = append(groups, nil)
			at = len(groups) - 1
		}
		groups[at] = append(groups[at], one)
	}
	return groups
}

func (s surveyor) breakdown(f figures.Figure, series []figures.Series) breakdown {
	t := table{Columns: []string{capital(words(series[0].By))}}
	for _, one := range series {
		t.Columns = append(t.Columns, capital(words(cmp.Or(one.Name, f.Unit))))
	}
	t.Columns = append(t.Columns, "Releases")
	var sizes []float64
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
	return breakdown{Title: breakdownTitle(series[0].By, f.Unit), Chart: s.chartOf(f, series), Table: t, Sizes: sizes}
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
