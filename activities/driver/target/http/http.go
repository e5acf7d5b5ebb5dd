// Package http drives targets that an outside deployer acts for: Slipway says what is
// to be done, asks how it goes until it has ended, and looks afterwards whether the
// target really holds what was authorized. docs/deployer.md describes what they say
// to each other.
package http

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"slipway/activities/driver/shell"
	"slipway/activities/driver/target"
	"slipway/release"
)

// Deployer says how the deployer is talked to that answers at an address.
type Deployer struct {
	// Address is that of the deployer, or of some of its targets: of those that fit,
	// the longest counts.
	Address string
	// Token refers to the bearer token, "env:NAME" or "file:PATH" on the worker, read
	// anew for each request; empty for none.
	Token string
	// CA is a file of the certificates that vouch for the deployer; empty for those of
	// the system.
	CA string
}

// Driver reaches targets through outside deployers.
type Driver struct {
	// known are the deployers of the configuration, those with longer addresses first;
	// the last one stands for any other.
	known []deployer
	// answerWithin is how long a single request may take, and grace how much longer it
	// is waited for a script whose time is over, which the deployer ends.
	answerWithin, grace time.Duration
}

type deployer struct {
	Deployer
	address *url.URL
	client  *http.Client
}

// How long a deployer may take for a single answer (what takes longer is asked after),
// and for ending a script in time.
const (
	answerWithin = 30 * time.Second
	grace        = 30 * time.Second
)

// New gives the driver for these deployers and all others, which get no token and are
// known by the certificates of the system.
func New(deployers []Deployer) (*Driver, error) {
	d := &Driver{answerWithin: answerWithin, grace: grace}
	for _, configured := range deployers {
		address, err := url.Parse(configured.Address)
		if err != nil {
			return nil, fmt.Errorf("address of a deployer: %w", err)
		}
		client, err := clientFor(configured.CA)
		if err != nil {
			return nil, fmt.Errorf("deployer %s: %w", configured.Address, err)
		}
		d.known = append(d.known, deployer{Deployer: configured, address: address, client: client})
	}
	slices.SortStableFunc(d.known, func(a, b deployer) int { return len(b.address.Path) - len(a.address.Path) })
	client, err := clientFor("")
	d.known = append(d.known, deployer{address: &url.URL{}, client: client})
	return d, err
}

// clientFor gives a client that follows no redirect: a token goes nowhere else.
func clientFor(ca string) (*http.Client, error) {
	transport := &http.Transport{
		Proxy: http.ProxyFromEnvironment, IdleConnTimeout: time.Minute, MaxIdleConnsPerHost: 16,
		MaxResponseHeaderBytes: 64 << 10, ForceAttemptHTTP2: true,
		DialContext: (&net.Dialer{Timeout: 10 * time.Second}).DialContext, TLSHandshakeTimeout: 10 * time.Second,
	}
	if ca != "" {
		data, err := os.ReadFile(ca)
		if err != nil {
			return nil, err
		}
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(data) {
			return nil, fmt.Errorf("%s holds no certificate in PEM", ca)
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	return &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, nil
}

// deployerOf gives who acts for a target, and where.
func (d *Driver) deployerOf(t release.Target) (deployer, *url.URL, error) {
	address, err := url.Parse(t.Address)
	if err != nil || address.Host == "" {
		return deployer{}, nil, fmt.Errorf("%w: %q is not the address of a deployer", target.ErrUnusable, t.Address)
	}
	address.User, address.RawQuery, address.Fragment = nil, "", ""
	i := slices.IndexFunc(d.known, func(k deployer) bool { return k.answersAt(address) })
	return d.known[i], address, nil
}

// answersAt tells whether an address is this deployer's, or below it.
func (k deployer) answersAt(address *url.URL) bool {
	if k.Address == "" {
		return true
	}
	below := strings.TrimRight(k.address.Path, "/") + "/"
	return k.address.Scheme == address.Scheme && strings.EqualFold(k.address.Host, address.Host) &&
		strings.HasPrefix(strings.TrimRight(address.Path, "/")+"/", below)
}

// private tells whether what is sent to an address can be read by nobody else.
func private(address *url.URL) bool {
	ip := net.ParseIP(address.Hostname())
	return address.Scheme == "https" || address.Hostname() == "localhost" || ip.IsLoopback()
}

// token gives what shows the deployer who asks; empty for none.
func (k deployer) token(address *url.URL) (string, error) {
	if k.Token == "" {
		return "", nil
	}
	if !private(address) {
		return "", errors.New("its token is not sent in the clear: use https://…")
	}
	return shell.Secret(k.Token)
}

// Observe asks the deployer what the target holds, for some seconds when it is busy.
func (d *Driver) Observe(ctx context.Context, t release.Target, attempt string) (target.Observation, error) {
	within, cancel := context.WithTimeout(ctx, d.answerWithin)
	defer cancel()
	c, err := d.reach(t)
	if err != nil {
		return target.Observation{}, err
	}
	state, err := c.state(within, attempt, false)
	if err != nil {
		return target.Observation{}, err
	}
	return observation(state), nil
}
