package starter

import (
	"context"
	"time"

	"slipway/release"
	"slipway/release/figures"
)

// figuresLimit is how long figures may take to be worked out.
const figuresLimit = 5 * time.Minute

// Portfolio gives the figures of the releases of a period. It is NotFound for a service,
// release type or environment that nobody knows; the message names those there are.
func (c *Client) Portfolio(ctx context.Context, r figures.Request) (figures.Portfolio, error) {
	var found figures.Portfolio
	return found, c.viewWithin(ctx, figuresLimit, question{"the figures", release.WorkflowPortfolio, "portfolio"}, r, &found)
}

// PortfolioReleases gives each start of a release of a period with its own figures, page
// by page, in the order of the starts, until visit fails.
func (c *Client) PortfolioReleases(ctx context.Context, r figures.Request, visit func([]figures.Row) error) error {
	request := figures.PageRequest{Request: r}
	for {
		var page figures.Page
		q := question{"the releases", release.WorkflowPortfolioReleases, "portfolio-releases"}
		if err := c.viewWithin(ctx, figuresLimit, q, request, &page); err != nil {
			return err
		}
		if err := visit(page.Rows); err != nil || page.Next == nil {
			return err
		}
		request.After = *page.Next
	}
}
