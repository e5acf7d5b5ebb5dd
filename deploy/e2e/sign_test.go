package e2e_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"

	"slipway/release"
	"slipway/release/ballot"
)

// keyOf is somebody's private key, always the same.
func keyOf(id string) ssh.Signer {
	seed := sha256.Sum256([]byte("a key for tests of " + id))
	signer, err := ssh.NewSignerFromKey(ed25519.NewKeyFromSeed(seed[:]))
	if err != nil {
		panic(err)
	}
	return signer
}

// publicKey is what the roster has of it.
func publicKey(id string) []release.Key {
	return []release.Key{{Line: string(ssh.MarshalAuthorizedKey(keyOf(id).PublicKey()))}}
}

// signed makes a signed vote on what a gate of the record shows.
func signed(t *testing.T, record release.Record, gate string, d release.Decision, by string) release.Authorization {
	t.Helper()
	open := record.Gate(gate)
	require.NotNil(t, open, "gate %s is not there", gate)
	now := time.Now().UTC().Truncate(time.Second)
	signature, err := ballot.Sign(ballot.Ballot{
		Release: record.ID, Gate: gate, Digest: open.Digest, Decision: d, By: by, Issued: now, Expires: now.Add(time.Hour),
	}, keyOf(by))
	require.NoError(t, err)
	return release.Authorization{
		Sender: release.Sender{By: by}, Gate: gate, Decision: d, Digest: string(open.Digest), Signature: signature,
	}
}
