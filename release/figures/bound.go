package figures

import (
	"encoding/json"
	"slices"
)

// Bounded gives the portfolio with fewer releases named behind its numbers, when it would
// take more than so many bytes as JSON: how many they are stays as it is.
func (p Portfolio) Bounded(limit int) Portfolio {
	for _, named := range []int{LinksKept, 10, 5, 2, 1, 0} {
		p = p.naming(named)
		if text, err := json.Marshal(p); err != nil || len(text) <= limit {
			break
		}
	}
	return p
}

// naming gives a copy whose points name at most so many releases each.
func (p Portfolio) naming(most int) Portfolio {
	p.Figures = slices.Clone(p.Figures)
	for i := range p.Figures {
		f := &p.Figures[i]
		f.Series = slices.Clone(f.Series)
		for j := range f.Series {
			points := slices.Clone(f.Series[j].Points)
			for k := range points {
				points[k].Releases = points[k].Releases[:min(most, len(points[k].Releases))]
			}
			f.Series[j].Points = points
		}
	}
	return p
}
