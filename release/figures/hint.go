package figures

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"slipway/release"
)

// rule makes a hint of the point of a breakdown that stands out most, when enough
// releases are behind it. The thresholds are in docs/figures.md.
type rule struct {
	figure, by, name string
	// releases is how many releases there have to be behind the point, and from how large
	// (or with Below how small) its value has to be.
	releases int
	from     float64
	below    bool
	// counts tells which values are behind the hint; nil for all of the point.
	counts func(value float64) bool
	text   func(s *survey, p Point) string
}

var rules = []rule{
	{figure: "waiting-gates", by: "gate", releases: 3, from: 4, text: gateHint},
	{figure: "back-outs", by: "service", releases: 2, from: 2, text: func(_ *survey, p Point) string {
		return fmt.Sprintf("%s was backed out most: %s. See what these releases have in common, and test for it.", p.At, times(p.Value))
	}},
	{figure: "failing-suites", by: "suite", releases: 3, from: 20, counts: isSo, text: func(_ *survey, p Point) string {
		return fmt.Sprintf("Suite %s fails most: %s percent of its runs. Run it before a release is started, or make it reliable.", p.At, number(p.Value))
	}},
	{figure: "clashes", by: "environment", releases: 2, from: 2, text: func(s *survey, p Point) string {
		return fmt.Sprintf("Releases clash most in %s: they waited %s for their turn or for each other, %s hours together."+
			" Plan them for windows of their own, or open more windows.", p.At, times(p.Value), number(s.clashHours(p.At)))
	}},
	{figure: "waiting-windows", by: "environment", name: release.WaitWindow, releases: 3, from: 24, text: func(_ *survey, p Point) string {
		return fmt.Sprintf("Releases wait %s hours on average for a change window of %s. Open more windows there.", number(p.Value), p.At)
	}},
	{figure: "rework", by: "service", releases: 3, from: 2, counts: func(builds float64) bool { return builds > 1 }, text: func(_ *survey, p Point) string {
		return fmt.Sprintf("%s is built %s times for each release, more than any other. Run its suites before a release is started.", p.At, number(p.Value))
	}},
	{figure: "incidents", by: "defect", releases: 3, from: 3, text: func(_ *survey, p Point) string {
		if p.At == unclassified {
			return fmt.Sprintf("%s incidents have no defect type. Classify incidents, so that they tell what lets faults through.", number(p.Value))
		}
		return fmt.Sprintf("Most incidents that releases cause are faults of %s: %s. Look for them in tests and reviews.", p.At, number(p.Value))
	}},
	{figure: "on-time", by: "environment", releases: 3, from: 50, below: true, counts: isNotSo, text: func(_ *survey, p Point) string {
		return fmt.Sprintf("Only %s percent of the planned dates in %s are kept. Plan with what the stages really take.", number(p.Value), p.At)
	}},
	{figure: "discrepancies", by: "environment", releases: 2, from: 3, text: func(_ *survey, p Point) string {
		return fmt.Sprintf("Audits find most in %s: %s discrepancies. Find out who changes its targets past Slipway.", p.At, number(p.Value))
	}},
	{figure: "emergency-share", by: "service", releases: 5, from: 20, counts: isSo, text: func(_ *survey, p Point) string {
		return fmt.Sprintf("%s percent of the releases of %s are emergencies. See whether a standard release would be fast enough.", number(p.Value), p.At)
	}},
	{figure: "satisfaction", by: "service", releases: 3, from: 3, below: true, counts: func(score float64) bool { return score < 3 }, text: func(_ *survey, p Point) string {
		return fmt.Sprintf("Customers rate %s lowest: %s of 5. Read their comments, and ask them.", p.At, number(p.Value))
	}},
}

func isSo(v float64) bool    { return v > 0 }
func isNotSo(v float64) bool { return v == 0 }

// hints are what the rules find, the one with the most releases behind it first.
func (s *survey) hints(p Portfolio) []Hint {
	var all []Hint
	for _, r := range rules {
		if point, found := r.find(p); found {
			behind := keep(point.samples, func(x *sample) bool { return r.counts == nil || r.counts(x.value) })
			all = append(all, Hint{Figure: r.figure, Text: r.text(s, point), Links: s.linksOf(behind)})
		}
	}
	all = append(all, s.stageHint(p)...)
	all = append(all, s.reviewHint()...)
	slices.SortStableFunc(all, func(a, b Hint) int { return cmp.Compare(b.Count, a.Count) })
	return all
}

// find gives the point that stands out most among those with enough data.
func (r rule) find(p Portfolio) (worst Point, found bool) {
	f, _ := p.Figure(r.figure)
	for _, series := range f.Series {
		if series.By != r.by || series.Name != r.name {
			continue
		}
		for _, point := range series.Points {
			enough := point.Count >= r.releases && (point.Value >= r.from) != r.below
			worse := (point.Value > worst.Value) != r.below && point.Value != worst.Value
			if enough && (!found || worse) {
				worst, found = point, true
			}
		}
	}
	return worst, found
}

// gateHint says too for whom the gate waits.
func gateHint(s *survey, p Point) string {
	hours := map[string]float64{}
	var whom string
	for _, f := range s.facts {
		for _, w := range f.Waits {
			if w.Kind != release.WaitGate || w.Gate != p.At || !s.within(w.Until) {
				continue
			}
			hours[w.Needs] += w.Until.Sub(w.Since).Hours()
			if most := hours[w.Needs] - hours[whom]; whom == "" || most > 0 || (most == 0 && w.Needs < whom) {
				whom = w.Needs
			}
		}
	}
	return fmt.Sprintf("Gate %s waits longest: %s hours on average, most of all for %s. Name more voters or delegates, or let it escalate sooner.",
		p.At, number(p.Value), whom)
}

func (s *survey) clashHours(environment string) (hours float64) {
	for _, x := range s.waits(clashKinds) {
		if x.environment == environment {
			hours += x.value
		}
	}
	return hours
}

// stageHint tells the stage that takes longest beyond its plan, by a quarter of it or
// more.
func (s *survey) stageHint(p Portfolio) []Hint {
	f, _ := p.Figure("stages")
	plan := map[string]float64{}
	var (
		worst Point
		over  float64
	)
	for _, series := range slices.Backward(f.Series) { // planned comes after actual
		for _, point := range series.Points {
			if series.Name == plannedName {
				plan[point.At] = point.Value
			} else if late := point.Value - plan[point.At]; point.Count >= 3 && late > plan[point.At]/4 && late > over {
				worst, over = point, late
			}
		}
	}
	if over == 0 {
		return nil
	}
	return []Hint{{Figure: f.ID, Links: worst.Links, Text: fmt.Sprintf(
		"Stage %s takes %s hours longer than planned: %s instead of %s on average. Mend it, or plan for it.",
		worst.At, number(over), number(worst.Value), number(plan[worst.At]))}}
}

// reviewHint tells when the procedures were not looked over for a year, though five
// releases were started since.
func (s *survey) reviewHint() []Hint {
	last := s.lastReview()
	since := s.collect(func(f *Fact, add func(sample)) {
		if f.Started.After(last) {
			add(sample{})
		}
	})
	if links := s.linksOf(since); links.Count >= 5 && s.Until.Sub(last) > year {
		text := "Nobody noted a review of the release procedures."
		if !last.IsZero() {
			text = "The release procedures were looked over last on " + last.UTC().Format(time.DateOnly) + "."
		}
		return []Hint{{Figure: "procedure-reviews", Links: links, Text: text + " Review them, and note it in organization.procedureReviews."}}
	}
	return nil
}

// number writes a number for people, with one decimal at most.
func number(v float64) string {
	return strings.TrimSuffix(strconv.FormatFloat(v, 'f', 1, 64), ".0")
}

// times says how often.
func times(v float64) string {
	if v == 1 {
		return "once"
	}
	return number(v) + " times"
}
