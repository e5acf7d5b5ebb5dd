package audit

import (
	"fmt"

	"slipway/release"
)

// attestation opens the signed envelope. Nothing that it says is believed before.
func (v *verification) attestation() (string, error) {
	if len(v.stored.Layers) != 1 || v.stored.Layers[0].Name != EnvelopeName {
		return "", fmt.Errorf("manifest %s does not name one %s", v.stored.Digest, EnvelopeName)
	}
	if err := v.whole(v.stored.Config); err != nil {
		return "", err
	}
	envelope, err := v.document(v.stored.Layers[0].Blob)
	if err != nil {
		return "", err
	}
	s, err := v.lib.Open(envelope, v.o.Workers)
	if err != nil {
		return "", fmt.Errorf("the envelope %s: %w", v.stored.Layers[0].Digest, err)
	}
	if err := v.agrees(s.Attestation); err != nil {
		return "", err
	}
	v.a = &s.Attestation
	return fmt.Sprintf("%s, signed by worker %s with key %s", v.stored.Layers[0].Digest, s.Worker, s.Key), nil
}

// agrees compares what the library says of an attestation with what it says itself.
func (v *verification) agrees(a release.Attestation) error {
	var about release.Digest
	if a.Package != nil {
		about = a.Package.Digest
	}
	switch {
	case a.Release != v.release:
		return fmt.Errorf("it is stored as that of %s, but is of %s", v.release, a.Release)
	case v.stored.Subject != about:
		return fmt.Errorf("it is attached to package %q, but about package %q", v.stored.Subject, about)
	}
	for key, value := range Annotations(a) {
		if stored := v.stored.Annotations[key]; stored != value {
			return fmt.Errorf("it is stored with %s %q, but is of %q", key, stored, value)
		}
	}
	return nil
}

// ledger checks that no vote was taken out, put in, moved or changed.
func (v *verification) ledger() (string, error) {
	l := v.a.Ledger
	if l.Count == 0 && len(v.a.Entries) == 0 {
		return "nobody voted", nil
	}
	if l.Release != v.a.Release || !l.Started.Equal(v.a.Started) {
		return "", fmt.Errorf("it is that of %s, started %s", l.Release, clock(l.Started))
	}
	if err := l.Check(v.a.Entries); err != nil {
		return "", err
	}
	counted := 0
	for _, e := range v.a.Entries {
		if e.Counted {
			counted++
		}
	}
	return fmt.Sprintf("%s came in, %d counted; none is missing, added or changed", release.ManyOf(l.Count, "vote"), counted), nil
}
