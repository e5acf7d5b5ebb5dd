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

// minutely writes times to the minute: over months, seconds are noise.
var minutely = clock{"2 Jan 2006 15:04", "All times are UTC."}

// composePortfolio makes the document of a portfolio.
func composePortfolio(p figures.Portfolio) document {
	s := surveyor{Portfolio: finite(p), clock: minutely}
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
		Title: "Releases, " + date(s.Since) + " to " + date(s.lastDay()),
		State: span{Text: release.ManyOf(s.Releases, "release")},
		Zone:  minutely.zone,
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

// lastDay is in the last day of the period, which ends before Until.
func (s surveyor) lastDay() time.Time { return s.Until.Add(-time.Nanosecond) }

func date(t time.Time) string { return t.UTC().Format("2 Jan 2006") }

// overview shows every figure that has a value, as the way to what it is made of.
func (s surveyor) overview() []block {
	var tiles []tile
	for _, f := range s.Figures {
		if f.Value != nil {
			number, unit, _ := strings.Cut(amount(*f.Value, f.Unit), " ")
			tiles = append(tiles, tile{f.Title, figureAnchor(f), number, unit, before(f), s.sparkOf(f)})
		}
	}
	if len(tiles) == 0 {
		return []block{paragraph("Nothing was recorded in this time that a figure could be worked out from.")}
	}
	return []block{{Tiles: tiles}}
}

// before compares a figure with what it was in the period before.
func before(f figures.Figure) cell {
	if f.Before == nil || f.Value == nil {
		return nil
	}
	factor, _ := figures.Readable(*f.Value, f.Unit)
	was := numeral(*f.Before*factor) + " before"
	switch {
	case *f.Before == *f.Value:
		return toned(muted, "as before")
	case f.Better == "":
		return toned(muted, "%s", was)
	case (*f.Value < *f.Before) == (f.Better == figures.Lower):
		return toned(good, "better than %s", was)
	}
	return toned(warn, "worse than %s", was)
}

// direction says which way people want a figure to go.
func direction(b figures.Better) string {
	if b == "" {
		return ""
	}
	return string(b) + " is better"
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

// finite is the portfolio without what is no number.
func finite(p figures.Portfolio) figures.Portfolio {
	p.Figures = slices.Clone(p.Figures)
	for i := range p.Figures {
		f := &p.Figures[i]
		if f.Value != nil && !isFinite(*f.Value) {
			f.Value = nil
		}
		if f.Before != nil && !isFinite(*f.Before) {
			f.Before = nil
		}
		f.Series = slices.Clone(f.Series)
		for j := range f.Series {
			f.Series[j].Points = slices.DeleteFunc(slices.Clone(f.Series[j].Points), func(p figures.Point) bool { return !isFinite(p.Value) })
		}
	}
	return p
}

// isFinite tells what can be drawn; nothing that is counted comes near the limit.
func isFinite(v float64) bool { return math.Abs(v) <= 1e18 }
