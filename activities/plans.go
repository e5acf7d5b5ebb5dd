package activities

import (
	"context"
	"fmt"
	"time"

	"slipway/release"
)

// PlanRef names a plan, so that not every activity that needs it has to be sent all of it.
type PlanRef struct {
	Release  string         `json:"release"`
	Digest   release.Digest `json:"digest"`
	Compiled time.Time      `json:"compiled"`
}

// RefOf names a plan.
func RefOf(p release.Plan) PlanRef {
	return PlanRef{Release: p.Release, Digest: p.Digest, Compiled: p.Compiled.UTC()}
}

func (r PlanRef) key() string {
	return fmt.Sprint(r.Release, " ", r.Digest, " ", r.Compiled.UnixNano())
}

// plansKept is how many plans a worker remembers: what it compiled is most often built by
// it at once.
const plansKept = 64

func (a *Activities) keepPlan(plan release.Plan) {
	a.plans.Lock()
	defer a.plans.Unlock()
	a.plans.keep(RefOf(plan).key(), plan, plansKept)
}

// planOf gives a plan that this worker remembers, or else what the release says it is.
func (a *Activities) planOf(ctx context.Context, ref PlanRef) (release.Plan, error) {
	a.plans.Lock()
	plan, found := a.plans.known[ref.key()]
	a.plans.Unlock()
	if found {
		return plan, nil
	}
	plan, err := a.Releases.Plan(ctx, ref.Release)
	if err == nil && RefOf(plan).key() != ref.key() {
		err = fmt.Errorf("the plan of %s is %s by now, not %s", ref.Release, plan.Digest.Short(), ref.Digest.Short())
	}
	return plan, err
}
