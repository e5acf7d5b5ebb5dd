package activities

import (
	"context"
	"errors"
	"time"

	"slipway/release"
	"slipway/release/ballot"
)

// VouchInput asks who votes, as the roster has it at that moment, and whether what
// is voted on is still so.
type VouchInput struct {
	Vote release.Authorization `json:"vote"`
	// Shown is what a signature has to be about.
	Release string         `json:"release"`
	Shown   release.Digest `json:"shown"`
	At      time.Time      `json:"at"`
	// Planned are the environments that the vote is about.
	Planned []release.PlannedEnvironment `json:"planned,omitempty"`
	// Service and Rollouts, by environment, are what they were planned by.
	Service  string                                   `json:"service"`
	Rollouts map[string]release.EnvironmentDefinition `json:"rollouts,omitempty"`
}

// VouchResult is the voter, or why their signature does not count.
type VouchResult struct {
	Voter   release.Voter `json:"voter"`
	Refusal string        `json:"refusal,omitempty"`
	// Changed says what is not as planned any more.
	Changed string `json:"changed,omitempty"`
}

// Vouch finds out who somebody is that votes: their seats, and whether the
// signature is theirs. The roster is that of this moment, so that a key that was
// revoked or a group that was left counts no more.
func (a *Activities) Vouch(ctx context.Context, in VouchInput) (VouchResult, error) {
	o := a.Organization()
	found := VouchResult{Voter: release.Voter{Seats: o.Seats(in.Vote.By, in.At)}}
	if len(found.Voter.Seats) == 0 {
		return found, nil
	}
	var err error
	if in.Vote.Signature != "" {
		person, _ := o.Person(in.Vote.By)
		want := ballot.Ballot{Release: in.Release, Gate: in.Vote.Gate, Digest: in.Shown, Decision: in.Vote.Decision, By: in.Vote.By}
		found.Voter.Key, found.Voter.Issued, err = ballot.Authenticate(in.Vote.Signature, want, person.Keys, in.At)
	}
	var refusal release.Refusal
	switch {
	case errors.As(err, &refusal):
		return VouchResult{Refusal: string(refusal)}, nil
	case err != nil:
		return found, err
	}
	found.Changed, _, err = a.changed(ctx, in.Service, nil, in.Planned, in.Rollouts, in.At)
	return found, err
}
