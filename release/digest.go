package release

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
)

// Digest names content by its SHA-256, written as OCI does: "sha256:" and 64
// hexadecimal digits.
type Digest string

const digestPrefix = "sha256:"

// digestPrefixLength is how many hexadecimal digits are enough to name a digest
// in a vote.
const digestPrefixLength = 12

// DigestOf gives the digest of a value's JSON. Go writes struct fields in order
// and map keys sorted, so equal values have equal digests.
func DigestOf(value any) (Digest, error) {
	data, err := json.Marshal(value)
	if err != nil {
		return "", fmt.Errorf("digest of %T: %w", value, err)
	}
	return DigestOfBytes(data), nil
}

// DigestOfBytes gives the digest of the bytes themselves.
func DigestOfBytes(data []byte) Digest {
	sum := sha256.Sum256(data)
	return Digest(digestPrefix + hex.EncodeToString(sum[:]))
}

// Short gives the first twelve hexadecimal digits, for people.
func (d Digest) Short() string {
	digits := strings.TrimPrefix(string(d), digestPrefix)
	return digits[:min(len(digits), digestPrefixLength)]
}

// Matches tells whether text names this digest: the whole of it, or its first
// twelve or more hexadecimal digits, with or without "sha256:".
func (d Digest) Matches(text string) bool {
	digits := strings.TrimPrefix(strings.ToLower(strings.TrimSpace(text)), digestPrefix)
	return len(digits) >= digestPrefixLength && strings.HasPrefix(string(d), digestPrefix+digits)
}
