package release

import (
	"slices"
	"time"
)

// Span is a stretch of time: From belongs to it, To does not.
type Span struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// covers tells whether a time lies in the span.
func (s Span) covers(at time.Time) bool { return !at.Before(s.From) && at.Before(s.To) }

// union gives the same times as spans that neither overlap nor touch, in their order.
func union(spans []Span) []Span {
	spans = slices.Clone(spans)
	slices.SortFunc(spans, func(a, b Span) int { return a.From.Compare(b.From) })
	var merged []Span
	for _, s := range spans {
		last := len(merged) - 1
		switch {
		case !s.From.Before(s.To):
		case last < 0 || s.From.After(merged[last].To):
			merged = append(merged, s)
		case s.To.After(merged[last].To):
			merged[last].To = s.To
		}
	}
	return merged
}

// without takes times out of spans that are in order and do not overlap.
func without(spans, taken []Span) []Span {
	for _, t := range union(taken) {
		var left []Span
		for _, s := range spans {
			if !t.From.Before(s.To) || !s.From.Before(t.To) {
				left = append(left, s)
				continue
			}
			if s.From.Before(t.From) {
				left = append(left, Span{s.From, t.From})
			}
			if t.To.Before(s.To) {
				left = append(left, Span{t.To, s.To})
			}
		}
		spans = left
	}
	return spans
}

// within cuts spans to what lies between two times.
func within(spans []Span, from, to time.Time) []Span {
	var cut []Span
	for _, s := range spans {
		if s.From.Before(from) {
			s.From = from
		}
		if s.To.After(to) {
			s.To = to
		}
		if s.From.Before(s.To) {
			cut = append(cut, s)
		}
	}
	return cut
}
