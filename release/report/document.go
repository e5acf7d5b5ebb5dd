package report

import (
	"fmt"
	"strings"

	"slipway/release"
)

// document is the report before it is rendered.
type document struct {
	// Kind says what it is: a release report, a portfolio.
	Kind     string
	Title    string
	Subtitle string
	State    span
	// Lead says what else there is to say at once: the reason of the outcome.
	Lead string
	// Zone says once how times are to be read.
	Zone     string
	Sections []section
}

// section is a part of the document with a heading. The first has none: it
// belongs to the document's title.
type section struct {
	ID     string
	Title  string
	Blocks []block
}

// block is a piece of a section. Exactly one of the parts is set.
type block struct {
	Heading  string
	Text     cell
	List     []cell
	Figures  []fact
	Facts    []fact
	Tiles    []tile
	Table    *table
	Verbatim *verbatim
	Timeline *timeline
	Chart    *chart
	Panel    *panel
	Calendar *calendar
}

// fact is a value with its name.
type fact struct {
	Name  string
	Value cell
}

// tile is a figure at first glance.
type tile struct {
	Name string
	// Anchor is where more is told of it.
	Anchor string
	Number string
	Unit   string
	// Before compares the value with that of the period before.
	Before cell
	// Spark is the course that led to the value; nil when none is known.
	Spark *spark
}

// table has one title for each column; a row has as many cells.
type table struct {
	Columns []string
	Rows    [][]cell
}

// verbatim is text to be shown as it is: output of a script, a payload.
type verbatim struct {
	Caption string
	Text    string
}

// cell is a run of text; it may go over several lines.
type cell []span

// span is a piece of text that is shown in one way.
type span struct {
	Text string
	// Full is what the text is short for.
	Full string
	Code bool
	Tone tone
	Link string
	// Anchor is the place in the same document that the text leads to.
	Anchor string
	// ID makes the text such a place.
	ID string
	// Break starts a new line and shows nothing.
	Break bool
}

// tone is how good or bad something is; the text always says it too.
type tone string

const (
	neutral tone = ""
	good    tone = "good"
	bad     tone = "bad"
	warn    tone = "warn"
	pending tone = "pending"
	muted   tone = "muted"
)

// Icon tells tones apart for those who do not see colours.
func (t tone) Icon() string {
	switch t {
	case good:
		return "✓"
	case bad:
		return "✕"
	case warn:
		return "!"
	case pending:
		return "…"
	}
	return ""
}

func text(s string) cell {
	if s == "" {
		return nil
	}
	return cell{{Text: s}}
}

func textf(format string, args ...any) cell { return text(fmt.Sprintf(format, args...)) }

func toned(t tone, format string, args ...any) cell {
	return cell{{Text: fmt.Sprintf(format, args...), Tone: t}}
}

func code(s string) cell {
	if s == "" {
		return nil
	}
	return cell{{Text: s, Code: true}}
}

// digest shows the short form; the full one is kept for those who check.
func digest(d release.Digest) cell {
	if d == "" {
		return nil
	}
	return cell{{Text: d.Short(), Full: string(d), Code: true}}
}

// sum shows the beginning of a sum or fingerprint, "h1:…" or "SHA256:…".
func sum(s string) cell {
	_, value, _ := strings.Cut(s, ":")
	enough := len(s) - len(value) + 12
	if len(s) <= enough {
		return code(s)
	}
	return cell{{Text: s[:enough] + "…", Full: s, Code: true}}
}

// link shows where something is, as a link when a browser can follow it.
func link(location string) cell {
	if strings.HasPrefix(location, "https://") || strings.HasPrefix(location, "http://") {
		return cell{{Text: location, Link: location}}
	}
	return text(location)
}

// with puts cells behind each other on one line.
func (c cell) with(more ...cell) cell {
	joined := append(cell{}, c...)
	for _, m := range more {
		if len(joined) > 0 && len(m) > 0 {
			joined = append(joined, span{Text: " "})
		}
		joined = append(joined, m...)
	}
	return joined
}

// lines puts cells below each other, without the empty ones.
func lines(cells ...cell) cell {
	var stacked cell
	for _, c := range cells {
		if len(c) == 0 {
			continue
		}
		if len(stacked) > 0 {
			stacked = append(stacked, span{Break: true})
		}
		stacked = append(stacked, c...)
	}
	return stacked
}

// columns makes a table without the columns in which no row has anything.
func columns(rows [][]cell, titles ...string) block {
	used := make([]bool, len(titles))
	for _, row := range rows {
		for i, c := range row {
			used[i] = used[i] || len(c) > 0
		}
	}
	t := &table{}
	for i, title := range titles {
		if used[i] {
			t.Columns = append(t.Columns, title)
		}
	}
	for _, row := range rows {
		var kept []cell
		for i, c := range row {
			if used[i] {
				kept = append(kept, c)
			}
		}
		t.Rows = append(t.Rows, kept)
	}
	return block{Table: t}
}

func paragraph(format string, args ...any) block { return block{Text: textf(format, args...)} }

func heading(s string) block { return block{Heading: s} }

// known keeps the facts that have a value.
func known(facts ...fact) []fact {
	var kept []fact
	for _, f := range facts {
		if len(f.Value) > 0 {
			kept = append(kept, f)
		}
	}
	return kept
}
