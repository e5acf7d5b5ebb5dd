package activities

import (
	"context"
	"slices"

	"slipway/release"
	"slipway/release/figures"
)

const (
	// portfolioStarts is how many starts of releases figures are worked out from at most.
	portfolioStarts = 50_000
	// portfolioPage is how many rows of releases are given at a time: some half a megabyte.
	portfolioPage = 1000
)

// Portfolio works the figures out of the releases of a period, and of the period of the
// same length before. It refuses a period that makes no sense, and names that nobody
// knows, with those there are.
func (a *Activities) Portfolio(ctx context.Context, r figures.Request) (figures.Portfolio, error) {
	b := beat(ctx, release.Progress{What: "reading the records of the period"})
	defer b.end()
	in, err := a.figuresInput(ctx, r)
	if err != nil {
		return figures.Portfolio{}, err
	}
	facts, err := a.Store.ReleaseFacts(ctx, figures.Query{Since: in.Before().Since, Until: in.Until, Filter: in.Filter, Limit: portfolioStarts + 1})
	if err != nil {
		return figures.Portfolio{}, err
	}
	if len(facts) > portfolioStarts {
		return figures.Portfolio{}, refused("there are more than %s starts of releases in this period and the one before: ask for a shorter one, or for one service",
			release.Grouped(portfolioStarts))
	}
	p, err := figures.Compared(facts, in)
	if err != nil {
		return p, refused("%v", err)
	}
	return p.Bounded(answerLimit), nil
}

// PortfolioReleases gives a page of the releases of a period, with the figures of each.
func (a *Activities) PortfolioReleases(ctx context.Context, r figures.PageRequest) (figures.Page, error) {
	b := beat(ctx, release.Progress{What: "reading the records of some releases"})
	defer b.end()
	in, err := a.figuresInput(ctx, r.Request)
	if err != nil {
		return figures.Page{}, err
	}
	facts, err := a.Store.ReleaseFacts(ctx, figures.Query{Since: in.Since, Until: in.Until, Filter: in.Filter, After: r.After, Limit: portfolioPage})
	if err != nil {
		return figures.Page{}, err
	}
	var page figures.Page
	if n := len(facts); n == portfolioPage {
		page.Next = &figures.Start{Started: facts[n-1].Started, Release: facts[n-1].Release}
	}
	if page.Rows, err = figures.Rows(facts, in); err != nil {
		return page, refused("%v", err)
	}
	return page, nil
}

// figuresInput adds what figures depend on of the organization, and refuses what makes no
// sense.
func (a *Activities) figuresInput(ctx context.Context, r figures.Request) (figures.Input, error) {
	o := a.Organization()
	in := figures.Input{
		Since: r.Since, Until: r.Until, Filter: r.Filter, Rates: o.Rates, ProcedureReviews: o.ProcedureReviews, Purposes: map[string]string{},
	}
	if err := in.Check(); err != nil {
		return in, refused("%v", err)
	}
	names, err := a.Store.ReleaseNames(ctx)
	if err != nil {
		return in, err
	}
	for _, e := range o.Environments {
		in.Purposes[e.Name] = e.Purpose
		names.Environments = append(names.Environments, e.Name)
	}
	slices.Sort(names.Environments)
	names.Environments = slices.Compact(names.Environments)
	if err := names.Check(r.Filter); err != nil {
		return in, refused("%v", err)
	}
	return in, nil
}
