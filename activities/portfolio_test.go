package activities_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"slipway/release"
	"slipway/release/figures"
	"slipway/release/figures/figurestest"
)

// newYear is a worker whose CMS holds a made-up year.
func newYear(t *testing.T, releases int, rates release.Rates) *ground {
	t.Helper()
	g := newGround(t, 0)
	g.a.Organization = func() release.Organization { return release.Organization{Rates: rates} }
	for _, s := range figurestest.Releases(3, releases) {
		require.NoError(t, g.a.Store.Write(t.Context(), s.Entries))
	}
	return g
}

func TestAPortfolioIsComparedWithThePeriodBefore(t *testing.T) {
	g := newYear(t, 60, figurestest.Rates)
	ask := func(r figures.Request) (p figures.Portfolio) {
		value, err := g.env.ExecuteActivity(g.a.Portfolio, r)
		require.NoError(t, err)
		require.NoError(t, value.Get(&p))
		return p
	}
	summer := figures.Request{Since: figurestest.Begin.AddDate(0, 0, 150), Until: figurestest.Begin.AddDate(0, 0, 200)}
	spring := figures.Request{Since: figurestest.Begin.AddDate(0, 0, 100), Until: summer.Since}
	before := ask(spring)
	for _, f := range ask(summer).Figures {
		was, _ := before.Figure(f.ID)
		require.Equal(t, was.Value, f.Before, f.ID)
	}
}

func TestAPortfolioThatMakesNoSenseIsRefused(t *testing.T) {
	good := figures.Request{Since: figurestest.Begin, Until: figurestest.End}
	late := good
	late.Since = good.Until
	stray := good
	stray.Environment = "moon"
	for want, c := range map[string]struct {
		figures.Request
		rates release.Rates
	}{
		"the period begins (2026-01-01T00:00:00Z) when it has ended":           {Request: late},
		"there is no environment moon: use apac, emea, production, staging":    {Request: stray},
		"organization.rates: an hour of tester costs -2: use a number that is": {good, release.Rates{Roles: map[string]float64{"tester": -2}}},
		"organization.rates: a machine hour costs +Inf":                        {good, release.Rates{MachineHour: math.Inf(1)}},
	} {
		g := newYear(t, 20, c.rates)
		_, err := g.env.ExecuteActivity(g.a.Portfolio, c.Request)
		require.ErrorContains(t, err, want)
		_, err = g.env.ExecuteActivity(g.a.PortfolioReleases, figures.PageRequest{Request: c.Request})
		require.ErrorContains(t, err, want)
	}
}
