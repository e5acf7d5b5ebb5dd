package report

import (
	"fmt"
	"strings"

	"slipway/release/figures"
)

// rowChart has a row for each thing that a figure is broken down by, with a bar for
// each series.
type rowChart struct {
	Rows   []chartRow
	Height string
}

// chartRow is a thing with its bars and what they say in numbers.
type chartRow struct {
	Title string
	Note  string
	Bars  []plotBar
}

const (
	// mostRows is how many things are drawn; the table has them all.
	mostRows = 20
	// The height of a row's bar with the room about it, in pixels: alone, or beside others.
	rowHeight, thinRowHeight = 16.0, 10.0
)

// rowsOf draws series as horizontal bars, beside each other for the same thing. It
// tells what is left to the table.
func rowsOf(series []figures.Series, unit string) (c *rowChart, left string) {
	things := ats(series)
	c = &rowChart{}
	if more := len(things) - mostRows; more > 0 {
		things = things[:mostRows]
		left = fmt.Sprintf("%d more rows are in the table.", more)
	}
	height := rowHeight
	if len(series) > 1 {
		height = thinRowHeight
	}
	c.Height = pixels(height*float64(len(series)) + 4)
	most := 0.0
	for _, one := range series {
		for _, p := range one.Points {
			most = max(most, p.Value)
		}
	}
	for _, thing := range things {
		row := chartRow{Title: readable(series[0].By, thing)}
		var said []string
		for i, one := range series {
			point, found := pointAt(one, thing)
			if !found {
				said = append(said, "–")
				continue
			}
			said = append(said, numeral(point.Value))
			row.Bars = append(row.Bars, plotBar{
				lookOf(series, i), "0", pixels(2 + float64(i)*height + 1), barLength(point.Value, most),
				pixels(height - 2), pointTitle(one, point, unit),
			})
		}
		row.Note = strings.Join(said, " / ")
		c.Rows = append(c.Rows, row)
	}
	return c, left
}

// barLength is the length of a bar in percent; one of zero or less has none.
func barLength(v, most float64) string {
	if v <= 0 {
		return percent(0)
	}
	return percent(max(100*v/most, leastWidth))
}
