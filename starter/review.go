package starter

import (
	"context"

	"slipway/release"
)

// Note notes a lesson, risk, issue or improvement about a release, at any time.
func (c *Client) Note(ctx context.Context, id string, m release.TakeNote) (release.Receipt, error) {
	return c.act(ctx, id, id, release.ActNote, m)
}

// LogEffort records hours or money that somebody spent on a release, at any time.
func (c *Client) LogEffort(ctx context.Context, id string, m release.LogEffort) (release.Receipt, error) {
	return c.act(ctx, id, id, release.ActLogEffort, m)
}

// Rate says how satisfied somebody is who was asked.
func (c *Client) Rate(ctx context.Context, id string, m release.Rate) (release.Receipt, error) {
	return c.act(ctx, id, id, release.ActRate, m)
}

// CloseReview closes the review of a release, and with it the release.
func (c *Client) CloseReview(ctx context.Context, id string, m release.CloseReview) (release.Receipt, error) {
	return c.act(ctx, id, id, release.ActCloseReview, m)
}
