// Package ballot makes and checks signed votes: a vote as a short document, with
// an SSH signature of the voter over it. Everybody can check one later with
// ssh-keygen alone; neither Slipway nor the server has to be trusted for that.
package ballot

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"slipway/release"
)

// Namespace is what the signatures are for: one that was made for anything else,
// such as a commit, is none of a vote.
const Namespace = "slipway"

// Ballot is what a vote says, and when it counts. The fields and their order are
// those of the document that is signed.
type Ballot struct {
	Release string `json:"release"`
	Gate    string `json:"gate"`
	// Digest is the whole digest that the gate shows, never a shortened one.
	Digest   release.Digest   `json:"digest"`
	Decision release.Decision `json:"decision"`
	// By is who votes, as on the roster.
	By string `json:"by"`
	// Issued and Expires are whole seconds of UTC.
	Issued  time.Time `json:"issued"`
	Expires time.Time `json:"expires"`
}

// Matches refuses a ballot that is for something else than is wanted, saying what
// it is for. When it was issued and when it expires do not matter.
func (b Ballot) Matches(want Ballot) error {
	switch {
	case b.Release != want.Release:
		return release.Refusef("the signature is for release %s, not for %s", b.Release, want.Release)
	case b.Gate != want.Gate:
		return release.Refusef("the signature is for gate %s, not for %s", b.Gate, want.Gate)
	case b.Digest != want.Digest:
		return release.Refusef("the signature is for digest %s, not for %s: read what changed and sign that", b.Digest.Short(), want.Digest.Short())
	case b.Decision != want.Decision:
		return release.Refusef("the signature says %s, not %s", b.Decision, want.Decision)
	case b.By != want.By:
		return release.Refusef("the signature is for a vote of %s, not of %s", b.By, want.By)
	}
	return nil
}

// document gives the bytes that are signed: compact JSON, nothing escaped that
// need not be, times in UTC.
func (b Ballot) document() ([]byte, error) {
	b.Issued, b.Expires = second(b.Issued), second(b.Expires)
	if err := b.check(); err != nil {
		return nil, err
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(b); err != nil {
		return nil, fmt.Errorf("the ballot cannot be written: %w", err)
	}
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), nil
}

func second(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

var wholeDigest = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)

// check refuses a ballot that says too little to be bound to anything, and names
// that could not be shown to people.
func (b Ballot) check() error {
	for _, field := range []struct{ name, value string }{{"release", b.Release}, {"gate", b.Gate}, {"by", b.By}} {
		if !readable(field.value) {
			return release.Refusef("the ballot has no readable %q", field.name)
		}
	}
	switch {
	case !wholeDigest.MatchString(string(b.Digest)):
		return release.Refusef("the ballot is for digest %.80q: it has to be the whole one, \"sha256:\" and 64 digits", b.Digest)
	case !slices.Contains(release.Votes, b.Decision):
		return release.Refusef("the ballot says %.80q: use authorize, reject or revise", b.Decision)
	case !b.Issued.Before(b.Expires):
		return release.Refusef("the ballot expires (%s) before it is issued (%s)", clock(b.Expires), clock(b.Issued))
	}
	return nil
}

func readable(name string) bool {
	const longest = 256
	return strings.TrimSpace(name) != "" && len(name) <= longest && utf8.ValidString(name) && !strings.ContainsFunc(name, unicode.IsControl)
}

func clock(t time.Time) string { return t.UTC().Format(time.RFC3339) }
