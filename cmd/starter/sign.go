package main

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"slipway/release"
)

// agentName stands for the only key of the ssh-agent.
const agentName = "agent"

// signer gives the key that --sign names: a private key in a file, the one in the
// ssh-agent that belongs to a .pub file, or the agent's only one. It can be used
// until the context ends.
func (a *app) signer(ctx context.Context, name string) (ssh.Signer, error) {
	var (
		key ssh.Signer
		err error
	)
	switch {
	case name == agentName:
		key, err = a.onlyKey(ctx)
	case strings.HasSuffix(name, ".pub"):
		key, err = a.keyOf(ctx, name)
	default:
		key, err = a.keyIn(ctx, name)
	}
	if err != nil {
		return nil, err
	}
	if err := release.UsableKey(key.PublicKey()); err != nil {
		return nil, usage("--sign %s: %v", name, err)
	}
	return key, nil
}

// keyIn reads a private key, and asks for its passphrase if it has one.
func (a *app) keyIn(ctx context.Context, name string) (ssh.Signer, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, usage("--sign: the key cannot be read: %v", err)
	}
	key, err := ssh.ParsePrivateKey(text)
	var locked *ssh.PassphraseMissingError
	switch {
	case err == nil:
		return key, nil
	case errors.As(err, &locked):
		return a.unlock(ctx, name, text)
	case isPublic(text):
		return nil, usage("--sign %s: this is a public key: name the private one, or a file that ends in .pub to sign with the ssh-agent", name)
	}
	return nil, usage("--sign %s: this is no SSH private key that can be read (%v): name a file like ~/.ssh/id_ed25519; or add the key to the ssh-agent and name its .pub file", name, err)
}

func (a *app) unlock(ctx context.Context, name string, text []byte) (ssh.Signer, error) {
	passphrase, err := a.passphrase(ctx, name)
	if err != nil {
		return nil, err
	}
	key, err := ssh.ParsePrivateKeyWithPassphrase(text, passphrase)
	if errors.Is(err, x509.IncorrectPasswordError) {
		return nil, fmt.Errorf("the passphrase of %s is another one", name)
	}
	return key, err
}

func isPublic(text []byte) bool {
	_, _, _, _, err := ssh.ParseAuthorizedKey(text)
	return err == nil
}

// keyOf finds the key of a .pub file in the ssh-agent.
func (a *app) keyOf(ctx context.Context, name string) (ssh.Signer, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, usage("--sign: the key cannot be read: %v", err)
	}
	public, _, _, _, err := ssh.ParseAuthorizedKey(text)
	if err != nil {
		return nil, usage("--sign %s: this is no SSH public key, as in \"ssh-ed25519 AAAA… ana@laptop\"", name)
	}
	keys, names, err := a.agentKeys(ctx)
	if err != nil {
		return nil, err
	}
	for _, key := range keys {
		if bytes.Equal(key.PublicKey().Marshal(), public.Marshal()) {
			return key, nil
		}
	}
	return nil, fmt.Errorf("the ssh-agent does not have the key of %s (%s), but %s: add it with `ssh-add %s`",
		name, ssh.FingerprintSHA256(public), listOr(names, "none"), quoted(strings.TrimSuffix(name, ".pub")))
}

// onlyKey gives the only key of the ssh-agent that can sign a vote.
func (a *app) onlyKey(ctx context.Context) (ssh.Signer, error) {
	keys, names, err := a.agentKeys(ctx)
	switch {
	case err != nil:
		return nil, err
	case len(keys) == 0:
		return nil, errors.New("the ssh-agent has no key that can sign a vote: add one with `ssh-add FILE`")
	case len(keys) > 1:
		return nil, usage("--sign agent: the ssh-agent has more than one key (%s): name the .pub file of yours", strings.Join(names, "; "))
	}
	return keys[0], nil
}

// agentKeys lists the keys of the ssh-agent that can sign votes, and what people
// call them.
func (a *app) agentKeys(ctx context.Context) (keys []ssh.Signer, names []string, err error) {
	socket := a.env.get("SSH_AUTH_SOCK")
	if socket == "" {
		return nil, nil, errors.New("there is no ssh-agent to sign with, as SSH_AUTH_SOCK is not set: start one with `eval $(ssh-agent)`, add your key with `ssh-add FILE`, or name a private key with --sign FILE")
	}
	connection, err := (&net.Dialer{}).DialContext(ctx, "unix", socket)
	if err != nil {
		return nil, nil, fmt.Errorf("the ssh-agent at SSH_AUTH_SOCK does not answer (%w): start one with `eval $(ssh-agent)`", err)
	}
	context.AfterFunc(ctx, func() { _ = connection.Close() })
	client := agent.NewClient(connection)
	known, err := client.List()
	if err != nil {
		return nil, nil, fmt.Errorf("the ssh-agent does not tell its keys: %w", err)
	}
	all, err := client.Signers()
	if err != nil {
		return nil, nil, fmt.Errorf("the ssh-agent does not tell its keys: %w", err)
	}
	for _, key := range all {
		if release.UsableKey(key.PublicKey()) != nil {
			continue
		}
		keys = append(keys, key)
		names = append(names, strings.TrimSpace(ssh.FingerprintSHA256(key.PublicKey())+" "+commentOf(known, key.PublicKey())))
	}
	return keys, names, nil
}

// commentOf gives what the owner called a key of the agent.
func commentOf(known []*agent.Key, public ssh.PublicKey) string {
	for _, k := range known {
		if bytes.Equal(k.Blob, public.Marshal()) {
			return k.Comment
		}
	}
	return ""
}

func listOr(names []string, none string) string {
	if len(names) == 0 {
		return none
	}
	return strings.Join(names, "; ")
}
