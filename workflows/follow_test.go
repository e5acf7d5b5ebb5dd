package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/release"
)

// following is the sample from a branch that is followed.
func following(r *rig, model string) release.Definition {
	d := definition(model)
	d.Components[0].Source = release.Source{
		Git: "https://git.example.org/app", Branch: "main", Commit: "a1b2c3d4a1b2c3d4a1b2c3d4a1b2c3d4a1b2c3d4",
	}
	d.Test.Follow = release.Duration(time.Minute)
	r.world.org.Sources = append(r.world.org.Sources, release.SourcePlace{Git: "https://git.example.org"})
	r.world.commits = 5 * time.Hour
	return d
}

func TestAfterAFailureTheNextCommitIsBuilt(t *testing.T) {
	for _, failing := range []string{"build 1", "suite unit of build 1"} {
		t.Run(failing, func(t *testing.T) {
			r := newRig(t)
			r.world.goesWrong(failing, fails)
			r.people["deploy:staging"] = func(a release.Awaiting) {
				assert.Contains(t, release.Details(r.status(), r.plan()), "**Not built as planned**: component app")
				r.authorize(a)
			}
			record := r.run(following(r, "normal"))
			assert.Equal(t, release.Completed, record.Outcome)
			assert.Equal(t, []string{"follow branch main of app (a1b2c3d4) every 1m"}, r.world.done("follow"))
			require.Len(t, r.world.builds, 2)
			assert.Equal(t, "b1b2c3d4a1b2c3d4a1b2c3d4a1b2c3d4a1b2c3d4", r.world.builds[1].Components[0].Source.Commit)
			said := r.world.find(func(e release.Entry) bool { return e.Act != nil && e.Act.Action == release.ActRebuild })
			require.Len(t, said, 1)
			assert.Equal(t, "Slipway", said[0].Act.By)
			assert.Equal(t, "app follows branch main: a1b2c3d4 → b1b2c3d4", said[0].Act.Summary)
		})
	}
}

func TestWhileABranchIsFollowedPeopleSeeWhatIsWaitedForAndMayRebuild(t *testing.T) {
	r := newRig(t)
	r.world.goesWrong("build 1", fails)
	d := following(r, "normal")
	r.world.commits = 1000 * time.Hour
	r.people[release.WaitRebuild] = func(a release.Awaiting) {
		assert.Contains(t, a.Needs, "a new commit on branch main of app (a1b2c3d4), looked for every 1m, or rebuild, revise or withdraw from ")
		assert.Contains(t, a.Needs, "because does not compile")
		r.rebuild(nil)
	}
	record := r.run(d)
	assert.Equal(t, release.Completed, record.Outcome)
	assert.Len(t, record.Builds, 2)
	assert.Empty(t, record.Components, "it is the same commit again")
	assert.Less(t, record.Closed.Sub(record.Started), 500*time.Hour)
}

func TestAtTheLimitABranchIsNotFollowedAnyMore(t *testing.T) {
	r := newRig(t)
	r.model("normal", func(m *release.Model) { m.BuildLimit = 2 })
	r.world.goesWrong("build 1", fails)
	r.world.goesWrong("build 2", fails)
	r.people[release.WaitRebuild] = func(a release.Awaiting) {
		if len(r.status().Builds) == 2 {
			assert.NotContains(t, a.Needs, "a new commit")
			r.rebuild(nil)
		}
	}
	record := r.run(following(r, "normal"))
	assert.Equal(t, release.Completed, record.Outcome)
	assert.Len(t, r.world.done("follow"), 1)
	assert.Len(t, record.Builds, 3)
}

func TestABranchThatCannotBeFollowedIsForAPerson(t *testing.T) {
	r := newRig(t)
	r.world.goesWrong("build 1", fails)
	r.world.goesWrong("follow", fails)
	r.people[release.WaitRebuild] = func(a release.Awaiting) {
		if len(r.world.done("follow")) > 0 {
			assert.Contains(t, a.Needs, "cannot be followed: there is no such branch")
			r.rebuild(nil)
		}
	}
	assert.Equal(t, release.Completed, r.run(following(r, "normal")).Outcome)
	assert.Len(t, r.world.builds, 2)
}

func TestAReleaseThatFollowsABranchCanBeCancelled(t *testing.T) {
	r := newRig(t)
	r.world.goesWrong("build 1", fails)
	r.people[release.WaitRebuild] = func(release.Awaiting) { r.after(time.Hour, r.env.CancelWorkflow) }
	assert.Equal(t, release.Cancelled, r.run(following(r, "normal")).Outcome)
}

func TestWithoutAWordOfItTheSameIsBuiltAgainAtOnce(t *testing.T) {
	r := newRig(t)
	r.world.goesWrong("build 1", fails)
	d := following(r, "normal")
	d.Test.Follow = 0
	assert.Equal(t, release.Completed, r.run(d).Outcome)
	assert.Empty(t, r.world.done("follow"))
	assert.Equal(t, r.world.builds[0].Components, r.world.builds[1].Components)
}

// plan asks the release for its plan.
func (r *rig) plan() release.Plan {
	var plan release.Plan
	value, err := r.env.QueryWorkflow(release.QueryPlan)
	require.NoError(r.t, err)
	require.NoError(r.t, value.Get(&plan))
	return plan
}
