package cms_test

import (
	"math"
	"slices"
	"strings"
	"time"

	"slipway/release"
	"slipway/release/figures"
	"slipway/release/figures/figurestest"
)

// answers are the figures of releases as this test works them out, from what was made up
// and by other means than package figures.
type answers struct {
	in      figures.Input
	numbers map[place4]*observed
}

// place4 is a number of a portfolio: the value of a figure where by is empty.
type place4 struct{ figure, by, name, at string }

// observed is what a number is made of.
type observed struct {
	values   []float64
	releases map[string]bool
}

// ways says how the values of each figure become one number.
var ways = map[string]string{
	"releases": "sum", "outcomes": "sum", "emergency-share": "percent",
	"deployment-frequency": "per week", "lead-time": "median", "change-failure-rate": "percent", "time-to-restore": "median",
	"planned-deployments": "sum", "on-time": "percent", "delay": "mean", "duration": "mean", "stages": "mean",
	"incidents": "sum", "calls": "sum", "downtime": "sum", "back-outs": "sum", "satisfaction": "mean",
	"rework": "mean", "failing-suites": "percent", "targets-met": "percent", "discrepancies": "sum", "assets": "sum",
	"waiting": "sum", "waiting-gates": "mean", "waiting-windows": "mean", "waiting-people": "mean", "clashes": "sum",
	"cost": "mean",
}

func (a *answers) note(p place4, id string, value float64) {
	o := a.numbers[p]
	if o == nil {
		o = &observed{releases: map[string]bool{}}
		a.numbers[p] = o
	}
	o.values = append(o.values, value)
	o.releases[id] = true
}

// life is a start of a release that a portfolio is about.
type life struct {
	figurestest.Start
	*answers
}

// say notes a value of a figure when it is of the period, as a whole, by month, and by what
// is told in pairs.
func (l life) say(figure string, at time.Time, value float64, pairs ...string) {
	if !l.of(at) {
		return
	}
	l.note(place4{figure: figure}, l.ID, value)
	l.broken(figure, value, append(pairs, "month", at.Format("2006-01"))...)
}

func (l life) broken(figure string, value float64, pairs ...string) {
	for i := 0; i < len(pairs); i += 2 {
		by, name, _ := strings.Cut(pairs[i], "/")
		l.note(place4{figure, by, name, pairs[i+1]}, l.ID, value)
	}
}

func (l life) of(at time.Time) bool {
	return !at.IsZero() && at.Unix() >= l.in.Since.Unix() && at.Unix() < l.in.Until.Unix()
}

func (l life) goesTo(environment string) bool {
	return l.in.Environment == "" || l.in.Environment == environment
}

// main are the environments that stand for production.
func (l life) main() (list []string) {
	for _, e := range l.Environments {
		if l.in.Environment == e || (l.in.Environment == "" && figurestest.Purposes[e] == "production") {
			list = append(list, e)
		}
	}
	if len(list) == 0 {
		list = l.Environments[len(l.Environments)-1:]
	}
	return list
}

// answer works out a portfolio of these releases.
func answer(in figures.Input, starts []figurestest.Start) *answers {
	a := &answers{in: in, numbers: map[place4]*observed{}}
	for _, s := range starts {
		l := life{s, a}
		switch {
		case s.Started.Unix() >= in.Until.Unix(), !s.Closed.IsZero() && s.Closed.Unix() < in.Since.Unix() && !l.auditedLater():
		case in.Service != "" && in.Service != s.Service, in.Type != "" && in.Type != s.Model:
		case in.Environment != "" && !slices.Contains(s.Environments, in.Environment):
		default:
			l.lifeTimes()
			l.deployments()
			l.planning()
			l.supporting()
			l.making()
			l.waiting()
			l.spending()
		}
	}
	return a
}

// auditedLater tells whether somebody looked at what the release left behind.
func (l life) auditedLater() bool {
	return slices.ContainsFunc(l.Entries, func(e release.Entry) bool {
		return e.Audit != nil && e.Audit.Audit.When == release.AuditOnDemand && l.of(e.Audit.Audit.At) && l.goesTo(e.Audit.Environment)
	})
}

// number makes one of the values of a place.
func (a *answers) number(p place4) float64 {
	o := a.numbers[p]
	total := 0.0
	for _, v := range o.values {
		total += v
	}
	switch ways[p.figure] {
	case "sum":
		return total
	case "mean":
		return total / float64(len(o.values))
	case "percent":
		return 100 * total / float64(len(o.values))
	case "median":
		slices.Sort(o.values)
		n := len(o.values)
		if n%2 == 1 {
			return o.values[n/2]
		}
		return (o.values[n/2-1] + o.values[n/2]) / 2
	case "per week":
		return total / math.Max(1, a.days(p)/7)
	}
	panic("there is no way to work out " + p.figure)
}

// days is how many days of the period a number stands for.
func (a *answers) days(p place4) float64 {
	days := 0.0
	for at := a.in.Since; at.Before(a.in.Until); at = at.Add(time.Hour) {
		if p.by != "month" || at.Format("2006-01") == p.at {
			days += 1.0 / 24
		}
	}
	return days
}

func (l life) lifeTimes() {
	l.say("releases", l.Started, 1, "type", l.Model, "service", l.Service)
	emergency := 0.0
	if l.Emergency {
		emergency = 1
	}
	l.say("emergency-share", l.Started, emergency, "service", l.Service)
	if outcome := string(l.Outcome); l.of(l.Closed) {
		l.note(place4{figure: "outcomes"}, l.ID, 1)
		l.broken("outcomes", 1, "outcome", outcome, "service", l.Service, "month/"+outcome, l.Closed.Format("2006-01"))
	}
}

// deployments is what became of each environment.
func (l life) deployments() {
	var changed, lastLive time.Time
	failure := 0.0
	liveAt, backedOut := map[string]time.Time{}, map[string]time.Time{}
	for _, e := range l.Entries {
		if e.Deployment == nil || !l.goesTo(e.Deployment.Environment) {
			continue
		}
		where, state := e.Deployment.Environment, e.Deployment.State
		main := slices.Contains(l.main(), where)
		if state == release.EnvBackedOut {
			backedOut[where] = e.At
			l.say("back-outs", e.At, 1, "service", l.Service, "environment", where)
		}
		if !main || state == release.EnvNotDeployed {
			continue
		}
		if changed.IsZero() {
			changed = e.At
		}
		if state != release.EnvLive {
			failure = 1
		}
		if state != release.EnvBackedOut {
			l.say("deployment-frequency", e.At, 1, "service", l.Service, "environment", where)
			liveAt[where], lastLive = e.At, e.At
		}
	}
	if len(liveAt) == len(l.main()) {
		l.say("lead-time", lastLive, lastLive.Sub(l.Started).Hours(), "service", l.Service, "type", l.Model)
	}
	for _, e := range l.Entries {
		if e.Incident == nil || !slices.Contains(l.main(), e.Incident.Environment) {
			continue
		}
		if i := e.Incident.Incident; !i.Unrelated && i.Severity < 3 {
			failure = 1
			end := i.Resolved
			if end.IsZero() {
				end = backedOut[e.Incident.Environment]
			}
			l.say("time-to-restore", end, end.Sub(i.Opened).Hours(), "service", l.Service)
		}
	}
	l.say("change-failure-rate", changed, failure, "service", l.Service, "type", l.Model)
}
