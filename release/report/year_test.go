package report

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"slipway/release/figures"
)

// brief is a portfolio with one figure of each kind.
func brief() figures.Portfolio {
	p := portfolioOf(5, 2)
	var kept []figures.Figure
	for _, at := range []int{1, 4, 7, 8, 14} {
		kept = append(kept, p.Figures[at])
	}
	p.Figures = kept
	return p
}

// year is a portfolio of about sixty releases from December to November, of three
// services in two environments, as the figures of a real organization look.
func year() figures.Portfolio { return portfolioOf(62, 1) }

var (
	yearBegins = time.Date(2025, 12, 1, 0, 0, 0, 0, time.UTC)
	yearEnds   = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
)

// portfolioOf makes a portfolio of so many releases; the same seed gives the same one.
func portfolioOf(n int, seed uint64) figures.Portfolio {
	dice := rand.New(rand.NewPCG(seed, 0)) // #nosec G404: it is a fixture
	p := figures.Portfolio{Since: yearBegins, Until: yearEnds, Currency: "CHF", Releases: n}
	services := []string{"httpbin", "payments-gateway", "catalogue"}
	var ids []string
	for i := range n {
		id := fmt.Sprintf("%s@%d.%d.0", services[i%3], 2+i/30, i%30)
		ids = append(ids, id)
		at := yearBegins.Add(time.Duration(i) * yearEnds.AddDate(0, 0, 12).Sub(yearBegins) / time.Duration(n)).Truncate(time.Hour).Add(9 * time.Hour)
		kind := []string{"normal", "normal", "standard", "normal", "emergency"}[dice.IntN(5)]
		for j, environment := range []string{"staging", "production"} {
			d := figures.Deployment{Release: id, Environment: environment, Type: kind, From: at.AddDate(0, 0, i%3*j)}
			d.To = d.From.Add(time.Duration(4+dice.IntN(40)) * time.Minute)
			d.State = []string{"live", "live", "live", "live", "live", "partly live", "backed out", "live"}[dice.IntN(8)]
			if d.From.After(yearEnds) {
				d.State, d.To = "planned", time.Time{}
			}
			p.Calendar = append(p.Calendar, d)
		}
	}
	f := fixture{dice, ids}
	p.Figures = []figures.Figure{
		f.monthly("deployment-frequency", "Deployment frequency", "per week", 1.3, figures.Higher, 0.4),
		f.monthly("lead-time", "Lead time for changes", "hours", 96.4, figures.Lower, 0.5),
		f.monthly("change-failure-rate", "Change failure rate", "percent", 11.3, figures.Lower, 0.9),
		f.monthly("time-to-restore", "Time to restore", "hours", 2.75, figures.Lower, 0.9),
		f.stacked("incidents", "Incidents caused by releases", "incidents", "function", "interface", "data", "performance", "configuration", "deployment", "packaging"),
		f.stacked("outcomes", "Outcomes", "releases", "completed", "completed with issues", "backed-out", "rejected"),
		f.stacked("assets", "Assets", "assets", "introduced", "changed", "retired"),
		f.pairs("stages", "Stages, planned against actual", "hours"),
		f.rows("waiting", "Time spent waiting", "hours", "gate", "plan", "build", "deploy:staging", "deploy:production"),
		f.monthly("calls", "Service desk calls after deployment", "calls", 41, figures.Lower, 0.7),
		f.monthly("downtime", "Downtime from deployment", "minutes", 17.2, figures.Lower, 1),
		f.monthly("cost", "Cost per release", "CHF", 4210, figures.Lower, 0.3),
		f.monthly("satisfaction", "Customer satisfaction", "of 5", 4.1, figures.Higher, 0.1),
		f.rows("rework", "Builds for each release", "builds", "service", services...),
		{ID: "discrepancies", Title: "Discrepancies found in configuration audits", Unit: "discrepancies", Definition: "What targets held other than the baseline.", Source: "audits", Better: figures.Lower},
	}
	waiting := &p.Figures[8]
	waiting.Series = append(waiting.Series, figures.Series{By: "person", Points: []figures.Point{
		f.point("ana", 210), f.point("ben", 95.5), f.point("Wolfgang Amadeus Theophilus von Hohenzollern-Sigmaringen", 44), f.point("eva", 3.2),
	}})
	p.Hints = []figures.Hint{
		{Figure: "waiting", Text: "Gate deploy:production waits longest: 61 hours in the middle, half of it for ana. Name a second voter, or a delegate.", Links: f.links(9)},
		{Figure: "change-failure-rate", Text: "payments-gateway was backed out 4 times, more often than all other services together.", Links: f.links(4)},
	}
	return p
}

// fixture makes up figures.
type fixture struct {
	dice *rand.Rand
	ids  []string
}

func (f fixture) links(n int) figures.Links {
	var l figures.Links
	for _, i := range f.dice.Perm(len(f.ids))[:min(n, len(f.ids), figures.LinksKept)] {
		l.Releases = append(l.Releases, f.ids[i])
	}
	l.Count = n
	return l
}

func (f fixture) point(at string, value float64) figures.Point {
	return figures.Point{At: at, Value: value, Links: f.links(1 + f.dice.IntN(5))}
}

// months are those of the year, with one in which nothing was released.
func (f fixture) months(value func(n int) float64) []figures.Point {
	var points []figures.Point
	for n := range 12 {
		if n != 8 {
			points = append(points, f.point(yearBegins.AddDate(0, n, 0).Format("2006-01"), value(n)))
		}
	}
	return points
}

func (f fixture) figure(id, title, unit string, value float64, better figures.Better, series ...figures.Series) figures.Figure {
	return figures.Figure{
		ID: id, Title: title, Unit: unit, Value: &value, Better: better, Series: series, Links: f.links(min(40, len(f.ids))),
		Definition: "The " + title + ", worked out over all releases that ended in the period.", Source: "releases, deployments",
	}
}

func (f fixture) monthly(id, title, unit string, value float64, better figures.Better, spread float64) figures.Figure {
	return f.figure(id, title, unit, value, better, figures.Series{By: "month", Points: f.months(func(n int) float64 {
		v := value * (1.3 - 0.05*float64(n)) * (1 + spread*(f.dice.Float64()-0.5))
		return math.Round(100*v) / 100
	})})
}

func (f fixture) stacked(id, title, unit string, names ...string) figures.Figure {
	var series []figures.Series
	sum := 0.0
	for i, name := range names {
		series = append(series, figures.Series{By: "month", Name: name, Points: f.months(func(int) float64 {
			v := float64(f.dice.IntN(1 + 6/(i+1)))
			sum += v
			return v
		})})
	}
	return f.figure(id, title, unit, sum, "", series...)
}

func (f fixture) pairs(id, title, unit string) figures.Figure {
	planned, actual := figures.Series{By: "stage", Name: "planned"}, figures.Series{By: "stage", Name: "actual"}
	for i, stage := range []string{"plan", "plan-gate", "prepare", "build", "test", "deploy-gate:production", "deploy:production", "early-life-support:production", "review"} {
		hours := []float64{2, 48, 8, 1, 3, 24, 0.5, 336, 24}[i]
		planned.Points = append(planned.Points, f.point(stage, hours))
		actual.Points = append(actual.Points, f.point(stage, hours*(0.5+f.dice.Float64())))
	}
	return f.figure(id, title, unit, 1.12, figures.Lower, planned, actual)
}

func (f fixture) rows(id, title, unit, by string, names ...string) figures.Figure {
	s := figures.Series{By: by}
	for i, name := range names {
		s.Points = append(s.Points, f.point(name, float64(100*(i+1))*f.dice.Float64()))
	}
	return f.figure(id, title, unit, 61, figures.Lower, s)
}
