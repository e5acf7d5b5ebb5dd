package ssh

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strings"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"slipway/activities/driver/shell"
	"slipway/activities/driver/target"
)

// ErrLogin says that the target does not let this worker in, or that the worker has
// no key to show.
var ErrLogin = fmt.Errorf("login was refused: %w", target.ErrUnusable)

// Options say how this worker logs in, and whom it trusts.
type Options struct {
	// Identity is the worker's key: "file:PATH" of a private key, or "agent", the
	// default, for those of the ssh-agent at SSH_AUTH_SOCK.
	Identity string
	// Passphrase is the reference of what opens the private key, "env:NAME" or
	// "file:PATH"; empty when it is not encrypted.
	Passphrase string
	// KnownHosts is the file of host keys; empty stands for ~/.ssh/known_hosts.
	KnownHosts string
}

// signers gives the keys to log in with; end has to be called after the login.
func (o Options) signers() (keys []ssh.Signer, end func(), err error) {
	path, isFile := strings.CutPrefix(o.Identity, "file:")
	switch {
	case isFile:
		key, err := o.file(path)
		return []ssh.Signer{key}, func() {}, err
	case o.Identity == "" || o.Identity == "agent":
		return agentKeys()
	}
	return nil, nil, fmt.Errorf("%w: ssh.identity is %q: use file:PATH of a private key, or agent", ErrLogin, o.Identity)
}

func (o Options) file(path string) (ssh.Signer, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%w: ssh.identity: %w", ErrLogin, err)
	}
	if o.Passphrase == "" {
		key, err := ssh.ParsePrivateKey(data)
		if missing := new(ssh.PassphraseMissingError); errors.As(err, &missing) {
			return nil, fmt.Errorf("%w: the key %s is encrypted: name its passphrase in ssh.passphrase, as in env:NAME", ErrLogin, path)
		}
		if err != nil {
			return nil, fmt.Errorf("%w: ssh.identity: %s is not a private key: %w", ErrLogin, path, err)
		}
		return key, nil
	}
	passphrase, err := shell.Secret(o.Passphrase)
	if err != nil {
		return nil, fmt.Errorf("%w: ssh.passphrase: %w", ErrLogin, err)
	}
	key, err := ssh.ParsePrivateKeyWithPassphrase(data, []byte(passphrase))
	if err != nil {
		return nil, fmt.Errorf("%w: ssh.passphrase does not open %s: %w", ErrLogin, path, err)
	}
	return key, nil
}

func agentKeys() (keys []ssh.Signer, end func(), err error) {
	socket := os.Getenv("SSH_AUTH_SOCK")
	if socket == "" {
		return nil, nil, fmt.Errorf("%w: ssh.identity is agent, but SSH_AUTH_SOCK is not set: start the worker where an ssh-agent is, or use file:PATH", ErrLogin)
	}
	connection, err := net.Dial("unix", socket)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: the ssh-agent does not answer: %w", ErrLogin, err)
	}
	end = func() { _ = connection.Close() }
	keys, err = agent.NewClient(connection).Signers()
	if err == nil && len(keys) == 0 {
		err = errors.New("it holds none: add one with ssh-add")
	}
	if err != nil {
		end()
		return nil, nil, fmt.Errorf("%w: keys of the ssh-agent: %w", ErrLogin, err)
	}
	return keys, end, nil
}

// fingerprints lists keys for people.
func fingerprints(keys []ssh.Signer) string {
	var all []string
	for _, key := range keys {
		all = append(all, fingerprint(key.PublicKey()))
	}
	return strings.Join(all, ", ")
}

func fingerprint(key ssh.PublicKey) string { return key.Type() + " " + ssh.FingerprintSHA256(key) }
