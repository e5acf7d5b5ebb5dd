package ballot

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"unicode"

	"github.com/hiddeco/sshsig"
	"golang.org/x/crypto/ssh"

	"slipway/release"
)

// limit is more than any ballot needs, with any key that is taken.
const limit = 16 << 10

// Signed is a ballot with its signature, as Read took it apart. What it says
// counts for nothing before Verify.
type Signed struct {
	Ballot    Ballot
	signature *sshsig.Signature
}

// Sign signs a ballot with an SSH key, from a file or an agent. It gives one line
// for the field "signature" of a vote: the document of the ballot, a dot, and the
// signature in the binary form of ssh-keygen's, both in base64url. Times are
// shortened to whole seconds.
func Sign(b Ballot, signer ssh.Signer) (string, error) {
	if err := release.UsableKey(signer.PublicKey()); err != nil {
		return "", err
	}
	document, err := b.document()
	if err != nil {
		return "", err
	}
	signature, err := sshsig.Sign(bytes.NewReader(document), signer, sshsig.HashSHA512, Namespace)
	if err != nil {
		return "", fmt.Errorf("key %s does not sign: %w", ssh.FingerprintSHA256(signer.PublicKey()), err)
	}
	return write(document, signature), nil
}

func write(document []byte, signature *sshsig.Signature) string {
	return base64.RawURLEncoding.EncodeToString(document) + "." + base64.RawURLEncoding.EncodeToString(signature.Marshal())
}

// Read takes a line apart that Sign made. There is one way only to write a signed
// ballot: everything else is refused with the reason. Who signed it, and whether
// that counts, is for Verify to say.
func Read(line string) (Signed, error) {
	if len(line) > limit {
		return Signed{}, release.Refusef("the signature has %d bytes; at most %d are read", len(line), limit)
	}
	head, tail, parted := strings.Cut(line, ".")
	document, err := base64.RawURLEncoding.DecodeString(head)
	if err != nil || !parted {
		return Signed{}, release.Refusef("the signature is no signed ballot: paste the whole line that starter authorize --sign --print writes")
	}
	wire, err := base64.RawURLEncoding.DecodeString(tail)
	if err != nil {
		return Signed{}, release.Refusef("the part of the signature behind the dot is not base64url: paste the whole line")
	}
	var signed Signed
	if signed.Ballot, err = decode(document); err != nil {
		return Signed{}, err
	}
	if signed.signature, err = parse(wire); err != nil {
		return Signed{}, err
	}
	if again, err := signed.Ballot.document(); err != nil || write(again, signed.signature) != line {
		return Signed{}, release.Refusef("the signature is not written the way that starter authorize --sign writes it: compact JSON with the fields in their order, times as 2026-03-04T12:00:00Z")
	}
	return signed, nil
}

func decode(document []byte) (Ballot, error) {
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.DisallowUnknownFields()
	var b Ballot
	if err := decoder.Decode(&b); err != nil {
		return b, release.Refusef("the ballot cannot be read: %s", brief(err))
	}
	return b, b.check()
}

func parse(wire []byte) (*sshsig.Signature, error) {
	signature, err := sshsig.ParseSignature(wire)
	if err != nil {
		return nil, release.Refusef("the part behind the dot is no SSH signature: %s", brief(err))
	}
	if signature.HashAlgorithm != sshsig.HashSHA512 {
		return nil, release.Refusef("the signature is over %.80q: sign with sha512", signature.HashAlgorithm)
	}
	return signature, nil
}

// brief shortens what a parser says: it quotes what it was given.
func brief(err error) string {
	const longest = 120
	return fmt.Sprintf("%.*s", longest, strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, err.Error()))
}
