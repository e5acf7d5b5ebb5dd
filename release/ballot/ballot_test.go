package ballot_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/hiddeco/sshsig"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"
	"pgregory.net/rapid"

	"slipway/release"
	"slipway/release/ballot"
)

// refused wants a refusal with a text in it.
func refused(t require.TestingT, err error, text string) {
	var refusal release.Refusal
	require.ErrorAs(t, err, &refusal)
	require.Contains(t, err.Error(), text)
	require.Less(t, len(err.Error()), 600)
	require.False(t, strings.ContainsFunc(err.Error(), unicode.IsControl), "%q", err)
}

// line puts a document and a signature of it together, whatever they are.
func line(document string, signature []byte) string {
	return base64.RawURLEncoding.EncodeToString([]byte(document)) + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// signed signs any document in any namespace.
func signed(t testing.TB, document string, s ssh.Signer, hash sshsig.HashAlgorithm, namespace string) string {
	t.Helper()
	signature, err := sshsig.Sign(strings.NewReader(document), s, hash, namespace)
	require.NoError(t, err)
	return line(document, signature.Marshal())
}

// document is what the ballot of ana looks like.
const document = `{"release":"httpbin@2.26.0","gate":"plan","digest":"sha256:2d9e5da74a0565dde8a5d86c0f74a23aca0fd8f1a2c2dd7ab1ce0b23a3d6a0e5",` +
	`"decision":"authorize","by":"ana","issued":"2026-03-04T12:00:00Z","expires":"2026-03-04T13:00:00Z"}`

func TestEveryKindOfKeySignsAndIsNamedByItsFingerprint(t *testing.T) {
	for name, s := range signers(t) {
		t.Run(name, func(t *testing.T) {
			text, err := ballot.Sign(vote(), s)
			require.NoError(t, err)
			read, err := ballot.Read(text)
			require.NoError(t, err)
			require.Equal(t, vote(), read.Ballot)
			mark, err := read.Verify([]release.Key{onRoster(signer(t, ben())), onRoster(s)}, noon)
			require.NoError(t, err)
			require.Equal(t, ssh.FingerprintSHA256(s.PublicKey()), mark)
		})
	}
}

func TestWeakKeysAndCertificatesNeitherSignNorVerify(t *testing.T) {
	for name, s := range weak(t) {
		t.Run(name, func(t *testing.T) {
			_, err := ballot.Sign(vote(), s)
			refused(t, err, "use ")
			strong, err := ballot.Sign(vote(), signer(t, ana()))
			require.NoError(t, err)
			head, _, _ := strings.Cut(strong, ".")
			text, err := base64.RawURLEncoding.DecodeString(head)
			require.NoError(t, err)
			read, err := ballot.Read(signed(t, string(text), s, sshsig.HashSHA512, ballot.Namespace))
			if err == nil {
				_, err = read.Verify([]release.Key{onRoster(s)}, noon)
			}
			refused(t, err, "")
		})
	}
}

func TestWhateverIsSignedIsReadAgain(t *testing.T) {
	s := signer(t, ana())
	rapid.Check(t, func(t *rapid.T) {
		some := rapid.StringOfN(rapid.RuneFrom(nil, unicode.L, unicode.N, unicode.P, unicode.S), 1, 40, 256)
		issued := time.Unix(rapid.Int64Range(0, 1<<34).Draw(t, "issued"), rapid.Int64Range(0, 1e9-1).Draw(t, "nanoseconds"))
		b := ballot.Ballot{
			Release: some.Draw(t, "release"), Gate: some.Draw(t, "gate"), By: some.Draw(t, "by"),
			Digest:   release.DigestOfBytes([]byte(some.Draw(t, "content"))),
			Decision: rapid.SampledFrom(release.Votes).Draw(t, "decision"),
			Issued:   issued, Expires: issued.Add(time.Duration(rapid.Int64Range(1, 1e6).Draw(t, "valid")) * time.Second),
		}
		text, err := ballot.Sign(b, s)
		require.NoError(t, err)
		read, err := ballot.Read(text)
		require.NoError(t, err)
		require.NoError(t, read.Ballot.Matches(b))
		require.Equal(t, b.Issued.UTC().Truncate(time.Second), read.Ballot.Issued)
		_, err = read.Verify([]release.Key{onRoster(s)}, issued)
		require.NoError(t, err)
	})
}

func TestNoByteOfALineCanBeChanged(t *testing.T) {
	all := signers(t)
	delete(all, "ecdsa-384") // as ecdsa-256, but slow
	delete(all, "ecdsa-521")
	for name, s := range all {
		text, err := ballot.Sign(vote(), s)
		require.NoError(t, err)
		check := func(changed string) {
			read, err := ballot.Read(changed)
			if err == nil {
				_, err = read.Verify([]release.Key{onRoster(s)}, noon)
			}
			if err == nil {
				t.Fatalf("%s: %s counts", name, changed)
			}
			refused(t, err, "")
		}
		for i := range text {
			check(text[:i] + string(text[i]^1) + text[i+1:])
			check(text[:i] + "\n" + text[i:])
			check(text[:i])
		}
	}
}

func TestOnlyTheOneWayToWriteABallotIsRead(t *testing.T) {
	s := signer(t, ana())
	_, err := ballot.Read(signed(t, document, s, sshsig.HashSHA512, ballot.Namespace))
	require.NoError(t, err, "the document itself")
	swap := func(old, with string) string {
		require.Contains(t, document, old)
		return strings.Replace(document, old, with, 1)
	}
	for name, c := range map[string]struct{ document, want string }{
		"blanks":             {swap(`,"gate"`, `, "gate"`), "compact JSON"},
		"another order":      {swap(`"release":"httpbin@2.26.0","gate":"plan",`, `"gate":"plan","release":"httpbin@2.26.0",`), "fields in their order"},
		"a field twice":      {swap(`"by":"ana"`, `"by":"ben","by":"ana"`), "compact JSON"},
		"an unknown field":   {swap(`"by":"ana"`, `"by":"ana","comment":"fine"`), `unknown field "comment"`},
		"another case":       {swap(`"by"`, `"By"`), "compact JSON"},
		"a missing field":    {swap(`"by":"ana",`, ``), `no readable "by"`},
		"an empty field":     {swap(`"plan"`, `" "`), `no readable "gate"`},
		"a short digest":     {swap(`sha256:2d9e5da74a0565dde8a5d86c0f74a23aca0fd8f1a2c2dd7ab1ce0b23a3d6a0e5`, `2d9e5da74a05`), "it has to be the whole one"},
		"an unknown vote":    {swap(`"authorize"`, `"maybe"`), "use authorize, reject or revise"},
		"local time":         {swap(`12:00:00Z`, `12:00:00+00:00`), "times as"},
		"parts of seconds":   {swap(`12:00:00Z`, `12:00:00.5Z`), "times as"},
		"no time":            {swap(`2026-03-04T12:00:00Z`, `noon`), "cannot be read"},
		"an end before":      {swap(`13:00:00`, `12:00:00`), "before it is issued"},
		"something behind":   {document + "{}", "compact JSON"},
		"a needless escape":  {swap(`"ana"`, `"\u0061na"`), "compact JSON"},
		"no JSON":            {"by ana", "cannot be read"},
		"nothing":            {"", "cannot be read"},
		"bytes, not a text":  {swap(`"ana"`, "\"\xff\""), "compact JSON"},
		"a steered terminal": {swap(`"ana"`, `"\u001b[31mana"`), `no readable "by"`},
		"much of a field":    {swap(`"by":"ana"`, `"`+strings.Repeat("a", 9000)+`":"ana"`), "unknown field"},
		"a number for a who": {swap(`"ana"`, `1`), "cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ballot.Read(signed(t, c.document, s, sshsig.HashSHA512, ballot.Namespace))
			refused(t, err, c.want)
		})
	}
	_, err = ballot.Read(signed(t, document, s, sshsig.HashSHA256, ballot.Namespace))
	refused(t, err, "sign with sha512")
	for text, want := range map[string]string{
		"": "no signed ballot", "authorize": "no signed ballot", "e30": "no signed ballot", "!.!": "no signed ballot", "e30.!": "not base64url",
		line(document, []byte("SSHSIG")): "no SSH signature", strings.Repeat("A", 20<<10): "20480 bytes; at most 16384",
	} {
		_, err := ballot.Read(text)
		refused(t, err, want)
	}
}

func TestASignatureCountsForNothingElse(t *testing.T) {
	b := vote()
	require.NoError(t, b.Matches(vote()))
	later := vote()
	later.Issued, later.Expires = noon.Add(time.Hour), noon.Add(2*time.Hour)
	require.NoError(t, b.Matches(later), "when it was issued is for Verify")
	for want, change := range map[string]func(*ballot.Ballot){
		"the signature is for release httpbin@2.26.0, not for httpbin@2.27.0": func(b *ballot.Ballot) { b.Release = "httpbin@2.27.0" },
		"the signature is for gate plan, not for deploy:production":           func(b *ballot.Ballot) { b.Gate = "deploy:production" },
		"not for 4355a46b19d3: read what changed":                             func(b *ballot.Ballot) { b.Digest = release.DigestOfBytes([]byte("1")) },
		"the signature says authorize, not reject":                            func(b *ballot.Ballot) { b.Decision = release.Reject },
		"the signature is for a vote of ana, not of ben":                      func(b *ballot.Ballot) { b.By = "ben" },
	} {
		other := vote()
		change(&other)
		if strings.HasPrefix(want, "not for") {
			want = "not for " + other.Digest.Short()
		}
		refused(t, b.Matches(other), want)
	}
}

func TestABallotThatNobodyWouldReadIsNotSigned(t *testing.T) {
	s := signer(t, ana())
	for want, change := range map[string]func(*ballot.Ballot){
		"whole one":             func(b *ballot.Ballot) { b.Digest = "sha256:3f9a0c1b7d22" },
		"before it is issued":   func(b *ballot.Ballot) { b.Expires = b.Issued.Add(time.Second / 2) },
		`no readable "release"`: func(b *ballot.Ballot) { b.Release = "" },
		`no readable "by"`:      func(b *ballot.Ballot) { b.By = "an\xffa" },
		`no readable "gate"`:    func(b *ballot.Ballot) { b.Gate = strings.Repeat("plan", 100) },
		`"release"`:             func(b *ballot.Ballot) { b.Release = "httpbin\n@1" },
		"use authorize":         func(b *ballot.Ballot) { b.Decision = release.ExpiredGate },
	} {
		b := vote()
		change(&b)
		_, err := ballot.Sign(b, s)
		refused(t, err, want)
	}
}

// Whatever is read is written again the same, and nothing makes it panic.
func FuzzReadTakesOnlyWhatIsWrittenTheOneWay(f *testing.F) {
	for _, s := range signers(f) {
		f.Add(signed(f, document, s, sshsig.HashSHA512, ballot.Namespace))
	}
	f.Add(line(document, nil))
	f.Add(line(`{"by":1}`, []byte("SSHSIG\x00\x00\x00\x01")))
	s := signer(f, ana())
	f.Fuzz(func(t *testing.T, text string) {
		read, err := ballot.Read(text)
		if err != nil {
			refused(t, err, "")
			return
		}
		_, _ = read.Verify([]release.Key{onRoster(s)}, noon)
		again, err := ballot.Sign(read.Ballot, s)
		require.NoError(t, err)
		head, _, _ := strings.Cut(text, ".")
		require.True(t, strings.HasPrefix(again, head+"."))
	})
}
