package activities

import "context"

// TurnInput asks for an environment, if that is free and may be changed now.
type TurnInput struct {
	OpeningInput
	Lease LeaseRequest `json:"lease"`
}

// TurnResult is what was found about the environment, and whether it is lent now.
type TurnResult struct {
	OpeningResult
	Taken bool `json:"taken,omitempty"`
}

// TakeTurn takes an environment that is free, and then looks whether it may be changed:
// what another deployment did there is seen. One that may not be changed is given back.
func (a *Activities) TakeTurn(ctx context.Context, in TurnInput) (TurnResult, error) {
	taken, err := a.Leases.Take(ctx, in.Lease)
	if err != nil {
		return TurnResult{}, err
	}
	found, err := a.Opening(ctx, in.OpeningInput)
	if err != nil {
		return TurnResult{}, err
	}
	if taken && !found.Clear() {
		return TurnResult{OpeningResult: found}, a.Leases.Return(ctx, in.Lease)
	}
	return TurnResult{OpeningResult: found, Taken: taken}, nil
}

// RequestLease asks an environment to lend itself.
func (a *Activities) RequestLease(ctx context.Context, in LeaseRequest) error {
	return a.Leases.Request(ctx, in)
}

// ReturnLease gives an environment back.
func (a *Activities) ReturnLease(ctx context.Context, in LeaseRequest) error {
	return a.Leases.Return(ctx, in)
}

// HolderRunning tells whether the holder of a lease is still there.
func (a *Activities) HolderRunning(ctx context.Context, in HolderInput) (HolderResult, error) {
	running, err := a.Leases.Running(ctx, in.Holder, in.RunID)
	return HolderResult{Running: running}, err
}

// Lent tells who has an environment.
func (a *Activities) Lent(ctx context.Context, in LentInput) (LentResult, error) {
	holder, err := a.Leases.Holder(ctx, in.Environment)
	return LentResult{Holder: holder}, err
}
