package report

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/release"
)

// supported was deployed within minutes and supported for 30 days, extended once, and
// looked back at.
func supported() release.Record {
	const days = 86400.0
	r, s := quick.completed(), quick
	r.Reason, r.Closed = "production was down for 40 m on one target", s.at(33*days)
	for i := range r.Stages {
		switch r.Stages[i].Name {
		case release.StageIn(release.StageSupport, "production"):
			r.Stages[i].Ended = s.at(30 * days)
		case release.StageIn(release.StageHandOver, "production"):
			r.Stages[i].Started, r.Stages[i].Ended = s.at(30*days), s.at(31.5*days)
		case release.StageReview:
			r.Stages[i].Started, r.Stages[i].Ended = s.at(31.5*days), s.at(33*days)
		}
	}
	e := &r.Environments[1]
	e.HandedOver.At = s.at(31.5 * days)
	u := e.Support
	u.Until, u.Ended = s.at(30*days), s.at(30*days)
	u.Extensions = []release.Extension{
		{At: s.at(21 * days), From: s.at(21 * days), Until: s.at(28 * days), Reason: "incident INC-2 of severity 2 is open"},
		{At: s.at(28 * days), From: s.at(28 * days), Until: s.at(30 * days), By: "olga", Reason: "one more weekend"},
	}
	for i := range u.Availability {
		u.Availability[i].Last, u.Availability[i].Probes = s.at(30*days), 250_000
	}
	u.Availability[1].Down = []release.Interval{{From: s.at(12 * days), To: s.at(12*days + 2400), Reason: "status 503"}}
	u.Availability[2].Unobserved = []release.Interval{{From: s.at(17 * days), To: s.at(18.5 * days), Reason: "no worker"}}
	u.Incidents = []release.Incident{
		{ID: "INC-1", Severity: 1, Summary: "503 from production-2", By: "olga", Opened: s.at(12 * days), Resolved: s.at(12*days + 2400), ResolvedBy: "olga"},
		{ID: "INC-2", Severity: 2, Summary: "AVIF images look pale", By: "olga", Opened: s.at(19 * days), Resolved: s.at(27 * days), ResolvedBy: "olga"},
	}
	u.Calls[0].At, u.Acts = s.at(12*days+600), nil
	u.Calls = append(u.Calls, release.Call{At: s.at(19.2 * days), By: "olga", Summary: "Pictures are pale"}, release.Call{At: s.at(19.9 * days), By: "olga", Summary: "Pale again"})
	u.KnownErrors = []release.FoundError{{KnownError: release.KnownError{ID: "KE-103", Summary: "Pale AVIF", Workaround: "Ask for PNG"}, By: "olga", At: s.at(20 * days)}}
	u.RFCs = []release.RaisedRFC{{ID: "RFC-2301", Title: "Keep the colour profile", By: "olga", At: s.at(22 * days)}}
	for hour := range 30 * 24 {
		wave := 1 + 0.5*math.Sin(float64(hour)/24*2*math.Pi)
		w := release.LatencyWindow{From: s.at(float64(hour) * 3600), To: s.at(float64(hour+1) * 3600), Probes: 360}
		w.Mean, w.Max = release.Duration(wave*float64(3*time.Millisecond)), release.Duration(wave*float64(9*time.Millisecond))
		if hour == 12*24 {
			w.Failed, w.Max = 240, release.Duration(80*time.Millisecond)
		}
		u.Latency = append(u.Latency, w)
	}
	r.Waits = []release.Waited{
		{Kind: release.WaitGate, Gate: "plan", Since: s.at(14), Until: s.at(31), People: []string{"ana", "ben"}},
		{Kind: release.WaitWindow, Environment: "production", Since: s.at(160.5), Until: s.at(162.5)},
		{Kind: release.WaitHandOver, Environment: "production", Since: s.at(30 * days), Until: s.at(31.5 * days), People: []string{"olga"}},
		{Kind: release.WaitRating, Since: s.at(31.5 * days), Until: s.at(32.6 * days), People: []string{"eva"}},
	}
	r.Notes = []release.Note{{ID: "N-1", Kind: release.NoteLesson, Text: "Look at colours, not at status codes alone", By: "marc", At: s.at(20 * days)}}
	return r
}

func supportedComposer() composer {
	r := supported()
	return composer{Record: r, plan: quick.plan(), now: present(r), clock: newClock(r.Started, r.Closed)}
}

func lanesOf(t timeline) map[string]lane {
	lanes := map[string]lane{}
	for _, g := range t.Groups {
		for _, l := range g.Lanes {
			lanes[l.Title] = l
		}
	}
	return lanes
}

func TestTheTimelineShowsWhatSupportBrought(t *testing.T) {
	c := supportedComposer()
	var production timeline
	for _, g := range c.timeline().Groups {
		if g.Title == "production" {
			production.Groups = append(production.Groups, g)
		}
	}
	lanes := lanesOf(production)
	support := lanes["Early life support"]
	require.Len(t, support.Marks, 2)
	assert.Equal(t, "30 Mar 09:00:00, extended until 1 Apr 09:00:00 by Olga Ott (olga): one more weekend", support.Marks[1].Title)
	assert.Contains(t, support.Marks[0].Title, "by the model's policy: incident INC-2")
	assert.Equal(t, "severity 2, 8 d", lanes["INC-2"].Note)
	assert.Equal(t, foundError, lanes["Known errors"].Marks[0].Kind)
	assert.Contains(t, lanes["Requests for change"].Marks[0].Title, "RFC-2301: Keep the colour profile")
	assert.Equal(t, waiting, lanes["Hand-over"].Bars[1].Kind, "what was waited for is hatched")
	assert.Contains(t, lanesOf(*c.timeline())["Notes"].Marks[0].Title, "lesson by Marc Meier (marc)")
}

func TestTheWayToSupportIsShownLarger(t *testing.T) {
	c := supportedComposer()
	blocks := c.wayUp()
	require.Len(t, blocks, 2)
	assert.Equal(t, "Up to early life support in production", blocks[0].Heading)
	lanes := lanesOf(*blocks[1].Timeline)
	assert.Greater(t, lanes["Build"].Bars[0].To-lanes["Build"].Bars[0].From, 5.0)
	assert.NotContains(t, lanes, "Review and close")
	assert.NotContains(t, lanes, "production-2", "it was watched later")
	assert.False(t, blocks[1].Timeline.has(extended))

	c.Record = quick.completed()
	c.now = present(c.Record)
	assert.Empty(t, c.wayUp(), "everything can be read on one axis")
}

// Days of support do not press the minutes of a deployment into a line.
func TestADeploymentIsShownOverAnAxisOfItsOwn(t *testing.T) {
	blocks := supportedComposer().closeUps()
	require.Len(t, blocks, 4)
	assert.Equal(t, "Deployment to production", blocks[2].Heading)
	lanes := lanesOf(*blocks[3].Timeline)
	one := lanes["production-1"]
	require.Len(t, one.Bars, 3)
	assert.Equal(t, []kind{stepKind(1), stepKind(2), stepKind(3)}, []kind{one.Bars[0].Kind, one.Bars[1].Kind, one.Bars[2].Kind})
	assert.Greater(t, one.Bars[0].To-one.Bars[0].From, 10.0, "transfer is a visible part of the axis")
	assert.Equal(t, sample{stepKind(2), "switch"}, blocks[3].Timeline.Legend[1])
}

func TestABackOutDuringSupportIsShownApart(t *testing.T) {
	r := supported()
	e := &r.Environments[1]
	for i, target := range []string{"production-3", "production-2"} {
		undone := quick.undone("switch", target, 2, 12*86400+float64(i))
		undone.Elapsed = quick.lasts(0.4)
		e.Steps = append(e.Steps, undone)
	}
	e.Steps[len(e.Steps)-1].Fate = release.FateBackOutStuck
	blocks := composer{Record: r, plan: quick.plan()}.closeUps()
	require.Len(t, blocks, 6)
	assert.Equal(t, "Back-out of production", blocks[4].Heading)
	lanes := lanesOf(*blocks[5].Timeline)
	require.Len(t, lanes, 2)
	assert.Equal(t, undoing, lanes["production-3"].Bars[0].Kind)
	assert.Equal(t, failure, lanes["production-2"].Marks[0].Kind)
}

func TestWhereSomethingWentWrongHasALaneFirst(t *testing.T) {
	var steps []release.StepResult
	for i := range 40 {
		steps = append(steps, quick.done("switch", fmt.Sprint("t-", i), 1, float64(i), 1))
	}
	steps[33].Fate = release.FateFailed
	shown, others := notable(steps)
	assert.Equal(t, []string{"t-33", "t-0", "t-1"}, shown[:3])
	assert.Equal(t, 40-mostTargets, others)
}

func TestLatencyIsDrawnWithWhatWasDown(t *testing.T) {
	c := supportedComposer()
	blocks := c.latencyChart(*c.Environments[1].Support)
	require.Len(t, blocks, 2)
	p := blocks[1].Chart.Plot
	assert.Equal(t, []kind{down, unseen}, []kind{p.Bands[0].Kind, p.Bands[1].Kind})
	assert.Equal(t, "80", p.Grid[len(p.Grid)-1].Label, "the worst answer took 80 ms")
	assert.Len(t, p.Lines, 2*90, "720 windows became 90, twice")
	assert.Contains(t, blocks[1].Chart.Description, "90 windows of 8 h each, the worst answer after 80 ms")

	assert.Empty(t, c.latencyChart(release.SupportStatus{}))
	dead := release.SupportStatus{Latency: []release.LatencyWindow{{From: quick.at(0), To: quick.at(9), Probes: 3, Failed: 3}}}
	assert.Contains(t, plainly(c.latencyChart(dead)[0].Text), "No probe was answered")
	dead.Latency = append(dead.Latency, release.LatencyWindow{From: quick.at(9), To: quick.at(18), Probes: 3, Mean: quick.lasts(1), Max: quick.lasts(2)})
	assert.Len(t, c.latencyChart(dead)[1].Chart.Plot.Lines, 2, "one window with answers is seen")
}

func TestWindowsAreJoinedByWhatTheyMeasured(t *testing.T) {
	a := release.LatencyWindow{From: quick.at(0), To: quick.at(1), Probes: 10, Failed: 0, Mean: 10, Max: 20}
	b := release.LatencyWindow{From: quick.at(1), To: quick.at(2), Probes: 40, Failed: 10, Mean: 30, Max: 40}
	assert.Equal(t, release.LatencyWindow{From: quick.at(0), To: quick.at(2), Probes: 50, Failed: 10, Mean: 25, Max: 40}, both(a, b))
	b.Failed = 40
	assert.Equal(t, release.Duration(10), both(a, b).Mean)
}
