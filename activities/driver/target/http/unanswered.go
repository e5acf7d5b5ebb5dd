package http

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"syscall"

	"slipway/activities/driver/target"
	"slipway/release"
)

// unanswered says what a connection met with, without the technical layers. Before
// there was a connection, nothing can have arrived.
func (c *call) unanswered(err error, connected bool) *failure {
	var host *net.DNSError
	var certificate *tls.CertificateVerificationError
	var request *url.Error
	var network net.Error
	text, kind := err.Error(), target.ErrUnreachable
	if errors.As(err, &request) {
		text = request.Err.Error()
	}
	switch {
	case errors.Is(err, context.Canceled):
		text = "nobody waits for the answer any longer"
	case errors.As(err, &certificate):
		kind = target.ErrHostKey
		text = fmt.Sprintf("the certificate of %s cannot be trusted: %v; name the file of its authority under deployers.ca", c.address.Host, certificate.Err)
	case errors.As(err, &host):
		text = fmt.Sprintf("host %s is not known", host.Name)
	case errors.Is(err, syscall.ECONNREFUSED):
		text = fmt.Sprintf("nothing answers at %s: connection refused", c.address.Host)
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		text = fmt.Sprintf("no answer within %s", release.Duration(c.within))
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		text = "the connection was cut before the whole answer came"
	}
	f := c.fail(kind, "%s", oneLine(text))
	f.again, f.begun, f.unconnected = connected, connected, !connected
	return f
}

func (c *call) masked(text string) string { return c.secrets.Mask(text) }
