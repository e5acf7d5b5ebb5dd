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

// statement is an in-toto statement. The library's own types would take the predicate,
// or the parameters in it, through a protobuf Struct, which keeps neither big numbers
// nor the order of fields.
type statement[P any] struct {
	Type          string    `json:"_type"`
	Subject       []subject `json:"subject"`
	PredicateType string    `json:"predicateType"`
	Predicate     P         `json:"predicate"`
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
	return written(name, digest, release.AttestationType, a)
}

// written is the one way to write a statement about something.
func written[P any](name string, digest release.Digest, predicateType string, predicate P) ([]byte, error) {
	return json.Marshal(statement[P]{
		Type:    intoto.StatementTypeUri,
		Subject: []subject{{Name: name, Digest: map[string]string{"sha256": strings.TrimPrefix(string(digest), sha256Prefix)}}},

		PredicateType: predicateType,
		Predicate:     predicate,
	})
}

// Envelope signs an attestation about its package, or about its plan when there is
// no package. The same attestation gives the same envelope.
func (s *Signer) Envelope(ctx context.Context, a release.Attestation) ([]byte, error) {
	body, err := payload(a)
	if err == nil {
		body, err = s.seal(ctx, body)
	}
	if err != nil {
		return nil, fmt.Errorf("attestation of %s: %w", a.Release, err)
	}
	return body, nil
}

// seal puts a statement into a signed envelope.
func (s *Signer) seal(ctx context.Context, body []byte) ([]byte, error) {
	signer, err := dsse.NewEnvelopeSigner(s)
	if err != nil {
		return nil, err
	}
	envelope, err := signer.SignPayload(ctx, payloadType, body)
	if err != nil {
		return nil, err
	}
	return json.Marshal(envelope)
}
