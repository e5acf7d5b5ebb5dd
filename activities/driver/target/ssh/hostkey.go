package ssh

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"slipway/activities/driver/target"
)

// hosts checks who answers at an address against the file of known hosts, as it is
// now: somebody may have mended it a moment ago.
type hosts struct {
	address address
	file    string
	check   ssh.HostKeyCallback
	// refused is why who answered is not trusted.
	refused error
}

func (o Options) hosts(a address) (*hosts, error) {
	h := &hosts{address: a, file: o.KnownHosts}
	if h.file == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return nil, fmt.Errorf("%w: ssh.knownHosts names no file, and this worker has no home: %w", target.ErrHostKey, err)
		}
		h.file = filepath.Join(home, ".ssh", "known_hosts")
	}
	check, err := knownhosts.New(h.file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		check, err = knownhosts.New()
	case err != nil:
		return nil, fmt.Errorf("%w: the known hosts cannot be read: %w", target.ErrHostKey, err)
	}
	h.check = check
	return h, err
}

// verify is the callback of the handshake.
func (h *hosts) verify(server string, remote net.Addr, key ssh.PublicKey) error {
	err := h.check(server, remote, key)
	if err != nil {
		h.refused = h.explain(key, err)
	}
	return h.refused
}

func (h *hosts) explain(seen ssh.PublicKey, err error) error {
	at := knownhosts.Normalize(h.address.server())
	scan := fmt.Sprintf("ssh-keyscan -p %s %s >> %s", h.address.port, h.address.host, h.file)
	var unlike *knownhosts.KeyError
	switch {
	case !errors.As(err, &unlike):
		return fmt.Errorf("%w: it showed %s: %w", target.ErrHostKey, fingerprint(seen), err)
	case len(unlike.Want) == 0:
		return fmt.Errorf("%w: it showed %s, and none is known for %s: compare that with the machine itself, then add it with %s",
			target.ErrHostKey, fingerprint(seen), at, scan)
	}
	known := unlike.Want[0]
	return fmt.Errorf("%w: it showed %s, but %s:%d has %s: somebody else may be answering; if its key was changed on purpose, use ssh-keygen -R '%s' -f %s and then %s",
		target.ErrHostKey, fingerprint(seen), known.Filename, known.Line, fingerprint(known.Key), at, h.file, scan)
}

// algorithms asks the server for a key of a kind that is known: it has several, and
// would choose by its own liking. None stands for the usual ones.
func (h *hosts) algorithms() []string {
	none, err := ssh.NewPublicKey(ed25519.PublicKey(make([]byte, ed25519.PublicKeySize)))
	if err != nil {
		return nil
	}
	var known *knownhosts.KeyError
	if !errors.As(h.check(h.address.server(), &net.TCPAddr{}, none), &known) {
		return nil
	}
	var kinds []string
	for _, want := range known.Want {
		kind := []string{want.Key.Type()}
		if kind[0] == ssh.KeyAlgoRSA {
			kind = []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256}
		}
		kinds = append(kinds, kind...)
	}
	return slices.Compact(kinds)
}
