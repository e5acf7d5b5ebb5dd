package main

import (
	"context"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"slipway/activities/driver/dml"
	"slipway/activities/driver/target"
	"slipway/activities/driver/target/http"
	"slipway/activities/driver/target/http/protocol"
	"slipway/release"
)

func TestAPackageOfTheDMLReachesATarget(t *testing.T) {
	built, targets := t.TempDir(), t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(built, "VERSION"), []byte("2.26.0"), 0o644))
	require.NoError(t, os.Mkdir(filepath.Join(targets, "p1"), 0o755))
	place := "oci-layout:" + t.TempDir()
	library, err := dml.Open(place)
	require.NoError(t, err)
	p, err := library.CheckIn(t.Context(), dml.CheckIn{Release: "httpbin@2.26.0", Service: "httpbin", Version: "2.26.0", Build: 1, Outputs: []dml.Output{{Component: "app", Folder: built}}})
	require.NoError(t, err)

	t.Setenv("DEPLOYER_TOKEN", "t0ken")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := listener.Addr().String()
	require.NoError(t, listener.Close())
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, options{targets: targets, dml: place, listen: address, token: "env:DEPLOYER_TOKEN"})
	}()
	on := release.Target{Name: "p1", Address: "http://" + address}
	driver, err := http.New([]http.Deployer{{Address: on.Address, Token: "env:DEPLOYER_TOKEN"}})
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		_, err := driver.Observe(t.Context(), on, "")
		return err == nil
	}, 20*time.Second, 20*time.Millisecond)
	for _, kind := range []target.Kind{target.Transfer, target.Activate} {
		out, err := driver.Do(t.Context(), on, target.Operation{Kind: kind, Attempt: "a/" + string(kind), Release: "httpbin@2.26.0", Version: "2.26.0", Package: p})
		require.NoError(t, err)
		require.Empty(t, out.Problem)
	}
	seen, err := driver.Observe(t.Context(), on, "")
	require.NoError(t, err)
	require.Equal(t, p.Content, seen.Held.Content)
	require.True(t, seen.Held.Intact)
	version, err := os.ReadFile(filepath.Join(targets, "p1", "current", "VERSION"))
	require.NoError(t, err)
	require.Equal(t, "2.26.0", string(version))

	// A package that the library has, under the content of another one.
	p.Content = release.DigestOfBytes([]byte("other"))
	out, err := driver.Do(t.Context(), on, target.Operation{Kind: target.Transfer, Attempt: "b", Version: "2.26.1", Package: p})
	require.NoError(t, err)
	require.Contains(t, out.Problem, target.ErrNotAuthorized.Error())
	stop()
	require.NoError(t, <-ended)
}

func TestWrongUseIsSaid(t *testing.T) {
	require.ErrorContains(t, run(t.Context(), options{}), "usage: deployer")
	require.ErrorContains(t, run(t.Context(), options{targets: t.TempDir(), dml: "oci-layout:/x", token: "env:DEPLOYER_NOT_SET"}), "DEPLOYER_NOT_SET")
}

func TestTheExamplesOfTheGuideAreOfTheProtocol(t *testing.T) {
	guide, err := os.ReadFile("../../docs/deployer.md")
	require.NoError(t, err)
	examples := regexp.MustCompile(`(?ms)^\{.*?\}$`).FindAllString(string(guide), -1)
	into := []any{&protocol.Operation{}, &protocol.Answer{}, &protocol.Answer{}, &protocol.State{}}
	require.Len(t, examples, len(into))
	for i, example := range examples {
		decoder := json.NewDecoder(strings.NewReader(example))
		decoder.DisallowUnknownFields()
		require.NoError(t, decoder.Decode(into[i]), example)
	}
}
