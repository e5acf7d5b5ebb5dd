package ssh_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	gossh "golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"slipway/activities/driver/target"
	"slipway/activities/driver/target/ssh"
	"slipway/activities/driver/target/ssh/sshtest"
)

func TestAnEncryptedKeyNeedsItsPassphrase(t *testing.T) {
	server, p := sshtest.Start(t), newPack(t, "1.0.0", 1000)
	public, private, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	block, err := gossh.MarshalPrivateKeyWithPassphrase(private, "test", []byte("open sesame"))
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "key")
	require.NoError(t, os.WriteFile(file, pem.EncodeToMemory(block), 0o600))
	key, err := gossh.NewPublicKey(public)
	require.NoError(t, err)
	server.Admit(t, key)
	t.Setenv("SSH_TEST_PASSPHRASE", "open sesame")
	t.Setenv("SSH_TEST_WRONG", "open barley")
	for passphrase, says := range map[string]string{
		"env:SSH_TEST_PASSPHRASE": "",
		"env:SSH_TEST_WRONG":      "does not open",
		"env:SSH_TEST_NOT_SET":    "SSH_TEST_NOT_SET",
		"":                        "ssh.passphrase",
	} {
		driver := ssh.New(ssh.Options{Identity: "file:" + file, Passphrase: passphrase, KnownHosts: server.KnownHosts}, p)
		t.Cleanup(driver.Close)
		if says == "" {
			require.Empty(t, do(t, driver, on(server, t.TempDir()), p, target.Transfer))
			continue
		}
		fails(t, driver, on(server, t.TempDir()), p, ssh.ErrLogin, says)
	}
}

func TestTheKeysOfAnAgentLogIn(t *testing.T) {
	server, p := sshtest.Start(t), newPack(t, "1.0.0", 1000)
	driver := ssh.New(ssh.Options{KnownHosts: server.KnownHosts}, p)
	t.Cleanup(driver.Close)
	t.Setenv("SSH_AUTH_SOCK", "")
	fails(t, driver, on(server, t.TempDir()), p, ssh.ErrLogin, "SSH_AUTH_SOCK is not set")

	socket := filepath.Join(t.TempDir(), "agent")
	listener, err := net.Listen("unix", socket)
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	keys := agent.NewKeyring()
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go func() { _ = agent.ServeAgent(keys, connection) }()
		}
	}()
	t.Setenv("SSH_AUTH_SOCK", socket)
	fails(t, driver, on(server, t.TempDir()), p, ssh.ErrLogin, "ssh-add")
	public, private, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	require.NoError(t, keys.Add(agent.AddedKey{PrivateKey: private}))
	key, err := gossh.NewPublicKey(public)
	require.NoError(t, err)
	server.Admit(t, key)
	require.Empty(t, do(t, driver, on(server, t.TempDir()), p, target.Transfer))
}
