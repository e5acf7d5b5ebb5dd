package release_test

import (
	"encoding/json"
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

// electorate is the authority of a release that rita requested and marc manages:
// ana, ben and eva of the cab may vote.
var electorate = release.Authority{Model: "normal", Requester: "rita", Manager: "marc", Roster: roster}

// house is an organization with people who vote in several ways, or may not. In
// the hour before noon and the one after it, people stand in for others.
func house() release.Organization {
	standsIn := func(to, from string) release.Delegation {
		return release.Delegation{From: from, To: to, Start: noon.Add(-time.Hour), End: noon.Add(time.Hour), Reason: "holidays"}
	}
	return release.Organization{
		Roster: []release.Person{
			{ID: "rita", Groups: []string{"cab", "security"}}, // requests
			{ID: "marc", Groups: []string{"cab"}},             // manages
			{ID: "bob", Groups: []string{"security"}},         // builds
			{ID: "ana", Groups: []string{"cab"}},
			{ID: "ben", Groups: []string{"cab", "security"}},
			{ID: "eva", Groups: []string{"cab"}},
			{ID: "sven", Groups: []string{"security"}, Roles: []string{"ciso"}},
			{ID: "dora", Groups: []string{"directors"}},
			{ID: "dirk", Groups: []string{"directors", "cab"}},
			{ID: "uwe", Groups: []string{"users"}},
			{ID: "tim", Groups: []string{"users"}},
			{ID: "kim", Groups: []string{"users"}},
			{ID: "pia", Groups: []string{"users"}},
			{ID: "sam"},
		},
		Delegations: []release.Delegation{
			standsIn("uwe", "rita"), standsIn("tim", "bob"), standsIn("marc", "ben"), standsIn("kim", "sven"), standsIn("ana", "eva"),
			{From: "dirk", To: "pia", Start: noon.AddDate(0, 0, -2), End: noon.AddDate(0, 0, -1)},
			{From: "dirk", To: "pia", Start: noon.AddDate(0, 0, 1), End: noon.AddDate(0, 0, 2)},
		},
	}
}

// excluded are those of the house who never count.
var excluded = []release.Exclusion{
	{Person: "rita", Why: "requested the release and cannot authorize it"},
	{Person: "marc", Why: "manages the release and cannot authorize it"},
	{Person: "bob", Why: "builds the release and cannot authorize it"},
}

// asks is the policy of a gate that asks one group.
func asks(group string, n int) release.GatePolicy {
	return release.GatePolicy{Votes: map[string]int{group: n}}
}

// opened is a gate of the house.
func opened(t require.TestingT, policy release.GatePolicy) release.Gate {
	g, err := release.OpenGate("plan", policy, release.GateContent{Release: "web@2.30", Gate: "plan"}, excluded, noon)
	require.NoError(t, err)
	return g
}

func vote(by string, d release.Decision) release.Authorization {
	return release.Authorization{Sender: release.Sender{By: by}, Gate: "plan", Decision: d}
}

// cast has somebody of the house vote.
func cast(g *release.Gate, by string, d release.Decision, at time.Time) error {
	return g.Cast(vote(by, d), release.Voter{Seats: house().Seats(by, at)}, at)
}

// stored gives a value as it comes back from where it was stored as JSON.
func stored[T any](t require.TestingT, value T) T {
	data, err := json.Marshal(value)
	require.NoError(t, err)
	var again T
	require.NoError(t, json.Unmarshal(data, &again))
	return again
}

// normal is a release model with gates.
func normal() release.Model {
	return release.Model{
		Name: "normal",
		Gates: map[string]release.GatePolicy{
			"plan":              {Votes: map[string]int{"cab": 2}, Deadline: days(3)},
			"deploy":            {Votes: map[string]int{"cab": 1}},
			"deploy:production": {Votes: map[string]int{"cab": 2}},
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
		Roster:  roster,
		Sources: []release.SourcePlace{{Module: "example.org"}, {Dir: "/", Purposes: []string{"staging", "production"}}},
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
