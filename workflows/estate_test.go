package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/workflow"

	"slipway/release"
)

// estate runs environments and, one hour after the other, releases, all as they run
// on a server.
func estate(ctx workflow.Context, environments []string, definitions []release.Definition) error {
	for _, name := range environments {
		child := workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{WorkflowID: release.EnvironmentID(name)})
		workflow.ExecuteChildWorkflow(child, release.WorkflowEnvironment, release.EnvironmentStatus{Name: name})
	}
	var running []workflow.Future
	for _, d := range definitions {
		child := workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{WorkflowID: release.ID(d.Service, d.Version)})
		running = append(running, workflow.ExecuteChildWorkflow(child, release.WorkflowRelease, release.Request{Definition: d}))
		if err := workflow.Sleep(ctx, time.Hour); err != nil {
			return err
		}
	}
	for _, r := range running {
		if err := r.Get(ctx, nil); err != nil {
			return err
		}
	}
	return nil
}

func TestTwoReleasesShareTheirEnvironments(t *testing.T) {
	r := newRig(t)
	r.world.real = true
	shop := definition("standard")
	shop.Service, shop.Version = "shop", "1.0"
	shop.Steps = []release.Step{{Name: "announce", Kind: release.ProcessAndMaterial, Run: "announce", BackOut: "take back"}}
	// The first holds production until a person decides, ten hours later.
	r.world.blind = true
	r.world.goesWrong("activate production/p2", lostLate)
	decided := monday.Add(35 * time.Hour)
	r.after(34*time.Hour, func() {
		value, err := r.env.QueryWorkflowByID("shop@1.0", release.QueryStatus)
		require.NoError(t, err)
		var waiting release.Record
		require.NoError(t, value.Get(&waiting))
		require.Len(t, waiting.Awaiting, 1)
		assert.Equal(t, "lease:production", waiting.Awaiting[0].Key())
	})
	r.after(decided.Sub(monday), func() {
		require.NoError(t, r.env.SignalWorkflowByID(sampleID, string(release.ActResolveStep),
			release.ResolveStep{Sender: sender("dan"), Step: "activate", Target: "p2", Action: release.ResolveDone, Reason: "looked"}))
	})
	r.env.SetStartWorkflowOptions(client.StartWorkflowOptions{ID: "estate"})
	r.env.ExecuteWorkflow(estate, []string{"staging", "production"}, []release.Definition{onWavesOfOne("standard"), shop})
	require.NoError(t, r.env.GetWorkflowError())
	records := make([]release.Record, 2)
	for i, id := range []string{sampleID, "shop@1.0"} {
		value, err := r.env.QueryWorkflowByID(id, release.QueryStatus)
		require.NoError(t, err)
		require.NoError(t, value.Get(&records[i]))
	}

	for _, record := range records {
		assert.Equal(t, release.Completed, record.Outcome, record.ID)
	}
	assert.True(t, begun(t, records[0], "deploy:production").Before(decided))
	assert.False(t, begun(t, records[1], "deploy:production").Before(decided))
	for name := range r.world.baselines {
		value, err := r.env.QueryWorkflowByID(release.EnvironmentID(name), release.QueryStatus)
		require.NoError(t, err)
		var state release.EnvironmentStatus
		require.NoError(t, value.Get(&state))
		assert.Nil(t, state.Holder, "everything was given back")
		assert.Empty(t, state.Queue)
		var runs []string
		for _, b := range state.Baselines {
			runs = append(runs, b.Release)
		}
		assert.Equal(t, []string{sampleID, "shop@1.0"}, runs, "it knows what runs in it")
	}
}
