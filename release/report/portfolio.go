package report

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"time"

	"slipway/release"
	"slipway/release/figures"
)

// surveyor holds what the sections of a portfolio are made from.
type surveyor struct {
	figures.Portfolio

	clock clock
	// places are the releases that the document names, each with its row's anchor.
	places map[string]string
}

// composePortfolio makes the document of a portfolio.
func composePortfolio(p figures.Portfolio) document {
	s := surveyor{Portfolio: finite(p), clock: newClock(p.Since, latest(p))}
	named := s.named()
	s.places = placesOf(named)
	d := s.headline()
	for _, section := range []section{
		{"", "", s.overview()},
		{"hints", "Hints for improvement", s.hints()},
		{"calendar", "Calendar", s.calendar()},
		{"figures", "Figures", s.panels()},
		{"releases", "Releases", s.releases(named)},
	} {
		if len(section.Blocks) > 0 {
			d.Sections = append(d.Sections, section)
		}
	}
	scrub(reflect.ValueOf(&d))
	return d
}

func (s surveyor) headline() document {
	d := document{
		Kind:  "Release portfolio",
		Title: "Releases from " + date(s.Since) + " to " + date(s.Until),
		State: span{Text: release.ManyOf(s.Releases, "release")},
		Zone:  "All times are UTC.",
	}
	var only []string
	for _, f := range []struct{ name, value string }{
		{"service", s.Service}, {"type", s.Type}, {"environment", s.Environment},
	} {
		if f.value != "" {
			only = append(only, f.name+" "+f.value)
		}
	}
	if len(only) > 0 {
		d.Subtitle = "Only " + strings.Join(only, ", ")
	}
	return d
}

func date(t time.Time) string { return t.UTC().Format("2 January 2006") }

// overview shows every figure that has a value, as the way to what it is made of.
func (s surveyor) overview() []block {
	var tiles []fact
	for _, f := range s.Figures {
		if f.Value != nil {
			tiles = append(tiles, fact{f.Title, cell{{Text: amount(*f.Value, f.Unit), Anchor: figureAnchor(f)}}})
		}
	}
	if len(tiles) == 0 {
		return []block{paragraph("Nothing was recorded in this time that a figure could be worked out from.")}
	}
	return []block{{Figures: tiles}}
}

func (s surveyor) hints() []block {
	if len(s.Hints) == 0 {
		return nil
	}
	return []block{{List: each(s.Hints, func(h figures.Hint) cell {
		said := text(h.Text)
		if i := slices.IndexFunc(s.Figures, func(f figures.Figure) bool { return f.ID == h.Figure }); i >= 0 {
			said = said.with(cell{{Text: "From: "}, {Text: s.Figures[i].Title, Anchor: figureAnchor(s.Figures[i])}, {Text: "."}})
		}
		return lines(said, s.behind(h.Links))
	})}}
}

// calendar lists what was deployed when, and what is planned.
func (s surveyor) calendar() []block {
	if len(s.Calendar) == 0 {
		return []block{paragraph("Nothing was deployed in this time, and nothing is planned.")}
	}
	rows := each(s.Calendar, func(d figures.Deployment) []cell {
		ended := s.clock.at(d.To)
		return []cell{s.clock.at(d.From), s.release(d.Release), text(d.Environment), text(d.Type), deploymentState(d, s.Until), ended}
	})
	return []block{columns(rows, "From", "Release", "Environment", "Type", "State", "To")}
}

// latest is the last time that the portfolio names: what is planned may lie beyond its end.
func latest(p figures.Portfolio) time.Time {
	last := p.Until
	for _, d := range p.Calendar {
		for _, t := range []time.Time{d.From, d.To} {
			if t.After(last) {
				last = t
			}
		}
	}
	return last
}

// finite is the portfolio without what is no number.
func finite(p figures.Portfolio) figures.Portfolio {
	p.Figures = slices.Clone(p.Figures)
	for i := range p.Figures {
		f := &p.Figures[i]
		if f.Value != nil && !isFinite(*f.Value) {
			f.Value = nil
		}
		f.Series = slices.Clone(f.Series)
		for j := range f.Series {
			f.Series[j].Points = slices.DeleteFunc(slices.Clone(f.Series[j].Points), func(p figures.Point) bool { return !isFinite(p.Value) })
		}
	}
	return p
}

func isFinite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
