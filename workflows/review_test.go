package workflows_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/release"
)

func (r *rig) rate(by string, score int) *answer {
	return r.update(release.ActRate, release.Rate{Sender: sender(by), Score: score, Comment: "seen"})
}

func (r *rig) note(by string, kind release.NoteKind, owner string) *answer {
	return r.update(release.ActNote, release.TakeNote{Sender: sender(by), Kind: kind, Text: "ask earlier", Owner: owner})
}

func (r *rig) closeReview(by string) *answer {
	return r.update(release.ActCloseReview, release.CloseReview{Sender: sender(by), Comment: "well done"})
}

func TestANormalReleaseIsReviewedAndClosedByTheReleaseManagement(t *testing.T) {
	r := newRig(t)
	r.world.org.Rates = release.Rates{Currency: "CHF", Roles: map[string]float64{"release-managers": 120, "default": 80}}
	d := definition("normal")
	d.Customers = []string{"stan"}
	most, least := 1.0, 3.0
	d.Performance = []release.PerformanceTarget{
		{Measure: release.MeasureBuilds, AtMost: &most}, {Measure: release.MeasureSatisfaction, AtLeast: &least}, {Measure: release.MeasureCost, AtMost: &most},
	}
	var stranger, negative, again *answer
	r.people[release.WaitRating] = func(a release.Awaiting) {
		assert.Equal(t, "a rating, from 1 (not at all satisfied) to 5 (very), by uwe, stan", a.Needs)
		assert.Equal(t, 72*time.Hour, a.Deadline.Sub(a.Since))
		stranger = r.rate("ana", 5)
		negative = r.update(release.ActLogEffort, release.LogEffort{Sender: sender("max"), Hours: -1})
		r.update(release.ActLogEffort, release.LogEffort{Sender: sender("max"), Hours: 2, Expense: 10})
		r.rate("uwe", 1)
		again = r.rate("uwe", 5)
		r.after(time.Hour, func() { r.rate("stan", 2) })
	}
	r.people[release.WaitReview] = func(a release.Awaiting) {
		assert.Equal(t, "the review to be closed by group release-managers (max)", a.Needs)
		r.note("dan", release.NoteImprovement, "bob")
		r.assertRefusedLater(r.closeReview("ana"), "ana may not close the review: model normal leaves it to group release-managers (max)")
		r.closeReview("max")
	}
	record := r.run(d)

	require.Equal(t, release.Completed, record.Outcome, record.Reason)
	r.assertRefused(stranger, "ana is not asked how satisfied they are with httpbin@2.26.0: asked are uwe, stan")
	r.assertRefused(negative, "hours -1: it cannot be negative")
	require.NoError(t, again.failed)
	require.Equal(t, []release.Rating{{By: "uwe", Score: 5, Comment: "seen", At: record.Ratings[0].At}, {By: "stan", Score: 2, Comment: "seen", At: record.Ratings[1].At}}, record.Ratings)
	review := record.Review
	require.Equal(t, "max", review.Closed.By)
	require.Empty(t, review.Missing)
	require.Equal(t, record.KnownErrors, review.KnownErrors)
	require.Equal(t, release.Cost{Currency: "CHF", PeopleHours: 2, People: 240, Expenses: 10, Total: 250}, *review.Cost)
	met := []bool{review.Performance[0].Met, review.Performance[1].Met, review.Performance[2].Met}
	require.Equal(t, []bool{true, true, false}, met)
	require.Equal(t, "improvement-1", record.Notes[0].ID)
	require.Equal(t, "bob", record.Notes[0].Owner)
	r.checkReviewInCMS(record)
	kinds := []string{}
	for _, w := range record.Waits {
		kinds = append(kinds, release.Awaiting{Kind: w.Kind, Gate: w.Gate, Environment: w.Environment}.Key())
		require.NotEmpty(t, w.People, w.Kind)
	}
	require.Equal(t, []string{"plan", "deploy:staging", "deploy:production", "acceptance:production", "hand-over:production", "rating", "close-review"}, kinds)
}

// assertRefusedLater is assertRefused for what is answered after it was sent.
func (r *rig) assertRefusedLater(a *answer, reason string) {
	r.after(time.Second, func() { r.assertRefused(a, reason) })
}

// checkReviewInCMS: what the record tells of the review is in the CMS and in the DML.
func (r *rig) checkReviewInCMS(record release.Record) {
	r.t.Helper()
	reviews := r.world.find(func(e release.Entry) bool { return e.Review != nil })
	require.Len(r.t, reviews, 1)
	require.Equal(r.t, *record.Review, reviews[0].Review.Review)
	require.Equal(r.t, record.Stages, reviews[0].Review.Stages)
	require.Equal(r.t, record.Report, reviews[0].Review.Report)
	count := func(has func(e release.Entry) bool) int { return len(r.world.find(has)) }
	require.Equal(r.t, len(record.Waits), count(func(e release.Entry) bool { return e.Waited != nil }))
	require.Equal(r.t, len(record.Notes), count(func(e release.Entry) bool { return e.Note != nil }))
	require.Equal(r.t, len(record.Efforts), count(func(e release.Entry) bool { return e.Effort != nil }))
	require.Len(r.t, r.world.reported, 1)
	kept := r.world.reported[0]
	require.Equal(r.t, record.Outcome, kept.Outcome)
	require.Nil(r.t, kept.Report, "it cannot know its own digest")
}

func TestThoseWhoDoNotRateInTimeAreNamedAndRefusedAfterwards(t *testing.T) {
	r := newRig(t)
	r.reachable()
	r.people[release.WaitRating] = nil
	var late *answer
	r.people[release.WaitReview] = func(release.Awaiting) {
		late = r.rate("uwe", 5)
		r.closeReview("max")
	}
	record := r.run(definition("normal"))
	require.Equal(t, release.Completed, record.Outcome)
	r.assertRefused(late, "ratings were asked until "+record.Review.AskedUntil.Format(time.RFC3339))
	require.Equal(t, []string{"a rating by uwe"}, record.Review.Missing)
	rating := slices.IndexFunc(record.Waits, func(w release.Waited) bool { return w.Kind == release.WaitRating })
	require.Equal(t, 72*time.Hour, record.Waits[rating].Until.Sub(record.Waits[rating].Since))
	require.Empty(t, record.Waits[rating].People)
	require.Len(t, notices(record, release.NoticeRating), 3, "asked, and reminded each day")
}

func TestNobodyIsHeardAboutSatisfactionBeforeTheReview(t *testing.T) {
	r := newRig(t)
	var early *answer
	r.people[release.WaitHandOver] = func(a release.Awaiting) {
		early = r.rate("uwe", 5)
		r.send(release.ActHandOver, release.HandOver{InEnvironment: in("olga", a.Environment)})
	}
	r.run(definition("normal"))
	r.assertRefused(early, "ratings are asked when httpbin@2.26.0 is in review: it is in hand-over:production")
}

func TestAReviewIsNotClosedBeforeItHasWhatItsModelNeeds(t *testing.T) {
	r := newRig(t)
	r.model("normal", func(m *release.Model) { m.Review.Lessons, m.Review.Improvements = 2, 1 })
	var atRatings, lacking *answer
	r.people[release.WaitRating] = func(release.Awaiting) {
		atRatings = r.closeReview("max")
		r.after(time.Hour, func() { r.rate("uwe", 4) })
	}
	r.people[release.WaitReview] = func(a release.Awaiting) {
		if lacking != nil {
			return
		}
		assert.Contains(t, a.Needs, ", once there is 2 lessons and 1 improvement (starter note)")
		r.note("max", release.NoteLesson, "")
		lacking = r.closeReview("max")
		r.after(time.Hour, func() {
			r.note("dan", release.NoteLesson, "")
			r.note("dan", release.NoteImprovement, "max")
			r.closeReview("max")
		})
	}
	record := r.run(definition("normal"))
	require.Equal(t, release.Completed, record.Outcome)
	r.assertRefused(atRatings, "the review cannot be closed yet: it lacks 2 lessons, 1 improvement, a rating by uwe, asked until ")
	r.assertRefused(lacking, "the review cannot be closed yet: it lacks 1 lesson, 1 improvement")
}

func TestOwnersAndNotersAreOnTheRosterAndRolesHaveRates(t *testing.T) {
	r := newRig(t)
	r.world.org.Rates = release.Rates{Roles: map[string]float64{"cab": 200}}
	var answers []*answer
	r.people[release.GatePlan] = func(a release.Awaiting) {
		answers = append(answers, r.note("mallory", release.NoteRisk, ""), r.note("dan", release.NoteImprovement, "mallory"),
			r.update(release.ActLogEffort, release.LogEffort{Sender: sender("dan"), Hours: 1, Role: "wizard"}),
			r.update(release.ActLogEffort, release.LogEffort{Sender: sender("ana"), Hours: 1}),
			r.update(release.ActLogEffort, release.LogEffort{Sender: sender("dan"), Hours: 1}))
		r.authorize(a)
	}
	record := r.run(definition("normal"))
	r.assertRefused(answers[0], "mallory is not on the roster")
	r.assertRefused(answers[1], "mallory is not on the roster, so they cannot look after it")
	r.assertRefused(answers[2], `role "wizard" has no rate: use cab, or leave it out`)
	require.Equal(t, []string{"cab", "default"}, []string{record.Efforts[0].Role, record.Efforts[1].Role})
}

func TestEveryOutcomeHasItsRecordAndReport(t *testing.T) {
	for outcome, arrange := range map[release.Outcome]func(r *rig){
		release.Rejected: func(r *rig) {
			r.people[release.GatePlan] = func(release.Awaiting) { r.vote("ana", "plan", release.Reject) }
		},
		release.Expired:   func(r *rig) { r.people[release.GatePlan] = nil; r.people[release.WaitGate] = nil },
		release.Withdrawn: func(r *rig) { r.people[release.GatePlan] = func(release.Awaiting) { r.withdraw() } },
		release.Cancelled: func(r *rig) { r.people[release.GatePlan] = func(release.Awaiting) { r.env.CancelWorkflow() } },
	} {
		t.Run(string(outcome), func(t *testing.T) {
			r := newRig(t)
			arrange(r)
			record := r.run(definition("normal"))
			require.Equal(t, outcome, record.Outcome)
			r.checkReviewInCMS(record)
			require.False(t, r.waited(release.WaitReview), "nothing was deployed")
			require.Empty(t, record.Review.Missing)
			require.NotNil(t, record.Report)
			require.Equal(t, record.Report, r.world.attested[0].Report)
		})
	}
}

func TestADefinitionThatNeverHeldHasItsReportToo(t *testing.T) {
	r := newRig(t)
	d := definition("normal")
	d.Manager = "max"
	d.Components = nil
	r.people[release.WaitRevision] = func(release.Awaiting) { r.withdraw() }
	record := r.run(d)
	require.Equal(t, release.Withdrawn, record.Outcome)
	r.checkReviewInCMS(record)
	require.Len(t, record.Waits, 1)
	require.Equal(t, []string{"max"}, record.Waits[0].People)
}

func TestABackedOutReleaseOwesItsClosing(t *testing.T) {
	r := newRig(t)
	r.world.goesWrong("activate production/p2", fails)
	closed := time.Time{}
	r.people[release.WaitReview] = func(release.Awaiting) {
		r.after(9*24*time.Hour, func() {
			closed = r.env.Now()
			r.closeReview("max")
		})
	}
	record := r.run(definition("normal"))
	require.Equal(t, release.BackedOut, record.Outcome)
	require.False(t, closed.IsZero())
	require.Equal(t, "max", record.Review.Closed.By)
	kinds := map[release.DeviationKind]int{}
	for _, d := range record.Review.Deviations {
		kinds[d.Kind]++
	}
	require.Equal(t, 2, kinds[release.DeviationTarget], "both environments were backed out: %v", record.Review.Deviations)
	require.Equal(t, 1, kinds[release.DeviationStep])
	live := r.world.find(func(e release.Entry) bool { return e.Review != nil })[0].Review.Live
	require.Len(t, live, 1, "it was live in staging for a while")
	require.Equal(t, "staging", live[0].Environment)
	require.True(t, live[0].Planned.After(record.Started))
}

func TestAnEmergencyOwesALessonBesideItsReview(t *testing.T) {
	r := newRig(t)
	var early *answer
	r.people[release.GateReview] = func(a release.Awaiting) {
		early = r.closeReview("max")
		r.after(time.Hour, func() { r.authorize(a) })
	}
	record := r.run(emergency())
	require.Equal(t, release.Completed, record.Outcome)
	r.assertRefused(early, "it lacks the decision of gate review, 1 lesson")
	require.Len(t, record.Notes, 1)
}

func TestAReportThatCannotBeKeptIsAnIssueAndDoesNotKeepTheReleaseOpen(t *testing.T) {
	r := newRig(t)
	r.world.goesWrong("report", slices.Repeat([]mishap{breaks}, 1000)...)
	record := r.run(definition("standard"))
	require.Equal(t, release.CompletedWithIssues, record.Outcome)
	require.Equal(t, "the report could not be kept in the media library: it is down", record.Reason)
	require.Nil(t, record.Report)
	require.Equal(t, release.CompletedWithIssues, r.world.attested[0].Outcome, "it is attested as it ended")
}

func TestWaitsOfDeploymentsAndSupportsAreTheReleases(t *testing.T) {
	r := newRig(t)
	r.world.blind = true
	r.world.goesWrong("activate staging/s1", lost)
	r.people["step:staging"] = func(release.Awaiting) {
		r.after(2*time.Hour, func() { r.resolve("activate", "s1", release.ResolveRetry) })
	}
	r.during(time.Hour, func() { r.incident(1, "no images") })
	r.people["incidents:staging"] = func(release.Awaiting) { r.after(3*time.Hour, func() { r.resolveIncident("INC-1") }) }
	record := r.run(inStaging("standard"))
	require.Equal(t, release.Completed, record.Outcome)
	waits := map[string]release.Waited{}
	for _, w := range record.Waits {
		waits[w.Kind] = w
	}
	require.Equal(t, []string{"dan"}, waits[release.WaitStep].People)
	require.GreaterOrEqual(t, waits[release.WaitStep].Until.Sub(waits[release.WaitStep].Since), 2*time.Hour)
	require.Equal(t, "staging", waits[release.WaitStep].Environment)
	require.Equal(t, []string{"olga"}, waits[release.WaitIncidents].People)
	require.GreaterOrEqual(t, waits[release.WaitIncidents].Until.Sub(waits[release.WaitIncidents].Since), 3*time.Hour)
}
