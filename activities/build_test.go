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
	"golang.org/x/mod/sumdb/dirhash"

	"slipway/activities"
	"slipway/activities/driver/attest"
	"slipway/activities/driver/source"
	"slipway/release"
)

// yard is ground on which packages are built, one build after the other, from real
// sources.
type yard struct {
	*ground
	signer *attest.Signer
	builds int
}

// newYard gives one that may take components from these places.
func newYard(t *testing.T, places ...release.SourcePlace) *yard {
	t.Helper()
	y := &yard{ground: newGround(t, 0)}
	var err error
	y.signer, err = attest.LoadOrCreate(y.path("slipway.key"))
	require.NoError(t, err)
	y.a.Attester, y.a.Sources, y.a.Builder = y.signer, source.New("go"), "this worker"
	y.a.Tools = map[string]string{"go": "go version go1.26.8"}
	y.a.Organization = func() release.Organization { return release.Organization{Sources: places} }
	y.env.SetTestTimeout(5 * time.Minute) // some compile
	return y
}

// folders is where components lie that tests write.
var folders = release.SourcePlace{Dir: os.TempDir()}

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

// carryOut carries out the next build of a plan.
func (y *yard) carryOut(plan release.Plan) (record release.BuildRecord, err error) {
	y.builds++
	value, err := y.env.ExecuteActivity(y.a.Build, activities.BuildInput{Plan: plan, Number: y.builds, Components: plan.Definition.Components})
	if err == nil {
		err = value.Get(&record)
	}
	return record, err
}

// build carries out a build that gets to its end, whatever comes of it.
func (y *yard) build(plan release.Plan) release.BuildRecord {
	y.t.Helper()
	record, err := y.carryOut(plan)
	require.NoError(y.t, err)
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
	y := newYard(t, folders)
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
	y := newYard(t, folders)
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
	y := newYard(t, folders)
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
	y := newYard(t, folders)
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
