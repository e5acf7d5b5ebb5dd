package ballot_test

import (
	"strings"
	"testing"
	"time"

	"github.com/hiddeco/sshsig"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"

	"slipway/release"
	"slipway/release/ballot"
)

func TestASignatureCountsOnlyByAGoodKeyInItsTime(t *testing.T) {
	s := signer(t, ana())
	mine, mark := onRoster(s), ssh.FingerprintSHA256(s.PublicKey())
	other := onRoster(signer(t, ben()))
	revoked := func(at time.Time) release.Key {
		return release.Key{Line: mine.Line, Revoked: at, Reason: "laptop lost"}
	}
	text, err := ballot.Sign(vote(), s)
	require.NoError(t, err)
	read, err := ballot.Read(text)
	require.NoError(t, err)
	for name, c := range map[string]struct {
		keys []release.Key
		at   time.Time
		want string
	}{
		"its key":              {[]release.Key{mine}, noon, ""},
		"the last moment":      {[]release.Key{mine}, noon.Add(time.Hour - 1), ""},
		"a clock ahead":        {[]release.Key{mine}, noon.Add(-time.Minute), ""},
		"revoked later":        {[]release.Key{revoked(noon.Add(1))}, noon, ""},
		"a broken key besides": {[]release.Key{{Line: "ssh-ed25519 AAAA"}, mine}, noon, ""},
		"no key":               {nil, noon, "the roster has no key of ana"},
		"the key of another":   {[]release.Key{other}, noon, "which is not one of ana on the roster: sign with SHA256:"},
		"revoked":              {[]release.Key{revoked(noon)}, noon, mark + ", which was revoked on 2026-03-04T12:00:00Z (laptop lost)"},
		"revoked in one place": {[]release.Key{mine, revoked(noon)}, noon, "was revoked"},
		"revoked in the first": {[]release.Key{revoked(noon), mine}, noon, "was revoked"},
		"expired":              {[]release.Key{mine}, noon.Add(time.Hour), "expired at 2026-03-04T13:00:00Z"},
		"yet to come":          {[]release.Key{mine}, noon.Add(-time.Minute - 1), "yet to come"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := read.Verify(c.keys, c.at)
			if c.want == "" {
				require.NoError(t, err)
				require.Equal(t, mark, got)
				return
			}
			refused(t, err, c.want)
			require.Empty(t, got)
		})
	}
}

func TestASignatureOfSomethingElseIsNone(t *testing.T) {
	s := signer(t, ana())
	for name, c := range map[string]struct{ line, want string }{
		"another namespace": {signed(t, document, s, sshsig.HashSHA512, "git"), `made for "git", not for "slipway"`},
		"another ballot":    {line(document, wire(t, strings.Replace(document, "plan", "build", 1), s)), "one of them was changed"},
		"an untouched key":  {signed(t, document, untouched(t), sshsig.HashSHA512, ballot.Namespace), "one of them was changed"},
	} {
		read, err := ballot.Read(c.line)
		require.NoError(t, err, name)
		_, err = read.Verify([]release.Key{onRoster(s), onRoster(newToken(t))}, noon)
		refused(t, err, c.want)
	}
	signature, err := sshsig.Sign(strings.NewReader(document), s, sshsig.HashSHA512, ballot.Namespace)
	require.NoError(t, err)
	signature.Signature.Rest = []byte("behind")
	read, err := ballot.Read(line(document, signature.Marshal()))
	require.NoError(t, err)
	_, err = read.Verify([]release.Key{onRoster(s)}, noon)
	refused(t, err, "one of them was changed")
}

func wire(t testing.TB, document string, s ssh.Signer) []byte {
	t.Helper()
	signature, err := sshsig.Sign(strings.NewReader(document), s, sshsig.HashSHA512, ballot.Namespace)
	require.NoError(t, err)
	return signature.Marshal()
}

// untouched signs without that anybody touched the token.
func untouched(t testing.TB) ssh.Signer {
	t.Helper()
	token := newToken(t)
	token.flags = 0
	return token
}
