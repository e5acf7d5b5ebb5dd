package release

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// The names of the exit criteria.
const (
	CriterionIncidents = "incidents"
	CriterionDowntime  = "downtime"
	CriterionBudget    = "error budget"
	CriterionCalls     = "calls"
	CriterionMinimum   = "minimum"
	CriterionKnowledge = "knowledge"
)

// KnowledgeItem is the item by which somebody confirms that knowledge was transferred.
const KnowledgeItem = "knowledge"

// Evaluate compares all exit criteria of the plan with what there is by a time: only when
// all are met may early life support end well (ITIL: exit criteria for early life support).
func (p Support) Evaluate(s SupportStatus, now time.Time) []Criterion {
	criteria := []Criterion{p.Exit.incidents(s)}
	if most := p.Exit.MaxDowntime; most > 0 {
		criteria = append(criteria, downtimeCriterion(CriterionDowntime, fmt.Sprintf("at most %s", most), most, s))
	}
	if budget := p.Budget(); budget > 0 {
		wanted := fmt.Sprintf("at most %g %% of %s, which is %s", p.Exit.ErrorBudget, p.Period, budget)
		criteria = append(criteria, downtimeCriterion(CriterionBudget, wanted, budget, s))
	}
	if most := p.Exit.CallsPerDay; most != nil {
		perDay := s.callsPerDay(now)
		criteria = append(criteria, Criterion{
			Name: CriterionCalls, Wanted: fmt.Sprintf("at most %g service desk calls a day over the last %d days", *most, callDays),
			Actual: fmt.Sprintf("%.1f service desk calls a day", perDay), Met: perDay <= *most,
		})
	}
	if p.Minimum > 0 {
		lasted := Duration(now.Sub(s.Started))
		criteria = append(criteria, Criterion{
			Name: CriterionMinimum, Wanted: fmt.Sprintf("at least %s", p.Minimum),
			Actual: fmt.Sprintf("it lasts for %s by now", Roughly(lasted)), Met: lasted >= p.Minimum,
		})
	}
	if p.Exit.Knowledge {
		c := Criterion{Name: CriterionKnowledge, Wanted: "knowledge was transferred, as service operations confirm", Actual: "nobody confirmed that knowledge was transferred"}
		if k := s.Knowledge; k != nil {
			c.Actual, c.Met = join(k.By+" confirmed it", k.Summary), true
		}
		criteria = append(criteria, c)
	}
	return criteria
}

// Budget is how long a target may be down by the error budget; zero when there is none.
func (p Support) Budget() Duration {
	const whole = 100
	return Duration(float64(p.Period) * p.Exit.ErrorBudget / whole)
}

// DowntimeLimit is the downtime of a target above which a criterion does not hold any
// more; zero when downtime is not looked at.
func (p Support) DowntimeLimit() Duration {
	most, budget := p.Exit.MaxDowntime, p.Budget()
	if most == 0 || budget == 0 {
		return max(most, budget)
	}
	return min(most, budget)
}

// Unmet says of each criterion that is not met what there is, and what is wanted.
func Unmet(criteria []Criterion) (unmet []string) {
	for _, c := range criteria {
		if !c.Met {
			unmet = append(unmet, fmt.Sprintf("%s (wanted: %s)", c.Actual, c.Wanted))
		}
	}
	return unmet
}

// openSeverity is the severity at or above which no incident may be open.
func (c ExitCriteria) openSeverity() int { return cmp.Or(c.OpenSeverity, 2) }

// Serious tells whether an incident keeps early life support from ending well.
func (c ExitCriteria) Serious(i Incident) bool { return i.holds(c.openSeverity()) }

// holds tells whether an incident of the release is open with such a severity or a worse
// one.
func (i Incident) holds(severity int) bool { return i.Open() && !i.Unrelated && i.Severity <= severity }

// String names an incident that is open: "incident INC-1 of severity 2 is open: it is slow".
func (i Incident) String() string {
	return fmt.Sprintf("incident %s of severity %d is open: %s", i.ID, i.Severity, i.Summary)
}

// incidentsNamed is how many open incidents a criterion names.
const incidentsNamed = 3

func (c ExitCriteria) incidents(s SupportStatus) Criterion {
	var open []string
	for _, i := range s.Incidents {
		if c.Serious(i) {
			open = append(open, i.String())
		}
	}
	found := Criterion{
		Name: CriterionIncidents, Wanted: fmt.Sprintf("no open incident of severity %d or worse", c.openSeverity()),
		Actual: "none is open", Met: len(open) == 0,
	}
	if more := len(open) - incidentsNamed; more > 0 {
		open = append(open[:incidentsNamed:incidentsNamed], fmt.Sprintf("and %d more", more))
	}
	if len(open) > 0 {
		found.Actual = strings.Join(open, "; ")
	}
	return found
}

// downtimeCriterion wants that no target was down for longer than a limit.
func downtimeCriterion(name, wanted string, limit Duration, s SupportStatus) Criterion {
	sight := s.Sight()
	target, downtime := sight.Worst()
	c := Criterion{Name: name, Wanted: wanted, Actual: "no target was seen down", Met: downtime <= limit}
	switch {
	case target != "":
		c.Actual = fmt.Sprintf("%s was down for %s", target, Roughly(downtime))
	case sight.Targets() == 0:
		c.Actual = "nothing was measured yet"
	}
	if dark := sight.Unobserved(); dark > 0 {
		c.Actual += fmt.Sprintf(", and nobody looked for %s", Roughly(dark))
	}
	return c
}

const (
	// callDays is over how many days service desk calls are counted.
	callDays = 7
	day      = 24 * time.Hour
)

// callsPerDay counts the calls of the last seven days, or since the beginning when that
// is less, but of one day at least.
func (s SupportStatus) callsPerDay(now time.Time) float64 {
	over := min(callDays*day, max(day, now.Sub(s.Started)))
	recent := 0
	for _, c := range s.Calls {
		if now.Sub(c.At) < over {
			recent++
		}
	}
	if recent > 0 && recent == len(s.Calls) {
		recent += s.EarlierCalls // which may be as recent
	}
	return float64(recent) * float64(day) / float64(over)
}

// Turns is when an exit criterion may come to hold by time alone: when the next call is
// too old to be counted. It is zero when none does.
func (p Support) Turns(s SupportStatus, now time.Time) time.Time {
	if p.Exit.CallsPerDay == nil {
		return time.Time{}
	}
	var next time.Time
	for _, c := range s.Calls {
		if gone := c.At.Add(callDays * day); gone.After(now) && (next.IsZero() || gone.Before(next)) {
			next = gone
		}
	}
	return next
}

// Reason says why the release is to be backed out without anybody being asked; empty when
// no condition holds.
func (p Support) Reason(s SupportStatus) string {
	if p.BackOut.Severity > 0 {
		i := slices.IndexFunc(s.Incidents, func(i Incident) bool { return i.holds(p.BackOut.Severity) })
		if i >= 0 {
			return s.Incidents[i].String()
		}
	}
	target, downtime := s.Sight().Worst()
	if limit := p.DowntimeLimit(); p.BackOut.BudgetBurnt && limit > 0 && downtime > limit {
		return fmt.Sprintf("%s was down for %s, and at most %s are accepted", target, Roughly(downtime), limit)
	}
	return ""
}

// Roughly leaves out of a duration what is too small to matter for its length.
func Roughly(d Duration) Duration {
	std := d.Std()
	switch {
	case std >= time.Hour:
		return Duration(std.Round(time.Second))
	case std >= time.Second:
		return Duration(std.Round(100 * time.Millisecond))
	}
	return Duration(std.Round(time.Millisecond))
}
