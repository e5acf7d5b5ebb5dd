package figures

import (
	"cmp"
	"slices"

	"slipway/release"
)

// support is what releases did to those who use and run the services.
var support = []measure{
	{Definition{
		ID: "incidents", Title: "Incidents from releases", Meaning: "attributable to a release", Unit: "incidents", Better: Lower,
		Definition: "Incidents of early life support that were opened in the period and are not unrelated to the release, by defect type." +
			" Nothing is known unless there was early life support in the period.",
		Source:  "incidents, supports",
		Improve: "Look at the defect type that comes most often: it says where tests, packaging, configuration or deployment let faults through.",
	}, (*survey).incidents},
	{Definition{
		ID: "calls", Title: "Service desk calls", Meaning: "after deployment", Unit: "calls", Better: Lower,
		Definition: "Service desk calls of early life support that came in the period." +
			" Nothing is known unless there was early life support in the period.",
		Source:  "calls, supports",
		Improve: "Train users and the service desk before the deployment, and ship workarounds of known errors with the release.",
	}, (*survey).calls},
	{Definition{
		ID: "downtime", Title: "Downtime from releases", Meaning: "in early life support", Unit: "minutes", Better: Lower,
		Definition: "The sum, over the early life supports that began in the period and were observed by probes, of the minutes that the" +
			" target that was down longest was seen not to serve.",
		Source:  "supports, support_targets",
		Improve: "Deploy in waves, so that not all targets change at once, and see which steps stop the service.",
	}, (*survey).downtime},
	{Definition{
		ID: "back-outs", Title: "Back-outs", Meaning: "deployments backed out", Unit: "back-outs", Better: Lower,
		Definition: "Deployments, and undoings of earlier ones, that ended backed out in the period." +
			" Nothing is known unless a deployment ended in the period.",
		Source:  "deployments",
		Improve: "Look at the reasons of the service that is backed out most, and test for them.",
	}, (*survey).backOuts},
	{Definition{
		ID: "satisfaction", Title: "Customer satisfaction", Meaning: "mean of the ratings", Unit: "of 5", Better: Higher,
		Definition: "The mean of the ratings, from 1 to 5, that people gave in the period to releases.",
		Source:     "ratings",
		Improve:    "Read the comments of the lowest ratings, and ask more of those who use the service.",
	}, (*survey).satisfaction},
}

// unclassified is the defect type of incidents that have none.
const unclassified = "not classified"

// supported tells whether early life support went on in the period.
func (s *survey) supported(f *Fact) bool {
	return slices.ContainsFunc(f.Supports, func(x Support) bool {
		return x.Began.Before(s.Until) && (x.Ended.IsZero() || !x.Ended.Before(s.Since))
	})
}

func (s *survey) incidents() result {
	samples := s.collect(func(f *Fact, add func(sample)) {
		for _, i := range f.Incidents {
			if s.within(i.Opened) && !i.Unrelated {
				defect := cmp.Or(string(i.Defect), unclassified)
				add(sample{at: i.Opened, value: 1, environment: i.Environment, kind: defect, name: defect})
			}
		}
	})
	return s.count(samples, s.known(s.supported), byMonth.each(), byKind("defect"), byService, byEnvironment)
}

func (s *survey) calls() result {
	samples := s.collect(func(f *Fact, add func(sample)) {
		for _, c := range f.Calls {
			if s.within(c.At) {
				add(sample{at: c.At, value: 1, environment: c.Environment})
			}
		}
	})
	return s.count(samples, s.known(s.supported), byMonth, byService, byEnvironment)
}

func (s *survey) downtime() result {
	samples := s.collect(func(f *Fact, add func(sample)) {
		for _, x := range f.Supports {
			if s.within(x.Began) && x.Observed {
				add(sample{at: x.Began, value: x.Down.Minutes(), environment: x.Environment})
			}
		}
	})
	return s.over(samples, sum, byMonth, byService, byEnvironment)
}

// deployed tells whether a deployment ended in the period.
func (s *survey) deployed(f *Fact) bool {
	return slices.ContainsFunc(f.Runs, func(r Run) bool { return s.within(r.To) })
}

func (s *survey) backOuts() result {
	samples := s.collect(func(f *Fact, add func(sample)) {
		for _, r := range f.Runs {
			if s.within(r.To) && r.State == release.EnvBackedOut {
				add(sample{at: r.To, value: 1, environment: r.Environment})
			}
		}
	})
	return s.count(samples, s.known(s.deployed), byMonth, byService, byEnvironment)
}

func (s *survey) satisfaction() result {
	samples := s.collect(func(f *Fact, add func(sample)) {
		for _, r := range f.Ratings {
			if s.within(r.At) {
				add(sample{at: r.At, value: float64(r.Score)})
			}
		}
	})
	return s.over(samples, mean, byMonth, byService)
}
