// Package probe asks services over HTTP whether they serve, once or over a time,
// and measures their availability.
package probe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"

	"slipway/release"
)

// DefaultTimeout is how long a probe waits for an answer that does not say so
// itself.
const DefaultTimeout = 2 * time.Second

const (
	maxBody      = 1 << 20
	maxHeader    = 64 << 10
	maxRedirects = 5
	maxReason    = 200
	maxQuoted    = 60
)

// Result is what one probe found.
type Result struct {
	OK bool `json:"ok"`
	// Status is the HTTP status, zero without an answer.
	Status  int           `json:"status,omitempty"`
	Latency time.Duration `json:"latency"`
	// Reason says in plain words why the probe failed.
	Reason string `json:"reason,omitempty"`
}

// Prober makes probes. It may be used from many goroutines.
type Prober struct{ transport *http.Transport }

// New gives a Prober. Each of its probes makes a connection of its own, directly
// to the target: a kept one would hide, or suffer from, a restart.
func New() *Prober {
	return &Prober{transport: &http.Transport{DisableKeepAlives: true, MaxResponseHeaderBytes: maxHeader}}
}

// Probe asks at baseURL for the probe's path. It passes when the status is the
// expected one and the first megabyte of the answer holds Contains, with
// ${VERSION} standing for version. Redirects are followed on the same host only,
// and not when one is expected. It never fails otherwise than by its Result.
func (p *Prober) Probe(ctx context.Context, baseURL string, probe release.Probe, version string) Result {
	ctx, cancel := context.WithTimeout(ctx, timeoutOf(probe))
	defer cancel()
	begun := time.Now()
	status, reason := p.ask(ctx, baseURL, probe, version)
	return Result{OK: reason == "", Status: status, Latency: time.Since(begun), Reason: clip(reason, maxReason)}
}

// ask gives the status, zero for none, and what is wrong with the answer.
func (p *Prober) ask(ctx context.Context, baseURL string, probe release.Probe, version string) (status int, reason string) {
	timeout := timeoutOf(probe)
	if baseURL == "" {
		return 0, "the target has no URL"
	}
	address := strings.TrimRight(baseURL, "/") + "/" + strings.TrimLeft(probe.Path, "/")
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, plainly(err, timeout)
	}
	request.Header.Set("User-Agent", "slipway-probe")
	want := probe.Status
	if want == 0 {
		want = http.StatusOK
	}
	client := http.Client{Transport: p.transport, CheckRedirect: redirectsFor(want)}
	answer, err := client.Do(request)
	if err != nil {
		return 0, plainly(err, timeout)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxBody))
	contains := strings.ReplaceAll(probe.Contains, "${VERSION}", version)
	switch {
	case answer.StatusCode != want:
		reason = fmt.Sprintf("status %d, wanted %d", answer.StatusCode, want)
	case err != nil:
		reason = plainly(err, timeout)
	case !strings.Contains(string(body), contains):
		reason = fmt.Sprintf("answer does not contain %q; it begins %q", contains, clip(string(body), maxQuoted))
	}
	return answer.StatusCode, reason
}

func redirectsFor(want int) func(*http.Request, []*http.Request) error {
	return func(next *http.Request, via []*http.Request) error {
		expected := want >= 300 && want < 400
		if expected || next.URL.Host != via[0].URL.Host || len(via) > maxRedirects {
			return http.ErrUseLastResponse
		}
		return nil
	}
}

// plainly says what a connection met with, without the technical layers.
func plainly(err error, timeout time.Duration) string {
	var unknown *net.DNSError
	var failed *url.Error
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Sprintf("no answer within %s", release.Duration(timeout))
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.As(err, &unknown):
		return fmt.Sprintf("host %s is not known", unknown.Name)
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "connection closed before the whole answer came"
	case errors.As(err, &failed):
		return failed.Err.Error()
	}
	return err.Error()
}

// clip cuts text to a number of bytes and makes it valid.
func clip(text string, most int) string {
	if len(text) > most {
		text = text[:most] + "…"
	}
	return strings.ToValidUTF8(text, "")
}

func timeoutOf(probe release.Probe) time.Duration {
	if probe.Timeout <= 0 {
		return DefaultTimeout
	}
	return probe.Timeout.Std()
}
