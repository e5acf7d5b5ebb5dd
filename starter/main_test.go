package starter_test

import (
	"os"
	"sync"
	"testing"

	"go.temporal.io/sdk/testsuite"

	"slipway/release"
	"slipway/starter"
	"slipway/starter/startertest"
)

var server struct {
	sync.Once
	*testsuite.DevServer
}

func TestMain(m *testing.M) {
	status := m.Run()
	if server.DevServer != nil {
		server.Stop()
	}
	os.Exit(status)
}

// shared gives the server that the tests share; each test has a service and a
// task queue of its own.
func shared(t *testing.T) *testsuite.DevServer {
	t.Helper()
	server.Do(func() { server.DevServer = startertest.Start(t, "", "") })
	if server.DevServer == nil {
		t.Fatal("there is no server")
	}
	return server.DevServer
}

// dial connects to the shared server, with a task queue named like the test.
func dial(t *testing.T) *starter.Client {
	t.Helper()
	c, err := starter.Dial(t.Context(), starter.Options{Address: shared(t).FrontendHostPort(), TaskQueue: t.Name(), Env: noEnv{}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// work runs a worker for the test.
func work(t *testing.T) {
	t.Helper()
	w, err := startertest.Work(shared(t).Client(), t.Name())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Stop)
}

func definition(service string) release.Definition {
	return release.Definition{Service: service, Version: "1.0.0", Title: "a test", Model: "normal", Requester: "rita", Manager: "marc"}
}

// want fails the test unless the error has the code.
func want(t *testing.T, err error, code starter.Code) {
	t.Helper()
	if starter.CodeOf(err) != code {
		t.Fatalf("error %v has code %q, want %q", err, starter.CodeOf(err), code)
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// noEnv is an environment without settings.
type noEnv struct{}

func (noEnv) Environ() []string               { return nil }
func (noEnv) LookupEnv(string) (string, bool) { return "", false }
