package workflows_test

import (
	"context"
	"fmt"

	"slipway/activities"
	"slipway/release"
	"slipway/workflows"
)

// RequestLease lends at once, unless the environment is occupied, or is there to
// lend itself.
func (f *fakes) RequestLease(_ context.Context, in activities.LeaseRequest) error {
	if f.world.real {
		f.toEnvironment(workflows.SignalLeaseRequest, in)
		return nil
	}
	f.world.change(func(w *world) {
		if holder, held := w.holders[in.Environment]; held {
			w.wrong = append(w.wrong, fmt.Sprintf("%s asks for %s, which %s has", in.Holder, in.Environment, holder.Holder))
		}
		w.holders[in.Environment] = in
		if !w.occupied[in.Environment] {
			f.lend(in)
		}
	})
	return nil
}

// TakeTurn lends at once when the environment is free and may be changed, unless it is
// there to lend itself.
func (f *fakes) TakeTurn(ctx context.Context, in activities.TurnInput) (activities.TurnResult, error) {
	found, err := f.Opening(ctx, in.OpeningInput)
	result := activities.TurnResult{OpeningResult: found}
	if err != nil || !found.Clear() || f.world.real {
		return result, err
	}
	f.world.change(func(w *world) {
		if holder, held := w.holders[in.Environment]; held {
			w.wrong = append(w.wrong, fmt.Sprintf("%s takes %s, which %s has", in.Lease.Holder, in.Environment, holder.Holder))
		}
		if !w.occupied[in.Environment] {
			w.holders[in.Environment], result.Taken = in.Lease, true
		}
	})
	return result, nil
}

// toEnvironment passes a request on to the environment itself.
func (f *fakes) toEnvironment(signal string, in activities.LeaseRequest) {
	f.env.RegisterDelayedCallback(func() {
		_ = f.env.SignalWorkflowByID(release.EnvironmentID(in.Environment), signal, in)
	}, 0)
}

// lend tells a deployment that it has the environment.
func (f *fakes) lend(in activities.LeaseRequest) {
	f.env.RegisterDelayedCallback(func() {
		if in.Holder == sampleID {
			f.env.SignalWorkflow("lease-granted", in.Token)
			return
		}
		_ = f.env.SignalWorkflowByID(in.Holder, "lease-granted", in.Environment)
	}, 0)
}

// ReturnLease takes the environment back.
func (f *fakes) ReturnLease(ctx context.Context, in activities.LeaseRequest) error {
	f.world.next(ctx, "return "+in.Environment)
	if f.world.real {
		f.toEnvironment(workflows.SignalLeaseReturn, in)
		return nil
	}
	f.world.change(func(w *world) {
		if has := w.holders[in.Environment]; has.Holder != in.Holder || has.RunID != in.RunID || has.Token != in.Token {
			w.wrong = append(w.wrong, fmt.Sprintf("%s gives %s back, which it does not have", in.Holder, in.Environment))
		}
		delete(w.holders, in.Environment)
	})
	return nil
}

// HolderRunning tells whether a deployment is still there.
func (f *fakes) HolderRunning(_ context.Context, in activities.HolderInput) (activities.HolderResult, error) {
	f.world.mu.Lock()
	defer f.world.mu.Unlock()
	return activities.HolderResult{Running: !f.world.gone[in.Holder+"/"+in.RunID]}, nil
}

// Lent tells who has an environment, when the world knows.
func (f *fakes) Lent(_ context.Context, in activities.LentInput) (activities.LentResult, error) {
	f.world.mu.Lock()
	defer f.world.mu.Unlock()
	if f.world.occupied[in.Environment] {
		return activities.LentResult{Holder: "billing@3:" + in.Environment}, nil
	}
	return activities.LentResult{}, errDown
}

// checkTestEnvironment notes a suite that runs where it does not have the environment.
func (w *world) checkTestEnvironment(in activities.TestInput) {
	if in.Environment == nil {
		return
	}
	if has := w.holders[in.Environment.Name]; has.Holder != sampleID || w.occupied[in.Environment.Name] {
		w.wrong = append(w.wrong, fmt.Sprintf("suite %s runs in %s, which %q has", in.Suite.Name, in.Environment.Name, has.Holder))
	}
}
