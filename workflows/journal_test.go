package workflows_test

import (
	"context"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"slipway/activities/driver/cms"
	"slipway/activities/driver/cms/cmstest"
	"slipway/release"
)

func TestNothingIsLostWhileTheCMSIsDown(t *testing.T) {
	r := newRig(t)
	r.world.goesWrong("record", slices.Repeat([]mishap{breaks}, 10)...)
	r.people[release.GatePlan] = func(a release.Awaiting) {
		assert.Equal(t, release.StagePlanGate, r.status().Phase, "the release goes on meanwhile")
		r.vote("zoe", a.Gate, release.Authorize)
		r.authorize(a)
	}
	record := r.run(definition("normal"))
	// That all of it is in the CMS is checked after every run.
	assert.Equal(t, release.Completed, record.Outcome)
	assert.Empty(t, r.world.mishaps["record"])
	assert.Len(t, r.world.find(func(e release.Entry) bool { return e.Act != nil && e.Act.By == "zoe" }), 1)
}

func TestTheCMSTakesEveryEntryThatAReleaseWrites(t *testing.T) {
	for name, prepare := range map[string]func(r *rig) release.Definition{
		"completed": func(r *rig) release.Definition {
			r.world.goesWrong("build 1", fails)
			r.during(1, func() { r.incident(2, "slow"); r.resolveIncident("INC-1") })
			r.people[release.GatePlan] = func(a release.Awaiting) {
				r.send(release.ActAuthorize, "nonsense")
				r.authorize(a)
			}
			return definition("normal")
		},
		"backed-out": func(r *rig) release.Definition {
			r.world.blind = true
			r.world.goesWrong("activate production/p2", lostLate)
			r.people["step:production"] = func(release.Awaiting) { r.resolve("activate", "p2", release.ResolveBackOut) }
			return onWavesOfOne("standard")
		},
	} {
		t.Run(name, func(t *testing.T) {
			store, err := cms.Open(context.Background(), cmstest.Place(t, filepath.Join(t.TempDir(), "cms.db")))
			require.NoError(t, err)
			t.Cleanup(func() { _ = store.Close() })
			r := newRig(t)
			record := r.run(prepare(r))
			assert.Equal(t, release.Outcome(name), record.Outcome)
			for _, e := range r.world.entries {
				require.NoError(t, store.Write(context.Background(), []release.Entry{e.Entry}), "%+v", e)
			}
			facts, err := store.Facts(context.Background(), "httpbin", []string{"staging", "production"}, nil, record.Closed)
			require.NoError(t, err)
			assert.Equal(t, []release.Outcome{record.Outcome}, facts.Ended)
			assert.Len(t, facts.Baselines, 2)
			for _, b := range facts.Baselines {
				assert.Equal(t, r.world.baselines[b.Environment].Version, b.Version)
			}
		})
	}
}

func TestPlanningGivesThePlanAndChangesNothing(t *testing.T) {
	r := newRig(t)
	r.env.ExecuteWorkflow(release.WorkflowPlanning, release.Request{Definition: definition("normal")})
	require.NoError(t, r.env.GetWorkflowError())
	var plan release.Plan
	require.NoError(t, r.env.GetWorkflowResult(&plan))
	assert.Equal(t, sampleID, plan.Release)
	assert.NotEmpty(t, plan.Digest)
	assert.Empty(t, r.world.did)
	assert.Empty(t, r.world.entries)
}

func TestPlanningFailsWithTheProblemsOfADefinition(t *testing.T) {
	r := newRig(t)
	d := definition("normal")
	d.Requester, d.Steps = "zoe", nil
	r.env.ExecuteWorkflow(release.WorkflowPlanning, release.Request{Definition: d})
	var application *temporal.ApplicationError
	require.ErrorAs(t, r.env.GetWorkflowError(), &application)
	assert.Equal(t, release.ErrorInvalidDefinition, application.Type())
	var problems release.Problems
	require.NoError(t, application.Details(&problems))
	assert.Len(t, problems, 2)
}

func TestAnEntryThatTheCMSDoesNotTakeIsLostAlone(t *testing.T) {
	r := newRig(t)
	r.during(1, func() {
		for _, text := range []string{"one", "unfit", "two"} {
			r.send(release.ActServiceDeskCall, release.ServiceDeskCall{InEnvironment: in("uwe", ""), Text: text})
		}
	})
	record := r.run(inStaging("standard"))
	assert.Equal(t, release.Completed, record.Outcome)
	assert.Len(t, record.Environment("staging").Support.Calls, 3)
	assert.Len(t, r.world.find(func(e release.Entry) bool { return e.Call != nil }), 2)
}

func TestWhatFollowsCloselyIsWrittenTogetherAndNothingLaterThanTwoSeconds(t *testing.T) {
	r := newRig(t)
	record := r.run(definition("standard"))
	assert.Equal(t, release.Completed, record.Outcome)
	steps := r.world.find(func(e release.Entry) bool { return e.Step != nil && e.Step.Environment == "production" })
	require.Greater(t, len(steps), 2)
	for _, e := range r.world.entries {
		assert.LessOrEqual(t, e.at.Sub(e.At), 2*time.Second, e.Key)
	}
	assert.Less(t, r.world.batches, len(r.world.entries)/3)
}

func TestWhatComesAfterARestIsInTheCMSAtOnce(t *testing.T) {
	r := newRig(t)
	d := onWavesOfOne("standard")
	d.Environments[1].Pause = release.Duration(time.Minute)
	assert.Equal(t, release.Completed, r.run(d).Outcome)
	first := map[int]bool{}
	for _, e := range r.world.entries {
		if e.Step != nil && e.Step.Environment == "production" && e.Step.Result.Wave > 1 && !first[e.Step.Result.Wave] {
			first[e.Step.Result.Wave] = true
			assert.Zero(t, e.at.Sub(e.At), e.Key)
		}
	}
	assert.NotEmpty(t, first)
}

func TestABallotIsWrittenInAWorkflowTaskOnceItsVoteIsInTheHistory(t *testing.T) {
	r := newRig(t)
	r.people[release.GatePlan] = func(a release.Awaiting) {
		r.authorize(a)
		r.after(time.Second, func() {
			r.env.SetCurrentHistoryLength(100)
			r.world.change(func(w *world) { w.grown = true })
		})
	}
	d := inStaging("normal")
	r.world.when("build 1", func(context.Context) {
		assert.Empty(t, r.world.find(func(e release.Entry) bool { return e.Ballot != nil }), "the build does not wait for it")
	})
	assert.Equal(t, release.Completed, r.run(d).Outcome)
	for _, e := range r.world.entries {
		if e.Ballot != nil {
			assert.LessOrEqual(t, e.at.Sub(e.At), 2*time.Second, e.Key)
		}
	}
}
