package main

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"math"
	"strings"
)

// The chart of a run: one SVG that needs nothing else, in the colours of the reports.

//go:embed chart.svg.tmpl
var chartSource string

var chartTemplate = template.Must(template.New("chart").Parse(chartSource))

// Where things are drawn, in pixels: names stand left of the plot, numbers right of it.
const (
	chartWidth           = 1160
	plotLeft, plotRight  = 520.0, 900.0
	lineHeight, headRoom = 26, 56
)

// picture is what the template draws.
type picture struct {
	Title         string
	Width, Height int
	Left          float64
	Right         int
	Spans, Bounds *panel
}

// panel is a list of lines over a common axis.
type panel struct {
	Y, Top, Bottom int
	Ticks          []tick
	// All is where a limit is used up.
	All   float64
	Lines []line
}

type tick struct {
	X     float64
	Label string
}

// line is a figure: its median with its tail, or how much of its limit it takes up.
type line struct {
	Name, Note   string
	Y            int
	Median, Tail float64
	Length       float64
	Class, Sign  string
	// Break marks a bar that would be longer than there is room.
	Break string
}

// drawChart draws all medians that have a tail, and all figures that have a limit.
func drawChart(w io.Writer, rows []row) error {
	p := picture{Title: "Slipway beside what does the same without it", Width: chartWidth, Height: 50, Left: plotLeft, Right: chartWidth - 20}
	p.Spans = p.below(spans(rows))
	p.Bounds = p.below(bounds(rows))
	return chartTemplate.Execute(w, p)
}

// below puts a panel under what is there; one without lines is left out.
func (p *picture) below(one *panel) *panel {
	if len(one.Lines) == 0 {
		return nil
	}
	one.Y = p.Height + 14
	one.Top = one.Y + 18
	for i := range one.Lines {
		one.Lines[i].Y = one.Top + lineHeight*i + lineHeight/2
		if one.Lines[i].Break != "" {
			one.Lines[i].Break = fmt.Sprintf("M%.0f %d l-5 14 m6 0 l5 -14", plotRight-14, one.Lines[i].Y-7)
		}
	}
	one.Bottom = one.Top + lineHeight*len(one.Lines)
	p.Height = one.Bottom + headRoom/2 + 10
	return one
}

const medianOf, tailOf = ", median", ", 99th percentile"

// spans lays out times from their median to their 99th percentile. They lie far apart,
// so each tenfold takes the same room.
func spans(rows []row) *panel {
	tails := map[string]row{}
	for _, r := range rows {
		if name, found := strings.CutSuffix(r.Name, tailOf); found && r.Unit == "ms" {
			tails[name] = r
		}
	}
	least, most := math.Inf(1), math.Inf(-1)
	medians := map[string]row{}
	for _, r := range rows {
		name, found := strings.CutSuffix(r.Name, medianOf)
		if tail, has := tails[name]; found && has && r.Unit == "ms" {
			medians[name] = r
			least, most = min(least, math.Floor(math.Log10(r.Value))), max(most, math.Ceil(math.Log10(tail.Value)))
		}
	}
	at := func(v float64) float64 {
		return plotLeft + (plotRight-plotLeft)*(math.Log10(v)-least)/max(most-least, 1)
	}
	p := &panel{}
	for power := least; power <= most; power++ {
		v := math.Pow(10, power)
		p.Ticks = append(p.Ticks, tick{at(v), fmt.Sprintf("%g ms", v)})
	}
	for _, r := range rows {
		name, _ := strings.CutSuffix(r.Name, medianOf)
		if medians[name].Name != r.Name {
			continue
		}
		tail := tails[name].Value
		p.Lines = append(p.Lines, line{
			Name: name, Median: at(r.Value), Tail: at(tail), Note: fmt.Sprintf("%s ms, %s ms", short(r.Value), short(tail)),
		})
		delete(medians, name) // the first is drawn
	}
	return p
}

// mostUsed is how many times its limit a figure may be before its bar is cut.
const mostUsed = 2.0

// bounds lays out how much of its limit each figure takes up.
func bounds(rows []row) *panel {
	at := func(used float64) float64 { return plotLeft + (plotRight-plotLeft)*used/mostUsed }
	p := &panel{All: at(1)}
	for _, share := range []float64{0, 0.5, 1, 1.5, 2} {
		p.Ticks = append(p.Ticks, tick{at(share), fmt.Sprintf("%g %%", 100*share)})
	}
	for _, r := range rows {
		if r.Limit == nil {
			continue
		}
		l := line{Name: r.Name, Class: "good", Sign: "✓", Note: fmt.Sprintf("%s %s, %s %g", short(r.Value), r.Unit, r.bound(), *r.Limit)}
		if !r.met() {
			l.Class, l.Sign = "bad", "✗"
		}
		used := r.used()
		if used > mostUsed {
			used, l.Break = mostUsed, "cut"
		}
		l.Length = at(used) - plotLeft
		p.Lines = append(p.Lines, l)
	}
	return p
}

// short writes a value with three digits, or all before the point.
func short(v float64) string {
	if math.Abs(v) >= 100 {
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.3g", v)
}
