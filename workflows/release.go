// Package workflows orders the process: which activity, which wait, which child
// comes next. Decisions are taken in package release, effects happen in package
// activities.
package workflows

import (
	"errors"

	"go.temporal.io/sdk/workflow"

	"slipway/release"
)

// Release carries a service release from request to close, in the order of ITIL's
// release and deployment management process. It ends well with any outcome; an
// error means that Slipway itself could not go on.
func Release(ctx workflow.Context, request release.Request) (release.Conclusion, error) {
	r, err := open(ctx, request)
	if err != nil {
		return release.Conclusion{}, err
	}
	err = r.carry(ctx)
	for errors.Is(err, errAgain) {
		err = r.carry(ctx)
	}
	return r.close(ctx, err)
}

// carry goes through the process. Stages that still hold from an earlier round are
// passed over, so that after a revision or a rebuild it goes on from what changed.
func (r *run) carry(ctx workflow.Context) error {
	// 1, 2: the plan, and the CAB's authorization of it.
	if err := r.authorizePlan(ctx); err != nil {
		return err
	}
	// 3: design, training, documents, build and test environment.
	if err := r.prepare(ctx); err != nil {
		return err
	}
	// 4, 5, 6: build, package and test, again until the tests pass.
	if err := r.buildAndTest(ctx); err != nil {
		return err
	}
	// 3: every requirement proved, where the model leaves that until now.
	if err := r.prove(ctx); err != nil {
		return err
	}
	// 14: one environment after the other.
	for _, env := range r.ahead() {
		// 7: the CAB's authorization of this package in this environment.
		if err := r.authorizeDeployment(ctx, env); err != nil {
			return err
		}
		// 8 to 11: prepare, deploy, back out if it fails, verify.
		if err := r.deploy(ctx, env); err != nil {
			return err
		}
		// 12: early life support.
		if err := r.support(ctx, env); err != nil {
			return err
		}
		// 13: service operations take over.
		if err := r.handOver(ctx, env); err != nil {
			return err
		}
	}
	// 13, E: review, for emergencies in retrospect by the CAB.
	return r.review(ctx)
}

// errAgain says that something before the present stage changed: carry on from
// there.
var errAgain = errors.New("the plan or the package changed")

// ending ends a release with an outcome other than completed.
type ending struct {
	outcome release.Outcome
	reason  string
}

func (e *ending) Error() string { return string(e.outcome) + ": " + e.reason }

func end(outcome release.Outcome, reason string) error {
	return &ending{outcome: outcome, reason: reason}
}
