package activities_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"

	"slipway/activities"
	"slipway/activities/driver/archive"
	"slipway/activities/driver/cms"
	"slipway/activities/driver/cms/cmstest"
	"slipway/activities/driver/dml"
	"slipway/activities/driver/target"
	"slipway/activities/driver/target/local"
	"slipway/release"
)

// ground is a worker with a real media library, a real CMS and targets that are
// folders, and a package to deploy.
type ground struct {
	t       *testing.T
	a       *activities.Activities
	env     *testsuite.TestActivityEnvironment
	folder  string
	cms     string
	p       release.Package
	targets []release.Target
}

func newGround(t *testing.T, targets int) *ground {
	t.Helper()
	g := &ground{t: t, folder: t.TempDir()}
	content := g.path("content")
	require.NoError(t, os.Mkdir(content, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(content, "VERSION"), []byte("2.0"), 0o644))
	digest, err := archive.Digest(t.Context(), content)
	require.NoError(t, err)
	g.p = release.Package{Digest: release.DigestOfBytes([]byte("package")), Content: digest, Tag: "shop-2.0"}
	library, err := dml.Open("oci-layout:" + g.path("dml"))
	require.NoError(t, err)
	g.cms = g.path("cms.db")
	store, err := cms.Open(t.Context(), cmstest.Place(t, g.cms))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	g.a = &activities.Activities{
		Library: library, Store: store, Workspace: g.path("workspace"), Host: "this worker",
		Targets: target.Fleet{release.TargetShell: local.New(at(content), g.path("state"))},
	}
	for i := range targets {
		name := fmt.Sprintf("p%d", i+1)
		require.NoError(t, os.MkdirAll(g.path(name), 0o755))
		g.targets = append(g.targets, release.Target{Name: name, Folder: g.path(name), Env: map[string]string{"COLOUR": "blue"}})
	}
	suite := &testsuite.WorkflowTestSuite{}
	g.env = suite.NewTestActivityEnvironment()
	g.env.SetTestTimeout(time.Minute)
	g.env.RegisterActivity(g.a)
	return g
}

func (g *ground) path(name ...string) string {
	return filepath.Join(append([]string{g.folder}, name...)...)
}

// pass is a pass over all targets, with a script that writes who it was for.
func (g *ground) pass(script string) activities.PassInput {
	return activities.PassInput{
		Release: "shop@2.0", Service: "shop", Version: "2.0", Environment: "production", Previous: "1.0", Package: g.p, Attempt: "try-1",
		Pass: release.Pass{Wave: 1, Targets: g.targets, Step: release.Step{
			Name: "switch", Kind: release.ServiceDeployment, Per: release.PerTarget, Action: release.RunScript, Run: script,
			Timeout: release.Duration(20 * time.Second),
		}},
	}
}

func (g *ground) run(in activities.PassInput) activities.PassResult {
	g.t.Helper()
	value, err := g.env.ExecuteActivity(g.a.RunPass, in)
	require.NoError(g.t, err)
	var done activities.PassResult
	require.NoError(g.t, value.Get(&done))
	return done
}

// settle asks what became of a pass everywhere, as a worker on another host that
// asks after one on host.
func (g *ground) settle(in activities.PassInput, host string) []release.StepResult {
	g.t.Helper()
	value, err := g.env.ExecuteActivity(g.a.Settle, activities.SettleInput{PassInput: in, Places: in.Pass.Places(), Host: host})
	require.NoError(g.t, err)
	var found activities.SettleResult
	require.NoError(g.t, value.Get(&found))
	return found.Results
}

// lines gives what scripts appended to a file, sorted.
func (g *ground) lines(name string) []string {
	g.t.Helper()
	data, err := os.ReadFile(g.path(name))
	if !os.IsNotExist(err) {
		require.NoError(g.t, err)
	}
	all := strings.Fields(string(data))
	slices.Sort(all)
	return all
}

// query asks the CMS; values are told apart by bars.
func (g *ground) query(text string) []string {
	g.t.Helper()
	db, err := sql.Open("sqlite", g.cms)
	require.NoError(g.t, err)
	defer db.Close()
	rows, err := db.Query(text)
	require.NoError(g.t, err)
	defer rows.Close()
	names, err := rows.Columns()
	require.NoError(g.t, err)
	var all []string
	for rows.Next() {
		values, into := make([]string, len(names)), make([]any, len(names))
		for i := range values {
			into[i] = &values[i]
		}
		require.NoError(g.t, rows.Scan(into...))
		all = append(all, strings.Join(values, "|"))
	}
	require.NoError(g.t, rows.Err())
	return all
}

// document puts a value into the DML as JSON.
func (g *ground) document(value any) release.Blob {
	g.t.Helper()
	data, err := json.Marshal(value)
	require.NoError(g.t, err)
	require.NoError(g.t, os.WriteFile(g.path("document"), data, 0o644))
	blob, err := g.a.Library.StoreLog(g.t.Context(), "document", g.path("document"))
	require.NoError(g.t, err)
	return blob
}

// fatesOf lists "p1 done" and so on.
func fatesOf(results []release.StepResult) []string {
	var list []string
	for _, r := range results {
		list = append(list, strings.TrimSpace(r.Target+" "+string(r.Fate)))
	}
	return list
}
