package report

import "slipway/release/figures"

// linesOver draws measures as lines by month. A line breaks where a month has no
// value: nobody knows what it would have been.
func linesOver(months monthAxis, series []figures.Series, unit string) *plot {
	least, most := 0.0, 0.0
	for _, one := range series {
		for _, p := range one.Points {
			if months.holds(p.At) {
				least, most = min(least, p.Value), max(most, p.Value)
			}
		}
	}
	p, l := newPlot(months.labels(), least, most, false)
	for i, one := range series {
		var before *plotDot
		for n := range months.count {
			point, found := inMonth(months, one, n)
			if !found {
				before = nil
				continue
			}
			dot := plotDot{lookOf(series, i), percent(months.middle(n)), pixels(l.y(point.Value)), pointTitle(one, point, unit)}
			if before != nil {
				p.Lines = append(p.Lines, plotLine{dot.Look, before.X, before.Y, dot.X, dot.Y})
			}
			p.Dots = append(p.Dots, dot)
			before = &dot
		}
	}
	return p
}
