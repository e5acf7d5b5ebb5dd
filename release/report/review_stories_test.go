package report

import "slipway/release"

// review is what was found when the completed release was looked back on.
func (s story) review(r *release.Record) {
	most, least, hours, score := 24.0, 4.5, 3.5, 4.0
	r.Notes = []release.Note{
		{ID: "lesson-1", Kind: release.NoteLesson, Text: "Book the window before the gate", By: "marc", At: s.at(211)},
		{ID: "improvement-2", Kind: release.NoteImprovement, Text: "Probe AVIF in staging | as users do", By: "olga", Owner: "marc", At: s.at(212)},
	}
	r.Ratings = []release.Rating{
		{By: "rita", Score: 5, Comment: "AVIF at last", At: s.at(211)}, {By: "olga", Score: 3, Comment: "503 on the first day", At: s.at(212)},
	}
	r.Efforts = []release.Effort{{By: "marc", Role: "release-managers", Hours: 6.5, Expense: 120, Text: "planned and followed it", At: s.at(213)}}
	r.Waits = []release.Waited{
		{Kind: release.WaitGate, Gate: "plan", Since: s.at(1), Until: s.at(12), People: []string{"ben"}},
		{Kind: release.WaitGate, Gate: "plan", Since: s.at(14), Until: s.at(31), People: []string{"ana", "ben"}},
		{Kind: release.WaitWindow, Environment: "production", Since: s.at(161), Until: s.at(163)},
		{Kind: release.WaitReview, Since: s.at(212), Until: s.at(214), People: []string{"marc"}},
	}
	r.Review = &release.Review{
		Opened: s.at(210), Asked: []string{"rita", "olga", "ana"}, AskedUntil: s.at(212),
		Performance: []release.Performance{
			{PerformanceTarget: release.PerformanceTarget{Measure: release.MeasureLeadTime, AtMost: &most}, Unit: "hours", Actual: &hours, Met: true},
			{PerformanceTarget: release.PerformanceTarget{Measure: release.MeasureSatisfaction, AtLeast: &least}, Unit: "of 5", Actual: &score},
			{PerformanceTarget: release.PerformanceTarget{Measure: release.MeasureCalls, AtLeast: &least, AtMost: &most}, Unit: "calls"},
		},
		Deviations: []release.Deviation{
			{Kind: release.DeviationRebuild, Text: "build 1 failed: suite acceptance: 1 of 10 cases failed"},
			{Kind: release.DeviationDuration, Text: "plan gate took 28m, planned were 20m"},
		},
		KnownErrors: r.KnownErrors,
		Cost:        &release.Cost{Currency: "CHF", MachineHours: 0.75, Machines: 1.5, PeopleHours: 6.5, People: 780, Expenses: 120, Total: 901.5},
		Closed:      &release.Act{At: s.at(214), Action: release.ActCloseReview, By: "marc", Summary: "as planned, but for the window", Counted: true},
		Missing:     []string{"a rating by ana"},
	}
}
