package probe

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/url"

	"slipway/release"
)

// maxBanner is how much is read of what a server says first.
const maxBanner = 64 << 10

// connect connects to the address of the probe, and waits until the server has said
// what it should say without being asked, if anything. It gives what is wrong.
func connect(ctx context.Context, about Subject, probe release.Probe) (reason string) {
	timeout := timeoutOf(probe)
	address, reason := addressOf(about, probe)
	if reason != "" {
		return reason
	}
	connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return plainly(err, timeout) + " at " + address
	}
	defer func() { _ = connection.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = connection.Close() })
	defer stop()
	contains := []byte(about.fill(probe.Contains))
	var heard []byte
	for part := make([]byte, 4<<10); !bytes.Contains(heard, contains); {
		n, err := connection.Read(part)
		heard = append(heard, part[:n]...)
		switch {
		case bytes.Contains(heard, contains):
		case err != nil && len(heard) == 0 && ctx.Err() != nil:
			return fmt.Sprintf("%s says nothing within %s, wanted %q", address, release.Duration(timeout), contains)
		case err != nil || len(heard) > maxBanner:
			return fmt.Sprintf("%s does not say %q; it begins %q", address, contains, clip(string(heard), maxQuoted))
		}
	}
	return ""
}

// addressOf gives the host and port to connect to; what the probe leaves out is taken
// from the target's URL.
func addressOf(about Subject, probe release.Probe) (address, reason string) {
	host, port, _ := net.SplitHostPort(probe.Address)
	if host != "" {
		return probe.Address, ""
	}
	at, err := url.Parse(about.Target.URL)
	if err != nil || at.Hostname() == "" {
		return "", noURL
	}
	if port == "" {
		port = at.Port()
	}
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[at.Scheme]
	}
	return net.JoinHostPort(at.Hostname(), port), ""
}
