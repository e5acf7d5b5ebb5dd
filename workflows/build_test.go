package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/release"
)

// rebuild asks for another build of other sources, if any.
func (r *rig) rebuild(components map[string]release.Source) *answer {
	return r.update(release.ActRebuild, release.Rebuild{Sender: sender("bob"), Reason: "it was flaky", Components: components})
}

func TestAFailedBuildIsFollowedByTheNext(t *testing.T) {
	for _, failing := range []string{"build 1", "suite unit of build 1", "suite acceptance of build 1"} {
		t.Run(failing, func(t *testing.T) {
			r := newRig(t)
			r.world.goesWrong(failing, fails)
			record := r.run(definition("normal"))

			assert.Equal(t, release.Completed, record.Outcome)
			assert.Equal(t, []string{"build 1", "build 2"}, r.world.done("build"))
			require.Len(t, record.Builds, 2)
			assert.Equal(t, pack(newVersion, 2), *record.Package)
			assert.False(t, r.waited(release.WaitRebuild))
			assert.Equal(t, newVersion, r.world.baselines["production"].Version)
		})
	}
}

func TestBothSuitesRunThoughOneFails(t *testing.T) {
	r := newRig(t)
	r.world.goesWrong("suite unit of build 1", fails)
	record := r.run(definition("normal"))
	assert.Len(t, record.Evidence, 4)
	assert.NotEmpty(t, record.Evidence[0].Failure)
	assert.Empty(t, record.Evidence[1].Failure)
}

func TestAtTheLimitOfBuildsAPersonDecides(t *testing.T) {
	newSource := source("v2.26.1")
	for _, c := range []struct {
		name       string
		components map[string]release.Source
		built      release.Source
	}{
		{"to try the same again", nil, source("v" + newVersion)},
		{"to build other sources", map[string]release.Source{"app": newSource}, newSource},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			r.world.goesWrong("build 1", fails)
			r.world.goesWrong("suite unit of build 2", fails)
			r.people[release.WaitRebuild] = func(a release.Awaiting) {
				assert.Contains(t, a.Needs, "1 of 7 cases failed")
				assert.True(t, a.Deadline.IsZero())
				r.after(48*time.Hour, func() { r.rebuild(c.components) })
			}
			record := r.run(definition("normal"))

			assert.Equal(t, release.Completed, record.Outcome)
			require.Len(t, record.Builds, 3)
			assert.Equal(t, c.built, r.world.builds[2].Components[0].Source)
			assert.Equal(t, pack(newVersion, 3), *record.Package)
			assert.Equal(t, 1, record.Revision, "a rebuild is no revision")
		})
	}
}

func TestTheLimitOfBuildsBeginsAnewAfterARebuild(t *testing.T) {
	r := newRig(t)
	for _, build := range []string{"build 1", "build 2", "build 3", "build 4"} {
		r.world.goesWrong(build, fails)
	}
	asked := 0
	r.people[release.WaitRebuild] = func(release.Awaiting) {
		asked++
		r.rebuild(nil)
	}
	record := r.run(definition("normal"))
	assert.Equal(t, release.Completed, record.Outcome)
	assert.Equal(t, 2, asked)
	assert.Len(t, record.Builds, 5)
}

func TestARebuildIsRefused(t *testing.T) {
	r := newRig(t)
	r.world.goesWrong("build 1", fails)
	r.people[release.WaitRebuild] = func(release.Awaiting) {
		r.rebuild(map[string]release.Source{"lib": source("v1")})
		r.rebuild(map[string]release.Source{"app": {Module: "example.org/app", Version: "v1", Sum: "none"}})
		r.update(release.ActRebuild, release.Rebuild{Sender: sender("uwe"), Reason: "now"})
		r.after(time.Hour, func() { r.rebuild(nil) })
	}
	r.world.when("verify staging "+newVersion, r.meanwhile(func() { r.rebuild(nil) }))
	record := r.run(definition("standard"))
	assert.Equal(t, release.Completed, record.Outcome)
	r.assertRefused(r.answers[0], `there is no component "lib": use app`)
	r.assertRefused(r.answers[1], "not a content sum")
	r.assertRefused(r.answers[2], "uwe may not rebuild")
	r.assertRefused(r.answers[4], "a deployment has begun")
}

func TestARebuildAtTheDeploymentGateAsksForAnAuthorizationOfTheNewPackage(t *testing.T) {
	r := newRig(t)
	rounds := 0
	r.people["deploy:staging"] = func(a release.Awaiting) {
		if rounds++; rounds == 1 {
			r.rebuild(nil)
			return
		}
		r.authorize(a)
	}
	record := r.run(definition("normal"))
	assert.Equal(t, release.Completed, record.Outcome)
	assert.Len(t, record.Builds, 2)
	var digests []release.Digest
	for _, g := range record.Gates {
		if g.Name == "deploy:staging" {
			digests = append(digests, g.Digest)
		}
	}
	require.Len(t, digests, 2)
	assert.NotEqual(t, digests[0], digests[1])
	assert.Equal(t, 1, len(r.world.find(func(e release.Entry) bool { return e.Gate != nil && e.Gate.Name == "plan" })), "the plan is not asked about again")
}

func TestABuildGateOfItsOwnIsAskedOncePerPlan(t *testing.T) {
	r := newRig(t)
	r.model("normal", func(m *release.Model) {
		m.MergeBuildGate = false
		m.Gates[release.GateBuild] = release.GatePolicy{Votes: map[string]int{"cab": 1}}
	})
	r.world.goesWrong("build 1", fails)
	record := r.run(definition("normal"))
	assert.Equal(t, release.Completed, record.Outcome)
	assert.Equal(t, []string{"plan", "plan-gate", "prepare", "build-gate", "build", "build", "test"}, stages(record)[:7])
}

func TestWhatIsMissingForTheBuildWaitsForAPerson(t *testing.T) {
	r := newRig(t)
	r.world.goesWrong("prepare", fails)
	r.people[release.WaitRebuild] = func(a release.Awaiting) {
		assert.Contains(t, a.Needs, "no compiler")
		assert.Empty(t, r.world.done("build"))
		r.rebuild(nil)
	}
	record := r.run(definition("standard"))
	assert.Equal(t, release.Completed, record.Outcome)
	assert.True(t, r.waited(release.WaitRebuild))
}

// model changes a release model of the organization.
func (r *rig) model(name string, change func(m *release.Model)) {
	for i := range r.world.org.Models {
		if m := &r.world.org.Models[i]; m.Name == name {
			change(m)
		}
	}
}
