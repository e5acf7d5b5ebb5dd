package worker

import (
	"context"
	"fmt"

	"go.temporal.io/sdk/client"

	"slipway/release"
)

// releases asks the workflows of releases.
type releases struct{ client client.Client }

func (r releases) Running(ctx context.Context, id string) (bool, error) {
	return running(ctx, r.client, id, "")
}

func (r releases) Plan(ctx context.Context, id string) (release.Plan, error) {
	var plan release.Plan
	value, err := r.client.QueryWorkflow(ctx, id, "", release.QueryPlan)
	if err == nil {
		err = value.Get(&plan)
	}
	if err != nil {
		return plan, fmt.Errorf("plan of %s: %w", id, err)
	}
	return plan, nil
}
