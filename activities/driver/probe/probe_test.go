package probe_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/activities/driver/probe"
	"slipway/release"
)

// serve starts a server with answers for every rule below.
func serve(t *testing.T) *httptest.Server {
	t.Helper()
	elsewhere := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(elsewhere.Close)
	mux := http.NewServeMux()
	mux.HandleFunc("/version", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, `{"version": "2.26.0"}`) })
	mux.HandleFunc("/busy", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	mux.Handle("/moved", http.RedirectHandler("/version", http.StatusFound))
	mux.Handle("/away", http.RedirectHandler(elsewhere.URL, http.StatusFound))
	mux.Handle("/loop", http.RedirectHandler("/loop", http.StatusFound))
	mux.HandleFunc("/hang", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	mux.HandleFunc("/stall", func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusOK)
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	mux.HandleFunc("/broken", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = fmt.Fprint(w, "short")
	})
	mux.HandleFunc("/drop", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	mux.HandleFunc("/endless", func(w http.ResponseWriter, _ *http.Request) {
		for chunk := strings.Repeat("x", 64<<10); ; {
			if _, err := fmt.Fprint(w, chunk); err != nil {
				return
			}
		}
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server
}

// at is a target with a URL that ought to run 2.26.0.
func at(url string) probe.Subject {
	return probe.Subject{Target: release.Target{Name: "p1", URL: url}, Version: "2.26.0", Environment: "production"}
}

func TestAProbePassesOnlyWithTheAnswerThatWasAskedFor(t *testing.T) {
	server := serve(t)
	short := release.Duration(100 * time.Millisecond)
	for _, c := range []struct {
		name   string
		probe  release.Probe
		status int
		reason string // empty: passes
	}{
		{"status alone", release.Probe{Path: "/version"}, 200, ""},
		{"path without a slash", release.Probe{Path: "version"}, 200, ""},
		{"contains the version", release.Probe{Path: "/version", Contains: `"${VERSION}"`}, 200, ""},
		{"contains something else", release.Probe{Path: "/version", Contains: "2.25.0"}, 200, `answer does not contain "2.25.0"; it begins "{\"version\": \"2.26.0\"}"`},
		{"another status", release.Probe{Path: "/busy"}, 503, "status 503, wanted 200"},
		{"another status that is wanted", release.Probe{Path: "/busy", Status: 503}, 503, ""},
		{"redirect on the host", release.Probe{Path: "/moved", Contains: "2.26.0"}, 200, ""},
		{"redirect that is wanted", release.Probe{Path: "/moved", Status: 302}, 302, ""},
		{"redirect to another host", release.Probe{Path: "/away"}, 302, "status 302, wanted 200"},
		{"redirect for ever", release.Probe{Path: "/loop"}, 302, "status 302, wanted 200"},
		{"no answer", release.Probe{Path: "/hang", Timeout: short}, 0, "no answer within 100ms"},
		{"half an answer", release.Probe{Path: "/stall", Timeout: short}, 200, "no answer within 100ms"},
		{"answer that breaks off", release.Probe{Path: "/broken"}, 200, "connection closed before the whole answer came"},
		{"connection that breaks off", release.Probe{Path: "/drop"}, 0, "connection closed before the whole answer came"},
		{"endless answer", release.Probe{Path: "/endless"}, 200, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			result := probe.New().Probe(t.Context(), at(server.URL), c.probe)
			assert.Equal(t, c.reason, result.Reason)
			assert.Equal(t, c.reason == "", result.OK)
			assert.Equal(t, c.status, result.Status)
			assert.Positive(t, result.Latency)
		})
	}
}

func TestAProbeSaysWhyThereIsNoConnection(t *testing.T) {
	for url, reason := range map[string]string{
		"":                            "the target has no URL",
		"http://" + freeAddress(t):    "connection refused",
		"http://nowhere.invalid":      "host nowhere.invalid is not known",
		"gopher://127.0.0.1":          `unsupported protocol scheme "gopher"`,
		"http://127.0.0.1:0x50/\x7f%": "",
	} {
		result := probe.New().Probe(t.Context(), at(url), release.Probe{Path: "/"})
		assert.False(t, result.OK)
		assert.Contains(t, result.Reason, reason)
		assert.NotEmpty(t, result.Reason)
	}
}

func TestAReasonIsShortWhateverTheProbeSays(t *testing.T) {
	server := serve(t)
	result := probe.New().Probe(t.Context(), at(server.URL), release.Probe{Path: "/version", Contains: strings.Repeat("ä", 5000)})
	assert.False(t, result.OK)
	assert.Less(t, len(result.Reason), 300)
}

// freeAddress is an address where nobody listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, listener.Close()) }()
	return listener.Addr().String()
}

// service is an HTTP service at a fixed address that can be stopped and started.
type service struct {
	t       *testing.T
	address string
	server  *http.Server
}

func newService(t *testing.T) *service {
	t.Helper()
	s := &service{t: t, address: freeAddress(t)}
	s.start()
	t.Cleanup(s.stop)
	return s
}

func (s *service) start() {
	listener, err := net.Listen("tcp", s.address)
	require.NoError(s.t, err)
	s.server = &http.Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})}
	go func(server *http.Server) { _ = server.Serve(listener) }(s.server)
}

func (s *service) stop() { assert.NoError(s.t, s.server.Close()) }

func (s *service) target(name string) release.Target {
	return release.Target{Name: name, URL: "http://" + s.address}
}

// watching is a Watch that goes on while the test acts.
type watching struct {
	t        *testing.T
	beats    chan release.Sight
	stop     context.CancelFunc
	observed release.Sight
	err      error
	done     chan struct{}
}

func watch(t *testing.T, w probe.Watch, resume *release.Sight) *watching {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ongoing := &watching{t: t, beats: make(chan release.Sight), stop: cancel, done: make(chan struct{})}
	t.Cleanup(cancel)
	go func() {
		defer close(ongoing.done)
		ongoing.observed, ongoing.err = probe.New().Watch(ctx, w, resume, func(o release.Sight) {
			select {
			case ongoing.beats <- o:
			case <-ctx.Done():
			}
		})
	}()
	return ongoing
}

// until waits for a beat that the condition holds for.
func (w *watching) until(what string, condition func([]release.Availability) bool) {
	w.t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		select {
		case o := <-w.beats:
			if condition(o.Availability) {
				return
			}
		case <-deadline:
			require.Fail(w.t, "never seen: "+what)
		}
	}
}

// end stops the watch and gives what it saw.
func (w *watching) end() []release.Availability {
	w.t.Helper()
	w.stop()
	<-w.done
	require.ErrorIs(w.t, w.err, context.Canceled)
	return w.observed.Availability
}
