package ballot

import (
	"bytes"
	"errors"
	"strings"
	"time"

	"github.com/hiddeco/sshsig"
	"golang.org/x/crypto/ssh"

	"slipway/release"
)

// skew is how far the clock of somebody who signs may be ahead.
const skew = time.Minute

// Authenticate checks the signature of a vote: that it is one, that it is for what
// is wanted (when it was issued and expires does not matter there), and that one of
// the person's keys made it and counts at a time. It gives the fingerprint of the
// key and when the ballot was issued.
func Authenticate(line string, want Ballot, keys []release.Key, at time.Time) (fingerprint string, issued time.Time, err error) {
	signed, err := Read(line)
	if err != nil {
		return "", time.Time{}, err
	}
	if err := signed.Ballot.Matches(want); err != nil {
		return "", time.Time{}, err
	}
	fingerprint, err = signed.Verify(keys, at)
	return fingerprint, signed.Ballot.Issued, err
}

// Verify says by which of a person's keys the ballot was signed, by the
// fingerprint that ssh-keygen -l shows, or why the signature does not count at a
// time. Whether the ballot is for what is voted on is for Matches to say.
func (s Signed) Verify(keys []release.Key, at time.Time) (fingerprint string, err error) {
	fingerprint = ssh.FingerprintSHA256(s.signature.PublicKey)
	key, err := s.among(keys)
	if err != nil {
		return "", err
	}
	if err := release.UsableKey(s.signature.PublicKey); err != nil {
		return "", err
	}
	if err := s.authentic(); err != nil {
		return "", err
	}
	switch b := s.Ballot; {
	case key.RevokedAt(at):
		return "", release.Refusef("the signature was made with key %s, which was %s", fingerprint, key.Revocation())
	case b.Issued.After(at.Add(skew)):
		return "", release.Refusef("the signature was issued at %s, which is yet to come (it is %s): set the clock of the computer that signs", clock(b.Issued), clock(at))
	case !at.Before(b.Expires):
		return "", release.Refusef("the signature expired at %s: sign again", clock(b.Expires))
	}
	return fingerprint, nil
}

// among finds the key that signed in a person's. A revoked one comes before the
// same one unrevoked.
func (s Signed) among(keys []release.Key) (release.Key, error) {
	var (
		found release.Key
		known bool
		have  []string
	)
	for _, k := range keys {
		public, err := k.Public()
		if err != nil {
			continue // the check of the roster tells
		}
		have = append(have, ssh.FingerprintSHA256(public))
		if bytes.Equal(public.Marshal(), s.signature.PublicKey.Marshal()) && (!known || found.Revoked.IsZero()) {
			found, known = k, true
		}
	}
	switch {
	case known:
		return found, nil
	case len(have) == 0:
		return found, release.Refusef("the roster has no key of %s, so nothing that they sign counts", s.Ballot.By)
	}
	return found, release.Refusef("the signature was made with key %s, which is not one of %s on the roster: sign with %s",
		ssh.FingerprintSHA256(s.signature.PublicKey), s.Ballot.By, strings.Join(have, " or "))
}

// authentic refuses a signature that is not one of this key over this ballot.
func (s Signed) authentic() error {
	document, err := s.Ballot.document()
	if err != nil {
		return err
	}
	switch err := sshsig.Verify(bytes.NewReader(document), s.signature, s.signature.PublicKey, sshsig.HashSHA512, Namespace); {
	case errors.Is(err, sshsig.ErrNamespaceMismatch):
		return release.Refusef("the signature was made for %.80q, not for %q: sign with starter authorize --sign", s.signature.Namespace, Namespace)
	case err != nil || !token(s.signature.PublicKey) && len(s.signature.Signature.Rest) > 0:
		return release.Refusef("the signature does not fit the ballot: one of them was changed")
	}
	return nil
}

// token tells whether a key is in a FIDO token, which signs with more than a
// signature: what the token says of itself.
func token(public ssh.PublicKey) bool {
	return public.Type() == ssh.KeyAlgoSKED25519 || public.Type() == ssh.KeyAlgoSKECDSA256
}
