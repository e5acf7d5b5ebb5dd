// Package startertest helps to test what talks to releases: it runs a real
// Temporal server, and a worker whose small workflows answer under the names of
// the real ones. They carry nothing out; they only let a client be tried.
package startertest

import (
	"context"
	"io"
	"os"
	"testing"
	"time"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/testsuite"

	"slipway/release"
)

// variable names the Temporal server program that tests run.
const variable = "SLIPWAY_TEST_TEMPORAL"

// silent keeps the client's log out of the tests' output.
type silent struct{}

func (silent) Debug(string, ...any) {}
func (silent) Info(string, ...any)  {}
func (silent) Warn(string, ...any)  {}
func (silent) Error(string, ...any) {}

// Start runs a Temporal server that knows the search attributes of releases. At
// an address and with a file of its own, it can be stopped and started again.
func Start(t testing.TB, address, file string) *testsuite.DevServer {
	t.Helper()
	program := os.Getenv(variable)
	if program == "" {
		t.Fatalf("%s is not set: run the tests with `make test`", variable)
	}
	server, err := testsuite.StartDevServer(context.Background(), testsuite.DevServerOptions{
		ExistingPath: program, LogLevel: "error", DBFilename: file,
		ClientOptions: &client.Options{HostPort: address, Logger: silent{}},
		Stdout:        io.Discard, Stderr: io.Discard,
	})
	if err != nil {
		t.Fatalf("the Temporal server %s does not start: %v", program, err)
	}
	register(t, server.Client())
	return server
}

// register makes the search attributes known, and waits until they are.
func register(t testing.TB, c client.Client) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	keyword, number := enums.INDEXED_VALUE_TYPE_KEYWORD, enums.INDEXED_VALUE_TYPE_INT
	_, err := c.OperatorService().AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{
		Namespace: client.DefaultNamespace,
		SearchAttributes: map[string]enums.IndexedValueType{
			release.AttributeService: keyword, release.AttributeVersion: keyword, release.AttributeType: keyword,
			release.AttributePhase: keyword, release.AttributeEnvironment: keyword, release.AttributeAwaiting: keyword,
			release.AttributeOutcome: keyword, release.AttributeRisk: number,
		},
	})
	if err != nil {
		t.Logf("search attributes: %v", err) // a server that was started again knows them
	}
}
