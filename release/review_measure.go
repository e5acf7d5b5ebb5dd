package release

import (
	"math"
	"slices"
	"strings"
	"time"
)

// Measures lists the measures.
var Measures = []Measure{
	MeasureDuration, MeasureLeadTime, MeasureDeployment, MeasureWaiting, MeasureDowntime, MeasureIncidents,
	MeasureCalls, MeasureBuilds, MeasureDiscrepancies, MeasureCost, MeasureSatisfaction,
}

// measuring says of each measure in which unit it is and how it is worked out; without
// a number nothing was measured. The record is that of a release in review.
var measuring = map[Measure]struct {
	unit string
	of   func(r Record) *float64
}{
	MeasureDuration:      {"hours", func(r Record) *float64 { return hours(r.reviewed().Sub(r.Started)) }},
	MeasureLeadTime:      {"hours", Record.leadTime},
	MeasureDeployment:    {"minutes", Record.deploymentTime},
	MeasureWaiting:       {"hours", func(r Record) *float64 { return hours(WaitedTime(r.Waits, r.reviewed())) }},
	MeasureDowntime:      {"minutes", Record.measuredDowntime},
	MeasureIncidents:     {"incidents", Record.caused},
	MeasureCalls:         {"calls", Record.called},
	MeasureBuilds:        {"builds", func(r Record) *float64 { return number(float64(len(r.Builds))) }},
	MeasureDiscrepancies: {"discrepancies", Record.discrepant},
	MeasureCost:          {"", Record.costs}, // the organization's currency
	MeasureSatisfaction:  {"of 5", Record.satisfaction},
}

// Unit is that in which a measure is given, with costs in a currency.
func (m Measure) Unit(currency string) string {
	if m == MeasureCost {
		return currency
	}
	return measuring[m].unit
}

// Of works a measure out from the record of a release whose review has begun; nil when
// nothing was measured.
func (m Measure) Of(r Record) *float64 {
	if how, known := measuring[m]; known {
		return how.of(r)
	}
	return nil
}

// Reached compares the performance targets of a plan with what the record says was
// reached. What was not measured is not met.
func Reached(targets []PerformanceTarget, r Record, currency string) []Performance {
	var reached []Performance
	for _, t := range targets {
		p := Performance{PerformanceTarget: t, Unit: t.Measure.Unit(currency), Actual: t.Measure.Of(r)}
		p.Met = p.Actual != nil && (t.AtMost == nil || *p.Actual <= *t.AtMost) && (t.AtLeast == nil || *p.Actual >= *t.AtLeast)
		reached = append(reached, p)
	}
	return reached
}

// reviewed is when looking back began, or else when the release was closed.
func (r Record) reviewed() time.Time {
	if r.Review != nil {
		return r.Review.Opened
	}
	return r.Closed
}

// leadTime is from the request until the release was live in its last environment.
func (r Record) leadTime() *float64 {
	if len(r.Environments) == 0 || r.Environments[len(r.Environments)-1].Live.IsZero() {
		return nil
	}
	return hours(r.Environments[len(r.Environments)-1].Live.Sub(r.Started))
}

// deploymentTime is that of all stages in which something was deployed.
func (r Record) deploymentTime() *float64 {
	var total time.Duration
	deployed := false
	for _, s := range r.Stages {
		if strings.HasPrefix(string(s.Name), string(StageDeploy)+":") && !s.Ended.IsZero() {
			deployed, total = true, total+s.Ended.Sub(s.Started)
		}
	}
	if !deployed {
		return nil
	}
	return number(total.Minutes())
}

func (r Record) measuredDowntime() *float64 {
	watched := slices.ContainsFunc(r.Environments, func(e EnvironmentRecord) bool { return e.Support != nil && len(e.Support.Availability) > 0 })
	if !watched {
		return nil
	}
	return number(r.Downtime().Std().Minutes())
}

// caused counts the incidents that the release caused.
func (r Record) caused() *float64 {
	return r.inSupport(func(s SupportStatus) (n int) {
		for _, i := range s.Incidents {
			if !i.Unrelated {
				n++
			}
		}
		return n
	})
}

func (r Record) called() *float64 {
	return r.inSupport(SupportStatus.CallCount)
}

// inSupport adds something up over all early life supports; nil when there was none.
func (r Record) inSupport(count func(s SupportStatus) int) *float64 {
	total, supported := 0, false
	for _, e := range r.Environments {
		if e.Support != nil {
			total, supported = total+count(*e.Support), true
		}
	}
	if !supported {
		return nil
	}
	return number(float64(total))
}

func (r Record) discrepant() *float64 {
	audited := slices.ContainsFunc(r.Environments, func(e EnvironmentRecord) bool { return len(e.Audits) > 0 })
	if !audited {
		return nil
	}
	d := r.Discrepancies()
	return number(float64(d.Before + d.After + d.AfterBackOut))
}

func (r Record) costs() *float64 {
	if r.Review == nil || r.Review.Cost == nil {
		return nil
	}
	return number(r.Review.Cost.Total)
}

// satisfaction is the mean of all ratings.
func (r Record) satisfaction() *float64 {
	if len(r.Ratings) == 0 {
		return nil
	}
	sum := 0
	for _, rating := range r.Ratings {
		sum += rating.Score
	}
	return number(float64(sum) / float64(len(r.Ratings)))
}

func hours(d time.Duration) *float64 { return number(d.Hours()) }

// number keeps two digits behind the point, which is as much as anybody reads.
func number(n float64) *float64 {
	n = math.Round(n*100) / 100
	return &n
}
