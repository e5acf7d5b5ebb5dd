package cms_test

import (
	"time"

	"slipway/release"
)

// wholeSupport is all that an early life support says, with what it led to.
func wholeSupport(id, environment string) []release.Entry {
	looked := release.Assignment{Assignee: "olga", Assigned: at(8)}
	incident := entry(id, environment+"/incident/1", 9)
	incident.Incident = &release.IncidentEntry{Environment: environment, Incident: release.Incident{
		ID: "INC-1", Severity: 2, CI: "web", Summary: "slow", Defect: release.DefectPerformance, By: "uwe", Opened: at(8),
		Resolved: at(9), ResolvedBy: "olga", Resolution: "restarted", Workaround: "restart", Assignment: looked,
		KnownError: "KE-3", RFC: "RFC-8",
	}}
	call, older := entry(id, environment+"/call/1", 9), entry(id, environment+"/call/0", 8)
	call.Call = &release.CallEntry{Environment: environment, Call: release.Call{
		ID: "CALL-1", At: at(8), By: "uwe", CI: "web", Summary: "is it slow?", Assignment: looked,
		Resolved: at(9), ResolvedBy: "olga", Resolution: "told to wait",
	}}
	older.Call = &release.CallEntry{Environment: environment, Call: release.Call{At: at(7), By: "uwe", Summary: "without an id"}}
	known := entry(id, environment+"/known-error/KE-3", 9)
	known.KnownError = &release.KnownErrorEntry{Environment: environment, Service: "httpbin", Error: release.FoundError{
		KnownError: release.KnownError{ID: "KE-3", Summary: "slow under load", Workaround: "restart"}, Incident: "INC-1",
		By: "olga", At: at(9), Assignment: looked, Resolved: at(20), ResolvedBy: "max", Resolution: "2.27.0",
	}}
	raised := entry(id, environment+"/rfc/RFC-8", 9)
	raised.RFC = &release.RFCEntry{Environment: environment, RFC: release.RaisedRFC{
		ID: "RFC-8", Title: "a pool of its own", Reason: "it is slow", Incident: "INC-1", CI: "web", By: "olga", At: at(9),
	}}
	support := entry(id, environment+"/support", 30)
	support.Support = &release.SupportEntry{Environment: environment, Status: wholeStatus(environment)}
	return []release.Entry{incident, call, older, known, raised, support}
}

func wholeStatus(environment string) release.SupportStatus {
	down := []release.Interval{{From: at(8), To: at(9), Reason: "503"}}
	return release.SupportStatus{
		Environment: environment, Started: at(7), Until: at(30), Ended: at(30), EndedBy: &release.Act{By: "sam"}, BackOut: "severity 1",
		Availability: []release.Availability{
			{Target: "one", Since: at(7), Last: at(30), Probes: 138, Failed: 6, Down: down, MeanLatency: 2e6, MaxLatency: 9e6},
			{Target: "two", Since: at(7), Last: at(30), Probes: 138, Unobserved: []release.Interval{{From: at(10), To: at(11)}}},
		},
		Latency:    []release.LatencyWindow{{From: at(7), To: at(30), Probes: 276, Failed: 6, Mean: 2e6, Max: 9e6}},
		Criteria:   []release.Criterion{{Name: "incidents", Wanted: "none of severity 1 to 2", Actual: "none", Met: true}},
		Extensions: []release.Extension{{At: at(17), From: at(17), Until: at(30), By: "sam", Reason: "one more shift"}},
		Document:   &release.Blob{Digest: digest("support report"), Size: 99},
	}
}

// wholeReview is what was noted, waited for and found of a release that started at
// minute zero.
func wholeReview(id string) []release.Entry {
	started, most, cost := at(0), 24.0, 17.5
	waited, note, rating := entry(id, "waited/1", 4), entry(id, "note/1", 31), entry(id, "rating/uwe", 32)
	waited.Waited = &release.WaitedEntry{Started: started, Waited: release.Waited{
		Kind: "gate", Gate: "deploy:production", Environment: "production", Needs: "2 of group cab", Since: at(1), Until: at(4),
		People: []string{"ana", "ben"},
	}}
	note.Note = &release.NoteEntry{Started: started, Note: release.Note{
		ID: "NOTE-1", Kind: release.NoteImprovement, Text: "probe earlier", By: "max", At: at(31), Owner: "olga",
	}}
	rating.Rating = &release.RatingEntry{Started: started, Rating: release.Rating{By: "uwe", Score: 4, Comment: "well done", At: at(32)}}
	effort := entry(id, "effort/1", 32)
	effort.Effort = &release.EffortEntry{Started: started, Effort: release.Effort{
		By: "max", Role: "manager", Hours: 1.5, Expense: 20, Text: "the plan", At: at(32),
	}}
	review := entry(id, "review", 40)
	review.Review = &release.ReviewEntry{
		Started: started, Report: &release.Blob{Digest: digest("report"), Size: 1234},
		Review: release.Review{
			Opened: at(30), Asked: []string{"uwe", "rita"}, AskedUntil: at(39), Missing: []string{"a rating of rita"},
			Performance: []release.Performance{
				{PerformanceTarget: release.PerformanceTarget{Measure: release.MeasureCost, AtMost: &most}, Unit: "EUR", Actual: &cost, Met: true},
				{PerformanceTarget: release.PerformanceTarget{Measure: release.MeasureSatisfaction, AtLeast: &most}, Unit: "of 5"},
			},
			Deviations: []release.Deviation{{Kind: "step", Text: "announce was skipped"}},
			Closed:     &release.Act{At: at(40), By: "max", Summary: "all in all fine"},
		},
		Stages: []release.Stage{
			{Name: release.StagePlan, Expected: release.Duration(time.Hour), Started: at(0), Ended: at(1), Note: "as planned"},
			{Name: release.StageReview, Started: at(30)},
		},
		Live: []release.LiveSince{{Environment: "production", Purpose: "production", At: at(7), Planned: at(6)}},
	}
	return []release.Entry{waited, note, rating, effort, review}
}
