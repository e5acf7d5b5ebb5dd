package workflows_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"

	"slipway/config"
	"slipway/release"
)

// The sample that the tests release: version 2.26.0 where 2.25.0 runs.
const (
	sampleID   = "httpbin@2.26.0"
	oldVersion = "2.25.0"
	newVersion = "2.26.0"
)

// monday is when every release in these tests is asked for.
var monday = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// organization has two environments, of one and of three targets, and the shipped
// models.
func organization(t tester) release.Organization {
	t.Helper()
	models, err := config.Models()
	require.NoError(t, err)
	o := release.Organization{
		Sources: []release.SourcePlace{{Module: "example.org"}},
		Roster: []release.Person{
			{ID: "rita"},
			{ID: "max", Groups: []string{"release-managers"}},
			{ID: "ana", Groups: []string{"cab"}, Keys: keyOf("ana")},
			{ID: "ben", Groups: []string{"cab"}, Keys: keyOf("ben")},
			{ID: "eva", Groups: []string{"cab", "ecab"}, Keys: keyOf("eva")},
			{ID: "bob", Groups: []string{"build"}},
			{ID: "dan", Groups: []string{"deployment"}},
			{ID: "uwe", Groups: []string{"users"}},
			{ID: "olga", Groups: []string{"service-operations"}},
			{ID: "stan"},
		},
		Environments: []release.Environment{environment("staging", "s1"), environment("production", "p1", "p2", "p3")},
	}
	return o.WithModels(models)
}

// keyOf makes a key for somebody, always the same.
func keyOf(id string) []release.Key {
	seed := sha256.Sum256([]byte(id))
	public, err := ssh.NewPublicKey(ed25519.NewKeyFromSeed(seed[:]).Public())
	if err != nil {
		panic(err)
	}
	return []release.Key{{Line: string(ssh.MarshalAuthorizedKey(public))}}
}

// environment makes an environment whose name is also its purpose.
func environment(name string, targets ...string) release.Environment {
	e := release.Environment{Name: name, Purpose: name}
	for _, t := range targets {
		e.Targets = append(e.Targets, release.Target{Name: t, Folder: "/" + name + "/" + t, URL: "http://" + t})
	}
	return e
}

// definition asks for the sample: a step that runs once, then transfer and
// activation of target after target.
func definition(model string) release.Definition {
	return release.Definition{
		Service: "httpbin", Version: newVersion, Title: "AVIF images", Model: model, Requester: "rita", Manager: "max",
		Requirements: []release.Requirement{{ID: "avif", Text: "it serves AVIF"}},
		KnownErrors:  []release.KnownError{{ID: "KE-1", Summary: "slow start"}},
		Components:   []release.Component{{Name: "app", Source: source("v" + newVersion)}},
		Build:        release.Build{Steps: []release.BuildStep{{Name: "compile", Component: "app", Run: "make"}}},
		Test: release.Test{Suites: []release.Suite{
			{Name: "unit", Component: "app", Run: "make test"},
			{Name: "acceptance", Component: "app", Run: "make acceptance", Covers: []string{"avif"}},
		}},
		Steps: []release.Step{
			{Name: "migrate", Kind: release.ProcessAndMaterial, Run: "migrate", BackOut: "migrate back"},
			{Name: "transfer", Kind: release.ServiceTransfer, Per: release.PerTarget, Action: release.Transfer},
			{Name: "activate", Kind: release.ServiceDeployment, Per: release.PerTarget, Action: release.Activate, Run: "restart", BackOut: "restart"},
		},
		Environments:     []release.EnvironmentDefinition{{Name: "staging"}, {Name: "production", Waves: release.Sizes(1, 2)}},
		Verification:     release.Verification{Probes: []release.Probe{{Name: "version", Path: "/version"}}},
		EarlyLifeSupport: release.Support{Period: days(1), Probe: &release.Probe{Path: "/"}},
	}
}

// emergency is the sample on the emergency road.
func emergency() release.Definition {
	d := definition("emergency")
	d.Emergency = &release.Emergency{Reason: "it leaks"}
	return d
}

func source(version string) release.Source {
	return release.Source{Module: "example.org/httpbin", Version: version, Sum: "h1:" + version}
}

func days(n int) release.Duration { return release.Duration(time.Duration(n) * 24 * time.Hour) }

func TestTheSampleHolds(t *testing.T) {
	o := organization(t)
	require.Empty(t, o.Check())
	for _, d := range []release.Definition{definition("standard"), definition("normal"), emergency()} {
		_, problems := release.Compile(d, o, release.Facts{Now: monday}, 1)
		require.Empty(t, problems)
	}
}
