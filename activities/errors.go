package activities

import (
	"errors"
	"fmt"

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

// refused fails for good with what somebody asked wrongly, and what would work.
func refused(format string, args ...any) error {
	return temporal.NewNonRetryableApplicationError(fmt.Sprintf(format, args...), release.ErrorRefused, nil)
}

// answered passes an answer on, and fails for good when the question was refused.
func answered[A any](answer A, err error) (A, error) {
	var refusal release.Refusal
	if errors.As(err, &refusal) {
		return answer, refused("%s", refusal)
	}
	return answer, err
}

// errorUnfit is the type of what can never be taken.
const errorUnfit = "Unfit"

// errStopping says that the worker stops: the activity runs again elsewhere.
var errStopping = errors.New("the worker is stopping; the work begins again on another one")
