package figures

import (
	"time"

	"slipway/release"
)

// Row is a start of a release with its own figures, for a spreadsheet. A number is nil
// when nothing was recorded that it could be worked out from. Filtered by an environment,
// it is what belongs to that one, with what belongs to none.
type Row struct {
	Release       string          `json:"release"`
	Service       string          `json:"service"`
	Type          string          `json:"type"`
	Outcome       release.Outcome `json:"outcome,omitempty"`
	Emergency     bool            `json:"emergency"`
	Started       time.Time       `json:"started"`
	Closed        time.Time       `json:"closed,omitzero"`
	Duration      *float64        `json:"durationHours"`
	LeadTime      *float64        `json:"leadTimeHours"`
	Waiting       float64         `json:"waitingHours"`
	Builds        int             `json:"builds"`
	TestRuns      int             `json:"testRuns"`
	FailedTests   int             `json:"failedTestRuns"`
	BackOuts      int             `json:"backOuts"`
	Incidents     *int            `json:"incidents"`
	Calls         *int            `json:"calls"`
	Downtime      *float64        `json:"downtimeMinutes"`
	Discrepancies *int            `json:"discrepancies"`
	MachineHours  float64         `json:"machineHours"`
	PeopleHours   float64         `json:"peopleHours"`
	Cost          *float64        `json:"cost"`
	Satisfaction  *float64        `json:"satisfaction"`
}

// Rows gives the figures of each start of a release that was under way or audited in the
// period, in the order of their starts: all that is known of it, also from before and after.
func Rows(facts []Fact, in Input) ([]Row, error) {
	if err := in.Check(); err != nil {
		return nil, err
	}
	rows := []Row{}
	for _, f := range newSurvey(facts, in).facts {
		rows = append(rows, rowOf(f, in))
	}
	return rows, nil
}

// rowOf works a single release out, as a portfolio of all times that is about nothing else.
func rowOf(f *Fact, in Input) Row {
	in.Since, in.Until = time.Time{}.Add(1), endOfTime
	s := &survey{Input: in, facts: []*Fact{f}}
	cost, priced := s.costOf(f)
	r := Row{
		Release: f.Release, Service: f.Service, Type: f.Type, Outcome: f.Outcome, Emergency: f.Emergency,
		Started: f.Started, Closed: f.Closed, Builds: len(f.Builds), TestRuns: len(f.Tests),
		LeadTime: s.leadTime().value, Downtime: s.downtime().value, Satisfaction: s.satisfaction().value,
		Incidents: whole(s.incidents().value), Calls: whole(s.calls().value), Discrepancies: whole(s.discrepancies().value),
		MachineHours: cost.MachineHours, PeopleHours: cost.PeopleHours,
	}
	if priced {
		r.Cost = &cost.Total
	}
	if !f.Closed.IsZero() {
		hours := f.Closed.Sub(f.Started).Hours()
		r.Duration = &hours
	}
	r.Waiting = sum(valuesOf(s.waits(nil)), 0)
	r.FailedTests = len(keep(f.Tests, func(t Test) bool { return t.Failed }))
	r.BackOuts = len(keep(f.Runs, func(run Run) bool { return run.State == release.EnvBackedOut }))
	return r
}

// endOfTime is after everything that was recorded.
var endOfTime = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

func whole(v *float64) *int {
	if v == nil {
		return nil
	}
	n := int(*v)
	return &n
}
