package main

import (
	"crypto/ed25519"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/crypto/ssh"
)

// signers are the people of the demo who vote, each with an SSH key as ssh-keygen
// makes them; the worker's own key is made with them, so that the roster can list
// it.
var signers = []string{"ana", "ben", "eva"}

// keys makes all keys, and gives the public ones by name.
func (s *site) keys() (map[string]string, error) {
	if err := os.MkdirAll(s.path("keys"), 0o700); err != nil {
		return nil, err
	}
	public := map[string]string{}
	files := map[string]string{"worker": s.path("slipway.key")}
	for _, name := range signers {
		files[name] = s.path("keys", name)
	}
	for name, file := range files {
		line, err := newKey(file, name)
		if err != nil {
			return nil, fmt.Errorf("key of %s: %w", name, err)
		}
		public[name] = line
	}
	return public, nil
}

// keyOf is the file of somebody's private key.
func (s *site) keyOf(name string) string { return s.short("keys", name) }

// short names something in the demo's folder as a person in the repository's would.
func (s *site) short(parts ...string) string {
	file := s.path(parts...)
	if short, err := filepath.Rel(s.Root, file); err == nil {
		return short
	}
	return file
}

// newKey writes a private key to a file, and gives its public key as a line of
// authorized_keys.
func newKey(file, comment string) (string, error) {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return "", err
	}
	block, err := ssh.MarshalPrivateKey(private, comment)
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
		return "", err
	}
	key, err := ssh.NewPublicKey(public)
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key))) + " " + comment, nil
}
