package release_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"slipway/release"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares with a file of testdata, which -update writes.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	if string(want) == got {
		return
	}
	wanted, lines := strings.Split(string(want), "\n"), strings.Split(got, "\n")
	for i := range max(len(wanted), len(lines)) {
		if i >= len(wanted) || i >= len(lines) || wanted[i] != lines[i] {
			t.Errorf("%s differs from line %d on; run with -update when the change is meant\nwant %q\ngot  %q", path, i+1,
				strings.Join(wanted[min(i, len(wanted)):min(i+3, len(wanted))], "\n"), strings.Join(lines[min(i, len(lines)):min(i+3, len(lines))], "\n"))
			return
		}
	}
}

// sample is a good definition, as its author wrote it.
func sample(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile("testdata/definition.yaml")
	require.NoError(t, err)
	return string(text)
}

// definition is the sample, read.
func definition(t testing.TB) release.Definition {
	t.Helper()
	d, problems := release.ParseDefinition("definition.yaml", []byte(sample(t)))
	require.Empty(t, problems)
	return d
}

// changed is the sample with one piece of it replaced.
func changed(t testing.TB, old, with string) string {
	t.Helper()
	text := sample(t)
	require.Equal(t, 1, strings.Count(text, old), "%q has to stand once in the sample", old)
	return strings.Replace(text, old, with, 1)
}

// roster is who works for the organization of the tests.
var roster = []release.Person{
	{ID: "rita", Groups: []string{"cab", "developers"}},
	{ID: "marc", Groups: []string{"release-managers"}},
	{ID: "ana", Groups: []string{"cab", "ecab"}},
	{ID: "ben", Groups: []string{"cab"}},
	{ID: "eva", Groups: []string{"cab"}},
	{ID: "uwe", Groups: []string{"users"}},
	{ID: "sam"},
}

// normal is a release model with gates.
func normal() release.Model {
	return release.Model{
		Name: "normal",
		Gates: map[string]release.GatePolicy{
			"plan":              {Group: "cab", Quorum: 2, Deadline: days(3)},
			"deploy":            {Group: "cab", Quorum: 1},
			"deploy:production": {Group: "cab", Quorum: 2},
		},
		MergeBuildGate: true,
		HandOverIn:     []string{"production"},
		RequireSupport: true,
		May:            map[release.Action][]string{release.ActAccept: {"users"}, release.ActBackOut: {"release-managers"}},
		Expected:       map[release.StageName]release.Duration{release.StageBuild: days(1), release.StageDeploy: days(2)},
	}
}

// organization has one target in staging and five in production.
func organization() release.Organization {
	return release.Organization{
		Roster: roster,
		Environments: []release.Environment{
			{Name: "staging", Purpose: "staging", Targets: targets("s", 1)},
			{Name: "production", Purpose: "production", Targets: targets("p", 5)},
		},
		Models: []release.Model{normal()},
	}
}

// targets gives p1, p2, …
func targets(prefix string, n int) []release.Target {
	list := make([]release.Target, n)
	for i := range list {
		name := prefix + string(rune('1'+i))
		list[i] = release.Target{Name: name, Folder: "/srv/" + name}
	}
	return list
}

func days(n int) release.Duration { return release.Duration(n) * release.Duration(24*time.Hour) }

// compiled is the plan of a definition without problems.
func compiled(t testing.TB, d release.Definition, o release.Organization, f release.Facts) release.Plan {
	t.Helper()
	p, problems := release.Compile(d, o, f, 1)
	require.Empty(t, problems)
	return p
}
