package config

import (
	"fmt"
	"strings"
)

// SSH says how the worker logs in to targets of kind ssh, and whom it trusts there.
type SSH struct {
	// Identity is "file:PATH" of a private key, or "agent".
	Identity string `json:"identity,omitempty"`
	// Passphrase is the reference of what opens the private key, "env:NAME" or
	// "file:PATH"; empty when it is not encrypted.
	Passphrase string `json:"passphrase,omitempty"`
	// KnownHosts is the file of host keys; empty stands for ~/.ssh/known_hosts.
	KnownHosts string `json:"knownHosts,omitempty"`
}

// below makes paths absolute.
func (s SSH) below(folder string) SSH {
	for _, reference := range []*string{&s.Identity, &s.Passphrase} {
		if strings.HasPrefix(*reference, "file:") {
			*reference = below(folder, *reference)
		}
	}
	if s.KnownHosts != "" {
		s.KnownHosts = below(folder, s.KnownHosts)
	}
	return s
}

func (s SSH) check() error {
	if s.Identity != "agent" && !strings.HasPrefix(s.Identity, "file:") {
		return fmt.Errorf("configuration: ssh.identity is %q: use file:PATH of a private key, or agent", s.Identity)
	}
	return nil
}
