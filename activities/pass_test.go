package activities_test

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/activities"
	"slipway/activities/driver/target"
	"slipway/release"
)

// at is a media library whose only package is in a folder.
type at string

func (f at) Folder(context.Context, release.Package) (string, error) { return string(f), nil }

// slow is a driver that counts how many operations are under way.
type slow struct {
	target.Driver
	now, most atomic.Int32
}

func (s *slow) Do(ctx context.Context, t release.Target, o target.Operation) (target.Outcome, error) {
	s.most.Store(max(s.most.Load(), s.now.Add(1)))
	defer s.now.Add(-1)
	time.Sleep(20 * time.Millisecond)
	return s.Driver.Do(ctx, t, o)
}

func TestAPassWorksOnAsManyTargetsAsItMay(t *testing.T) {
	for _, parallel := range []int{0, 1, 4} {
		t.Run(fmt.Sprint(parallel), func(t *testing.T) {
			g := newGround(t, 12)
			driver := &slow{Driver: g.a.Targets}
			g.a.Targets = driver
			in := g.pass("true")
			in.Parallel = parallel
			done := g.run(in)
			require.Len(t, done.Results, 12)
			for i, r := range done.Results {
				assert.Equal(t, g.targets[i].Name, r.Target, "in the order of the wave")
				assert.Equal(t, release.FateDone, r.Fate, r.Message)
			}
			assert.EqualValues(t, max(parallel, 1), driver.most.Load())
		})
	}
}

func TestAPassStopsAtItsBudgetOfFailures(t *testing.T) {
	cases := map[string]struct {
		budget int
		want   []string
	}{
		"none may fail": {0, []string{"p1 done", "p2 failed", "p3 not-started", "p4 not-started", "p5 not-started"}},
		"one may fail":  {1, []string{"p1 done", "p2 failed", "p3 done", "p4 failed", "p5 not-started"}},
		"two may fail":  {2, []string{"p1 done", "p2 failed", "p3 done", "p4 failed", "p5 done"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			g := newGround(t, 5)
			in := g.pass(`case $TARGET in p2|p4) echo broken; exit 3;; esac`)
			in.Budget = c.budget
			done := g.run(in)
			assert.Equal(t, c.want, fatesOf(done.Results))
			assert.Equal(t, "exit status 3: broken", done.Results[1].Message)
		})
	}
}

// cut is a driver whose connection is cut at one target.
type cut struct {
	target.Driver
	at string
}

func (c cut) Do(ctx context.Context, t release.Target, o target.Operation) (target.Outcome, error) {
	if t.Name == c.at {
		return target.Outcome{}, target.ErrUnreachable
	}
	return c.Driver.Do(ctx, t, o)
}

func TestAPassStopsWhereNobodyCanTellWhatHappened(t *testing.T) {
	g := newGround(t, 3)
	g.a.Targets = cut{g.a.Targets, "p2"}
	in := g.pass("true")
	in.Budget = 3
	assert.Equal(t, []string{"p1 done", "p2 unknown", "p3 not-started"}, fatesOf(g.run(in).Results))
}

func TestAPassGoesOnWhereTheOneBeforeWasLost(t *testing.T) {
	g := newGround(t, 3)
	before := []release.StepResult{{Step: "switch", Target: "p2", Wave: 1, Fate: release.FateDone, Message: "before"}}
	g.env.SetHeartbeatDetails(activities.PassCheckpoint{Results: before})
	done := g.run(g.pass("echo $TARGET >> " + g.path("ran")))
	assert.Equal(t, []string{"p1 done", "p2 done", "p3 done"}, fatesOf(done.Results))
	assert.Equal(t, "before", done.Results[1].Message)
	assert.Equal(t, []string{"p1", "p3"}, g.lines("ran"))
}

func TestTriesCountOverLostWorkers(t *testing.T) {
	for tried, want := range map[int][]string{0: {"p1", "p1", "p1"}, 2: {"p1"}, 3: {}} {
		t.Run(fmt.Sprint(tried), func(t *testing.T) {
			g := newGround(t, 1)
			g.env.SetHeartbeatDetails(activities.PassCheckpoint{Tries: map[string]int{"p1": tried}})
			in := g.pass("echo $TARGET >> " + g.path("ran") + "; false")
			in.Pass.Step.Retries = 2
			fate := map[bool]string{true: "p1 unknown", false: "p1 failed"}[tried == 3]
			assert.Equal(t, []string{fate}, fatesOf(g.run(in).Results))
			assert.ElementsMatch(t, want, g.lines("ran"))
		})
	}
}

func TestAScriptSeesWhatEarlierStepsLeft(t *testing.T) {
	g := newGround(t, 2)
	in := g.pass(`echo "ID=$MIGRATE_ID/$STAGE_PORT/$COLOUR/$OWN/$TARGET/${ATTEMPT%/*}/$WAVE/$PREVIOUS_VERSION" >> "$OUTPUT"`)
	in.Outputs = map[string]map[string]string{
		"":   {"MIGRATE_ID": "7", "OWN": "of a step"},
		"p1": {"STAGE_PORT": "81"},
		"p2": {"STAGE_PORT": "82", "MIGRATE_ID": "8"},
	}
	in.Pass.Step.Env = map[string]string{"OWN": "declared"}
	done := g.run(in)
	assert.Equal(t, map[string]string{"ID": "7/81/blue/declared/p1/try-1/1/1.0"}, done.Results[0].Outputs)
	assert.Equal(t, map[string]string{"ID": "8/82/blue/declared/p2/try-1/1/1.0"}, done.Results[1].Outputs)
}

func TestAStepThatRunsOnceHasNoTarget(t *testing.T) {
	g := newGround(t, 0)
	in := g.pass(`echo "ID=${PACKAGE-none}${TARGET-none}$RELEASE" >> "$OUTPUT"`)
	done := g.run(in)
	assert.Equal(t, []string{"done"}, fatesOf(done.Results))
	assert.Equal(t, map[string]string{"ID": "nonenoneshop@2.0"}, done.Results[0].Outputs)
}

func TestTargetsAreFoundInTheInventoryByName(t *testing.T) {
	g := newGround(t, 3)
	digest, err := g.a.StoreInventory(t.Context(), g.targets)
	require.NoError(t, err)
	again, err := g.a.StoreInventory(t.Context(), g.targets)
	require.NoError(t, err)
	require.Equal(t, digest, again)

	in := g.pass("echo $TARGET >> " + g.path("ran"))
	in.Inventory, in.Pass.Targets = digest, []release.Target{{Name: "p3"}, {Name: "p1"}}
	assert.Equal(t, []string{"p3 done", "p1 done"}, fatesOf(g.run(in).Results))
	assert.Equal(t, []string{"p1", "p3"}, g.lines("ran"))

	in.Pass.Targets = []release.Target{{Name: "p4"}}
	_, err = g.env.ExecuteActivity(g.a.RunPass, in)
	require.ErrorContains(t, err, `target "p4" is not in the inventory`)
}

func TestAPassOverManyTargetsIsReportedByReferenceAndRecordedResultByResult(t *testing.T) {
	g := newGround(t, 60)
	in := g.pass(`echo "hello from $TARGET"; echo "ID=$TARGET" >> "$OUTPUT"; test $TARGET != p60`)
	in.Parallel = 8
	done := g.run(in)
	require.NotNil(t, done.Report)
	require.Len(t, done.Results, 60)
	assert.Equal(t, release.StepResult{Step: "switch", Target: "p7", Wave: 1, Fate: release.FateDone, Outputs: map[string]string{"ID": "p7"}}, done.Results[6])
	assert.Equal(t, release.FateFailed, done.Results[59].Fate)
	require.NotNil(t, done.Results[59].Execution, "of what failed, all is told")

	entry := release.Entry{
		Key: "shop@2.0:production/step/1", At: time.Now(), Release: "shop@2.0",
		Steps: &release.StepsEntry{Environment: "production", Report: *done.Report},
	}
	for range 2 {
		_, err := g.env.ExecuteActivity(g.a.Record, activities.RecordInput{Entries: []release.Entry{entry}})
		require.NoError(t, err)
	}
	assert.Equal(t, []string{"60|59|60"}, g.query("SELECT count(*), sum(fate = 'done'), count(log) FROM steps"))
	assert.Equal(t, []string{"shop@2.0:production/step/1/p7|production|switch|p7|1|0"},
		g.query("SELECT key, environment, step, target, wave, exit FROM steps WHERE target = 'p7'"))
}

func TestTenThousandResultsAreRecordedAtOnce(t *testing.T) {
	g := newGround(t, 0)
	results := make([]release.StepResult, 10_000)
	for i := range results {
		results[i] = release.StepResult{
			Step: "switch", Target: fmt.Sprintf("p%05d", i), Wave: 3, Fate: release.FateDone, Started: time.Now(),
			Execution: &release.Execution{Name: "switch", Started: time.Now(), Log: release.Blob{Digest: g.p.Digest, Size: 7}},
		}
	}
	blob := g.document(results)
	entry := release.Entry{
		Key: "k", At: time.Now(), Release: "shop@2.0", Steps: &release.StepsEntry{Environment: "production", Report: blob},
	}
	_, err := g.env.ExecuteActivity(g.a.Record, activities.RecordInput{Entries: []release.Entry{entry}})
	require.NoError(t, err)
	assert.Equal(t, []string{"10000"}, g.query("SELECT count(*) FROM steps"))
}

func TestAnAuditOfManyTargetsListsNoMoreThanAPersonReads(t *testing.T) {
	g := newGround(t, 130)
	in := activities.AuditInput{When: "before", Estate: activities.Estate{Targets: g.targets}, Version: "2.0", Content: g.p.Content}
	value, err := g.env.ExecuteActivity(g.a.Audit, in)
	require.NoError(t, err)
	var found activities.AuditResult
	require.NoError(t, value.Get(&found))
	assert.Len(t, found.Audit.Discrepancies, 100)
	assert.Equal(t, 30, found.Audit.Unlisted)
	assert.Equal(t, 130, found.Audit.Targets)
	assert.Equal(t, release.Discrepancy{Target: "p1", Expected: "2.0", Found: "nothing"}, found.Audit.Discrepancies[0])
}

func TestAReadinessCheckNamesTheTargetsThatCannotBeUsed(t *testing.T) {
	g := newGround(t, 3)
	require.NoError(t, os.Remove(g.path("p2")))
	digest, err := g.a.StoreInventory(t.Context(), g.targets)
	require.NoError(t, err)
	in := activities.ReadyInput{
		Estate: activities.Estate{Targets: []release.Target{{Name: "p1"}, {Name: "p2"}}, Inventory: digest}, Package: g.p,
	}
	value, err := g.env.ExecuteActivity(g.a.Ready, in)
	require.NoError(t, err)
	var ready activities.ReadyResult
	require.NoError(t, value.Get(&ready))
	require.NotEmpty(t, ready.Missing)
	assert.Contains(t, ready.Missing[0], `target "p2": folder`)
}
