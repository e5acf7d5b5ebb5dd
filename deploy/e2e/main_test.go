// Package e2e_test carries real releases out: a real Temporal server, a real
// worker with the SQLite CMS and the DML on disk, real scripts, and targets that
// answer over HTTP.
package e2e_test

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"strconv"
	"testing"
	"time"

	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/testsuite"

	"slipway/deploy/devserver"
)

// update records the histories of the releases as replay fixtures of package
// workflows.
var update = flag.Bool("update", false, "record the histories as replay fixtures")

// temporal is the server that all tests of the package share, and webUI is where
// people see it.
var (
	temporal client.Client
	webUI    string
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	flag.Parse()
	// These tests wait more than they work. Who asks for another number gets it.
	if parallel := flag.Lookup("test.parallel"); parallel.Value.String() == parallel.DefValue {
		if err := flag.Set(parallel.Name, strconv.Itoa(2*runtime.GOMAXPROCS(0))); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	program := os.Getenv("SLIPWAY_TEST_TEMPORAL")
	if program == "" {
		fmt.Fprintln(os.Stderr, "SLIPWAY_TEST_TEMPORAL is not set: run the tests with `make test`")
		return 1
	}
	port, err := freePort()
	if err != nil {
		fmt.Fprintln(os.Stderr, "there is no port for the Web UI:", err)
		return 1
	}
	webUI = "http://127.0.0.1:" + port
	server, err := testsuite.StartDevServer(context.Background(), testsuite.DevServerOptions{
		ExistingPath: program, LogLevel: "error", ExtraArgs: devserver.Tuning(), EnableUI: true, UIPort: port,
		ClientOptions: &client.Options{Logger: silent{}}, Stdout: io.Discard, Stderr: io.Discard,
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, "the Temporal server does not start:", err)
		return 1
	}
	defer func() { _ = server.Stop() }()
	temporal = server.Client()
	if err := served(temporal); err != nil {
		fmt.Fprintln(os.Stderr, "the Temporal server does not serve its namespace:", err)
		return 1
	}
	// Workers find the server as they would anywhere else.
	if err := os.Setenv("TEMPORAL_ADDRESS", server.FrontendHostPort()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if err := os.Setenv("TEMPORAL_CONFIG_FILE", os.DevNull); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// freePort gives a port of this machine that nothing listens on.
func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer func() { _ = l.Close() }()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}

// served waits until the server knows its namespace, which it may not at first.
func served(c client.Client) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		_, err := c.OperatorService().ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: client.DefaultNamespace})
		if err == nil || ctx.Err() != nil {
			return err
		}
		select {
		case <-ctx.Done():
		case <-time.After(50 * time.Millisecond):
		}
	}
}

type silent struct{}

func (silent) Debug(string, ...any) {}
func (silent) Info(string, ...any)  {}
func (silent) Warn(string, ...any)  {}
func (silent) Error(string, ...any) {}
