package figures

import "time"

// procedures is how the organization looks after its own rules.
var procedures = []measure{
	{Definition{
		ID: "procedure-reviews", Title: "Procedure reviews", Meaning: "of the release procedures", Unit: "per year", Better: Higher,
		Definition: "How often the organization looked over its release procedures in the period (organization.procedureReviews of the configuration)," +
			" divided by its years of 365 days, but at least by a week. It is the same whatever service, type or environment is asked for." +
			" Nothing is known when no review is configured.",
		Source:  "slipway.yaml",
		Improve: "Look the models, gates and rules over at least once a year, and after each emergency; note it in the configuration.",
	}, (*survey).procedureReviews},
}

func (s *survey) procedureReviews() result {
	if len(s.ProcedureReviews) == 0 {
		return result{}
	}
	var held []float64
	for _, r := range s.ProcedureReviews {
		if s.within(r.On) {
			held = append(held, 1)
		}
	}
	value := perYear(held, s.Until.Sub(s.Since))
	return result{value: &value}
}

// lastReview is when the procedures were looked over last before the end of the period;
// zero when that is not known.
func (s *survey) lastReview() (last time.Time) {
	for _, r := range s.ProcedureReviews {
		if r.On.Before(s.Until) && r.On.After(last) {
			last = r.On
		}
	}
	return last
}
