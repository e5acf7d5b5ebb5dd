package activities

import (
	"errors"

	"go.temporal.io/sdk/temporal"

	"slipway/release"
)

// invalidDefinition fails for good with what is wrong, as details.
func invalidDefinition(problems release.Problems) error {
	return temporal.NewNonRetryableApplicationError(problems.Error(), release.ErrorInvalidDefinition, nil, problems)
}

// unfit fails for good: what was given will never be taken.
func unfit(err error) error {
	return temporal.NewNonRetryableApplicationError(err.Error(), errorUnfit, err)
}

// errorUnfit is the type of what can never be taken.
const errorUnfit = "Unfit"

// errStopping says that the worker stops: the activity runs again elsewhere.
var errStopping = errors.New("the worker is stopping; the work begins again on another one")
