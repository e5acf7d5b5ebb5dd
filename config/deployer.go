package config

import (
	"fmt"
	"net"
	"net/url"
	"path/filepath"

	"slipway/release"
)

// Deployer says how an outside deployer is talked to: targets whose address is its own,
// or below it, are its. Of several that fit, the one with the longest address counts.
type Deployer struct {
	// Address begins the addresses of its targets: http(s)://….
	Address string `json:"address"`
	// Token refers to its bearer token, "env:NAME" or "file:PATH" on the worker.
	Token string `json:"token,omitempty"`
	// CA is a file of certificates in PEM that vouch for it, instead of those of the
	// system.
	CA string `json:"ca,omitempty"`
}

// checkDeployers says what is wrong with the deployers by themselves.
func checkDeployers(deployers []Deployer) (problems release.Problems) {
	seen := map[string]bool{}
	for i, d := range deployers {
		at := fmt.Sprintf("deployers[%d]", i)
		note := func(field, format string, args ...any) {
			problems = append(problems, release.Problem{Path: at + field, Message: fmt.Sprintf(format, args...)})
		}
		address, err := url.Parse(d.Address)
		if err != nil || address.Host == "" || address.Scheme != "http" && address.Scheme != "https" || address.User != nil || address.RawQuery != "" {
			note(".address", "%q is not the address of a deployer: use http(s)://HOST:PORT/…", d.Address)
			continue
		}
		host := address.Hostname()
		switch {
		case seen[d.Address]:
			note(".address", "%q stands twice", d.Address)
		case d.Token == "":
		case !release.IsReference(d.Token):
			note(".token", "write a reference, env:NAME or file:PATH, never the token itself")
		case address.Scheme == "http" && host != "localhost" && !net.ParseIP(host).IsLoopback():
			note(".token", "a token is not sent in the clear: use https://%s", address.Host)
		}
		seen[d.Address] = true
	}
	return problems
}

// deployersBelow makes the paths of certificates absolute.
func deployersBelow(folder string, deployers []Deployer) {
	for i := range deployers {
		if ca := &deployers[i].CA; *ca != "" && !filepath.IsAbs(*ca) {
			*ca = filepath.Join(folder, *ca)
		}
	}
}
