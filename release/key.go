package release

import (
	"crypto/rsa"
	"fmt"
	"time"

	"golang.org/x/crypto/ssh"
)

// Key is an SSH public key of somebody who signs.
type Key struct {
	// Line is as in authorized_keys: "ssh-ed25519 AAAA… ana@laptop".
	Line string `json:"key"`
	// Revoked is from when on the key does not count; zero means that it does.
	Revoked time.Time `json:"revoked,omitzero"`
	Reason  string    `json:"reason,omitempty"`
}

// Public gives the key itself.
func (k Key) Public() (ssh.PublicKey, error) {
	public, _, _, rest, err := ssh.ParseAuthorizedKey([]byte(k.Line))
	if err != nil || len(rest) > 0 {
		return nil, fmt.Errorf("%q is not one SSH public key, as in \"ssh-ed25519 AAAA… ana@laptop\"", k.Line)
	}
	return public, nil
}

// RevokedAt tells whether the key did not count any more at a time.
func (k Key) RevokedAt(at time.Time) bool { return !k.Revoked.IsZero() && !k.Revoked.After(at) }

// Revocation says when the key was revoked, and why: "revoked on
// 2026-03-04T12:00:00Z (the laptop was stolen)".
func (k Key) Revocation() string {
	text := "revoked on " + k.Revoked.UTC().Format(time.RFC3339)
	if k.Reason != "" {
		text += " (" + k.Reason + ")"
	}
	return text
}

// check notes a key that cannot be read, and one that somebody else has too.
func (k Key) check(at, holder string, holders map[string]string, problems *Problems) {
	public, err := k.Public()
	if err != nil {
		problems.add(at, "%v", err)
		return
	}
	if err := UsableKey(public); err != nil {
		problems.add(at, "%v", err)
	}
	fingerprint := ssh.FingerprintSHA256(public)
	if other, taken := holders[fingerprint]; taken {
		problems.add(at, "this is also a key of %s: nobody could tell who signed", other)
		return
	}
	holders[fingerprint] = holder
}

// leastRSA is how long an RSA key has to be, in bits.
const leastRSA = 2048

// UsableKey refuses a key by which nothing can be signed: kinds and lengths that
// are no longer safe, and certificates.
func UsableKey(public ssh.PublicKey) error {
	switch public.Type() {
	case ssh.KeyAlgoED25519, ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521, ssh.KeyAlgoSKED25519, ssh.KeyAlgoSKECDSA256:
		return nil
	case ssh.KeyAlgoRSA:
		if bits := rsaBits(public); bits < leastRSA {
			return Refusef("key %s is an RSA key of %d bits: use one of %d or more, or an ed25519 key", ssh.FingerprintSHA256(public), bits, leastRSA)
		}
		return nil
	}
	return Refusef("key %s is of the kind %s: use an ed25519, ecdsa or rsa key", ssh.FingerprintSHA256(public), public.Type())
}

func rsaBits(public ssh.PublicKey) int {
	if holder, is := public.(ssh.CryptoPublicKey); is {
		if key, is := holder.CryptoPublicKey().(*rsa.PublicKey); is {
			return key.N.BitLen()
		}
	}
	return 0
}
