package figures_test

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"slipway/release"
	"slipway/release/figures"
)

type tester interface {
	require.TestingT
	Helper()
}

func compute(t tester, facts []figures.Fact, in figures.Input) figures.Portfolio {
	t.Helper()
	p, err := figures.Compute(facts, in)
	require.NoError(t, err)
	return p
}

func value(t tester, p figures.Portfolio, id string) *float64 {
	t.Helper()
	f, found := p.Figure(id)
	require.True(t, found, id)
	return f.Value
}

// counted are the figures that are counts or sums over releases.
var counted = []string{
	"releases", "outcomes", "planned-deployments", "incidents", "calls", "downtime", "back-outs", "discrepancies", "assets", "waiting", "clashes",
}

func TestTheOrderOfFactsDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		facts := drawFacts(t)
		shuffled := rapid.Permutation(facts).Draw(t, "shuffled")
		require.Equal(t, compute(t, facts, input()), compute(t, shuffled, input()))
	})
}

func TestServicesAndTypesAddUpToTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		facts := drawFacts(t)
		whole := compute(t, facts, input())
		for _, filters := range [][]figures.Filter{
			{{Service: "httpbin"}, {Service: "mail"}, {Service: "orders"}},
			{{Type: "standard"}, {Type: "normal"}, {Type: "emergency"}},
		} {
			sums, releases := map[string]float64{}, 0
			for _, filter := range filters {
				in := input()
				in.Filter = filter
				p := compute(t, facts, in)
				releases += p.Releases
				for _, id := range counted {
					if v := value(t, p, id); v != nil {
						sums[id] += *v
					}
				}
			}
			require.Equal(t, whole.Releases, releases)
			for _, id := range counted {
				if v := value(t, whole, id); v != nil {
					require.InDelta(t, *v, sums[id], 1e-6, id)
				} else {
					require.Zero(t, sums[id], id)
				}
			}
		}
	})
}

func TestAReleaseOutsideThePeriodChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		facts, other := drawFacts(t), drawFact(t)
		other.Release, other.Audits = "other@1", nil
		before := compute(t, facts, input())
		if rapid.Bool().Draw(t, "early") {
			other.Started, other.Closed = since.AddDate(-1, 0, 0), since.Add(-time.Microsecond)
		} else {
			other.Started, other.Closed = until, time.Time{}
		}
		require.Equal(t, before, compute(t, append(slices.Clone(facts), other), input()))
	})
}

func TestEveryNumberIsANumber(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := input()
		in.Until = in.Since.Add(time.Duration(rapid.Int64Range(1, 1e16).Draw(t, "length")))
		in.Environment = rapid.SampledFrom([]string{"", "production"}).Draw(t, "environment")
		p := compute(t, drawFacts(t), in)
		check := func(v float64) { require.False(t, math.IsNaN(v) || math.IsInf(v, 0)) }
		for _, f := range p.Figures {
			if f.Value != nil {
				check(*f.Value)
			}
			for _, s := range f.Series {
				for _, point := range s.Points {
					check(point.Value)
					require.LessOrEqual(t, len(point.Releases), figures.LinksKept)
				}
			}
		}
		_, err := json.Marshal(p)
		require.NoError(t, err)
	})
}

func TestWhatWasNotRecordedIsUnknownAndNotZero(t *testing.T) {
	for _, f := range compute(t, nil, input()).Figures {
		if f.ID != "releases" && f.ID != "outcomes" {
			require.Nil(t, f.Value, f.ID)
		}
		require.Empty(t, f.Series, f.ID)
	}
	at := since.Add(time.Hour)
	quiet := figures.Fact{
		Release: "mail@1", Service: "mail", Type: "normal", Started: at, Closed: at.Add(time.Hour), Environments: []string{"production"},
		Supports: []figures.Support{{Environment: "production", Began: at, Observed: true}},
		Runs:     []figures.Run{{Environment: "production", From: at, To: at, State: release.EnvNotDeployed}},
		Audits:   []figures.Audit{{Environment: "production", At: at, Occasion: "before"}},
	}
	p := compute(t, []figures.Fact{quiet}, input())
	for _, id := range []string{
		"incidents", "calls", "downtime", "back-outs", "discrepancies", "clashes", "emergency-share", "planned-deployments", "deployment-frequency",
	} {
		require.Equal(t, new(float64), value(t, p, id), id)
	}
	for _, id := range []string{"lead-time", "change-failure-rate", "time-to-restore", "cost", "satisfaction", "waiting", "rework", "assets", "procedure-reviews"} {
		require.Nil(t, value(t, p, id), id)
	}
}

func TestProcedureReviewsAreCountedByTheYear(t *testing.T) {
	in := input()
	in.Since, in.Until = until.AddDate(0, 0, -730), until
	in.ProcedureReviews = []release.ProcedureReview{{On: in.Since}, {On: until.Add(-1)}, {On: until}, {On: in.Since.Add(-1)}, {On: since}}
	require.InDelta(t, 1.5, *value(t, compute(t, nil, in), "procedure-reviews"), 1e-9)
	in.ProcedureReviews = in.ProcedureReviews[2:4]
	require.Zero(t, *value(t, compute(t, nil, in), "procedure-reviews"))
}

func TestInputThatMakesNoSenseIsRefused(t *testing.T) {
	for want, change := range map[string]func(*figures.Input){
		"the period has no beginning or no end: say since when and until when":                                                       func(in *figures.Input) { in.Since = time.Time{} },
		"the period begins (2026-05-20T06:00:00Z) when it has ended (2026-05-20T06:00:00Z): use an earlier beginning or a later end": func(in *figures.Input) { in.Since = in.Until },
		"organization.rates: an hour of developer costs -1: use a number that is not negative":                                       func(in *figures.Input) { in.Rates.Roles = map[string]float64{"developer": -1} },
		"organization.rates: a machine hour costs NaN: use a number that is not negative":                                            func(in *figures.Input) { in.Rates.MachineHour = math.NaN() },
	} {
		in := input()
		change(&in)
		_, err := figures.Compute(nil, in)
		require.EqualError(t, err, want)
		_, err = figures.Rows(nil, in)
		require.EqualError(t, err, want)
	}
	names := figures.Names{Services: []string{"httpbin", "mail"}, Types: []string{"normal"}}
	require.NoError(t, names.Check(figures.Filter{Service: "mail", Type: "normal"}))
	require.EqualError(t, names.Check(figures.Filter{Service: "moon"}), "there is no service moon: use httpbin, mail")
	require.EqualError(t, names.Check(figures.Filter{Environment: "moon"}), "there is no environment moon: no release was recorded yet")
}

func TestALargePortfolioIsBounded(t *testing.T) {
	var facts []figures.Fact
	for i := range 5_000 {
		at := since.AddDate(-8, 0, i/2)
		name := fmt.Sprintf("%s-%d", strings.Repeat("s", 55), i%300)
		f := figures.Fact{
			Release: name + "@" + strings.Repeat("9", 50) + fmt.Sprint(i), Service: name, Type: name, Started: at, Closed: at.Add(time.Hour),
			Outcome: release.Completed, Environments: []string{name},
			Runs:      []figures.Run{{Environment: name, From: at, To: at, State: release.EnvLive}},
			Builds:    []figures.Build{{At: at, Took: time.Hour}},
			Tests:     []figures.Test{{At: at, Suite: name, Failed: true}},
			Waits:     []release.Waited{{Kind: release.WaitGate, Gate: name, Needs: name, Since: at, Until: at.Add(time.Hour), People: []string{name}}},
			Incidents: []figures.Incident{{Environment: name, Severity: 1, Defect: release.Defects[i%11], Opened: at, Resolved: at.Add(time.Hour)}},
			Supports:  []figures.Support{{Environment: name, Began: at, Observed: true, Down: time.Minute}},
			Ratings:   []release.Rating{{By: name, Score: 1, At: at}},
			Live:      []release.LiveSince{{Environment: name, At: at, Planned: at}},
			Calls:     []figures.Call{{Environment: name, At: at}},
		}
		facts = append(facts, f)
	}
	in := input()
	in.Since = since.AddDate(-9, 0, 0)
	p := compute(t, facts, in)
	require.Len(t, p.Calendar, figures.CalendarKept)
	require.Equal(t, len(facts)-figures.CalendarKept, p.CalendarLeft)
	const limit = 900_000
	text, err := json.Marshal(p.Bounded(limit))
	require.NoError(t, err)
	require.Less(t, len(text), limit)
	started, _ := p.Figure("releases")
	for _, s := range started.Series {
		if s.By == "month" {
			require.Len(t, s.Points, figures.MonthsKept)
			require.Equal(t, "2024-12", s.Points[len(s.Points)-1].At)
		} else {
			require.Len(t, s.Points, figures.PointsKept)
		}
		require.Positive(t, s.Left)
	}
	require.Equal(t, len(facts), started.Count)
}
