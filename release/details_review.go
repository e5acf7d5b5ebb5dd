package release

import (
	"fmt"
	"strings"
)

// deviationsShown is how many deviations the page shows; the report has them all.
const deviationsShown = 12

// writeReview says what looking back found so far: what those need who rate the release
// or close its review.
func writeReview(w writer, r Record) {
	if r.Review == nil {
		return
	}
	w("### Review\n")
	for _, p := range r.Review.Performance {
		reached := "not measured"
		if p.Actual != nil {
			reached = fmt.Sprintf("%g %s", *p.Actual, p.Unit)
		}
		w("- %s: **%s**, promised %s", strings.ReplaceAll(string(p.Measure), "-", " "), cell(reached), p.PerformanceTarget)
	}
	if c := r.Review.Cost; c != nil {
		w("- cost: %g %s", c.Total, cell(c.Currency))
	}
	for _, n := range r.Notes[max(0, len(r.Notes)-deviationsShown):] {
		w("- %s, by %s: %s", n.Kind, cell(n.By), cell(n.Text))
	}
	for _, rating := range r.Ratings {
		w("- %s", join(fmt.Sprintf("%s rates it **%d of %d**", cell(rating.By), rating.Score, MaxScore), cell(rating.Comment)))
	}
	all := r.Review.Deviations
	for _, d := range all[:min(len(all), deviationsShown)] {
		w("- deviation: %s", cell(d.Text))
	}
	if more := len(all) - deviationsShown; more > 0 {
		w("- and %s more, see the report", ManyOf(more, "deviation"))
	}
	if len(r.Review.Missing) > 0 {
		w("- missing: **%s**", cell(strings.Join(r.Review.Missing, "; ")))
	}
	w("")
}

// String says what a performance target promises: "at least 1, at most 2".
func (t PerformanceTarget) String() string {
	var parts []string
	if t.AtLeast != nil {
		parts = append(parts, fmt.Sprintf("at least %g", *t.AtLeast))
	}
	if t.AtMost != nil {
		parts = append(parts, fmt.Sprintf("at most %g", *t.AtMost))
	}
	return list(parts)
}
