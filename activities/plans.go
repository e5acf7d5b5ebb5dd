package activities

import (
	"context"
	"fmt"
	"sync"
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

// plans are those that this worker compiled last.
type plans struct {
	mutex sync.Mutex
	known map[string]release.Plan
	order []string
}

func (p *plans) keep(plan release.Plan) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.known == nil {
		p.known = map[string]release.Plan{}
	}
	key := RefOf(plan).key()
	if _, again := p.known[key]; again {
		return
	}
	if len(p.order) == plansKept {
		delete(p.known, p.order[0])
		p.order = p.order[1:]
	}
	p.known[key] = plan
	p.order = append(p.order, key)
}

func (p *plans) find(ref PlanRef) (release.Plan, bool) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	plan, found := p.known[ref.key()]
	return plan, found
}

// planOf gives a plan that this worker remembers, or else what the release says it is.
func (a *Activities) planOf(ctx context.Context, ref PlanRef) (release.Plan, error) {
	if plan, found := a.plans.find(ref); found {
		return plan, nil
	}
	plan, err := a.Releases.Plan(ctx, ref.Release)
	if err == nil && RefOf(plan).key() != ref.key() {
		err = fmt.Errorf("the plan of %s is %s by now, not %s", ref.Release, plan.Digest.Short(), ref.Digest.Short())
	}
	return plan, err
}
