package activities_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/dirhash"

	"slipway/activities"
	"slipway/activities/driver/dml"
	"slipway/activities/driver/source"
	"slipway/activities/driver/source/sourcetest"
	"slipway/release"
	"slipway/release/audit"
)

// suite is the test of a package in the DML, with a script in a folder of sources.
func (g *ground) suite(script string) activities.TestInput {
	g.t.Helper()
	sources := g.path("sources")
	require.NoError(g.t, os.MkdirAll(sources, 0o755))
	require.NoError(g.t, os.WriteFile(filepath.Join(sources, "expected"), []byte("2.0"), 0o644))
	sum, err := dirhash.HashDir(sources, "", dirhash.Hash1)
	require.NoError(g.t, err)
	in := dml.CheckIn{Release: "shop@2.0", Service: "shop", Version: "2.0", Build: 1, Outputs: []dml.Output{{Component: "app", Folder: g.path("content")}}}
	p, err := g.a.Library.CheckIn(g.t.Context(), in)
	require.NoError(g.t, err)
	g.a.Sources = source.New("go")
	g.a.Organization = func() release.Organization {
		return release.Organization{Sources: []release.SourcePlace{{Dir: "/"}, {Git: "/"}}}
	}
	return activities.TestInput{
		Release: "shop@2.0", Service: "shop", Version: "2.0", Build: 1, Package: p,
		Suite:     release.Suite{Name: "acceptance", Kind: release.SuiteAcceptance, Component: "app", Covers: []string{"REQ-1"}, Run: script, Results: "tap", Env: map[string]string{"MARK": g.path("mark")}},
		Component: release.Component{Name: "app", Source: release.Source{Dir: sources, Sum: sum}},
	}
}

func (g *ground) test(in activities.TestInput) release.Evidence {
	g.t.Helper()
	value, err := g.env.ExecuteActivity(g.a.Test, in)
	require.NoError(g.t, err)
	var found release.Evidence
	require.NoError(g.t, value.Get(&found))
	return found
}

// flaky passes from the second run on, and only in a fresh copy of everything.
const flaky = `test ! -e dirty || exit 9
touch dirty "$PACKAGE/dirty"
echo "1..2"
cmp -s expected "$PACKAGE/VERSION" && echo "ok 1 - version"
if test -e "$MARK"; then echo "ok 2 - order"; exit; fi
touch "$MARK"
echo "not ok 2 - order"; echo "# at order.t line 7"; exit 1`

func TestASuiteThatPassesOnARerunIsFlaky(t *testing.T) {
	g := newGround(t, 0)
	in := g.suite(flaky)
	in.Suite.Reruns = 2
	found := g.test(in)
	assert.Empty(t, found.Failure)
	assert.Equal(t, 2, found.Runs)
	assert.Equal(t, []string{"order"}, found.Flaky)
	assert.Equal(t, 2, found.Passed)
	require.Len(t, found.Earlier, 1)
	assert.Equal(t, "1 of 2 cases failed, the first is order", found.Earlier[0].Failure)
	for _, x := range []release.Execution{found.Earlier[0].Execution, found.Execution} {
		log, err := g.a.Library.OpenBlob(t.Context(), x.Log.Digest)
		require.NoError(t, err, "the log of every run is kept")
		require.NoError(t, log.Close())
	}
	assert.NotEqual(t, found.Earlier[0].Execution.Log.Digest, found.Execution.Log.Digest)
	assert.Equal(t, []release.Evidence{found}, g.attached(in.Package.Digest))
}

func TestASuiteThatMayNotRunAgainFailsWithWhere(t *testing.T) {
	g := newGround(t, 0)
	found := g.test(g.suite(flaky))
	assert.Equal(t, "1 of 2 cases failed, the first is order", found.Failure)
	assert.Equal(t, []release.CaseFailure{{Case: "order", File: "order.t:7", Message: "at order.t line 7"}}, found.Failures)
	assert.Zero(t, found.Runs)
	assert.Empty(t, found.Flaky)
}

func TestASuiteThatFailsInAllItsRunsHidesNothing(t *testing.T) {
	g := newGround(t, 0)
	in := g.suite(`echo "1..1"; echo "not ok 1 - always"; echo x >> "$MARK"; exit 1`)
	in.Suite.Reruns = 2
	found := g.test(in)
	assert.NotEmpty(t, found.Failure)
	assert.Equal(t, 3, found.Runs)
	assert.Len(t, found.Earlier, 2)
	assert.Empty(t, found.Flaky)
	assert.Len(t, g.lines("mark"), 3)
}

func TestASuiteWhoseSourcesCannotBeHadDoesNotRunAgain(t *testing.T) {
	g := newGround(t, 0)
	in := g.suite(`true`)
	in.Suite.Reruns, in.Component.Source.Dir = 5, g.path("gone")
	found := g.test(in)
	assert.Contains(t, found.Failure, "component app")
	assert.Zero(t, found.Runs)
}

func TestASuiteKnowsItsTestEnvironment(t *testing.T) {
	g := newGround(t, 0)
	in := g.suite(`echo "$ENVIRONMENT: $TARGETS at $TARGET_URLS"`)
	in.Suite.Results = "exit"
	in.Environment = &release.TestEnvironment{Name: "pre", Targets: []release.TestTarget{{Name: "a", URL: "http://a"}, {Name: "b", URL: "http://b"}, {Name: "c"}}}
	found := g.test(in)
	assert.Equal(t, "pre", found.Environment)
	log, err := g.a.Library.OpenBlob(t.Context(), found.Execution.Log.Digest)
	require.NoError(t, err)
	defer log.Close()
	text := make([]byte, 100)
	n, _ := log.Read(text)
	assert.Equal(t, "pre: a b c at http://a http://b\n", string(text[:n]))
}

// attached lists the evidence that is attached to a package.
func (g *ground) attached(pkg release.Digest) []release.Evidence {
	g.t.Helper()
	reader, err := dml.OpenReadOnly("oci-layout:" + g.path("dml"))
	require.NoError(g.t, err)
	var all []release.Evidence
	artifacts, err := reader.Artifacts(g.t.Context())
	require.NoError(g.t, err)
	for _, a := range artifacts {
		if a.Type != audit.EvidenceType || a.Subject != pkg {
			continue
		}
		blob, err := g.a.Library.OpenBlob(g.t.Context(), a.Layers[0].Digest)
		require.NoError(g.t, err)
		var e release.Evidence
		require.NoError(g.t, json.NewDecoder(blob).Decode(&e))
		require.NoError(g.t, blob.Close())
		all = append(all, e)
	}
	return all
}

// follow follows a branch until it has another commit than that.
func (g *ground) follow(repository, branch, commit string) activities.FollowResult {
	g.t.Helper()
	value, err := g.env.ExecuteActivity(g.a.Follow, activities.FollowInput{
		Every:    release.Duration(20_000_000),
		Branches: []release.Branch{{Component: "app", Source: release.Source{Git: repository, Branch: branch, Commit: commit}}},
	})
	require.NoError(g.t, err)
	var found activities.FollowResult
	require.NoError(g.t, value.Get(&found))
	return found
}

func TestABranchIsLookedAtUntilItHasAnotherCommit(t *testing.T) {
	g := newGround(t, 0)
	g.suite("true")
	r := sourcetest.NewRepository(t, t.TempDir())
	first := r.Commit(nil)
	committed := make(chan string)
	go func() { committed <- r.Commit(nil) }()
	found := g.follow(r.Folder, "main", first)
	second := <-committed
	require.Len(t, found.Newer, 1)
	assert.Equal(t, second, found.Newer[0].Source.Commit)
	assert.NotEqual(t, first, second)

	assert.Contains(t, g.follow(r.Folder, "gone", first).Failure, `there is no branch "gone"`)
	g.a.Organization = func() release.Organization { return release.Organization{} }
	assert.Contains(t, g.follow(r.Folder, "main", first).Failure, "the organization")
}
