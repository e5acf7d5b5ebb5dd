package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"encoding/pem"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"slipway/release"
)

// keyFile writes a new private key, locked with a passphrase or not, and its .pub
// file; it gives the key as the roster has it.
func keyFile(t *testing.T, passphrase string) (file string, key release.Key) {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	return writeKey(t, private, passphrase)
}

func writeKey(t *testing.T, private any, passphrase string) (file string, key release.Key) {
	t.Helper()
	block, err := ssh.MarshalPrivateKey(private, "a test")
	if passphrase != "" {
		block, err = ssh.MarshalPrivateKeyWithPassphrase(private, "a test", []byte(passphrase))
	}
	require.NoError(t, err)
	signer, err := ssh.NewSignerFromKey(private)
	require.NoError(t, err)
	file = filepath.Join(t.TempDir(), "id")
	line := ssh.MarshalAuthorizedKey(signer.PublicKey())
	require.NoError(t, os.WriteFile(file, pem.EncodeToMemory(block), 0o600))
	require.NoError(t, os.WriteFile(file+".pub", line, 0o600))
	return file, release.Key{Line: string(line)}
}

// secretOf reads a private key back.
func secretOf(t *testing.T, file string) any {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	private, err := ssh.ParseRawPrivateKey(text)
	require.NoError(t, err)
	return private
}

// agents gives how to start each kind of ssh-agent that there is, at a socket.
func agents(t *testing.T) map[string]func(t *testing.T, socket string) {
	t.Helper()
	all := map[string]func(*testing.T, string){"keyring": serveKeyring}
	if program, err := exec.LookPath("ssh-agent"); err == nil {
		all["ssh-agent"] = func(t *testing.T, socket string) {
			t.Helper()
			command := exec.CommandContext(t.Context(), program, "-a", socket, "-D")
			require.NoError(t, command.Start())
			t.Cleanup(func() { _ = command.Wait() })
		}
	}
	return all
}

// serveKeyring stands in for the program ssh-agent.
func serveKeyring(t *testing.T, socket string) {
	t.Helper()
	listener, err := net.Listen("unix", socket)
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	keyring := agent.NewKeyring()
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go func() { _ = agent.ServeAgent(keyring, connection) }()
		}
	}()
}

// reach gives a client of the agent at a socket, once it listens.
func reach(t *testing.T, socket string) agent.ExtendedAgent {
	t.Helper()
	var connection net.Conn
	require.Eventually(t, func() (up bool) {
		var err error
		connection, err = net.Dial("unix", socket)
		return err == nil
	}, 10*time.Second, 10*time.Millisecond)
	t.Cleanup(func() { _ = connection.Close() })
	return agent.NewClient(connection)
}

// socketName is short: the path of a socket has to be.
func socketName(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "agent")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	return filepath.Join(folder, "s")
}

// reader is an app that has nothing but an environment and no terminal.
func reader(env ...string) *app {
	return &app{in: &bytes.Buffer{}, errs: &bytes.Buffer{}, env: env}
}

func TestAnAgentSignsWithTheKeyThatIsNamed(t *testing.T) {
	for name, start := range agents(t) {
		t.Run(name, func(t *testing.T) {
			socket := socketName(t)
			start(t, socket)
			keys := reach(t, socket)
			a := reader("SSH_AUTH_SOCK=" + socket)
			signs := func(name, file string) {
				t.Helper()
				signer, err := a.signer(t.Context(), name)
				require.NoError(t, err)
				data := []byte("a ballot")
				signature, err := signer.Sign(rand.Reader, data)
				require.NoError(t, err)
				text, err := os.ReadFile(file + ".pub")
				require.NoError(t, err)
				public, _, _, _, err := ssh.ParseAuthorizedKey(text)
				require.NoError(t, err)
				require.NoError(t, public.Verify(data, signature))
			}
			fails := func(name, want string) {
				t.Helper()
				_, err := a.signer(t.Context(), name)
				require.ErrorContains(t, err, want)
			}
			first, _ := keyFile(t, "")
			second, _ := keyFile(t, "")
			fails("agent", "the ssh-agent has no key that can sign a vote: add one with `ssh-add FILE`")
			fails(first+".pub", "but none: add it with `ssh-add "+first+"`")
			require.NoError(t, keys.Add(agent.AddedKey{PrivateKey: secretOf(t, first), Comment: "ana@laptop"}))
			signs("agent", first)
			signs(first+".pub", first)
			fails(second+".pub", "ana@laptop: add it with `ssh-add "+second+"`")
			require.NoError(t, keys.Add(agent.AddedKey{PrivateKey: secretOf(t, second), Comment: "ana@desk"}))
			signs(second+".pub", second)
			fails("agent", "ana@laptop; SHA256:")
		})
	}
}

func TestAKeyThatCannotSignIsSaidSo(t *testing.T) {
	file, _ := keyFile(t, "")
	locked, _ := keyFile(t, "secret")
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	require.NoError(t, err)
	weak, _ := writeKey(t, short, "")
	garbage := filepath.Join(t.TempDir(), "garbage")
	require.NoError(t, os.WriteFile(garbage, []byte("not a key"), 0o600))
	require.NoError(t, os.WriteFile(garbage+".pub", []byte("not a key"), 0o600))
	public := filepath.Join(t.TempDir(), "public")
	text, err := os.ReadFile(file + ".pub")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(public, text, 0o600))
	for name, want := range map[string]string{
		"/nowhere/id":     "no such file",
		"/nowhere/id.pub": "no such file",
		garbage:           "this is no SSH private key that can be read (ssh: no key found): name a file like ~/.ssh/id_ed25519",
		garbage + ".pub":  "this is no SSH public key",
		public:            "this is a public key: name the private one, or a file that ends in .pub",
		weak:              "is an RSA key of 1024 bits",
		locked:            "is locked with a passphrase, and there is no terminal to ask for it: add the key to an ssh-agent with `ssh-add " + locked + "`",
		"agent":           "SSH_AUTH_SOCK is not set: start one with `eval $(ssh-agent)`",
		file + ".pub":     "SSH_AUTH_SOCK is not set",
	} {
		_, err := reader().signer(t.Context(), name)
		require.ErrorContains(t, err, want)
	}
	_, err = reader("SSH_AUTH_SOCK=/nowhere").signer(t.Context(), "agent")
	require.ErrorContains(t, err, "the ssh-agent at SSH_AUTH_SOCK does not answer")
	_, err = reader().signer(t.Context(), file)
	require.NoError(t, err)
}

func TestAWrongKeyIsWrongUse(t *testing.T) {
	c := &call{env: []string{nowhere, "SLIPWAY_SIGN=/nowhere/id"}}
	c.run(t, "authorize", "a@1", "--gate", "plan", "--by", "ana").want(t, exitUsage, "", "--sign: the key cannot be read: open /nowhere/id: no such file")
}
