package report

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/release"
)

// supportEnded is an early life support of two weeks in which something happened.
func supportEnded() release.SupportStatus {
	began := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	day := func(n int) time.Time { return began.AddDate(0, 0, n) }
	s := release.SupportStatus{
		ID: "web@2.30:production:els", Environment: "production", Started: began, Until: day(17), Ended: day(16),
		Availability: []release.Availability{
			{Target: "p1", Since: began, Last: day(16), Probes: 1000, Failed: 9, Down: []release.Interval{{From: day(3), To: day(3).Add(90 * time.Second), Reason: "connection refused"}}, MaxLatency: 90e6, MeanLatency: 12e6},
		},
		Others: &release.Others{Calm: 318, Availability: release.Availability{
			Since: began, Last: day(16), Probes: 318000, Unobserved: []release.Interval{{From: day(5), To: day(5).Add(time.Minute)}},
		}},
		Incidents: []release.Incident{{
			ID: "INC-1", Severity: 2, Summary: "no images", By: "sam", Opened: day(3), Resolved: day(4), ResolvedBy: "ben", Resolution: "more memory",
			Workaround: "use PNG", KnownError: "KE-1",
		}},
		Calls:       []release.Call{{ID: "CALL-1", At: day(2), By: "sam", Summary: "how do I log in?"}},
		KnownErrors: []release.FoundError{{KnownError: release.KnownError{ID: "KE-1", Summary: "memory | leak", Workaround: "restart"}, Incident: "INC-1", By: "ben", At: day(4)}},
		RFCs:        []release.RaisedRFC{{ID: "RFC-1", Title: "a larger cache", Incident: "INC-1", By: "ben", At: day(4)}},
		Extensions:  []release.Extension{{At: day(14), From: day(14), Until: day(17), Reason: "nobody confirmed that knowledge was transferred"}},
		EndedBy:     &release.Act{At: day(16), Action: release.ActEndSupport, By: "sam", Summary: "it is quiet"},
		Latency:     []release.LatencyWindow{{From: began, To: day(7), Probes: 150000, Failed: 9, Mean: 12e6, Max: 90e6}},
	}
	plan := release.Support{Period: release.Duration(14 * 24 * time.Hour), Exit: release.ExitCriteria{MaxDowntime: release.Duration(time.Minute), Knowledge: true}}
	s.Criteria = plan.Evaluate(s, s.Ended)
	s.Unmet = release.Unmet(s.Criteria)
	return s
}

func TestASupportReportSaysAllThatWasMeasuredAndRecorded(t *testing.T) {
	roster := []release.Person{{ID: "sam", Name: "Sam Stone"}, {ID: "ben"}}
	golden(t, "support.md", Support("web@2.30", roster, supportEnded()))
}

func TestASupportReportSaysHowItEnded(t *testing.T) {
	s := supportEnded()
	s.Unmet, s.Criteria = nil, nil
	assert.Contains(t, Support("web@2.30", nil, s), "**ended well**")
	s.BackOut = "incident INC-1 of severity 1 is open: no images"
	text := Support("web@2.30", nil, s)
	assert.Contains(t, text, "**backed out automatically**")
	require.Contains(t, text, "- Backed out because: incident INC-1 of severity 1 is open: no images")
}
