// Package probe asks targets whether they serve, once or over a time, and measures
// their availability. There is a file for each kind of probe.
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
	maxBody   = 1 << 20
	maxHeader = 64 << 10
	maxReason = 200
	maxQuoted = 60
)

// Subject is what is asked about.
type Subject struct {
	Target release.Target
	// Version is the one that ought to answer.
	Version     string
	Environment string
}

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

// Probe asks about the subject as the probe says, and passes when the answer is as the
// probe wants it. It never fails otherwise than by its Result.
func (p *Prober) Probe(ctx context.Context, about Subject, probe release.Probe) Result {
	ctx, cancel := context.WithTimeout(ctx, timeoutOf(probe))
	defer cancel()
	var found Result
	begun := time.Now()
	switch probe.Asks() {
	case release.ProbeTCP:
		found.Reason = connect(ctx, about, probe)
	case release.ProbeExec:
		found.Reason = run(ctx, about, probe)
	case release.ProbePrometheus:
		found.Reason = p.query(ctx, about, probe)
	case release.ProbeHTTP:
		found.Status, found.Reason = p.ask(ctx, about, probe)
	default:
		found.Reason = fmt.Sprintf("%q is not a kind of probe", probe.Kind)
	}
	found.Latency = time.Since(begun)
	if most := probe.LatencyBelow.Std(); found.Reason == "" && most > 0 && found.Latency >= most {
		found.Reason = fmt.Sprintf("answer after %s, wanted below %s", release.Duration(found.Latency.Round(time.Millisecond)), release.Duration(most))
	}
	found.OK, found.Reason = found.Reason == "", clip(found.Reason, maxReason)
	return found
}

// fill puts what the subject is into the text of a probe.
func (s Subject) fill(text string) string {
	return strings.NewReplacer("${VERSION}", s.Version, "${TARGET}", s.Target.Name, "${ENVIRONMENT}", s.Environment).Replace(text)
}

// plainly says what a connection met with, without the technical layers.
func plainly(err error, timeout time.Duration) string {
	var unknown *net.DNSError
	var failed *url.Error
	var network net.Error
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
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
