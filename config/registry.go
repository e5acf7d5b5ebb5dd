package config

import (
	"path/filepath"

	"slipway/release"
)

// Registry says how the registry of the media library lets the worker in.
type Registry struct {
	// Username is empty where anybody may come in.
	Username string `json:"username,omitempty"`
	// Password refers to that of the user, "env:NAME" or "file:PATH" on the worker.
	Password string `json:"password,omitempty"`
	// CA is a file of certificates in PEM that vouch for the registry, instead of those
	// of the system.
	CA string `json:"ca,omitempty"`
}

// below makes paths absolute.
func (r Registry) below(folder string) Registry {
	r.Password = passwordBelow(folder, r.Password)
	if r.CA != "" && !filepath.IsAbs(r.CA) {
		r.CA = filepath.Join(folder, r.CA)
	}
	return r
}

// Check says what is wrong with it by itself.
func (r Registry) Check() release.Problems {
	switch {
	case r.Password == "" && r.Username == "":
		return nil
	case r.Password == "":
		return release.Problems{{Path: "registry.password", Message: "it is missing beside username: write a reference, env:NAME or file:PATH"}}
	case r.Username == "":
		return release.Problems{{Path: "registry.username", Message: "it is missing beside password"}}
	}
	return checkReference("registry.password", r.Password)
}
