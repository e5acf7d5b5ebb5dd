package release_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"slipway/release"
)

// reviewed is a release that was deployed, watched and looked back on a day after noon.
func reviewed() release.Record {
	at := func(hour int) time.Time { return noon.Add(time.Duration(hour) * time.Hour) }
	production := release.EnvironmentRecord{
		Name: "production", Purpose: "production", State: release.EnvLive, Live: at(10),
		Audits: []release.Audit{
			{When: release.AuditBefore, Discrepancies: []release.Discrepancy{{Target: "p1", Expected: "2.29", Found: "2.28"}, {Target: "p2", Expected: "2.29", Found: "nothing"}}},
			{When: release.AuditBefore, Discrepancies: []release.Discrepancy{{Target: "p1", Expected: "2.29", Found: "2.28"}}, Accepted: &release.Acceptance{By: "dan", Reason: "known"}},
		},
		Steps: []release.StepResult{
			{Step: "switch", Target: "p1", Fate: release.FateFailed, Message: "exit status 1", Elapsed: release.Duration(30 * time.Minute)},
			{Step: "switch", Target: "p2", Fate: release.FateFailed, Message: "exit status 1"},
			{Step: "switch", Target: "p1", Fate: release.FateDone},
			{Step: "tidy", Fate: release.FateSkipped, Message: "dan: not now"},
			{Step: "tidy", Fate: release.FateBackOutStuck, BackOut: true},
		},
		Aside:    []string{"p3 was set aside: no licence"},
		Targets:  []release.TargetStatus{{Name: "p4", State: release.TargetUndecided}},
		Override: &release.Act{By: "eva", Summary: "it leaks"},
		Support: &release.SupportStatus{
			Availability: []release.Availability{{Target: "p1", Down: []release.Interval{{From: at(11), To: at(11).Add(90 * time.Second)}}}},
			Incidents:    []release.Incident{{ID: "INC-1"}, {ID: "INC-2", Unrelated: true}},
			Calls:        []release.Call{{}, {}},
			Unmet:        []string{"p1 was down for 1m30s, more than 1m"},
			Extensions:   []release.Extension{{Until: at(20), Reason: "an incident is open"}},
			EndedBy:      &release.Act{By: "olga", Summary: "quiet"},
			KnownErrors: []release.FoundError{
				{KnownError: release.KnownError{ID: "KE-7"}}, {KnownError: release.KnownError{ID: "KE-8"}, Resolved: at(12)}, {KnownError: release.KnownError{ID: "KE-1"}},
			},
		},
	}
	return release.Record{
		ID: "web@2.30", Started: noon, Phase: release.StageReview, KnownErrors: []release.KnownError{{ID: "KE-1"}},
		Builds: []release.BuildRecord{{Number: 1, Failure: "does not compile"}, {Number: 2, Elapsed: release.Duration(time.Hour)}, {Number: 3}},
		Evidence: []release.Evidence{
			{Build: 3, Suite: "unit", Execution: release.Execution{Elapsed: release.Duration(30 * time.Minute)}, Earlier: []release.EarlierRun{{Execution: release.Execution{Elapsed: release.Duration(time.Hour)}}}},
		},
		Stages: []release.Stage{
			{Name: "plan", Started: noon, Ended: at(1), Expected: release.Duration(40 * time.Minute)},
			{Name: "plan", Started: at(1), Ended: at(2), Expected: release.Duration(40 * time.Minute)},
			{Name: "deploy:production", Started: at(8), Ended: at(10), Expected: release.Duration(4 * time.Hour)},
			{Name: "review", Started: at(24), Expected: 1},
		},
		Gates: []release.Gate{
			{Name: "plan", Escalated: at(1), Decision: release.Authorize}, {Name: "deploy:production", Decision: release.LapsedGate, Reason: "the window closed"},
		},
		Amendments:   []release.Amendment{{Environment: "production", Why: "its windows changed"}},
		Environments: []release.EnvironmentRecord{{Name: "staging", Purpose: "staging"}, production},
		Waits: []release.Waited{
			{Kind: release.WaitGate, Gate: "plan", Since: at(0), Until: at(2), People: []string{"ana", "ben"}},
			{Kind: release.WaitWindow, Environment: "production", Since: at(1), Until: at(4)},
			{Kind: release.WaitRating, Since: at(24), Until: at(48), People: []string{"ana"}},
		},
		Ratings: []release.Rating{{By: "uwe", Score: 5}, {By: "rita", Score: 2}},
		Efforts: []release.Effort{{By: "max", Role: "release-managers", Hours: 2, Expense: 9.99}, {By: "ana", Role: "cab", Hours: 0.5}},
		Review:  &release.Review{Opened: at(24)},
	}
}

var rates = release.Rates{Currency: "CHF", Roles: map[string]float64{"release-managers": 100, "default": 50}, MachineHour: 4}

func TestEveryMeasureIsWorkedOutFromTheRecord(t *testing.T) {
	r := reviewed()
	r.Review.Cost = release.CostOf(r, rates)
	want := map[release.Measure]struct {
		actual float64
		unit   string
	}{
		release.MeasureDuration: {24, "hours"}, release.MeasureLeadTime: {10, "hours"}, release.MeasureDeployment: {120, "minutes"},
		release.MeasureWaiting: {4, "hours"}, release.MeasureDowntime: {1.5, "minutes"}, release.MeasureIncidents: {1, "incidents"},
		release.MeasureCalls: {2, "calls"}, release.MeasureBuilds: {3, "builds"}, release.MeasureDiscrepancies: {2, "discrepancies"},
		release.MeasureCost: {246.99, "CHF"}, release.MeasureSatisfaction: {3.5, "of 5"},
	}
	require.Len(t, release.Measures, len(want))
	for _, m := range release.Measures {
		actual := m.Of(r)
		require.NotNil(t, actual, m)
		assert.InDelta(t, want[m].actual, *actual, 0.001, m)
		assert.Equal(t, want[m].unit, m.Unit("CHF"), m)
	}
}

func TestWhatWasNotMeasuredIsNotMet(t *testing.T) {
	r := release.Record{Started: noon, Review: &release.Review{Opened: noon}}
	zero := 0.0
	for _, m := range release.Measures {
		p := release.Reached([]release.PerformanceTarget{{Measure: m, AtLeast: &zero}}, r, "")[0]
		measured := slices.Contains([]release.Measure{release.MeasureDuration, release.MeasureWaiting, release.MeasureBuilds}, m)
		assert.Equal(t, measured, p.Met, m)
		assert.Equal(t, measured, p.Actual != nil, m)
	}
}

func TestATargetIsMetWithinItsLimitsOnly(t *testing.T) {
	r := release.Record{Builds: make([]release.BuildRecord, 2), Review: &release.Review{}}
	n := func(v float64) *float64 { return &v }
	for _, c := range []struct {
		most, least *float64
		met         bool
	}{{n(2), nil, true}, {n(1.9), nil, false}, {nil, n(2), true}, {nil, n(2.1), false}, {n(3), n(1), true}, {n(1), n(1), false}} {
		target := release.PerformanceTarget{Measure: release.MeasureBuilds, AtMost: c.most, AtLeast: c.least}
		assert.Equal(t, c.met, release.Reached([]release.PerformanceTarget{target}, r, "")[0].Met, c)
	}
}

func TestDeviationsAreFoundInTheRecord(t *testing.T) {
	d := definition(t)
	d.Emergency = &release.Emergency{Reason: "a hole", OverrideFreeze: "it is used"}
	var found []string
	for _, x := range release.Deviations(release.Plan{Definition: d}, reviewed()) {
		found = append(found, string(x.Kind)+": "+x.Text)
	}
	require.Equal(t, []string{
		"duration: plan took 2h, planned were 40m",
		"amendment: the plan of production was amended: its windows changed",
		"rebuild: build 1 failed: does not compile",
		"rebuild: build 2 was given up for another",
		"authorization: gate plan was escalated, because it was not decided in time",
		"authorization: the authorization at gate deploy:production lapsed: the window closed",
		"authorization: the release overrides freezes: it is used",
		"authorization: eva overrode a freeze of production: it leaks",
		"step: step switch on p1, p2 in production: it failed: exit status 1",
		"step: step tidy in production: it was skipped: dan: not now",
		"step: the back-out of step tidy in production: it failed",
		"target: 1 target of production: p3 was set aside: no licence",
		"target: nobody knows what p4 of production hold",
		"discrepancy: the configuration audit of production before the deployment found 2 targets otherwise: p1 holds 2.28, expected 2.29, p2 holds nothing, expected 2.29; accepted by dan: known",
		"criterion: early life support in production was extended until 2026-03-02 08:00 UTC: an incident is open",
		"criterion: an exit criterion of production was not met: p1 was down for 1m30s, more than 1m",
		"criterion: olga ended early life support in production: quiet",
	}, found)
}

func TestWhatHappenedToManyTargetsIsOneDeviation(t *testing.T) {
	var e release.EnvironmentRecord
	for i := range 5000 {
		e.Steps = append(e.Steps, release.StepResult{Step: "switch", Target: fmt.Sprint("t", i), Fate: release.FateFailed})
		e.Aside = append(e.Aside, fmt.Sprint("t", i, " was set aside"))
	}
	found := release.Deviations(release.Plan{}, release.Record{Environments: []release.EnvironmentRecord{e}})
	require.Len(t, found, 2)
	for _, d := range found {
		require.Less(t, len(d.Text), 1000)
	}
}

func TestCostsAreThoseOfMachinesPeopleAndExpenses(t *testing.T) {
	require.Equal(t, release.Cost{
		Currency: "CHF", MachineHours: 3, Machines: 12, PeopleHours: 2.5, People: 225, Expenses: 9.99, Total: 246.99,
	}, *release.CostOf(reviewed(), rates))
	require.Nil(t, release.CostOf(release.Record{}, release.Rates{Currency: "CHF"}), "nothing says what anything costs")
}

func TestCostsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var r release.Record
		for range rapid.IntRange(0, 5).Draw(t, "efforts") {
			r.Efforts = append(r.Efforts, release.Effort{
				Role: rapid.SampledFrom([]string{"a", "default", "none"}).Draw(t, "role"), Hours: rapid.Float64Range(0, 500).Draw(t, "hours"), Expense: rapid.Float64Range(0, 1e5).Draw(t, "expense"),
			})
		}
		r.Builds = []release.BuildRecord{{Elapsed: release.Duration(rapid.Int64Range(0, int64(100*time.Hour)).Draw(t, "built"))}}
		c := release.CostOf(r, release.Rates{Roles: map[string]float64{"a": 10, "default": 1}, MachineHour: 2})
		require.InDelta(t, c.Machines+c.People+c.Expenses, c.Total, 0.005)
		require.GreaterOrEqual(t, c.Total, 0.0)
	})
}

func TestHoursArePaidForByTheRoleThatHasARate(t *testing.T) {
	someone := release.Person{ID: "max", Roles: []string{"chief"}, Groups: []string{"cab", "release-managers"}}
	role := func(p release.Person, named string) string {
		found, err := rates.RoleFor(p, named)
		require.NoError(t, err)
		return found
	}
	require.Equal(t, "release-managers", role(someone, ""))
	require.Equal(t, "default", role(release.Person{ID: "uwe"}, ""))
	require.Equal(t, "default", role(someone, "default"))
	_, err := rates.RoleFor(someone, "chief")
	require.EqualError(t, err, `role "chief" has no rate: use default, release-managers, or leave it out`)
}

func TestWaitsAtTheSameTimeCountOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		minute := func(n int) time.Time { return noon.Add(time.Duration(n) * time.Minute) }
		upTo := rapid.IntRange(0, 120).Draw(t, "up to")
		var waits []release.Waited
		waiting := map[int]bool{}
		for range rapid.IntRange(0, 6).Draw(t, "waits") {
			from := rapid.IntRange(0, 100).Draw(t, "from")
			to := from + rapid.IntRange(0, 40).Draw(t, "for")
			waits = append(waits, release.Waited{Since: minute(from), Until: minute(to)})
			for m := from; m < min(to, upTo); m++ {
				waiting[m] = true
			}
		}
		require.Equal(t, time.Duration(len(waiting))*time.Minute, release.WaitedTime(waits, minute(upTo)))
	})
}

func TestTimeSpentWaitingIsToldByGateAndWindow(t *testing.T) {
	waits := reviewed().Waits
	require.Equal(t, []release.WaitedFor{
		{What: "rating", Waits: 1, Time: days(1)}, {What: "window:production", Waits: 1, Time: release.Duration(3 * time.Hour)}, {What: "plan", Waits: 1, Time: release.Duration(2 * time.Hour)},
	}, release.WaitsByWhat(waits))
}

func TestAWaitIsEndedByThoseWhoDidWhatItAskedFor(t *testing.T) {
	wait := release.Awaiting{Kind: release.WaitHandOver, Action: release.ActHandOver, Since: noon}
	act := func(minutes int, action release.Action, by string, counted bool) release.Act {
		return release.Act{At: noon.Add(time.Duration(minutes) * time.Minute), Action: action, By: by, Counted: counted}
	}
	before, refused := act(-1, release.ActHandOver, "early", true), act(1, release.ActHandOver, "mallory", false)
	endedBy := func(acts ...release.Act) []string {
		over, _ := wait.Over(noon.Add(time.Hour), acts)
		return over.People
	}
	require.Equal(t, []string{"olga"}, endedBy(before, refused, act(2, release.ActHandOver, "olga", true), act(3, release.ActNote, "max", true)))
	require.Equal(t, []string{"max"}, endedBy(before, refused, act(2, release.ActBackOut, "max", true)))
	require.Empty(t, endedBy(before, refused))
	_, told := wait.Over(noon.Add(999*time.Millisecond), nil)
	require.False(t, told, "it was too short")
	var kept []release.Waited
	for i := range 1000 {
		kept = release.KeepWaits(kept, release.Waited{Needs: fmt.Sprint(i)})
	}
	require.Equal(t, "999", kept[len(kept)-1].Needs)
	require.Len(t, kept, 200)
}

func TestKnownErrorsThatAreStillOpenAreHandedOver(t *testing.T) {
	r := reviewed()
	(&release.Plan{Definition: release.Definition{KnownErrors: r.KnownErrors}}).LookBack(&r)
	var ids []string
	for _, k := range r.Review.KnownErrors {
		ids = append(ids, k.ID)
	}
	require.ElementsMatch(t, []string{"KE-1", "KE-7"}, ids)
}

func TestThoseWhoAreAskedAreResolvedOnTheRoster(t *testing.T) {
	o := organization()
	o.Roster = slices.Clone(o.Roster)
	o.Models[0].Review = release.ReviewPolicy{By: []string{"release-managers"}, Satisfaction: []string{"users"}, Lessons: 1}
	d := definition(t)
	last := o.Roster[len(o.Roster)-1].ID
	d.Customers = []string{last}
	p := compiled(t, d, o, facts())
	asked := p.Asked()
	require.Contains(t, asked, last)
	for _, person := range o.Roster {
		require.Equal(t, person.ID == last || person.In("users"), slices.Contains(asked, person.ID), person.ID)
	}
	review := p.OpenReview(noon)
	require.Equal(t, noon.Add(72*time.Hour), review.AskedUntil, "as long as the model does not say otherwise")

	r := release.Record{ID: p.Release, Environments: []release.EnvironmentRecord{{Steps: []release.StepResult{{}}}}, Review: review}
	require.Equal(t, append([]string{"1 lesson", "somebody of release-managers to close it"}, each(asked, "a rating by ")...), p.Model.Review.Lacking(r))
	for _, id := range asked {
		require.NoError(t, r.Rate(release.Rating{By: id, Score: 3, At: noon}, asked))
		require.NoError(t, r.Rate(release.Rating{By: id, Score: 4, At: noon.Add(time.Hour)}, asked))
	}
	require.Len(t, r.Ratings, len(asked))
	require.Empty(t, r.Unrated())
	require.ErrorContains(t, r.Rate(release.Rating{By: asked[0], Score: 1, At: review.AskedUntil}, asked), "ratings were asked until")
}

func each(all []string, prefix string) []string {
	var list []string
	for _, s := range all {
		list = append(list, prefix+s)
	}
	return list
}

func TestLiveTimesArePlannedStageByStage(t *testing.T) {
	p := compiled(t, definition(t), organization(), facts())
	r := release.Record{Started: noon, Environments: []release.EnvironmentRecord{{Name: "staging", Live: noon.Add(time.Hour)}, {Name: "production"}}}
	live := release.LiveTimes(p, r)
	require.Len(t, live, 1)
	var planned release.Duration
	for _, s := range p.Stages {
		planned += s.Expected
		if s.Name == "verify:staging" {
			break
		}
	}
	require.Equal(t, noon.Add(planned.Std()), live[0].Planned)
	p.Stages = nil
	require.True(t, release.LiveTimes(p, r)[0].Planned.IsZero(), "nobody said")
}

func TestWhatIsWrongWithReviewsAndRatesIsSaid(t *testing.T) {
	person := organization().Roster[0].ID
	for _, c := range []struct {
		name   string
		change func(*release.Organization)
		want   string
	}{
		{"closers that nobody is", func(o *release.Organization) { o.Models[0].Review.By = []string{"release-manager"} }, `models[0].review.by[0]: nobody on the roster is in group "release-manager": did you mean "release-managers"?`},
		{"customers that nobody is", func(o *release.Organization) { o.Models[0].Review.Satisfaction = []string{"moon"} }, `models[0].review.satisfaction[0]: nobody on the roster is "moon", or in a group or role of that name`},
		{"lessons for nobody", func(o *release.Organization) { o.Models[0].Review.Lessons = 1 }, "models[0].review.lessons: nobody has to close the review, so nothing waits for it: say who with models[0].review.by"},
		{"fewer than no improvements", func(o *release.Organization) { o.Models[0].Review.Improvements = -1 }, "models[0].review.improvements: -1: use 0 to 20"},
		{"negative rate", func(o *release.Organization) { o.Rates.Roles = map[string]float64{"cab": -1} }, "rates.roles.cab: -1: what an hour costs cannot be negative"},
		{"negative machine", func(o *release.Organization) { o.Rates.MachineHour = -0.5 }, "rates.machineHour: -0.5: what an hour costs cannot be negative"},
		{"rate of nobody", func(o *release.Organization) { o.Rates.Roles = map[string]float64{"default": 1, "cap": 1} }, `rates.roles.cap: nobody on the roster is in role or group "cap": did you mean "cab"?`},
		{"review by a stranger", func(o *release.Organization) {
			o.ProcedureReviews = []release.ProcedureReview{{By: "mallory", On: noon}}
		}, `procedureReviews[0].by: "mallory" is not on the roster`},
		{"review without a date", func(o *release.Organization) { o.ProcedureReviews = []release.ProcedureReview{{By: person}} }, "procedureReviews[0].on: it is missing: say when, as in 2026-12-18T18:00:00Z"},
	} {
		o := organization()
		c.change(&o)
		assert.Equal(t, c.want, o.Check().Error(), c.name)
	}
}

func TestPerformanceTargetsAndCustomersThatNobodyCanCheckAreRefused(t *testing.T) {
	n := func(v float64) *float64 { return &v }
	for _, c := range []struct {
		name   string
		change func(*release.Definition)
		want   string
	}{
		{"measure", func(d *release.Definition) {
			d.Performance = []release.PerformanceTarget{{Measure: "down-time", AtMost: n(1)}}
		}, `performance[0].measure: there is no measure "down-time": did you mean "downtime"? Use duration, lead-time,`},
		{"limit", func(d *release.Definition) {
			d.Performance = []release.PerformanceTarget{{Measure: release.MeasureCalls}}
		}, "performance[0]: it promises nothing: give atMost or atLeast"},
		{"below zero", func(d *release.Definition) {
			d.Performance = []release.PerformanceTarget{{Measure: release.MeasureCalls, AtMost: n(-1)}}
		}, "performance[0].atMost: -1: no measure can be less than 0"},
		{"both ways", func(d *release.Definition) {
			d.Performance = []release.PerformanceTarget{{Measure: release.MeasureCalls, AtMost: n(1), AtLeast: n(2)}}
		}, "performance[0]: it cannot be at least 2 and at most 1"},
		{"more than very satisfied", func(d *release.Definition) {
			d.Performance = []release.PerformanceTarget{{Measure: release.MeasureSatisfaction, AtLeast: n(6)}}
		}, "performance[0].atLeast: 6: a rating is at most 5"},
		{"stranger", func(d *release.Definition) { d.Customers = []string{"mallory"} }, `customers[0]: "mallory" is not on the roster. Use `},
		{"twice", func(d *release.Definition) { d.Customers = []string{d.Requester, d.Requester} }, "is there twice"},
	} {
		d := definition(t)
		c.change(&d)
		_, problems := release.Compile(d, organization(), facts(), 1)
		require.Len(t, problems, 1, c.name)
		assert.True(t, strings.Contains(problems.Error(), c.want), "%s: %s", c.name, problems)
	}
}

func TestTheRatesAreInThePlanAndNotInItsDigest(t *testing.T) {
	o := organization()
	without := compiled(t, definition(t), o, facts())
	o.Rates = release.Rates{Currency: "CHF", MachineHour: 1}
	with := compiled(t, definition(t), o, facts())
	require.Equal(t, o.Rates, with.Rates)
	require.Equal(t, without.Digest, with.Digest)
}
