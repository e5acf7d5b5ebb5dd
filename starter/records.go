package starter

import (
	"context"

	"slipway/release"
	"slipway/release/records"
)

// Records answers a question about what is recorded. It is NotFound for what is not, or
// cannot be asked so; the message says what would work.
func (c *Client) Records(ctx context.Context, r records.Request) (records.Answer, error) {
	var found records.Answer
	return found, c.view(ctx, question{"the records", release.WorkflowRecords, "records"}, r, &found)
}
