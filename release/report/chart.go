package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"slipway/release"
	"slipway/release/figures"
)

// chart is a picture of a breakdown, drawn over months or as rows.
type chart struct {
	// Title and Description tell those who do not see it what it shows.
	Title       string
	Description string
	// Drawn is the picture in a line of characters, where it stands without a table.
	Drawn string
	Plot  *plot
	Rows  *rowChart
	// Legend names the series when there are several.
	Legend []legend
	// Bands explain the stretches of time that are marked.
	Bands []sample
	// Left says what is in the table alone, because the picture has no room for it.
	Left string
}

// Dotted tells whether the values have dots, and so their own marks in the legend.
func (c chart) Dotted() bool { return c.Plot != nil && len(c.Plot.Dots) > 0 }

// legend is a series with the look that it is drawn in.
type legend struct {
	Look  look
	Lines bool // drawn as a line, not as bars
	Name  string
}

// look is which of the colours, patterns and marks a series is drawn with: 1 for the
// first. Each of them can be told from the others without its colour.
type look int

// mostLooks is how many series a picture can tell apart.
const mostLooks = 6

// hollow is the look of what was planned, beside what became of it.
const hollow look = 4

// lookOf chooses the look of a series.
func lookOf(series []figures.Series, i int) look {
	switch {
	case !comparesPlan(series):
		return look(i + 1)
	case i == 0:
		return hollow
	}
	return 1
}

// Class names the look in the style sheet.
func (l look) Class() string { return fmt.Sprintf("look-%d", l) }

// chartOf draws series that break a figure down by the same thing; they have points.
func (s surveyor) chartOf(f figures.Figure, series []figures.Series) chart {
	c := chart{Title: f.Title + " by " + words(series[0].By)}
	series = plannedFirst(series)
	months, timed := s.monthsOf(series)
	stacked := timed && s.additive(f.Unit) && !comparesPlan(series)
	switch {
	case stacked:
		series, c.Left = fewest(series)
		c.Plot = columnsOver(months, series, f.Unit)
	case timed:
		series, c.Left = firstOf(series)
		c.Plot = linesOver(months, series, f.Unit)
	default:
		series, c.Left = firstOf(series)
		rows, left := rowsOf(series, f.Unit)
		c.Rows, c.Left = rows, strings.TrimSpace(c.Left+" "+left)
	}
	c.Description = described(series, f.Unit)
	if len(series) > 1 {
		for i, one := range series {
			c.Legend = append(c.Legend, legend{lookOf(series, i), timed && !stacked, words(one.Name)})
		}
	}
	return c
}

// additive tells counts, of which parts make up a whole, from measures, of which
// they do not: the hours of two gates are means, and no sum.
func (s surveyor) additive(unit string) bool {
	switch unit {
	case "percent", "seconds", "minutes", "hours", "days", "weeks", "score", "currency", s.Currency:
		return false
	}
	return !strings.HasPrefix(unit, "per ") && !strings.HasPrefix(unit, "of ")
}

// comparesPlan tells that series say what was planned and what became of it.
func comparesPlan(series []figures.Series) bool {
	return len(series) == 2 && series[0].Name == "planned" && series[1].Name == "actual"
}

// plannedFirst puts what was planned before what became of it.
func plannedFirst(series []figures.Series) []figures.Series {
	if turned := []figures.Series{series[len(series)-1], series[0]}; comparesPlan(turned) {
		return turned
	}
	return series
}

// fewest sorts counted series, the largest first, and puts the smallest of many
// together.
func fewest(series []figures.Series) (few []figures.Series, left string) {
	ranked := slices.Clone(series)
	slices.SortStableFunc(ranked, func(a, b figures.Series) int { return cmp.Compare(total(b), total(a)) })
	if len(ranked) <= mostLooks {
		return ranked, ""
	}
	others := ranked[mostLooks-1:]
	together := summed(others)
	together.Name = fmt.Sprintf("%d others", len(others))
	return append(ranked[:mostLooks-1:mostLooks-1], together), "The table tells the others apart."
}

// firstOf leaves out the last of many series that cannot be summed up.
func firstOf(series []figures.Series) (few []figures.Series, left string) {
	if len(series) <= mostLooks {
		return series, ""
	}
	return series[:mostLooks], fmt.Sprintf("%d more are in the table.", len(series)-mostLooks)
}

func total(s figures.Series) float64 {
	sum := 0.0
	for _, p := range s.Points {
		sum += p.Value
	}
	return sum
}

// summed adds series up, point by point.
func summed(series []figures.Series) figures.Series {
	sum := figures.Series{By: series[0].By}
	for _, at := range ats(series) {
		p := figures.Point{At: at}
		for _, one := range series {
			if point, found := pointAt(one, at); found {
				p.Value += point.Value
			}
		}
		sum.Points = append(sum.Points, p)
	}
	return sum
}

// described says in words what a picture shows.
func described(series []figures.Series, unit string) string {
	said := make([]string, 0, len(series))
	for _, one := range series {
		if len(one.Points) == 0 {
			continue
		}
		by := func(a, b figures.Point) int { return cmp.Compare(a.Value, b.Value) }
		least, most := slices.MinFunc(one.Points, by), slices.MaxFunc(one.Points, by)
		line := fmt.Sprintf("%s in %s", amount(most.Value, unit), readable(one.By, most.At))
		if len(one.Points) > 1 {
			line = fmt.Sprintf("from %s in %s to %s in %s", amount(least.Value, unit), readable(one.By, least.At), amount(most.Value, unit), readable(one.By, most.At))
		}
		if one.Name != "" {
			line = words(one.Name) + ": " + line
		}
		said = append(said, line)
	}
	return capital(strings.Join(said, "; ")) + "."
}

// readable writes what a point stands for: a month as "March 2026", a stage or another
// thing by its name.
func readable(by, at string) string {
	if month, err := parseMonth(at); by == byMonth && err == nil {
		return month.Format("January 2006")
	}
	switch by {
	case "stage":
		return fullTitle(release.StageName(at))
	case "outcome", "defect", "kind", "measure", "occasion", "part":
		return words(at)
	}
	return at // a name that somebody gave
}
