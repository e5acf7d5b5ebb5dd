package report

import (
	"slices"
	"strings"
	"unicode"

	"slipway/release/figures"
)

// panel is a figure with all that belongs to it.
type panel struct {
	Anchor string
	Title  string
	// Meaning says in a few words what the figure is.
	Meaning string
	Value   cell
	Before  cell
	// Better says which direction people want; it may be empty.
	Better     string
	Definition string
	Source     string
	Behind     cell
	Breakdowns []breakdown
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
			Anchor: figureAnchor(f), Title: f.Title, Meaning: f.Meaning, Value: toned(muted, "nothing was recorded"), Before: before(f),
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

// Others are the breakdowns beside the first one.
func (p panel) Others() []breakdown { return p.Breakdowns[min(1, len(p.Breakdowns)):] }

// OtherTitles names them.
func (p panel) OtherTitles() string {
	return capital(strings.Join(each(p.Others(), func(b breakdown) string { return "by " + b.By }), ", "))
}
