package activities

import (
	"context"
	"errors"
	"fmt"
	"strings"
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
	// Service and WaveSizes, by environment, are what they were planned by.
	Service   string           `json:"service"`
	WaveSizes map[string][]int `json:"waveSizes,omitempty"`
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
		found.Voter.Key, found.Voter.Issued, err = verify(in, person.Keys)
	}
	var refusal release.Refusal
	switch {
	case errors.As(err, &refusal):
		return VouchResult{Refusal: string(refusal)}, nil
	case err != nil:
		return found, err
	}
	found.Changed, err = a.changed(ctx, in)
	return found, err
}

// changed says what is not as planned any more in the environments of a vote.
func (a *Activities) changed(ctx context.Context, in VouchInput) (string, error) {
	if len(in.Planned) == 0 {
		return "", nil
	}
	var names []string
	for _, e := range in.Planned {
		names = append(names, e.Name)
	}
	facts, err := a.Store.Facts(ctx, in.Service, names, in.At)
	if err != nil {
		return "", fmt.Errorf("what runs in %s: %w", strings.Join(names, ", "), err)
	}
	var all []string
	for _, e := range in.Planned {
		_, why, err := a.Organization().Changed(in.Service, e, in.WaveSizes[e.Name], facts)
		if err != nil {
			return "", err
		}
		if why != "" {
			all = append(all, why)
		}
	}
	return strings.Join(all, "; "), nil
}

func verify(in VouchInput, keys []release.Key) (key string, issued time.Time, err error) {
	signed, err := ballot.Read(in.Vote.Signature)
	if err != nil {
		return "", issued, err
	}
	err = signed.Ballot.Matches(ballot.Ballot{
		Release: in.Release, Gate: in.Vote.Gate, Digest: in.Shown, Decision: in.Vote.Decision, By: in.Vote.By,
	})
	if err != nil {
		return "", issued, err
	}
	key, err = signed.Verify(keys, in.At)
	return key, signed.Ballot.Issued, err
}

// AmendInput asks whether environments of a plan are still as planned.
type AmendInput struct {
	Plan         release.Plan `json:"plan"`
	Environments []string     `json:"environments"`
}

// AmendResult is the plan as it has to be now, with what changed; no plan when all
// is as planned.
type AmendResult struct {
	Plan       *release.Plan       `json:"plan,omitempty"`
	Amendments []release.Amendment `json:"amendments,omitempty"`
}

// Amend looks at environments again: their targets, their change windows and what
// runs there.
func (a *Activities) Amend(ctx context.Context, in AmendInput) (AmendResult, error) {
	facts, err := a.Store.Facts(ctx, in.Plan.Definition.Service, in.Environments, time.Now().UTC())
	if err != nil {
		return AmendResult{}, fmt.Errorf("facts for the plan: %w", err)
	}
	if err := a.running(ctx, &facts); err != nil {
		return AmendResult{}, err
	}
	var found AmendResult
	plan := in.Plan
	for _, name := range in.Environments {
		was, _ := plan.Environment(name)
		amended, why, err := plan.Amend(name, a.Organization(), facts)
		if err != nil {
			return AmendResult{}, err
		}
		if why == "" {
			continue
		}
		found.Amendments = append(found.Amendments, release.Amendment{
			Environment: name, From: plan.Digest, To: amended.Digest, Why: why, Was: was,
		})
		plan = amended
		found.Plan = &plan
	}
	return found, nil
}
