package workflows_test

import (
	"context"
	"strings"

	"slipway/activities"
	"slipway/release"
)

// What the fakes do about votes: signatures are names here, the real ones are
// verified in the tests of package ballot and end to end.

const signatureForm = "signed by "

func signatureOf(id string) string { return signatureForm + id }

// Vouch takes the roster of the world, and lets a signature count whose name is
// that of the voter.
func (f *fakes) Vouch(ctx context.Context, in activities.VouchInput) (activities.VouchResult, error) {
	if f.world.next(ctx, "vouch") != "" {
		return activities.VouchResult{}, errDown
	}
	f.world.mu.Lock()
	defer f.world.mu.Unlock()
	found := activities.VouchResult{Voter: release.Voter{Seats: f.world.org.Seats(in.Vote.By, in.At)}}
	if signer, signed := strings.CutPrefix(in.Vote.Signature, signatureForm); signed {
		if signer != in.Vote.By {
			return activities.VouchResult{Refusal: "the signature is by no key of " + in.Vote.By}, nil
		}
		found.Voter.Key, found.Voter.Issued = "SHA256:"+signer, in.At
	}
	var changed []string
	for _, e := range in.Planned {
		_, why, err := f.world.org.Changed(in.Service, e, in.Rollouts[e.Name], f.facts(e.Name))
		if err != nil {
			return found, err
		}
		if why != "" {
			changed = append(changed, why)
		}
	}
	found.Changed = strings.Join(changed, "; ")
	return found, nil
}

// Amend looks at the organization and the baselines of the world.
func (f *fakes) Amend(ctx context.Context, in activities.AmendInput) (activities.AmendResult, error) {
	if f.world.next(ctx, "amend") != "" {
		return activities.AmendResult{}, errDown
	}
	f.world.mu.Lock()
	defer f.world.mu.Unlock()
	var found activities.AmendResult
	plan := in.Plan
	for _, name := range in.Environments {
		was, _ := plan.Environment(name)
		amended, why, err := plan.Amend(name, f.world.org, f.facts(name))
		if err != nil {
			return found, err
		}
		if why == "" {
			continue
		}
		found.Amendments = append(found.Amendments, release.Amendment{
			Environment: name, From: plan.Digest, To: amended.Digest, Why: why, Was: was,
		})
		plan = amended
		found.Plan, f.world.plans[plan.Digest] = &plan, plan
	}
	return found, nil
}

// Compare finds nothing different.
func (f *fakes) Compare(context.Context, activities.CompareInput) (activities.CompareResult, error) {
	return activities.CompareResult{}, nil
}

// Attest keeps the attestation, if the ledger in the CMS is that of the release.
func (f *fakes) Attest(ctx context.Context, in activities.AttestInput) (activities.Kept, error) {
	if f.world.next(ctx, "attest") == fails {
		return activities.Kept{Problem: "entry 1 of the ledger was changed"}, nil
	}
	f.world.mu.Lock()
	defer f.world.mu.Unlock()
	var entries []release.LedgerEntry
	for _, e := range f.world.entries {
		if e.Ballot != nil && e.Ballot.Started.Equal(in.Attestation.Ledger.Started) {
			entries = append(entries, e.Ballot.Entry)
		}
	}
	if err := in.Attestation.Ledger.Check(entries); err != nil {
		f.world.wrong = append(f.world.wrong, err.Error())
	}
	in.Attestation.Entries = entries
	f.world.attested = append(f.world.attested, in.Attestation)
	return activities.Kept{Blob: &release.Blob{Digest: release.DigestOfBytes([]byte(in.Attestation.Release))}}, nil
}

// Notify notes who was told what; people without a contact cannot be.
func (f *fakes) Notify(_ context.Context, in activities.NotifyInput) (activities.NotifyResult, error) {
	f.world.mu.Lock()
	defer f.world.mu.Unlock()
	found := activities.NotifyResult{To: f.world.org.WithDelegates(in.To, f.env.Now()), Unreached: map[string]string{}}
	for _, id := range found.To {
		person, _ := f.world.org.Person(id)
		if person.Contact == "" {
			found.Unreached[id] = "no contact on the roster"
			continue
		}
		f.world.told = append(f.world.told, id+": "+in.Subject)
	}
	return found, nil
}
