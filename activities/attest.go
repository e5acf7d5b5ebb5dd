package activities

import (
	"context"
	"fmt"

	"slipway/release"
	"slipway/release/audit"
)

// AttestInput is what a closed release says of who authorized what, without the
// entries of its ledger.
type AttestInput struct {
	Attestation release.Attestation `json:"attestation"`
}

// Attest signs who authorized what, with the ledger as the CMS holds it, and stores
// it beside the package. A ledger that does not hold is not attested. Attesting the
// same again changes nothing.
func (a *Activities) Attest(ctx context.Context, in AttestInput) (Kept, error) {
	attestation := in.Attestation
	entries, err := a.Store.Ledger(ctx, attestation.Release, attestation.Started)
	if err != nil {
		return Kept{}, fmt.Errorf("ledger of %s: %w", attestation.Release, err)
	}
	if err := attestation.Ledger.Check(entries); err != nil {
		return Kept{Problem: "what the CMS holds is not what came in: " + err.Error()}, nil
	}
	attestation.Entries = entries
	var subject release.Digest
	if attestation.Package != nil {
		subject = attestation.Package.Digest
	}
	envelope, err := a.Attester.Envelope(ctx, attestation)
	if err != nil {
		return Kept{Problem: err.Error()}, nil
	}
	return kept(a.Library.Attach(ctx, subject, audit.EnvelopeType, audit.EnvelopeName, envelope, audit.Annotations(attestation)))
}
