package release

import (
	"fmt"
	"strings"
	"time"
)

// Ledger is the audit trail of a release's votes: every one in its order, whether
// it counted or not, each bound to the one before by its hash. What is taken out,
// put in, moved or changed breaks it.
type Ledger struct {
	// Release and Started say of what it is the ledger; the first entry is bound to
	// them.
	Release string    `json:"release"`
	Started time.Time `json:"started"`
	// Count and Head are of the last entry; zero in an empty ledger.
	Count int    `json:"count"`
	Head  Digest `json:"head,omitempty"`
}

// LedgerEntry is a vote as it came in, and what became of it.
type LedgerEntry struct {
	Seq      int       `json:"seq"`
	At       time.Time `json:"at"`
	Gate     string    `json:"gate,omitempty"`
	Decision Decision  `json:"decision,omitempty"`
	By       string    `json:"by,omitempty"`
	// Shown is the digest that the gate showed; empty when no such gate was open.
	Shown Digest `json:"shown,omitempty"`
	// Payload is what was sent, cut when it is long; PayloadDigest is of all of it.
	Payload       string `json:"payload"`
	PayloadDigest Digest `json:"payloadDigest"`
	// Signature is the signed ballot, and Key the fingerprint of the key of the
	// roster that made it; Key is empty when it was not verified.
	Signature string `json:"signature,omitempty"`
	Key       string `json:"key,omitempty"`
	Counted   bool   `json:"counted"`
	Refusal   string `json:"refusal,omitempty"`
	// Previous is the hash of the entry before, and Hash that of this one.
	Previous Digest `json:"previous"`
	Hash     Digest `json:"hash"`
}

// payloadKept is how many bytes of a payload the ledger keeps.
const payloadKept = 4096

// Append binds an entry to the ledger: it fills in Seq, Payload, PayloadDigest,
// Previous and Hash.
func (l *Ledger) Append(e LedgerEntry, payload []byte) (LedgerEntry, error) {
	previous, err := l.previous()
	if err != nil {
		return e, err
	}
	e.Seq, e.Previous = l.Count+1, previous
	// A database keeps microseconds and text: the hash is of what it can give back.
	e.At = kept(e.At)
	e.Gate, e.By, e.Decision = text(e.Gate), text(e.By), text(e.Decision)
	e.Signature, e.Refusal = text(e.Signature), text(e.Refusal)
	e.PayloadDigest = DigestOfBytes(payload)
	e.Payload = text(string(payload[:min(len(payload), payloadKept)]))
	if e.Hash, err = e.hash(); err != nil {
		return e, err
	}
	l.Count, l.Head = e.Seq, e.Hash
	return e, nil
}

// previous is what the next entry is bound to.
func (l *Ledger) previous() (Digest, error) {
	if l.Count > 0 {
		return l.Head, nil
	}
	return DigestOf(Ledger{Release: l.Release, Started: kept(l.Started)})
}

// kept gives a time, and text a text, as a database gives them back.
func kept(at time.Time) time.Time { return at.UTC().Truncate(time.Microsecond) }

func text[T ~string](s T) T {
	return T(strings.ReplaceAll(strings.ToValidUTF8(string(s), "\uFFFD"), "\x00", "\uFFFD"))
}

func (e LedgerEntry) hash() (Digest, error) {
	e.Hash, e.At = "", e.At.UTC()
	return DigestOf(e)
}

// Check says what does not hold in the ledger with these entries, or nil.
func (l *Ledger) Check(entries []LedgerEntry) error {
	so := Ledger{Release: l.Release, Started: l.Started}
	for i, e := range entries {
		previous, err := so.previous()
		if err != nil {
			return err
		}
		hash, err := e.hash()
		switch {
		case err != nil:
			return err
		case e.Seq != i+1:
			return fmt.Errorf("entry %d of the ledger has number %d: one is missing, or too many", i+1, e.Seq)
		case e.Previous != previous:
			return fmt.Errorf("entry %d of the ledger does not follow the one before", e.Seq)
		case e.Hash != hash:
			return fmt.Errorf("entry %d of the ledger was changed: it has hash %s, not %s", e.Seq, hash.Short(), e.Hash.Short())
		}
		so.Count, so.Head = e.Seq, e.Hash
	}
	if so.Count != l.Count || so.Head != l.Head {
		return fmt.Errorf("the ledger has %d entries up to %s, expected %d up to %s", so.Count, so.Head.Short(), l.Count, l.Head.Short())
	}
	return nil
}
