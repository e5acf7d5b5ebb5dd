package http

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"time"

	"slipway/activities/driver/shell"
	"slipway/activities/driver/target"
	"slipway/activities/driver/target/http/protocol"
	"slipway/release"
)

const (
	// maxAnswer is how long an answer may be; a longer one is not read.
	maxAnswer = 4 << 20
	maxReason = 300
	maxQuoted = 80
	// Between two requests about the same thing it waits longer each time, and as the
	// deployer asks for in Retry-After, within reason.
	minPause      = 200 * time.Millisecond
	maxPause      = 5 * time.Second
	maxRetryAfter = time.Minute
)

// call is what is said to a deployer about one target.
type call struct {
	target   release.Target
	deployer deployer
	address  *url.URL
	within   time.Duration
	// secrets are masked in everything that is answered.
	secrets shell.Secrets
}

func (d *Driver) reach(t release.Target) (*call, error) {
	k, address, err := d.deployerOf(t)
	if err != nil {
		return nil, fmt.Errorf("target %q: %w", t.Name, err)
	}
	return &call{target: t, deployer: k, address: address, within: d.answerWithin}, nil
}

// failure is why a request has no answer that counts.
type failure struct {
	err error
	// again says that the same request may be answered later; after is when the
	// deployer wants it, if it says so.
	again bool
	after time.Duration
	// begun says that what was asked for may have begun nevertheless.
	begun bool
	// unconnected says that there was nobody to ask.
	unconnected bool
}

// fail gives a failure in words, with one of the errors of all drivers.
func (c *call) fail(kind error, format string, args ...any) *failure {
	return &failure{err: fmt.Errorf("target %q: %w: %s", c.target.Name, kind, c.masked(fmt.Sprintf(format, args...)))}
}

// doubt is a failure after which nobody can tell whether something has begun.
func (c *call) doubt(kind error, format string, args ...any) *failure {
	f := c.fail(kind, format, args...)
	f.begun = true
	return f
}

// request is something to ask: of a path below the address of the target, or of a URL
// that the deployer gave.
type request struct {
	method string
	url    *url.URL
	key    string
	body   []byte
}

// reply is what came beside the body.
type reply struct {
	location string
	after    time.Duration
}

// send asks once and reads the answer into a value.
func (c *call) send(ctx context.Context, r request, into any) (reply, *failure) {
	within, cancel := context.WithTimeout(ctx, c.within)
	defer cancel()
	connected := false
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected = true }}
	asked, err := http.NewRequestWithContext(httptrace.WithClientTrace(within, trace), r.method, r.url.String(), bytes.NewReader(r.body))
	if err != nil {
		return reply{}, c.fail(target.ErrUnusable, "%v", err)
	}
	asked.Header.Set("User-Agent", "slipway")
	asked.Header.Set("Accept", "application/json")
	if r.key != "" {
		asked.Header.Set("Content-Type", "application/json")
		asked.Header.Set(protocol.KeyHeader, r.key)
	}
	token, err := c.deployer.token(c.address)
	switch {
	case err != nil:
		return reply{}, &failure{err: fmt.Errorf("target %q: %w: %w", c.target.Name, target.ErrUnusable, err)}
	case token != "":
		asked.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := c.deployer.client.Do(asked)
	if err != nil {
		return reply{}, c.unanswered(err, connected)
	}
	defer func() { _ = answer.Body.Close() }()
	return c.read(answer, into)
}

// read takes an answer apart.
func (c *call) read(answer *http.Response, into any) (reply, *failure) {
	got := reply{location: answer.Header.Get("Location"), after: retryAfter(answer.Header)}
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer+1))
	status := answer.StatusCode
	switch {
	case status == http.StatusTooManyRequests || status >= 500:
		f := c.fail(target.ErrUnreachable, "the deployer answers with status %d: %s", status, reason(body))
		f.again, f.after, f.begun = true, got.after, status >= 500
		return got, f
	case err != nil:
		return got, c.unanswered(err, true)
	case status >= 300 && status < 400:
		return got, c.fail(target.ErrUnusable, "the deployer sends elsewhere, to %q, which is not followed: use the address where it answers", clip(got.location, maxQuoted))
	case status >= 400:
		return got, c.fail(target.ErrUnusable, "the deployer refuses with status %d: %s", status, reason(body))
	case status != http.StatusOK && status != http.StatusCreated && status != http.StatusAccepted:
		return got, c.doubt(target.ErrUnusable, "the deployer answers with status %d, which means nothing here: use 200, 201 or 202", status)
	case len(body) > maxAnswer:
		return got, c.doubt(target.ErrUnusable, "the answer of the deployer is longer than %d MB", maxAnswer>>20)
	}
	if err := json.Unmarshal(body, into); err != nil {
		return got, c.doubt(target.ErrUnusable, "the answer of the deployer is not what docs/deployer.md describes: %v; it begins %q", err, clip(string(body), maxQuoted))
	}
	return got, nil
}

// persist asks until there is an answer, as long as ctx lasts and asking again may
// help. Where nobody answers, that is said at once, unless something may have begun
// before: then only an answer tells.
func (c *call) persist(ctx context.Context, r request, begun bool, into any) (reply, *failure) {
	for pause := minPause; ; pause = min(2*pause, maxPause) {
		got, f := c.send(ctx, r, into)
		if f == nil {
			return got, nil
		}
		begun = begun || f.begun
		f.begun = begun
		again := f.again || f.unconnected && begun
		if !again || !rest(ctx, max(pause, f.after)) {
			return got, f
		}
	}
}

// state asks what the target holds, also of somebody who does not answer at once when
// something has begun.
func (c *call) state(ctx context.Context, attempt string, begun bool) (protocol.State, error) {
	at := c.address.JoinPath(protocol.StatePath)
	query := url.Values{"target": {c.target.Name}}
	if attempt != "" {
		query.Set("attempt", attempt)
	}
	at.RawQuery = query.Encode()
	var state protocol.State
	if _, f := c.persist(ctx, request{method: http.MethodGet, url: at}, begun, &state); f != nil {
		return protocol.State{}, f.err
	}
	if state.Mark != nil && state.Mark.Attempt != attempt {
		return protocol.State{}, c.fail(target.ErrUnusable, "the deployer tells of attempt %q when it is asked after %q",
			clip(state.Mark.Attempt, maxQuoted), attempt).err
	}
	return state, nil
}

// rest waits; it is false when ctx ends first.
func rest(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// retryAfter is how long the deployer wants to be left alone, at most a minute.
func retryAfter(header http.Header) time.Duration {
	text := header.Get("Retry-After")
	var after time.Duration
	if seconds, err := strconv.Atoi(text); err == nil {
		after = time.Duration(min(seconds, int(maxRetryAfter/time.Second))) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		after = time.Until(at)
	}
	return max(0, min(after, maxRetryAfter))
}

// reason is what a refusal says, in one line.
func reason(body []byte) string {
	var refusal protocol.Refusal
	text := string(body)
	if json.Unmarshal(body, &refusal) == nil && refusal.Problem != "" {
		text = refusal.Problem
	}
	if text = oneLine(text); text == "" {
		return "it does not say why"
	}
	return text
}

func oneLine(text string) string { return clip(strings.Join(strings.Fields(text), " "), maxReason) }

// clip cuts text to a number of bytes and makes it valid.
func clip(text string, most int) string {
	if len(text) > most {
		text = text[:most] + "…"
	}
	return strings.ToValidUTF8(text, "")
}
