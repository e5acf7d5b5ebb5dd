package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/release"
)

func TestANormalReleaseGoesThroughAllStagesInTheirOrder(t *testing.T) {
	r := newRig(t)
	record := r.run(definition("normal"))

	assert.Equal(t, release.Completed, record.Outcome)
	assert.Equal(t, []string{
		"plan", "plan-gate", "prepare", "build", "test",
		"deploy-gate:staging", "prepare-deployment:staging", "deploy:staging", "verify:staging", "early-life-support:staging",
		"deploy-gate:production", "prepare-deployment:production", "deploy:production", "verify:production",
		"early-life-support:production", "hand-over:production", "review",
	}, stages(record))
	assert.Equal(t, []string{
		"migrate staging/", "transfer staging/s1", "activate staging/s1",
		"migrate production/", "transfer production/p1", "activate production/p1",
		"transfer production/p2", "transfer production/p3", "activate production/p2", "activate production/p3",
	}, r.world.steps())
	r.assertNew("staging", "production")
	require.NotNil(t, record.Environment("production").HandedOver)
	assert.Equal(t, "olga", record.Environment("production").HandedOver.By)
}

func TestStagesAreRecordedPlannedAgainstActual(t *testing.T) {
	record := newRig(t).run(definition("normal"))

	expected := map[release.StageName]time.Duration{}
	for _, s := range record.Stages {
		expected[s.Name] = s.Expected.Std()
	}
	assert.Equal(t, time.Minute, expected["plan"])
	assert.Equal(t, 24*time.Hour, expected["plan-gate"])
	assert.Equal(t, 10*time.Minute, expected["deploy:production"])
	assert.Equal(t, time.Hour, expected["verify:production"])
	for _, s := range record.Stages {
		if s.Name == "early-life-support:production" {
			assert.Equal(t, 24*time.Hour, s.Expected.Std())
			assert.Equal(t, 24*time.Hour, s.Ended.Sub(s.Started))
		}
	}
}

func TestACompletedReleaseIsTheNewBaseline(t *testing.T) {
	r := newRig(t)
	record := r.run(definition("standard"))

	for _, name := range []string{"staging", "production"} {
		b := r.world.baselines[name]
		assert.Equal(t, record.ID, b.Release)
		assert.Equal(t, newVersion, b.Version)
		assert.Equal(t, *record.Package, b.Package)
	}
	audits := record.Environment("production").Audits
	require.Len(t, audits, 2)
	assert.Equal(t, []string{"before", "after"}, []string{audits[0].When, audits[1].When})
}

func TestTheFirstReleaseOfAServiceFindsNothing(t *testing.T) {
	r := newRig(t)
	r.world.baselines = map[string]release.Baseline{}
	for _, p := range r.world.places {
		p.version, p.content = "", ""
	}
	record := r.run(definition("standard"))
	assert.Equal(t, release.Completed, record.Outcome)
	assert.Empty(t, record.Environment("production").Previous)
	r.assertNew("staging", "production")
}

func TestAStandardReleaseAsksNobody(t *testing.T) {
	r := newRig(t)
	record := r.run(definition("standard"))

	assert.Equal(t, release.Completed, record.Outcome)
	assert.Empty(t, r.seen)
	assert.Empty(t, record.Acts)
	require.Len(t, record.Gates, 3)
	for _, g := range record.Gates {
		assert.Equal(t, release.PreAuthorized, g.Decision)
	}
}

func TestAnEmergencyNeedsOneOfTheECABAndOwesAReview(t *testing.T) {
	r := newRig(t)
	r.model("emergency", func(m *release.Model) {
		m.Gates[release.GateReview] = release.GatePolicy{Votes: map[string]int{"cab": 2}, Deadline: release.Duration(time.Hour)}
	})
	reviewed := false
	r.people[release.GateReview] = func(a release.Awaiting) {
		assert.True(t, a.Deadline.IsZero(), "the review is owed however long it takes")
		r.after(20*24*time.Hour, func() {
			assert.Equal(t, release.StageReview, r.status().Phase)
			reviewed = true
			r.authorize(a)
		})
	}
	record := r.run(emergency())

	assert.Equal(t, release.Completed, record.Outcome)
	assert.True(t, reviewed)
	require.Len(t, record.Gates, 4)
	for _, g := range record.Gates[:3] {
		assert.Equal(t, "1 of group ecab, signed", g.Policy.String())
		require.Len(t, g.Votes, 1)
		assert.Equal(t, "eva", g.Votes[0].By)
	}
	assert.Equal(t, "2 of group cab", record.Gates[3].Policy.String())
	assert.Len(t, record.Gates[3].Votes, 2)
}

func TestAnEmergencyThatTheReviewDoesNotApproveHasIssues(t *testing.T) {
	r := newRig(t)
	r.people[release.GateReview] = func(release.Awaiting) { r.vote("ana", release.GateReview, release.Reject) }
	record := r.run(emergency())

	assert.Equal(t, release.CompletedWithIssues, record.Outcome)
	assert.Contains(t, record.Reason, "ana (seen)")
	r.assertNew("staging", "production")
}

func TestOnlyAnEmergencyWithAReasonOverridesAFreeze(t *testing.T) {
	freeze := release.Freeze{Reason: "Easter", From: monday.Add(-time.Hour), To: monday.Add(5 * 24 * time.Hour)}
	for _, c := range []struct {
		name     string
		override string
		waits    bool
	}{{"without a reason", "", true}, {"with a reason", "users cannot log in", false}} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			r.world.org.Freezes = []release.Freeze{freeze}
			d := emergency()
			d.Emergency.OverrideFreeze = c.override
			record := r.run(d)
			assert.Equal(t, release.Completed, record.Outcome)
			assert.Equal(t, c.waits, r.waited("window:staging"))
		})
	}
}

func TestADefinitionOfTheRequesterCannotOverrideAFreezeItsModelDoesNot(t *testing.T) {
	r := newRig(t)
	d := definition("normal")
	d.Emergency = &release.Emergency{Reason: "impatience", OverrideFreeze: "impatience"}
	r.people[release.WaitRevision] = func(release.Awaiting) { r.withdraw() }
	record := r.run(d)
	require.Len(t, record.Problems, 1)
	assert.Equal(t, "emergency.overrideFreeze", record.Problems[0].Path)
}

func (r *rig) withdraw() {
	r.send(release.ActWithdraw, release.Withdraw{Sender: sender("max"), Reason: "not now"})
}
