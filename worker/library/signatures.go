package library

import (
	"context"
	"fmt"

	"slipway/release"
	"slipway/release/audit"
)

// Signature is one that was checked and holds.
type Signature struct {
	// What was signed, by which worker of the roster, with the key of this fingerprint.
	What   string         `json:"what"`
	Digest release.Digest `json:"digest"`
	Worker string         `json:"worker"`
	Key    string         `json:"key"`
}

// Unchecked is a signed statement that could not be checked, and why.
type Unchecked struct {
	What string `json:"what"`
	Why  string `json:"why"`
}

// Why a signature is not checked.
const (
	noWorkers  = "no worker's key is known: name the workers' configuration file with --config"
	noneOfOurs = "it is no statement that Slipway makes"
)

// signatures checks all signed statements against the workers.
func (v *verifier) signatures(ctx context.Context, items []*Item) error {
	for _, i := range items {
		if i.Type != audit.EnvelopeType || len(i.Layers) == 0 {
			continue
		}
		envelope, err := v.document(ctx, i.Segment, i.Layers[0])
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			continue // that it cannot be read was found before
		}
		v.signature(i, envelope)
	}
	return nil
}

func (v *verifier) signature(i *Item, envelope []byte) {
	kind := Kind(i.Artifact)
	switch {
	case kind != KindAttestation && kind != KindProvenance:
		v.Unchecked = append(v.Unchecked, Unchecked{v.title(i), noneOfOurs})
		return
	case len(v.workers) == 0:
		v.Unchecked = append(v.Unchecked, Unchecked{v.title(i), noWorkers})
		return
	}
	worker, key, err := v.signed(i, envelope)
	if err != nil {
		v.wrong(v.fault(i, "the signature", i.Segment, i.Layers[0].Digest, err.Error()))
		return
	}
	v.Signatures = append(v.Signatures, Signature{What: v.title(i), Digest: i.Layers[0].Digest, Worker: worker, Key: key})
}

// signed gives who signed a statement, and checks that it is about what it refers to.
func (v *verifier) signed(i *Item, envelope []byte) (worker, key string, err error) {
	if Kind(i.Artifact) == KindProvenance {
		built, err := v.lib.OpenProvenance(envelope, v.workers)
		if err == nil && built.Package != i.Subject {
			err = fmt.Errorf("it is about package %s, and attached to %s", built.Package, i.Subject)
		}
		return built.Worker, built.Key, err
	}
	s, err := v.lib.Open(envelope, v.workers)
	if err != nil {
		return "", "", err
	}
	if _, subject := audit.SubjectOf(s.Attestation); s.Attestation.Package != nil && subject != i.Subject {
		return "", "", fmt.Errorf("it is about package %s, and attached to %s", subject, i.Subject)
	}
	return s.Worker, s.Key, nil
}
