package ballot_test

import (
	"encoding/base64"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hiddeco/sshsig"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"

	"slipway/release"
	"slipway/release/ballot"
)

// keygen runs ssh-keygen with something on its standard input.
func keygen(t *testing.T, in string, args ...string) string {
	t.Helper()
	program, err := exec.LookPath("ssh-keygen")
	if err != nil {
		t.Skip("ssh-keygen is not on PATH: what it says of a ballot is not compared (install openssh-client)")
	}
	command := exec.CommandContext(t.Context(), program, args...)
	command.Stdin = strings.NewReader(in)
	out, err := command.CombinedOutput()
	require.NoError(t, err, "ssh-keygen %v: %s", args, out)
	return string(out)
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	return file
}

// An auditor needs neither Slipway nor its server.
func TestSSHKeygenVerifiesABallot(t *testing.T) {
	for name, s := range signers(t) {
		t.Run(name, func(t *testing.T) {
			text, err := ballot.Sign(vote(), s)
			require.NoError(t, err)
			head, tail, _ := strings.Cut(text, ".")
			document, err := base64.RawURLEncoding.DecodeString(head)
			require.NoError(t, err)
			wire, err := base64.RawURLEncoding.DecodeString(tail)
			require.NoError(t, err)
			armored := write(t, "ballot.sig", string(pem.EncodeToMemory(&pem.Block{Type: "SSH SIGNATURE", Bytes: wire})))
			allowed := write(t, "allowed", "ana "+string(ssh.MarshalAuthorizedKey(s.PublicKey())))
			out := keygen(t, string(document), "-Y", "verify", "-f", allowed, "-I", "ana", "-n", ballot.Namespace, "-s", armored)
			require.Contains(t, out, "Good \"slipway\" signature for ana")
			require.Contains(t, out, ssh.FingerprintSHA256(s.PublicKey()))
		})
	}
}

func TestABallotThatSSHKeygenSignedCounts(t *testing.T) {
	for _, kind := range []string{"ed25519", "ecdsa", "rsa"} {
		t.Run(kind, func(t *testing.T) {
			key := filepath.Join(t.TempDir(), "id")
			keygen(t, "", "-q", "-t", kind, "-N", "", "-C", "ana@laptop", "-f", key)
			file := write(t, "ballot.json", document)
			keygen(t, "", "-q", "-Y", "sign", "-f", key, "-n", ballot.Namespace, file)
			armored, err := os.ReadFile(file + ".sig")
			require.NoError(t, err)
			signature, err := sshsig.Unarmor(armored)
			require.NoError(t, err)
			read, err := ballot.Read(line(document, signature.Marshal()))
			require.NoError(t, err)
			public, err := os.ReadFile(key + ".pub")
			require.NoError(t, err)
			mark, err := read.Verify([]release.Key{{Line: string(public)}}, noon)
			require.NoError(t, err)
			require.Contains(t, keygen(t, "", "-l", "-f", key), mark)
		})
	}
}
