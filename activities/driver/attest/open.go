package attest

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"
	"golang.org/x/crypto/ssh"

	"slipway/release"
	"slipway/release/audit"
)

// Open verifies that one of the trusted signed an envelope with a key that was not
// revoked when the release was closed, and gives what it states. Nothing in an
// envelope is passed over: what is not understood is an error.
func Open(envelope []byte, trusted []release.Signer) (audit.Statement, error) {
	by, body, err := verified(envelope, trusted)
	if err != nil {
		return audit.Statement{}, err
	}
	a, err := read(body)
	if err != nil {
		return audit.Statement{}, err
	}
	if by.RevokedAt(a.Closed) {
		return audit.Statement{}, fmt.Errorf("it is signed with key %s of worker %s, which was %s, before the release was closed at %s",
			by.print, by.Name, by.Revocation(), a.Closed.UTC().Format(time.RFC3339))
	}
	return audit.Statement{Attestation: a, Worker: by.Name, Key: by.print}, nil
}

// verified gives who of the trusted signed an envelope, and the statement in it.
func verified(envelope []byte, trusted []release.Signer) (by *key, body []byte, err error) {
	var e dsse.Envelope
	if err := decode(envelope, &e); err != nil {
		return nil, nil, fmt.Errorf("it is no DSSE envelope: %w", err)
	}
	if e.PayloadType != payloadType || len(e.Signatures) != 1 {
		return nil, nil, fmt.Errorf("it holds %.80q with %d signatures, expected %q with one", e.PayloadType, len(e.Signatures), payloadType)
	}
	if by, err = among(trusted, e.Signatures[0].KeyID); err != nil {
		return nil, nil, err
	}
	verifier, err := dsse.NewEnvelopeVerifier(by)
	if err != nil {
		return nil, nil, err
	}
	if _, body, err = verifier.VerifyAndDecode(context.Background(), &e); err != nil {
		return nil, nil, fmt.Errorf("the signature with key %s of worker %s does not fit: one of them was changed", by.print, by.Name)
	}
	return by, body, nil
}

// decode reads one JSON value with known fields and nothing behind it.
func decode(data []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return brief(err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something stands behind it")
	}
	return nil
}

// read takes the attestation out of its statement.
func read(body []byte) (release.Attestation, error) {
	s, err := stated[release.Attestation](body, release.AttestationType)
	if err != nil {
		return s.Predicate, err
	}
	again, err := payload(s.Predicate)
	if err != nil {
		return s.Predicate, err
	}
	return s.Predicate, same(again, body)
}

// stated reads a statement of a type of predicate.
func stated[P any](body []byte, predicateType string) (statement[P], error) {
	var s statement[P]
	if err := json.Unmarshal(body, &s); err != nil {
		return s, fmt.Errorf("the statement cannot be read: %w", brief(err))
	}
	if s.PredicateType != predicateType {
		return s, fmt.Errorf("it states %.120q, expected %q", s.PredicateType, predicateType)
	}
	return s, nil
}

// same checks that a statement is written as this program writes it: so that nothing in
// it, and nothing about its subject, is passed over.
func same(again, body []byte) error {
	if !bytes.Equal(again, body) {
		return errors.New("it states more than this program understands: use the slipway that made it, or a newer one")
	}
	return nil
}

// key is that of a trusted worker, as the envelope library asks for it.
type key struct {
	release.Signer
	public ed25519.PublicKey
	print  string
}

// among finds the trusted worker with the key of a fingerprint. A revoked key comes
// before the same one unrevoked.
func among(trusted []release.Signer, fingerprint string) (*key, error) {
	var found *key
	for _, s := range trusted {
		public, err := s.Public()
		if err != nil {
			continue // the check of the roster tells
		}
		holder, is := public.(ssh.CryptoPublicKey)
		if !is || ssh.FingerprintSHA256(public) != fingerprint {
			continue
		}
		if raw, is := holder.CryptoPublicKey().(ed25519.PublicKey); is && (found == nil || found.Revoked.IsZero()) {
			found = &key{Signer: s, public: raw, print: fingerprint}
		}
	}
	if found == nil {
		return nil, fmt.Errorf("it is signed with key %.80q, which is no worker's on the roster: if it is one of yours, add the line of its .pub file to organization.workers, else trust nothing in it", fingerprint)
	}
	return found, nil
}

// Verify tells whether a signature is one of this key over the data.
func (k *key) Verify(_ context.Context, data, signature []byte) error {
	if !ed25519.Verify(k.public, data, signature) {
		return errors.New("the signature does not fit")
	}
	return nil
}

// KeyID gives the fingerprint.
func (k *key) KeyID() (string, error) { return k.print, nil }

// Public gives the key itself.
func (k *key) Public() crypto.PublicKey { return k.public }

// brief shortens what a parser says: it may quote what it was given.
func brief(err error) error { return fmt.Errorf("%.200s", err.Error()) }
