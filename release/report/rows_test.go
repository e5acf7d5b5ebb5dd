package report

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"slipway/release"
)

// plainly reads a cell as text.
func plainly(c cell) string { return inline(c) }

func TestAStageIsComparedWithItsPlan(t *testing.T) {
	row := func(expected, actual float64, open bool) stageRow {
		return stageRow{Entered: true, Open: open, Expected: quick.lasts(expected), Started: quick.at(0), Until: quick.at(actual)}
	}
	for _, c := range []struct {
		name string
		row  stageRow
		want string
	}{
		{"longer", row(10, 75, false), "+1 m 5 s"},
		{"shorter", row(75, 10, false), "−1 m 5 s"},
		{"as planned", row(10, 10, false), "0 s"},
		{"nobody planned", row(0, 10, false), ""},
		{"under way, in time", row(20, 10, true), ""},
		{"under way, late", row(5, 10, true), "+5 s"},
	} {
		assert.Equal(t, c.want, plainly(difference(c.row)), c.name)
	}
}

func TestTotalsCountAPlannedDurationOnce(t *testing.T) {
	rows := []stageRow{
		{Entered: true, Again: 1, Expected: quick.lasts(30), Started: quick.at(0), Until: quick.at(20)},
		{Entered: true, Again: 2, Expected: quick.lasts(30), Started: quick.at(20), Until: quick.at(45)},
		{Entered: true, Again: 1, Started: quick.at(45), Until: quick.at(99)},
		{Entered: true, Again: 1, Open: true, Expected: quick.lasts(9), Started: quick.at(99), Until: quick.at(100)},
		{Expected: quick.lasts(500)},
	}
	assert.Equal(t, "The stages with a planned duration took 45 s together, planned were 30 s (+15 s).", plainly(totals(rows)))
	assert.Empty(t, totals(rows[2:3]))
}

func TestAWaitBelongsToTheStageOfItsEnvironment(t *testing.T) {
	r := quick.running()
	r.Awaiting = append(r.Awaiting, release.Awaiting{Kind: release.WaitWindow, Environment: "staging", Since: quick.at(100)})
	r.Stages = append(r.Stages, quick.stage(release.StageReady, "staging", 98, 0, ""))
	found := map[release.StageName]string{}
	for _, row := range stageRows(r, quick.plan(), quick.at(110)) {
		for _, w := range row.Waits {
			found[row.Name] += fmt.Sprintf("%s %s;", w.For, w.To.Sub(w.From))
		}
	}
	assert.Equal(t, map[release.StageName]string{
		"plan-gate":                  "gate plan 17s;",
		"deploy-gate:staging":        "gate deploy:staging 4s;",
		"deploy-gate:production":     "gate deploy:production 25s;",
		"prepare-deployment:staging": "window 10s;",
	}, found)
}

func TestEvidenceIsThatOfTheReleasedPackage(t *testing.T) {
	r := quick.completed()
	builds := func() (found []int) {
		for _, e := range (composer{Record: r}).latestEvidence() {
			found = append(found, e.Build)
		}
		return found
	}
	assert.Equal(t, []int{2, 2}, builds())
	r.Package = r.Builds[0].Package
	assert.Equal(t, []int{1, 1}, builds())
	r.Package = nil
	assert.Equal(t, []int{2, 2}, builds(), "without a package, the last build")
}

func TestTheMatrixHasEveryTargetAndEveryStep(t *testing.T) {
	e := quick.backedOut().Environments[1]
	m := matrixOf(e)
	var places []string
	for _, p := range m.Places {
		places = append(places, fmt.Sprint(p.Target.Name, " ", p.Wave))
	}
	assert.Equal(t, []string{"production-1 1", "production-2 2", "production-3 2", " 0"}, places)
	assert.Equal(t, []string{"on-call-note", "transfer", "switch", "image-cache"}, m.Steps)
	told := 0
	for _, p := range m.Places {
		for _, results := range p.Fates {
			told += len(results)
		}
	}
	assert.Equal(t, len(e.Steps), told)
}

func TestAvailabilityClaimsNothingThatNobodySaw(t *testing.T) {
	a := quick.watched("one", 0, 100, 50)
	assert.Equal(t, "100 %", plainly(share(a)))
	a.Down = []release.Interval{{From: quick.at(10), To: quick.at(10.001)}}
	assert.Equal(t, "99.99 %", plainly(share(a)), "cut, so that 100 % means never down")
	a.Unobserved = []release.Interval{{From: quick.at(20), To: quick.at(100)}}
	a.Down[0].To = quick.at(15)
	assert.Equal(t, "75 %", plainly(share(a)), "of the time that was observed")
	a.Probes = 0
	assert.Equal(t, "not measured", plainly(share(a)))
}

func TestWhatWasNotProbedIsNotSaidToHaveBeenUp(t *testing.T) {
	figure := func(r release.Record) string { return plainly(composer{Record: r}.downtimeFigure()) }
	assert.Equal(t, "0 s; not measured in production", figure(quick.backedOut()))
	assert.Equal(t, "3 s", figure(quick.completed()))
	assert.Equal(t, "0 s", figure(quick.running()), "what was not changed yet needs no measuring")
	assert.Equal(t, "not measured", figure(quick.rejected()))
}

func TestManyInterruptionsAreCounted(t *testing.T) {
	a := quick.watched("one", 0, 100, 50)
	for i := range shownIntervals + 3 {
		a.Down = append(a.Down, release.Interval{From: quick.at(float64(3 * i)), To: quick.at(float64(3*i + 1)), Merged: 1})
	}
	said := (composer{clock: newClock(quick.at(0), quick.at(1))}).interruptions(a)
	assert.Len(t, said, shownIntervals+1)
	assert.Equal(t, "one down 09:00:00 to 09:00:01, 1 s in 2 interruptions", plainly(said[0]))
	assert.Equal(t, "one: 3 interruptions more", plainly(said[shownIntervals]))
}

func TestADeadlineOnAnotherDayIsWrittenWithItsDay(t *testing.T) {
	r := quick.running()
	assert.Equal(t, r.Awaiting[0].Deadline, ahead(r, quick.at(102)))
	r.Awaiting[0].Deadline = quick.at(0).AddDate(0, 0, 3)
	assert.Contains(t, Markdown(r, quick.plan()), "| 5 Mar 09:00:00 |")

	r = release.Record{Environments: []release.EnvironmentRecord{{Support: &release.SupportStatus{Until: quick.at(9)}}}}
	assert.Equal(t, quick.at(9), ahead(r, quick.at(1)))
	r.Environments[0].Support.Ended = quick.at(2)
	assert.Equal(t, quick.at(3), ahead(r, quick.at(3)))
}

func TestThePresentIsInTheRecord(t *testing.T) {
	r := quick.running()
	assert.Equal(t, quick.at(102), present(r), "a deadline that lies ahead does not count")
	r.Closed = quick.at(300)
	assert.Equal(t, quick.at(300), present(r))

	see := func(change func(*release.EnvironmentRecord)) time.Time {
		e := release.EnvironmentRecord{Support: &release.SupportStatus{Until: quick.at(9999)}}
		change(&e)
		return present(release.Record{Started: quick.at(0), Environments: []release.EnvironmentRecord{e}})
	}
	for i, got := range []time.Time{
		see(func(e *release.EnvironmentRecord) { e.Steps = []release.StepResult{quick.done("s", "t", 1, 4, 1)} }),
		see(func(e *release.EnvironmentRecord) { e.Audits = []release.Audit{{At: quick.at(5)}} }),
		see(func(e *release.EnvironmentRecord) { e.Readiness = []release.Confirmation{{At: quick.at(5)}} }),
		see(func(e *release.EnvironmentRecord) { e.HandedOver = &release.Act{At: quick.at(5)} }),
		see(func(e *release.EnvironmentRecord) { e.Support.Ended = quick.at(5) }),
		see(func(e *release.EnvironmentRecord) { e.Support.Calls = []release.Call{{At: quick.at(5)}} }),
		see(func(e *release.EnvironmentRecord) { e.Support.Incidents = []release.Incident{{Opened: quick.at(5)}} }),
		see(func(e *release.EnvironmentRecord) {
			e.Support.Availability = []release.Availability{{Last: quick.at(5)}}
		}),
		see(func(e *release.EnvironmentRecord) { e.Support.Acts = []release.Act{{At: quick.at(5)}} }),
	} {
		assert.Equal(t, quick.at(5), got, "%d", i)
	}
}

func TestARunThatFailedBeforeTheOneThatCountsIsListedWithItsLog(t *testing.T) {
	r := quick.completed()
	e := &r.Evidence[len(r.Evidence)-1]
	e.Failure, e.Runs, e.Flaky = "", 2, []string{"TestOrder"}
	e.Earlier = []release.EarlierRun{{Failed: 1, Failure: "1 of 7 cases failed", Execution: release.Execution{Log: release.Blob{Digest: release.DigestOfBytes([]byte("log"))}}}}
	assert.Equal(t, "passed on run 2; flaky: TestOrder", plainly(verdict(*e)))
	rows := earlierRuns(r.Evidence)[0]
	assert.Equal(t, "1 of 2", plainly(rows.Table.Rows[0][1]))
	assert.Equal(t, "1 of 7 cases failed", plainly(rows.Table.Rows[0][2]))
}
