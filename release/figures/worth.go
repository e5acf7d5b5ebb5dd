package figures

import (
	"time"

	"slipway/release"
)

// worth is what releases cost.
var worth = []measure{
	{Definition{
		ID: "cost", Title: "Cost per release", Meaning: "as far as recorded, mean", Unit: currency, Better: Lower,
		Definition: "Of the releases that were closed in the period and of which anything that has a price was recorded, the mean of machine hours" +
			" (builds, test suites and steps of deployments) times the rate of a machine hour, plus hours of people times the rate of their role" +
			" (or else of \"default\", or else nothing), plus expenses; the rates are those of organization.rates today.",
		Source:  "builds, tests, steps, efforts",
		Improve: "See which part costs most: people's hours at gates and in rework are usually more than machines.",
	}, (*survey).costs},
}

// costOf is what a release cost, in its parts; false when nothing of it has a price.
func (s *survey) costOf(f *Fact) (c release.Cost, priced bool) {
	var took time.Duration
	for _, b := range f.Builds {
		took += b.Took
	}
	for _, t := range f.Tests {
		took += t.Took
	}
	for _, t := range f.Steps {
		took += t.Took
	}
	c = s.Rates.Price(release.Duration(took), f.Efforts)
	return c, c.Total > 0
}

func (s *survey) costs() result {
	var totals, parts []*sample
	for _, f := range s.facts {
		c, priced := s.costOf(f)
		if !priced || !s.within(f.Closed) {
			continue
		}
		totals = append(totals, &sample{of: f, at: f.Closed, value: c.Total})
		for kind, value := range map[string]float64{"machines": c.Machines, "people": c.People, "expenses": c.Expenses} {
			parts = append(parts, &sample{of: f, at: f.Closed, value: value, kind: kind})
		}
	}
	r := s.over(totals, mean, byMonth, byService, byType)
	r.series = append(r.series, s.series(parts, mean, byKind("part"))...)
	return r
}
