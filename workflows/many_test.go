package workflows_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"

	"slipway/release"
)

// many is how many targets the estate below has.
const many = 2_500

// estateOf gives production so many targets.
func (r *rig) estateOf(targets int) {
	var names []string
	for i := range targets {
		names = append(names, fmt.Sprintf("t%05d", i+1))
	}
	o := organization(r.t)
	o.Environments[1] = environment("production", names...)
	r.world = newWorld(o)
	r.fakes.world = r.world
}

// commands counts what each workflow asks of the server; a command and what comes of
// it are at most six events.
type commands map[string]int

const eventsOfCommand = 6

func (c commands) count(r *rig) {
	r.env.SetOnActivityStartedListener(func(info *activity.Info, _ context.Context, _ converter.EncodedValues) {
		c[info.WorkflowExecution.ID]++
	})
	r.env.SetOnLocalActivityStartedListener(func(info *activity.Info, _ context.Context, _ []any) { c[info.WorkflowExecution.ID]++ })
	r.env.SetOnChildWorkflowStartedListener(func(info *workflow.Info, _ workflow.Context, _ converter.EncodedValues) {
		c[info.ParentWorkflowExecution.ID]++
	})
}

// A release to thousands of targets goes through waves and batches, some targets fail
// and are set aside, and days later all of it is backed out.
func TestThousandsOfTargetsTakeAFewEventsEach(t *testing.T) {
	r := newRig(t)
	r.estateOf(many)
	r.env.SetTestTimeout(2 * time.Minute)
	events := commands{}
	events.count(r)
	var deployed []release.DeploymentStatus
	r.env.SetOnChildWorkflowCompletedListener(func(info *workflow.Info, result converter.EncodedValue, err error) {
		var status release.DeploymentStatus
		if info.WorkflowType.Name == release.WorkflowDeployment && err == nil && result.Get(&status) == nil {
			deployed = append(deployed, status)
		}
	})
	failing := []string{"t00007", "t00500", "t01234", "t02500"}
	for _, name := range failing {
		r.world.goesWrong("activate production/"+name, fails)
	}
	d := definition("standard")
	d.EarlyLifeSupport.Probe = nil
	d.Environments = []release.EnvironmentDefinition{rollout()}
	r.after(20*time.Hour, func() {
		record := r.status()
		production := record.Environment("production")
		assert.Equal(t, release.EnvSupported, production.State)
		assert.Len(t, production.Aside, len(failing))
		r.askBackOut()
	})
	record := r.run(d)

	assert.Equal(t, release.BackedOut, record.Outcome)
	r.assertOld("production")
	for id, commands := range events {
		assert.Less(t, commands*eventsOfCommand, 1_000, "history of %s", id)
	}
	var failed []string
	for _, s := range record.Environment("production").Steps {
		if s.Fate == release.FateFailed {
			failed = append(failed, s.Target)
		}
	}
	assert.Equal(t, failing, failed)
	assert.Less(t, len(record.Environment("production").Steps), 200, "the others are rows for whole batches")
	checkSizes(t, record, deployed)
}

// Once more targets failed than may, no batch begins any more: what was not begun is
// not told target by target, and only what happened is undone.
func TestAWaveThatIsStoppedTellsOfItsFailuresAlone(t *testing.T) {
	r := newRig(t)
	r.estateOf(many)
	for i := range 500 {
		r.world.goesWrong(fmt.Sprintf("activate production/t%05d", i+11), fails)
	}
	d := definition("standard")
	d.Environments = []release.EnvironmentDefinition{rollout()}
	record := r.run(d)

	assert.Equal(t, release.BackedOut, record.Outcome)
	r.assertOld("production")
	failed, not := 0, 0
	for _, s := range record.Environment("production").Steps {
		switch s.Fate {
		case release.FateFailed:
			failed++
		case release.FateNotStarted:
			not++
		}
	}
	assert.Greater(t, failed, many/100)
	assert.Less(t, failed, 100, "two batches at the same time")
	assert.Zero(t, not)
	assert.Less(t, len(record.Reason), 1_000, record.Reason)
	assert.NotContains(t, strings.Join(r.world.steps(), "\n"), "t00511", "it is of the third wave")
	checkSizes(t, record, nil)
}

// A back-out of many targets stops at what nobody can tell. What it left is begun
// again, once, and a person is asked about nothing but what nobody can tell.
func TestWhatAStoppedBackOutLeftIsUndoneWithoutAskingAboutIt(t *testing.T) {
	const estate = 600
	stuck := []string{"t00100", "t00200", "t00300", "t00400", "t00500", "t00600"} // the last one of each batch
	r := newRig(t)
	r.estateOf(estate)
	r.world.blind = true
	for _, name := range stuck {
		r.world.goesWrong("undo activate production/"+name, lost, lost, lost, lost)
	}
	var asked []string
	r.people["step:production"] = func(a release.Awaiting) {
		var shown release.ResolveStep
		require.NoError(t, json.Unmarshal([]byte(a.Payload), &shown))
		asked = append(asked, shown.Target)
		r.decideSo(shown, release.ResolveRetry)
	}
	d := definition("standard")
	d.EarlyLifeSupport.Probe = nil
	d.Environments = []release.EnvironmentDefinition{{Name: "production", Parallel: 20}}
	r.after(20*time.Hour, r.askBackOut)
	record := r.run(d)

	assert.Equal(t, release.BackedOut, record.Outcome)
	r.assertOld("production")
	assert.Equal(t, stuck, asked)
	undone := r.world.done("undo activate production/")
	assert.Len(t, undone, estate)
	assert.Len(t, release.SetOf(undone), estate, "each of them once")
}

// rollout goes through production in three waves; one in a hundred may fail.
func rollout() release.EnvironmentDefinition {
	return release.EnvironmentDefinition{
		Name: "production", Parallel: 40, MayFail: release.Share{Count: 1, Percent: true},
		Waves: []release.Share{{Count: 10}, {Count: 20, Percent: true}, {Count: 100, Percent: true}},
	}
}

// checkSizes: what is sent around stays far from the two megabytes that a server
// takes, and what people read is a page.
func checkSizes(t *testing.T, record release.Record, deployed []release.DeploymentStatus) {
	t.Helper()
	size := func(value any) int {
		data, err := json.Marshal(value)
		require.NoError(t, err)
		return len(data)
	}
	const page = 20_000
	assert.Less(t, size(record), 120*many)
	assert.Less(t, len(release.Details(record, release.Plan{})), page)
	for _, status := range deployed {
		assert.Less(t, size(status), 120*many, "%s, %s", status.ID, status.State)
		assert.Less(t, size(status.Undo), 10_000, "what is to be undone is waves and exceptions")
		assert.Less(t, len(release.DeploymentDetails(status)), page)
	}
}
