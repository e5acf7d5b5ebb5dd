// Package library is the definitive media library for programs that need no worker and
// no server: they read and verify it, copy from it, and remove what nothing needs.
package library

import (
	"fmt"
	"strings"

	"slipway/activities/driver/attest"
	"slipway/activities/driver/dml"
	"slipway/config"
	"slipway/release"
	"slipway/release/audit"
)

// Library is a media library as an audit reads it.
type Library struct{ *dml.Reader }

// Open opens the library that spec names, as the worker's settings dml and registry do;
// nothing is made or changed.
func Open(spec string, registry ...config.Registry) (Library, error) {
	reader, err := dml.OpenReadOnly(spec, Access(registry...)...)
	if err != nil {
		return Library{}, fmt.Errorf("dml: %w", err)
	}
	return Library{reader}, nil
}

// Access is what the worker's setting registry says.
func Access(registry ...config.Registry) (access []dml.Access) {
	for _, r := range registry {
		access = append(access, dml.Access{Username: r.Username, Password: r.Password, CA: r.CA})
	}
	return access
}

// Host gives the registry of a library; empty when it is a folder.
func Host(spec string) string {
	if strings.HasPrefix(spec, "oci-layout:") {
		return ""
	}
	_, place, found := strings.Cut(spec, "://")
	if !found {
		place = spec
	}
	host, _, _ := strings.Cut(place, "/")
	return host
}

// Open verifies that one of the trusted signed an envelope, and gives what it
// states.
func (Library) Open(envelope []byte, trusted []release.Signer) (audit.Statement, error) {
	return attest.Open(envelope, trusted)
}

// OpenProvenance verifies that one of the trusted signed provenance, and gives it.
func (Library) OpenProvenance(envelope []byte, trusted []release.Signer) (audit.Built, error) {
	return attest.OpenProvenance(envelope, trusted)
}
