package figures_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"slipway/release"
	"slipway/release/figures"
)

// several makes so many releases of a service, each an hour after the other.
func several(n int, fill func(i int, f *figures.Fact)) []figures.Fact {
	var facts []figures.Fact
	for i := range n {
		at := since.Add(time.Duration(i+1) * time.Hour)
		f := figures.Fact{
			Release: fmt.Sprintf("httpbin@%d", i+1), Service: "httpbin", Type: "normal", Started: at, Closed: at.Add(20 * time.Hour),
			Environments: []string{"production"},
		}
		fill(i, &f)
		facts = append(facts, f)
	}
	return facts
}

func waited(f *figures.Fact, w release.Waited, long time.Duration) {
	w.Since, w.Until = f.Started, f.Started.Add(long)
	f.Waits = append(f.Waits, w)
}

// Each hint comes of as many releases as it needs, and of no fewer.
func TestAHintNeedsEnoughReleases(t *testing.T) {
	for _, c := range []struct {
		figure string
		needs  int
		fill   func(i int, f *figures.Fact)
		text   string
	}{
		{"waiting-gates", 3, func(i int, f *figures.Fact) {
			whom := "1 of group cab"
			if i == 0 {
				whom = "ana"
			}
			waited(f, release.Waited{Kind: release.WaitGate, Gate: "plan", Needs: whom}, 5*time.Hour)
		}, "Gate plan waits longest: 5 hours on average, most of all for 1 of group cab. Name more voters or delegates, or let it escalate sooner."},
		{"back-outs", 2, func(_ int, f *figures.Fact) {
			f.Runs = []figures.Run{{Environment: "production", From: f.Started, To: f.Closed, State: release.EnvBackedOut}}
		}, "httpbin was backed out most: 2 times. See what these releases have in common, and test for it."},
		{"failing-suites", 3, func(_ int, f *figures.Fact) {
			f.Tests = []figures.Test{{At: f.Started, Suite: "load", Failed: true}, {At: f.Started, Suite: "load"}}
		}, "Suite load fails most: 50 percent of its runs. Run it before a release is started, or make it reliable."},
		{"clashes", 2, func(_ int, f *figures.Fact) {
			waited(f, release.Waited{Kind: release.WaitLease, Environment: "production", Needs: "its turn"}, 90*time.Minute)
		}, "Releases clash most in production: they waited 2 times for their turn or for each other, 3 hours together." +
			" Plan them for windows of their own, or open more windows."},
		{"waiting-windows", 3, func(_ int, f *figures.Fact) {
			waited(f, release.Waited{Kind: release.WaitWindow, Environment: "production", Needs: "Friday"}, 30*time.Hour)
		}, "Releases wait 30 hours on average for a change window of production. Open more windows there."},
		{"rework", 3, func(_ int, f *figures.Fact) {
			f.Builds = []figures.Build{{At: f.Started}, {At: f.Started}, {At: f.Started}}
		}, "httpbin is built 3 times for each release, more than any other. Run its suites before a release is started."},
		{"incidents", 3, func(_ int, f *figures.Fact) {
			f.Incidents = []figures.Incident{{Environment: "production", Severity: 3, Defect: release.DefectData, Opened: f.Started}}
		}, "Most incidents that releases cause are faults of data: 3. Look for them in tests and reviews."},
		{"on-time", 3, func(_ int, f *figures.Fact) {
			f.Live = []release.LiveSince{{Environment: "production", At: f.Closed, Planned: f.Started}}
		}, "Only 0 percent of the planned dates in production are kept. Plan with what the stages really take."},
		{"discrepancies", 2, func(_ int, f *figures.Fact) {
			f.Audits = []figures.Audit{{Environment: "production", At: f.Started, Occasion: "after", Targets: []string{"one", "two"}}}
		}, "Audits find most in production: 4 discrepancies. Find out who changes its targets past Slipway."},
		{"satisfaction", 3, func(_ int, f *figures.Fact) {
			f.Ratings = []release.Rating{{By: "uwe", Score: 2, At: f.Closed}}
		}, "Customers rate httpbin lowest: 2 of 5. Read their comments, and ask them."},
		{"stages", 3, func(_ int, f *figures.Fact) {
			f.Stages = []release.Stage{{Name: release.StageTest, Expected: release.Duration(time.Hour), Started: f.Started, Ended: f.Started.Add(3 * time.Hour)}}
		}, "Stage test takes 2 hours longer than planned: 3 instead of 1 on average. Mend it, or plan for it."},
		{
			"emergency-share", 5, func(i int, f *figures.Fact) { f.Emergency = i < 2 },
			"40 percent of the releases of httpbin are emergencies. See whether a standard release would be fast enough.",
		},
	} {
		t.Run(c.figure, func(t *testing.T) {
			require.NotContains(t, told(compute(t, several(c.needs-1, c.fill), reviewed())), c.figure)
			hints := told(compute(t, several(c.needs, c.fill), reviewed()))
			require.Contains(t, hints, c.figure)
			require.Equal(t, c.text, hints[c.figure].Text)
			require.NotEmpty(t, hints[c.figure].Releases)
		})
	}
}

// reviewed asks of an organization that looks its procedures over.
func reviewed() figures.Input {
	in := input()
	in.ProcedureReviews = []release.ProcedureReview{{On: since.AddDate(0, -1, 0), By: "marc"}}
	return in
}

func told(p figures.Portfolio) map[string]figures.Hint {
	hints := map[string]figures.Hint{}
	for _, h := range p.Hints {
		hints[h.Figure] = h
	}
	return hints
}

func TestProceduresThatNobodyLookedOverForAYearAreAHint(t *testing.T) {
	nothing := func(int, *figures.Fact) {}
	in := input()
	require.Empty(t, compute(t, several(4, nothing), in).Hints)
	require.Equal(t, "Nobody noted a review of the release procedures. Review them, and note it in organization.procedureReviews.",
		told(compute(t, several(5, nothing), in))["procedure-reviews"].Text)
	in.ProcedureReviews = []release.ProcedureReview{{On: until.AddDate(-1, 0, -1)}}
	require.Equal(t, "The release procedures were looked over last on 2025-05-19. Review them, and note it in organization.procedureReviews.",
		told(compute(t, several(5, nothing), in))["procedure-reviews"].Text)
	in.ProcedureReviews[0].On = until.AddDate(0, 0, -364)
	require.Empty(t, compute(t, several(5, nothing), in).Hints)
}

func TestTheHintWithTheMostReleasesBehindItComesFirst(t *testing.T) {
	p := compute(t, several(6, func(i int, f *figures.Fact) {
		waited(f, release.Waited{Kind: release.WaitGate, Gate: "plan", Needs: "cab"}, 5*time.Hour)
		if i < 3 {
			f.Runs = []figures.Run{{Environment: "production", From: f.Started, To: f.Closed, State: release.EnvBackedOut}}
		}
	}), reviewed())
	require.Equal(t, []string{"waiting-gates", "back-outs"}, []string{p.Hints[0].Figure, p.Hints[1].Figure})
	require.Equal(t, 6, p.Hints[0].Count)
	require.Equal(t, []string{"httpbin@1", "httpbin@2", "httpbin@3"}, p.Hints[1].Releases)
}
