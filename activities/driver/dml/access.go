package dml

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"oras.land/oras-go/v2/registry"
	"oras.land/oras-go/v2/registry/remote"
	"oras.land/oras-go/v2/registry/remote/auth"
	"oras.land/oras-go/v2/registry/remote/retry"

	"slipway/activities/driver/shell"
)

// Access is how a registry lets us in.
type Access struct {
	// Username is empty where anybody may come in.
	Username string
	// Password is a reference, "env:NAME" or "file:PATH". It is looked up each time that
	// the registry asks for it.
	Password string
	// CA is a file of certificates in PEM that vouch for the registry, instead of those
	// of the system.
	CA string
}

// answerTime is how long a registry may think after it has everything; storing a big
// layer takes some of them minutes.
const answerTime = 5 * time.Minute

// repositories gives what opens the repositories of a registry, one for each segment.
func repositories(spec string, access []Access) (func(string) (storage, error), error) {
	place, plain := strings.CutPrefix(spec, "http://")
	place = strings.Trim(strings.TrimPrefix(place, "https://"), "/")
	host, prefix, _ := strings.Cut(place, "/")
	if prefix == "" || !strings.ContainsAny(host, ".:") && host != "localhost" {
		return nil, fmt.Errorf("%q: %w; write %sFOLDER, or REGISTRY/PREFIX as in registry.example.com/slipway", spec, ErrSpec, layoutPrefix)
	}
	plain = plain || onThisMachine(host) && !strings.HasPrefix(spec, "https://")
	var a Access
	if len(access) > 0 {
		a = access[0]
	}
	if plain && a.Username != "" && !onThisMachine(host) {
		return nil, fmt.Errorf("media library %q: %w; a password is not sent in the clear: use https://%s", spec, ErrSpec, place)
	}
	client, err := a.client(host)
	if err != nil {
		return nil, fmt.Errorf("media library %q: %w", spec, err)
	}
	return func(name string) (storage, error) {
		reference, err := registry.ParseReference(place + "/" + name)
		if err != nil || reference.Reference != "" {
			return nil, fmt.Errorf("%w; use lower-case letters, digits and ._-/ in the prefix: %w", ErrSpec, err)
		}
		return &repository{name: place + "/" + name, Repository: &remote.Repository{
			Client: client, Reference: reference, PlainHTTP: plain, SkipReferrersGC: true,
		}}, nil
	}, nil
}

func onThisMachine(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	return name == "localhost" || net.ParseIP(strings.Trim(name, "[]")).IsLoopback()
}

func (a Access) client(host string) (*auth.Client, error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.ResponseHeaderTimeout = answerTime
	transport.MaxIdleConnsPerHost = 2 * transfers
	transport.WriteBufferSize, transport.ReadBufferSize = transferBuffer, transferBuffer
	if a.CA != "" {
		certificates, err := os.ReadFile(a.CA)
		if err != nil {
			return nil, fmt.Errorf("registry.ca: %w", err)
		}
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(certificates) {
			return nil, fmt.Errorf("registry.ca: %s has no certificate in PEM", a.CA)
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: pool}
	}
	client := &auth.Client{
		Client: &http.Client{Transport: &retry.Transport{Base: transport, Policy: again}}, Cache: auth.NewCache(),
	}
	client.SetUserAgent("slipway")
	if a.Username != "" {
		client.Credential = func(_ context.Context, hostport string) (auth.Credential, error) {
			if hostport != host {
				return auth.EmptyCredential, nil
			}
			password, err := shell.Secret(a.Password)
			return auth.Credential{Username: a.Username, Password: password}, err
		}
	}
	return client, nil
}

// again tries a request a few times within seconds: whoever called tries again later.
func again() retry.Policy {
	return &retry.GenericPolicy{
		Retryable: retry.DefaultPredicate, Backoff: retry.DefaultBackoff,
		MinWait: 100 * time.Millisecond, MaxWait: 2 * time.Second, MaxRetry: 3,
	}
}
