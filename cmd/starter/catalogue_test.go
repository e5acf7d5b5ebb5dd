package main

import (
	"bytes"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"slipway/release"
)

func TestTheServiceCatalogueIsShownToPeopleAndPrograms(t *testing.T) {
	pkg := release.DigestOfBytes([]byte("package"))
	services := []release.CatalogueService{
		{
			Service: "httpbin", Title: "httpbin with AVIF", Description: "An echo of whatever is asked.", Requester: "rita", Manager: "marc",
			Environments: []release.CatalogueEnvironment{
				{Name: "staging", Release: "httpbin@2.26.0", Version: "2.26.0", Package: pkg, Since: today.Add(-time.Hour), Targets: 1},
				{
					Name: "production", Release: "httpbin@2.25.0", Version: "2.25.0", Package: pkg, Since: today.AddDate(0, -1, 0), Targets: 3,
					Others:      []release.Holding{{Version: "2.24.0", Targets: []string{"p3"}}},
					KnownErrors: []release.KnownError{{ID: "KE-1", Summary: hostile, Workaround: "ask again"}, {ID: "INC-2", Summary: "slow"}},
					Documents:   []release.Document{{Name: "Runbook", For: "operations", Location: "https://wiki.example.org/runbook"}, {Name: "Guide"}},
					Assets:      []release.AssetInService{{Name: "seats", Kind: "licence", Release: "httpbin@2.24.0"}, {Name: "balancer", Release: "httpbin@2.25.0"}},
					Build:       2,
					Components: []release.Acquired{{
						Component: "httpbin", Source: "module github.com/mccutchen/go-httpbin/v2 v2.25.0", Sum: "h1:abc=", Master: pkg, SignedBy: "SHA256:upstream",
					}},
				},
			},
		},
		{Service: "mail", Environments: []release.CatalogueEnvironment{{Name: "production", Release: "mail@1", Version: "1", Since: today}}},
	}
	var text bytes.Buffer
	a := viewer(&text)
	require.NoError(t, a.print(services, func(w io.Writer) { a.writeCatalogue(w, services) }))
	for _, s := range services {
		fmt.Fprintf(&text, "---- %s\n", s.Service)
		require.NoError(t, a.print(s, func(w io.Writer) { a.writeService(w, s) }))
	}
	require.NotContains(t, text.String(), "\x1b")
	fmt.Fprintln(&text, "---- nothing")
	require.NoError(t, a.print(services[:0], func(w io.Writer) { a.writeCatalogue(w, nil) }))
	a.format = jsonLines
	fmt.Fprintf(&text, "---- %s\n", a.format)
	require.NoError(t, a.print(services, nil))
	golden(t, "catalogue", text.String())
}
