package starter

import (
	"context"
	"slices"

	"slipway/release"
)

// ExtendSupport lets early life support last longer. The environment may be left out
// when only one is in early life support.
func (c *Client) ExtendSupport(ctx context.Context, id string, m release.ExtendSupport) (release.Receipt, error) {
	return c.tellSupport(ctx, id, release.ActExtendSupport, &m.Environment, &m)
}

// EndSupport ends early life support. The environment may be left out when only one is
// in early life support.
func (c *Client) EndSupport(ctx context.Context, id string, m release.EndSupport) (release.Receipt, error) {
	return c.tellSupport(ctx, id, release.ActEndSupport, &m.Environment, &m)
}

// askSupports puts into a record how its early life supports are by now: a release is
// told of what people do, and of what was measured only at the end.
func (c *Client) askSupports(ctx context.Context, record *release.Record) error {
	for _, place := range supported.met(*record) {
		var status release.SupportStatus
		open, err := c.statusOf(ctx, release.SupportID(record.ID, place), &status)
		switch {
		case err != nil && CodeOf(err) != NotFound:
			return err
		case open && err == nil:
			record.Environment(place).Support = &status
		}
	}
	return nil
}

// WorkingOn gives the activities that go on of a release that is open, and of its early
// life supports.
func (c *Client) WorkingOn(ctx context.Context, record release.Record) ([]Work, error) {
	work, err := c.Working(ctx, record.ID)
	for _, place := range supported.met(record) {
		watch, failed := c.Working(ctx, release.SupportID(record.ID, place))
		if failed != nil && CodeOf(failed) != NotFound {
			err = failed
		}
		work = slices.Concat(work, watch)
	}
	return work, err
}
