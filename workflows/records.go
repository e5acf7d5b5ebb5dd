package workflows

import (
	"go.temporal.io/sdk/workflow"

	"slipway/activities"
	"slipway/release/records"
)

// Records answers a question about what is recorded, and does nothing else.
func Records(ctx workflow.Context, request records.Request) (records.Answer, error) {
	var a *activities.Activities
	var found records.Answer
	err := quick(ctx, "Look the records up", a.AskRecords, request, &found)
	return found, err
}
