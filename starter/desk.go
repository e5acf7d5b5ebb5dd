package starter

import (
	"context"

	"slipway/release"
)

// What people tell early life support. The environment may be left out of each message
// when only one is in early life support.

// ReportIncident reports that something broke.
func (c *Client) ReportIncident(ctx context.Context, id string, m release.ReportIncident) (release.Receipt, error) {
	return c.tellSupport(ctx, id, release.ActIncident, &m.Environment, &m)
}

// UpdateIncident changes what is known of an incident, or who looks after it.
func (c *Client) UpdateIncident(ctx context.Context, id string, m release.UpdateIncident) (release.Receipt, error) {
	return c.tellSupport(ctx, id, release.ActUpdateIncident, &m.Environment, &m)
}

// ResolveIncident says how an incident was resolved.
func (c *Client) ResolveIncident(ctx context.Context, id string, m release.ResolveIncident) (release.Receipt, error) {
	return c.tellSupport(ctx, id, release.ActResolveIncident, &m.Environment, &m)
}

// ServiceDeskCall records a call about the release.
func (c *Client) ServiceDeskCall(ctx context.Context, id string, m release.ServiceDeskCall) (release.Receipt, error) {
	return c.tellSupport(ctx, id, release.ActServiceDeskCall, &m.Environment, &m)
}

// UpdateCall assigns a service desk call, or says how it was resolved.
func (c *Client) UpdateCall(ctx context.Context, id string, m release.UpdateCall) (release.Receipt, error) {
	return c.tellSupport(ctx, id, release.ActUpdateCall, &m.Environment, &m)
}

// NoteKnownError records a known error, or changes one.
func (c *Client) NoteKnownError(ctx context.Context, id string, m release.NoteKnownError) (release.Receipt, error) {
	return c.tellSupport(ctx, id, release.ActKnownError, &m.Environment, &m)
}

// RaiseRFC raises a request for change.
func (c *Client) RaiseRFC(ctx context.Context, id string, m release.RaiseRFC) (release.Receipt, error) {
	return c.tellSupport(ctx, id, release.ActRaiseRFC, &m.Environment, &m)
}

// tellSupport sends an action to the early life support in an environment, which is
// filled into the message.
func (c *Client) tellSupport(ctx context.Context, id string, action release.Action, environment *string, m release.Message) (release.Receipt, error) {
	place, err := c.place(ctx, id, *environment, supported)
	if err != nil {
		return release.Receipt{}, err
	}
	*environment = place
	return c.act(ctx, id, release.SupportID(id, place), action, m)
}
