package workflows_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/release"
)

// attributes gives the search attributes as the changes so far set them; those that
// were unset again are still in it.
func (r *rig) attributes() map[string]any {
	now := map[string]any{}
	for _, change := range r.changes {
		for key, value := range change.GetUntypedValues() {
			now[key.GetName()] = value
		}
	}
	return now
}

func TestReleasesAreFoundByWhatTheyWaitFor(t *testing.T) {
	r := newRig(t)
	r.people[release.GatePlan] = func(a release.Awaiting) {
		assert.Equal(t, map[string]any{
			"ReleaseService": "httpbin", "ReleaseVersion": newVersion, "ReleaseType": "normal",
			"ReleasePhase": "plan-gate", "ReleaseAwaiting": "plan", "ReleaseRisk": int64(r.status().Risk.Score),
		}, r.attributes())
		r.authorize(a)
	}
	r.people["acceptance:production"] = func(a release.Awaiting) {
		now := r.attributes()
		assert.Equal(t, "acceptance:production", now["ReleaseAwaiting"])
		assert.Equal(t, "verify:production", now["ReleasePhase"])
		assert.Equal(t, "production", now["ReleaseEnvironment"])
		r.send(release.ActAccept, release.Accept{InEnvironment: in("uwe", a.Environment)})
	}
	r.run(definition("normal"))
	now := r.attributes()
	assert.Equal(t, "completed", now["ReleaseOutcome"])
	assert.Equal(t, "closed", now["ReleasePhase"])
}

func TestQueriesGiveThePlanAndEveryVote(t *testing.T) {
	r := newRig(t)
	r.people["deploy:staging"] = func(a release.Awaiting) {
		r.vote("zoe", a.Gate, release.Authorize)
		r.authorize(a)
	}
	record := r.run(definition("normal"))

	var plan release.Plan
	value, err := r.env.QueryWorkflow(release.QueryPlan)
	require.NoError(t, err)
	require.NoError(t, value.Get(&plan))
	assert.Equal(t, record.PlanDigest, plan.Digest)
	var votes []release.Act
	value, err = r.env.QueryWorkflow(release.QueryAuthorizations)
	require.NoError(t, err)
	require.NoError(t, value.Get(&votes))
	var by []string
	for _, v := range votes {
		by = append(by, v.By)
	}
	assert.Equal(t, []string{"ana", "ben", "zoe", "ana", "ana", "ben"}, by)
	assert.False(t, votes[2].Counted)
}

func TestADeploymentAnswersForItself(t *testing.T) {
	r := newRig(t)
	r.people["acceptance:production"] = func(a release.Awaiting) {
		var status release.DeploymentStatus
		value, err := r.env.QueryWorkflowByID(release.DeploymentID(sampleID, "production"), release.QueryStatus)
		require.NoError(t, err)
		require.NoError(t, value.Get(&status))
		assert.Equal(t, release.EnvVerifying, status.State)
		assert.Len(t, status.Targets, 3)
		require.Len(t, status.Awaiting, 1)
		// What the payload shows can be sent as it is, also to the deployment itself.
		require.NoError(t, r.env.SignalWorkflowByID(release.DeploymentID(sampleID, "production"), string(a.Action), raw(a.Payload)))
	}
	record := r.run(definition("normal"))
	assert.Equal(t, release.Completed, record.Outcome)
}
