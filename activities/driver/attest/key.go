package attest

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/crypto/ssh"

	"slipway/activities/driver/durable"
)

// Signer is the key of a worker.
type Signer struct {
	private ed25519.PrivateKey
	public  ssh.PublicKey
}

// publicSuffix ends the name of the file with the public key, as ssh-keygen has it.
const publicSuffix = ".pub"

// Load reads a worker's key: an ed25519 key in a file as ssh-keygen writes it,
// without a passphrase.
func Load(path string) (*Signer, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("signing key: %w", err)
	}
	key, err := ssh.ParseRawPrivateKey(text)
	var locked *ssh.PassphraseMissingError
	switch {
	case errors.As(err, &locked):
		return nil, fmt.Errorf("signing key %s has a passphrase, which nobody is there to give: take it off with ssh-keygen -p -f %s", path, path)
	case err != nil:
		return nil, fmt.Errorf("signing key %s cannot be read: %w; make one with ssh-keygen -t ed25519 -N '' -f FILE", path, err)
	}
	private, is := key.(*ed25519.PrivateKey)
	if !is {
		return nil, fmt.Errorf("signing key %s is not an ed25519 key: make one with ssh-keygen -t ed25519 -N '' -f FILE", path)
	}
	return newSigner(*private)
}

// LoadOrCreate reads a worker's key, and makes one first when there is no file:
// readable by its owner alone, with the public key in a file of the same name with
// ".pub".
func LoadOrCreate(path string) (*Signer, error) {
	s, err := Load(path)
	if errors.Is(err, fs.ErrNotExist) {
		s, err = create(path)
	}
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(path + publicSuffix); !errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	return s, durable.WriteFile(path+publicSuffix, []byte(s.PublicKey()+"\n"))
}

// create makes a key. Of two workers that do so at once, both get that of one.
func create(path string) (*Signer, error) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("signing key: %w", err)
	}
	block, err := ssh.MarshalPrivateKey(private, "slipway worker")
	if err != nil {
		return nil, fmt.Errorf("signing key: %w", err)
	}
	temp, err := os.CreateTemp(filepath.Dir(path), durable.TempPrefix+"*") // has mode 0600
	if err != nil {
		return nil, fmt.Errorf("signing key: %w", err)
	}
	defer os.Remove(temp.Name())
	_, err = temp.Write(pem.EncodeToMemory(block))
	if err := errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return nil, fmt.Errorf("signing key: %w", err)
	}
	if err := os.Link(temp.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("signing key: %w", err)
	}
	return Load(path)
}

func newSigner(private ed25519.PrivateKey) (*Signer, error) {
	public, err := ssh.NewPublicKey(private.Public())
	if err != nil {
		return nil, fmt.Errorf("signing key: %w", err)
	}
	return &Signer{private: private, public: public}, nil
}

// PublicKey gives the public key as a line of authorized_keys, for the roster.
func (s *Signer) PublicKey() string {
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(s.public)))
}

// KeyID gives the fingerprint of the key, as ssh-keygen -l shows it.
func (s *Signer) KeyID() (string, error) { return ssh.FingerprintSHA256(s.public), nil }

// Sign gives the ed25519 signature of the data itself.
func (s *Signer) Sign(_ context.Context, data []byte) ([]byte, error) {
	return ed25519.Sign(s.private, data), nil
}
