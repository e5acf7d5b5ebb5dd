// Package attest signs what was authorized in a release with the key of a worker,
// and opens what was signed. An attestation is an in-toto statement in a DSSE
// envelope, as supply chain tools read it.
package attest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	intoto "github.com/in-toto/attestation/go/v1"
	"github.com/secure-systems-lab/go-securesystemslib/dsse"

	"slipway/release"
	"slipway/release/audit"
)

// payloadType says that an envelope holds an in-toto statement.
const payloadType = "application/vnd.in-toto+json"

// statement is an in-toto statement about a release. The library's own type would
// take the predicate through a protobuf Struct, which keeps neither big numbers nor
// the order of fields.
type statement struct {
	Type          string              `json:"_type"`
	Subject       []subject           `json:"subject"`
	PredicateType string              `json:"predicateType"`
	Predicate     release.Attestation `json:"predicate"`
}

type subject struct {
	Name   string            `json:"name"`
	Digest map[string]string `json:"digest"`
}

const sha256Prefix = "sha256:"

// payload is the one way to write the statement of an attestation.
func payload(a release.Attestation) ([]byte, error) {
	name, digest := audit.SubjectOf(a)
	if digest == "" {
		return nil, errors.New("a release without a plan has nothing that could be attested")
	}
	return json.Marshal(statement{
		Type:    intoto.StatementTypeUri,
		Subject: []subject{{Name: name, Digest: map[string]string{"sha256": strings.TrimPrefix(string(digest), sha256Prefix)}}},

		PredicateType: release.AttestationType,
		Predicate:     a,
	})
}

// Envelope signs an attestation about its package, or about its plan when there is
// no package. The same attestation gives the same envelope.
func (s *Signer) Envelope(ctx context.Context, a release.Attestation) ([]byte, error) {
	body, err := payload(a)
	if err != nil {
		return nil, fmt.Errorf("attestation of %s: %w", a.Release, err)
	}
	signer, err := dsse.NewEnvelopeSigner(s)
	if err != nil {
		return nil, fmt.Errorf("attestation of %s: %w", a.Release, err)
	}
	envelope, err := signer.SignPayload(ctx, payloadType, body)
	if err != nil {
		return nil, fmt.Errorf("attestation of %s: %w", a.Release, err)
	}
	return json.Marshal(envelope)
}
