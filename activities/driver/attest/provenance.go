package attest

import (
	"context"
	"fmt"
	"time"

	"slipway/release"
	"slipway/release/audit"
)

// Provenance signs how a package came about, which the library has under this tag. The
// same provenance gives the same envelope.
func (s *Signer) Provenance(ctx context.Context, p release.Package, how release.Provenance) ([]byte, error) {
	body, err := written(p.Tag, p.Digest, release.ProvenanceType, how)
	if err == nil {
		body, err = s.seal(ctx, body)
	}
	if err != nil {
		return nil, fmt.Errorf("provenance of %s: %w", p.Tag, err)
	}
	return body, nil
}

// OpenProvenance verifies that one of the trusted signed provenance, as the builder that
// it names and with a key that was not revoked when the build ended, and gives it with
// the package that it is about. As with Open, nothing is passed over.
func OpenProvenance(envelope []byte, trusted []release.Signer) (audit.Built, error) {
	by, body, err := verified(envelope, trusted)
	if err != nil {
		return audit.Built{}, err
	}
	s, err := stated[release.Provenance](body, release.ProvenanceType)
	if err != nil {
		return audit.Built{}, err
	}
	if len(s.Subject) != 1 {
		return audit.Built{}, fmt.Errorf("it is about %d packages, expected one", len(s.Subject))
	}
	name, digest := s.Subject[0].Name, release.Digest(sha256Prefix+s.Subject[0].Digest["sha256"])
	again, err := written(name, digest, release.ProvenanceType, s.Predicate)
	if err == nil {
		err = same(again, body)
	}
	if err != nil {
		return audit.Built{}, err
	}
	ended := s.Predicate.RunDetails.Metadata.FinishedOn
	switch builder := s.Predicate.RunDetails.Builder.ID; {
	case builder != release.BuilderID(by.print):
		return audit.Built{}, fmt.Errorf("it names %.120q as its builder, but is signed with key %s of worker %s", builder, by.print, by.Name)
	case by.RevokedAt(ended):
		return audit.Built{}, fmt.Errorf("it is signed with key %s of worker %s, which was %s, before the build ended at %s",
			by.print, by.Name, by.Revocation(), ended.UTC().Format(time.RFC3339))
	}
	return audit.Built{Tag: name, Package: digest, Provenance: s.Predicate, Worker: by.Name, Key: by.print}, nil
}
