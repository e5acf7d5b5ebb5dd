package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/release"
)

// revise sends a revised definition, from the requester.
func (r *rig) revise(d release.Definition) *answer {
	return r.update(release.ActRevise, release.Revise{Sender: sender("rita"), Definition: &d, Reason: "as asked"})
}

// retitled is the sample with another title: another plan.
func retitled(model, title string) release.Definition {
	d := definition(model)
	d.Title = title
	return d
}

func TestARevisionAtThePlanGateVoidsVotesAndAsksAgain(t *testing.T) {
	r := newRig(t)
	rounds := 0
	r.people[release.GatePlan] = func(a release.Awaiting) {
		if rounds++; rounds > 1 {
			r.authorize(a)
			return
		}
		r.vote("ana", release.GatePlan, release.Authorize)
		r.after(time.Minute, func() { r.revise(retitled("normal", "AVIF and WebP")) })
	}
	record := r.run(definition("normal"))

	assert.Equal(t, release.Completed, record.Outcome)
	assert.Equal(t, 2, record.Revision)
	assert.Equal(t, "AVIF and WebP", record.Title)
	first, second := record.Gates[0], record.Gates[1]
	assert.Equal(t, []string{"plan", "plan"}, []string{first.Name, second.Name})
	assert.Equal(t, release.VoidedGate, first.Decision)
	assert.Len(t, first.Votes, 1)
	assert.NotEqual(t, first.Digest, second.Digest)
	assert.Len(t, second.Votes, 2, "the vote from before does not count")
}

func TestAVoteForARevisionWaitsForOne(t *testing.T) {
	r := newRig(t)
	r.people[release.GatePlan] = func(release.Awaiting) {
		r.people[release.GatePlan] = nil
		r.vote("ben", release.GatePlan, release.ReviseIt)
	}
	r.people[release.WaitRevision] = func(a release.Awaiting) {
		assert.Contains(t, a.Needs, "ben (seen)")
		assert.Equal(t, 72*time.Hour, a.Deadline.Sub(a.Since))
		r.revise(retitled("normal", "better"))
	}
	record := r.run(definition("normal"))
	assert.Equal(t, release.Completed, record.Outcome)
	assert.Equal(t, release.ReviseIt, record.Gates[0].Decision)
	assert.Equal(t, release.Authorize, record.Gates[1].Decision)
}

func TestARevisionThatDoesNotComeExpires(t *testing.T) {
	r := newRig(t)
	r.people[release.GatePlan] = func(release.Awaiting) { r.vote("ben", release.GatePlan, release.ReviseIt) }
	record := r.run(definition("normal"))
	assert.Equal(t, release.Expired, record.Outcome)
}

func TestARevisionAfterTheBuildBuildsAgain(t *testing.T) {
	r := newRig(t)
	rounds := 0
	r.people["deploy:staging"] = func(a release.Awaiting) {
		if rounds++; rounds > 1 {
			r.authorize(a)
			return
		}
		r.revise(retitled("normal", "better"))
	}
	record := r.run(definition("normal"))
	assert.Equal(t, release.Completed, record.Outcome)
	require.Len(t, record.Builds, 2)
	assert.Equal(t, record.Builds[1].Package.Digest, record.Package.Digest)
	assert.Equal(t, []string{
		"plan", "plan-gate", "prepare", "build", "test", "deploy-gate:staging",
		"plan-gate", "prepare", "build", "test", "deploy-gate:staging",
	}, stages(record)[:11])
}

func TestARevisionStopsABuildThatRuns(t *testing.T) {
	r := newRig(t)
	r.world.when("build 1", r.interrupting(func() { r.revise(retitled("standard", "better")) }))
	record := r.run(definition("standard"))
	assert.Equal(t, release.Completed, record.Outcome)
	assert.Equal(t, "better", record.Title)
	require.Len(t, record.Builds, 1, "a build that was stopped is none")
	assert.Equal(t, []string{"build 1", "build 1"}, r.world.done("build"))
	assert.Equal(t, "better", r.world.builds[1].Plan.Definition.Title)
}

func TestARevisionIsRefused(t *testing.T) {
	another := definition("normal")
	another.Version = "9.9.9"
	invalid := definition("normal")
	invalid.Steps[0].Kind, invalid.Environments[0].Name = "magic", "moon"
	for _, c := range []struct {
		name    string
		by      string
		revised release.Definition
		reason  string
	}{
		{"when it is the same", "rita", definition("normal"), "the same plan"},
		{"when it is of another release", "rita", another, "start that as a release of its own"},
		{"with its problems when it does not hold", "rita", invalid, `steps[0].kind: "magic" is not a kind of step`},
		{"with all its problems when it does not hold", "rita", invalid, `environments[0].name: there is no environment "moon"`},
		{"from somebody who may not", "uwe", retitled("normal", "x"), "uwe may not revise"},
		{"from a stranger", "zoe", retitled("normal", "x"), "zoe is not on the roster"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			r.people[release.GatePlan] = func(a release.Awaiting) {
				r.update(release.ActRevise, release.Revise{Sender: sender(c.by), Definition: &c.revised, Reason: "why not"})
				r.after(time.Minute, func() { r.authorize(a) })
			}
			record := r.run(definition("normal"))
			assert.Equal(t, release.Completed, record.Outcome)
			assert.Equal(t, 1, record.Revision)
			r.assertRefused(r.answers[0], c.reason)
			require.Len(t, refusals(record, release.ActRevise), 1)
			assert.Contains(t, refusals(record, release.ActRevise)[0], c.reason)
		})
	}
}

func TestARevisionIsRefusedOnceADeploymentHasBegun(t *testing.T) {
	r := newRig(t)
	r.world.when("transfer staging/s1", r.meanwhile(func() { r.revise(retitled("normal", "during")) }))
	r.people["deploy:production"] = func(a release.Awaiting) {
		r.revise(retitled("normal", "between"))
		r.vote("ana", a.Gate, release.ReviseIt)
		r.after(time.Minute, func() { r.authorize(a) })
	}
	record := r.run(definition("normal"))
	assert.Equal(t, release.Completed, record.Outcome)
	require.Len(t, r.answers, 2)
	r.assertRefused(r.answers[0], "a deployment has begun")
	r.assertRefused(r.answers[1], "a deployment has begun")
	votes := refusals(record, release.ActAuthorize)
	require.Len(t, votes, 1)
	assert.Contains(t, votes[0], "cannot be revised any more")
}

func TestAnInvalidDefinitionIsShownWithItsProblemsAndWaits(t *testing.T) {
	r := newRig(t)
	invalid := definition("standard")
	invalid.Manager = "zoe"
	r.people[release.WaitRevision] = func(a release.Awaiting) {
		shown := r.status()
		assert.Len(t, shown.Problems, 1)
		assert.Equal(t, "manager", shown.Problems[0].Path)
		assert.True(t, a.Deadline.IsZero())
		again := invalid
		again.Model = "sloppy"
		r.revise(again)
		r.after(3*24*time.Hour, func() { r.revise(definition("standard")) })
	}
	record := r.run(invalid)
	assert.Equal(t, release.Completed, record.Outcome)
	assert.Empty(t, record.Problems)
	r.assertRefused(r.answers[0], `there is no release model "sloppy"`)
	assert.Nil(t, r.answers[1].failed)
}

func TestAnInvalidDefinitionCanBeWithdrawn(t *testing.T) {
	r := newRig(t)
	invalid := definition("standard")
	invalid.Environments = nil
	r.people[release.WaitRevision] = func(release.Awaiting) {
		r.send(release.ActWithdraw, release.Withdraw{Sender: sender("dan"), Reason: "I would rather not"})
		r.after(time.Minute, r.withdraw)
	}
	record := r.run(invalid)
	assert.Equal(t, release.Withdrawn, record.Outcome)
	assert.Equal(t, "max withdrew it: not now", record.Reason)
	require.Len(t, refusals(record, release.ActWithdraw), 1, "only those whom the definition names may steer yet")
	assert.Empty(t, r.world.did)
}

func TestARevisionWhileTheCMSIsDownIsNotLost(t *testing.T) {
	r := newRig(t)
	r.world.goesWrong("plan", breaks, breaks, breaks, breaks, breaks, breaks)
	r.after(2*time.Second, func() { r.revise(retitled("standard", "better")) })
	record := r.run(definition("standard"))
	assert.Equal(t, release.Completed, record.Outcome)
	assert.Equal(t, "better", record.Title)
	assert.Equal(t, "better", r.world.builds[0].Plan.Definition.Title)
}

func TestOfTwoRevisionsAtOnceOneIsRefused(t *testing.T) {
	r := newRig(t)
	rounds := 0
	r.people[release.GatePlan] = func(a release.Awaiting) {
		if rounds++; rounds > 1 {
			r.authorize(a)
			return
		}
		r.revise(retitled("normal", "one"))
		r.revise(retitled("normal", "two"))
	}
	record := r.run(definition("normal"))
	assert.Equal(t, release.Completed, record.Outcome)
	assert.Equal(t, 2, record.Revision)
	assert.Len(t, refusals(record, release.ActRevise), 1)
}
