package report

import "slipway/release/figures"

// spark is a figure's course over the months, as small as a word.
type spark struct {
	// Values has one for each month; nil where nothing is known.
	Values []*float64
	Lines  []plotLine
	Last   *plotDot
}

// The room of a spark's line, in pixels.
const sparkTop, sparkHeight = 4.0, 18.0

// sparkOf draws the course of a figure; nil when it has none of at least two months.
func (s surveyor) sparkOf(f figures.Figure) *spark {
	for _, series := range kin(f.Series) {
		months, timed := s.monthsOf(series)
		if !timed || len(series) > 1 && !s.additive(f.Unit) {
			continue
		}
		one := summed(series)
		if len(one.Points) < 2 {
			continue
		}
		return drawnSpark(months, one)
	}
	return nil
}

func drawnSpark(months monthAxis, s figures.Series) *spark {
	least, most := 0.0, 0.0
	for _, p := range s.Points {
		least, most = min(least, p.Value), max(most, p.Value)
	}
	if most == least {
		most = least + 1
	}
	drawn := &spark{}
	for n := range months.count {
		point, found := inMonth(months, s, n)
		if !found {
			drawn.Values = append(drawn.Values, nil)
			continue
		}
		drawn.Values = append(drawn.Values, &point.Value)
		dot := plotDot{X: percent(months.middle(n)), Y: pixels(sparkTop + sparkHeight*(most-point.Value)/(most-least))}
		if before := drawn.Last; before != nil {
			drawn.Lines = append(drawn.Lines, plotLine{X1: before.X, Y1: before.Y, X2: dot.X, Y2: dot.Y})
		}
		drawn.Last = &dot
	}
	return drawn
}
