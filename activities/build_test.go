package activities_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"
	"golang.org/x/mod/sumdb/dirhash"

	"slipway/activities"
	"slipway/activities/driver/attest"
	"slipway/activities/driver/dml"
	"slipway/activities/driver/source"
	"slipway/release"
)

// yard is a worker that builds, with real drivers.
type yard struct {
	t      *testing.T
	a      *activities.Activities
	env    *testsuite.TestActivityEnvironment
	signer *attest.Signer
	folder string
}

func newYard(t *testing.T) *yard {
	t.Helper()
	y := &yard{t: t, folder: t.TempDir()}
	library, err := dml.Open("oci-layout:" + y.path("dml"))
	require.NoError(t, err)
	y.signer, err = attest.LoadOrCreate(y.path("slipway.key"))
	require.NoError(t, err)
	y.a = &activities.Activities{
		Library: library, Sources: source.New("go"), Workspace: y.path("workspace"), Builder: "this worker",
		Organization: func() release.Organization {
			return release.Organization{Sources: []release.SourcePlace{{Dir: os.TempDir()}, {Module: "github.com/mccutchen/go-httpbin"}}}
		},
		Attester: y.signer, Tools: map[string]string{"go": "go version go1.26.8"},
	}
	suite := &testsuite.WorkflowTestSuite{}
	y.env = suite.NewTestActivityEnvironment()
	y.env.SetTestTimeout(5 * time.Minute)
	y.env.RegisterActivity(y.a)
	return y
}

func (y *yard) path(names ...string) string {
	return filepath.Join(append([]string{y.folder}, names...)...)
}

// component makes a component of files by their paths.
func (y *yard) component(name string, files map[string]string) release.Component {
	y.t.Helper()
	folder := y.path("components", name)
	for path, text := range files {
		require.NoError(y.t, os.MkdirAll(filepath.Dir(filepath.Join(folder, path)), 0o755))
		require.NoError(y.t, os.WriteFile(filepath.Join(folder, path), []byte(text), 0o644))
	}
	sum, err := dirhash.HashDir(folder, "", dirhash.Hash1)
	require.NoError(y.t, err)
	return release.Component{Name: name, Source: release.Source{Dir: folder, Sum: sum}}
}

// plan is that of a shop whose component "web" is built in these steps.
func (y *yard) plan(steps ...release.BuildStep) release.Plan {
	y.t.Helper()
	for i := range steps {
		steps[i].Component = "web"
	}
	return release.Plan{
		Release: "shop@1.0", Compiled: time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC), Definition: release.Definition{
			Service: "shop", Version: "1.0", Components: []release.Component{y.component("web", map[string]string{"README": "a shop\n"})},
			Build: release.Build{Steps: steps},
		},
	}
}

// build carries out build 1 of a plan.
func (y *yard) build(plan release.Plan) release.BuildRecord {
	y.t.Helper()
	value, err := y.env.ExecuteActivity(y.a.Build, activities.BuildInput{Plan: plan, Number: 1, Components: plan.Definition.Components})
	require.NoError(y.t, err)
	var record release.BuildRecord
	require.NoError(y.t, value.Get(&record))
	return record
}

// log gives what a step printed, as the DML has it.
func (y *yard) log(x release.Execution) string {
	y.t.Helper()
	content, err := y.a.Library.OpenBlob(context.Background(), x.Log.Digest)
	require.NoError(y.t, err)
	defer content.Close()
	text, err := io.ReadAll(content)
	require.NoError(y.t, err)
	return string(text)
}

func step(name, run string, needs ...string) release.BuildStep {
	if needs == nil {
		needs = []string{}
	}
	return release.BuildStep{Name: name, Run: run, Needs: needs}
}

// meets is a script that goes on once another one of the build that runs it too does.
func meets(self, other string) string {
	return fmt.Sprintf(`touch "$SOURCES/%s"; until [ -e "$SOURCES/%s" ]; do sleep 0.01; done; touch "$OUT/%s"`, self, other, self)
}

func TestStepsThatDoNotNeedEachOtherRunAtTheSameTime(t *testing.T) {
	y := newYard(t)
	record := y.build(y.plan(
		step("last", `[ -e "$SOURCES/a" ] && [ -e "$SOURCES/b" ]`, "a", "b"),
		step("a", meets("a", "b")), step("b", meets("b", "a")),
	))
	require.Empty(t, record.Failure)
	var order []string
	for _, x := range record.Steps {
		order = append(order, x.Name)
		assert.Positive(t, x.PeakMemory, x.Name)
	}
	assert.Equal(t, []string{"last", "a", "b"}, order, "as the definition has them")
	assert.False(t, record.Steps[0].Started.Before(record.Steps[1].Started))
}

func TestTheFirstStepThatFailsStopsTheOthersWhichSaySo(t *testing.T) {
	y := newYard(t)
	record := y.build(y.plan(
		step("slow", `echo begun; touch "$SOURCES/slow"; sleep 300; echo over`),
		step("bad", `until [ -e "$SOURCES/slow" ]; do sleep 0.01; done; echo 'no such function' >&2; exit 3`),
		step("after", `touch "$OUT/after"`, "bad"),
	))
	assert.Equal(t, "step bad: exit status 3: no such function", record.Failure)
	assert.Nil(t, record.Package)
	require.Len(t, record.Steps, 2, "what had not begun does not begin")
	assert.Equal(t, "step bad failed", record.Steps[0].Stopped)
	assert.Contains(t, record.Steps[0].Problem(), "step bad failed")
	assert.Equal(t, "begun\n", y.log(record.Steps[0]), "its log is kept all the same")
	assert.Less(t, record.Elapsed.Std(), time.Minute)
}

func TestAStepKnowsWhatIsDeclaredAndNothingOfEarlierBuilds(t *testing.T) {
	y := newYard(t)
	t.Setenv("GOCACHE", "/worker/cache")
	script := `[ -z "$(ls -A "$HOME")" ] || { echo "somebody was here"; exit 1; }
		touch "$HOME/mark"; echo "${CACHE-no cache} ${GOCACHE-none} $SOURCE_DATE_EPOCH"; touch "$OUT/file"`
	for range 2 {
		record := y.build(y.plan(step("look", script)))
		require.Empty(t, record.Failure)
		assert.Equal(t, "no cache none 1772625600\n", y.log(record.Steps[0]))
	}
	left, err := filepath.Glob(y.path("workspace", "*"))
	require.NoError(t, err)
	assert.Empty(t, left, "and leaves nothing")
}

func TestADeclaredCacheIsKeptForTheNextBuildOfTheService(t *testing.T) {
	y := newYard(t)
	plan := y.plan(step("count", `echo x >>"$CACHE/builds"; wc -l <"$CACHE/builds"; touch "$OUT/file"`))
	plan.Definition.Build.Cache = "go"
	for n := 1; n <= 2; n++ {
		record := y.build(plan)
		require.Empty(t, record.Failure)
		assert.Equal(t, fmt.Sprint(n), strings.TrimSpace(y.log(record.Steps[0])))
		activities.SweepWorkspace(y.path("workspace"))
	}
	assert.FileExists(t, y.path("workspace", "cache", "shop", "go", "builds"))
}
