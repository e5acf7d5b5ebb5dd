package activities_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/activities"
	"slipway/activities/driver/cms"
	"slipway/activities/driver/cms/cmstest"
	"slipway/release"
)

// others are the releases whose workflows run.
type others map[string]bool

func (o others) Running(_ context.Context, id string) (bool, error) { return o[id], nil }

func (o others) Plan(context.Context, string) (release.Plan, error) {
	return release.Plan{}, context.DeadlineExceeded
}

func TestWhatBlocksIsLookedAtAnewAndWhoIsGoneIsClosed(t *testing.T) {
	ctx, now := context.Background(), time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	store, err := cms.Open(ctx, cmstest.Place(t, filepath.Join(t.TempDir(), "cms.db")))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	staging := release.Environment{Name: "staging", Targets: []release.Target{{Name: "s1", Folder: "/s1"}}}
	running := others{"runs@1": true, "again@1": true}
	a := &activities.Activities{
		Store: store, Releases: running,
		Organization: func() release.Organization { return release.Organization{Environments: []release.Environment{staging}} },
	}
	open := func(service string, minute int) {
		started := now.Add(time.Duration(minute) * time.Minute)
		require.NoError(t, store.Write(ctx, []release.Entry{{
			Key: service + started.String(), At: started, Release: release.ID(service, "1"), ReleaseState: &release.State{
				Service: service, Version: "1", Model: "normal", Requester: "rita", Manager: "marc", Phase: release.StageBuild, Started: started,
				Environments: []string{"staging"},
			},
		}}))
	}
	open("runs", 1)
	open("gone", 2)
	open("again", 3)
	open("again", 4)
	open("elsewhere", 5) // it is gone too, but nobody asks after it

	planned := release.PlannedEnvironment{Name: "staging", Waves: [][]release.Target{staging.Targets}}
	behind := func(id string) release.Conflict {
		return release.Conflict{Kind: release.ConflictEnvironment, Release: id, Environment: "staging", Blocks: true}
	}
	in := activities.OpeningInput{Environment: "staging", Now: now.Add(time.Hour), Planned: &planned, Service: "web", Blockers: &release.Blockers{
		Requires: []string{"billing@>=3.1"}, Behind: []release.Conflict{behind("runs@1"), behind("gone@1"), behind("again@1")},
	}}
	found, err := a.Opening(ctx, in)
	require.NoError(t, err)
	assert.Empty(t, found.Changed)
	var blocked []string
	for _, c := range found.Blocked {
		blocked = append(blocked, c.Release+c.Reason)
	}
	assert.Equal(t, []string{"requires billing>=3.1 in staging, which runs nothing of it", "runs@1", "again@1"}, blocked)

	states, err := store.Releases(ctx, 10)
	require.NoError(t, err)
	ended := map[string]release.Outcome{}
	for _, s := range states {
		ended[s.Service+s.Started.Format(" 4")] = s.Outcome
	}
	assert.Equal(t, map[string]release.Outcome{
		"runs 1": "", "gone 2": release.Failed, "again 3": release.Failed, "again 4": "", "elsewhere 5": "",
	}, ended)

	require.NoError(t, store.Write(ctx, []release.Entry{{Key: "live", At: now, Release: "billing@3.2", Baseline: &release.BaselineEntry{
		Environment: "staging", Service: "billing", Baseline: &release.Baseline{Release: "billing@3.2", Version: "3.2", Since: now},
	}}}))
	delete(running, "runs@1")
	delete(running, "again@1")
	found, err = a.Opening(ctx, in)
	require.NoError(t, err)
	assert.Empty(t, found.Blocked)
}
