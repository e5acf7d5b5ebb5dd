package ballot_test

import (
	"crypto/dsa" //nolint:staticcheck // the test shows that such keys are refused
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"

	"slipway/release"
	"slipway/release/ballot"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// vote is a ballot of ana, good for an hour.
func vote() ballot.Ballot {
	return ballot.Ballot{
		Release: "httpbin@2.26.0", Gate: release.GatePlan, Digest: release.DigestOfBytes([]byte("plan")),
		Decision: release.Authorize, By: "ana", Issued: noon, Expires: noon.Add(time.Hour),
	}
}

func signer(t testing.TB, private any) ssh.Signer {
	t.Helper()
	s, err := ssh.NewSignerFromKey(private)
	require.NoError(t, err)
	return s
}

var (
	ana  = sync.OnceValue(func() ed25519.PrivateKey { return ed25519.NewKeyFromSeed([]byte("the secret of ana, 32 bytes long")) })
	ben  = sync.OnceValue(func() ed25519.PrivateKey { return ed25519.NewKeyFromSeed([]byte("the secret of ben, 32 bytes long")) })
	long = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })
)

// signers gives one of each kind of key that is taken.
func signers(t testing.TB) map[string]ssh.Signer {
	t.Helper()
	all := map[string]ssh.Signer{"ed25519": signer(t, ana())}
	for name, curve := range map[string]elliptic.Curve{"ecdsa-256": elliptic.P256(), "ecdsa-384": elliptic.P384(), "ecdsa-521": elliptic.P521()} {
		key, err := ecdsa.GenerateKey(curve, rand.Reader)
		require.NoError(t, err)
		all[name] = signer(t, key)
	}
	key, err := long()
	require.NoError(t, err)
	all["rsa"] = signer(t, key)
	all["sk-ed25519"] = newToken(t)
	return all
}

// weak gives keys that are not taken.
func weak(t testing.TB) map[string]ssh.Signer {
	t.Helper()
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	require.NoError(t, err)
	old := &dsa.PrivateKey{}
	require.NoError(t, dsa.GenerateParameters(&old.Parameters, rand.Reader, dsa.L1024N160))
	require.NoError(t, dsa.GenerateKey(old, rand.Reader))
	certificate := &ssh.Certificate{Key: signer(t, ben()).PublicKey(), CertType: ssh.UserCert, ValidBefore: ssh.CertTimeInfinity}
	require.NoError(t, certificate.SignCert(rand.Reader, signer(t, ana())))
	certified, err := ssh.NewCertSigner(certificate, signer(t, ben()))
	require.NoError(t, err)
	return map[string]ssh.Signer{"short rsa": signer(t, short), "dsa": signer(t, old), "certificate": certified}
}

// onRoster gives a key as the roster has it.
func onRoster(s ssh.Signer) release.Key {
	return release.Key{Line: string(ssh.MarshalAuthorizedKey(s.PublicKey()))}
}

// fidoToken signs as a FIDO token with an ed25519 key does.
type fidoToken struct {
	public  ssh.PublicKey
	private ed25519.PrivateKey
	// flags are what the token says of itself; the lowest bit that it was touched.
	flags byte
}

const (
	application = "ssh:"
	touched     = 1
)

func newToken(t testing.TB) *fidoToken {
	t.Helper()
	public, ok := ben().Public().(ed25519.PublicKey)
	require.True(t, ok)
	key, err := ssh.ParsePublicKey(ssh.Marshal(struct {
		Kind        string
		Key         []byte
		Application string
	}{ssh.KeyAlgoSKED25519, public, application}))
	require.NoError(t, err)
	return &fidoToken{key, ben(), touched}
}

func (f *fidoToken) PublicKey() ssh.PublicKey { return f.public }

func (f *fidoToken) Sign(_ io.Reader, data []byte) (*ssh.Signature, error) {
	about, message := sha256.Sum256([]byte(application)), sha256.Sum256(data)
	said := struct {
		Flags   byte
		Counter uint32
	}{f.flags, 7}
	signed := append(append(about[:], ssh.Marshal(said)...), message[:]...)
	return &ssh.Signature{Format: ssh.KeyAlgoSKED25519, Blob: ed25519.Sign(f.private, signed), Rest: ssh.Marshal(said)}, nil
}
