package report

import (
	"fmt"

	"slipway/release/figures"
)

// plot is a chart over time. Its width is that of the page, so that text stays as
// large on a phone as on a desk: X is in percent of the width, Y in pixels.
type plot struct {
	Grid   []gridLine
	Labels []axisLabel
	// Bands are stretches of time behind the rest.
	Bands []bar
	Bars  []plotBar
	Lines []plotLine
	Dots  []plotDot
	// Few tells that there are so few months that the plot need not be wide.
	Few bool
}

// axisLabel is a time under a plot, with the year where it begins.
type axisLabel struct {
	X      string
	Name   string
	Year   string
	Anchor string
}

// gridLine is a round number on the axis.
type gridLine struct {
	Y     string
	Label string
	Zero  bool
}

type plotBar struct {
	Look                look
	X, Y, Width, Height string
	Title               string
}

type plotLine struct {
	Look           look
	X1, Y1, X2, Y2 string
}

type plotDot struct {
	Look  look
	X, Y  string
	Title string
}

// The plot's height in pixels: a margin, the room for values, and that for months.
const (
	plotMargin = 8.0
	plotHeight = 150.0
)

// levels maps values to heights.
type levels struct{ least, most float64 }

func (l levels) y(v float64) float64 {
	return plotMargin + plotHeight*(l.most-v)/(l.most-l.least)
}

func pixels(f float64) string { return fmt.Sprintf("%.1f", f) }

// newPlot lays out times and round numbers for values in between.
func newPlot(labels []axisLabel, least, most float64, whole bool) (*plot, levels) {
	ticks := roundAxis(least, most, whole)
	l := levels{ticks[0], ticks[len(ticks)-1]}
	p := &plot{Labels: labels, Few: len(labels) <= 6}
	for _, tick := range ticks {
		p.Grid = append(p.Grid, gridLine{pixels(l.y(tick)), short(tick), tick == 0})
	}
	return p, l
}

// pointTitle says what a part of a picture stands for.
func pointTitle(s figures.Series, p figures.Point, unit string) string {
	title := readable(s.By, p.At)
	if s.Name != "" {
		title += ", " + words(s.Name)
	}
	return title + ": " + amount(p.Value, unit)
}
