package activities

import (
	"context"

	"slipway/release"
)

// BaselineInput asks what runs of a service in an environment.
type BaselineInput struct {
	Environment string `json:"environment"`
	Service     string `json:"service"`
}

// BaselineResult is what runs there; nil when nothing does.
type BaselineResult struct {
	Baseline *release.Baseline `json:"baseline,omitempty"`
}

// Baseline gives what runs of a service in an environment, as the CMS has it.
func (a *Activities) Baseline(ctx context.Context, in BaselineInput) (BaselineResult, error) {
	b, err := a.Store.Baseline(ctx, in.Environment, in.Service)
	return BaselineResult{Baseline: b}, err
}
