package workflows

import (
	"go.temporal.io/sdk/workflow"

	"slipway/activities"
	"slipway/release/figures"
)

// Portfolio gives the figures of the releases of a period, and does nothing else.
func Portfolio(ctx workflow.Context, request figures.Request) (figures.Portfolio, error) {
	var a *activities.Activities
	var found figures.Portfolio
	err := workflow.ExecuteActivity(limited(ctx, auditTimeout, "Work the figures out"), a.Portfolio, request).Get(ctx, &found)
	return found, err
}

// PortfolioReleases gives a page of these releases with the figures of each, and does
// nothing else.
func PortfolioReleases(ctx workflow.Context, request figures.PageRequest) (figures.Page, error) {
	var a *activities.Activities
	var found figures.Page
	err := workflow.ExecuteActivity(limited(ctx, auditTimeout, "Look the releases up"), a.PortfolioReleases, request).Get(ctx, &found)
	return found, err
}
