package cms

import (
	"fmt"

	"slipway/release"
)

// rowsOf lays an entry out as rows, or refuses it.
func rowsOf(e *release.Entry) ([]row, error) {
	var found [][]row
	add(&found, e, e.ReleaseState, releaseRows)
	add(&found, e, e.Build, buildRows)
	add(&found, e, e.Evidence, testRows)
	add(&found, e, e.Act, actionRows)
	add(&found, e, e.Ballot, ballotRows)
	add(&found, e, e.Notice, noticeRows)
	add(&found, e, e.Gate, gateRows)
	add(&found, e, e.Deployment, deploymentRows)
	add(&found, e, e.Step, stepRows)
	add(&found, e, e.Audit, auditRows)
	add(&found, e, e.Readiness, readinessRows)
	add(&found, e, e.Baseline, baselineRows)
	add(&found, e, e.Incident, incidentRows)
	add(&found, e, e.Call, callRows)
	add(&found, e, e.Calendar, calendarRows)
	add(&found, e, e.Assets, assetRows)
	add(&found, e, e.Service, serviceRows)
	add(&found, e, e.Support, supportRows)
	add(&found, e, e.KnownError, knownErrorRows)
	add(&found, e, e.RFC, rfcRows)
	add(&found, e, e.Waited, waitedRows)
	add(&found, e, e.Note, noteRows)
	add(&found, e, e.Rating, ratingRows)
	add(&found, e, e.Effort, effortRows)
	add(&found, e, e.Review, reviewRows)
	if len(found) != 1 {
		return nil, fmt.Errorf("%w: it has %d parts, wanted exactly one", ErrInvalid, len(found))
	}
	if err := check(e, found[0]); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return found[0], nil
}

func add[T any](found *[][]row, e *release.Entry, part *T, rows func(*release.Entry, *T) []row) {
	if part != nil {
		*found = append(*found, rows(e, part))
	}
}

// check says what is missing or contradicts itself.
func check(e *release.Entry, rows []row) error {
	ofCalendar := e.Release == release.CalendarID && (e.Act != nil || e.Calendar != nil)
	if _, _, err := release.ParseID(e.Release); err != nil && !ofCalendar {
		return err
	}
	if e.Calendar != nil {
		if err := checkCalendar(e.Calendar); err != nil {
			return err
		}
	}
	switch s, d, b, l := e.ReleaseState, e.Deployment, e.Baseline, e.Ballot; {
	case e.Key == "":
		return fmt.Errorf("key is missing")
	case e.At.IsZero():
		return fmt.Errorf("at is missing")
	case s != nil && release.ID(s.Service, s.Version) != e.Release:
		return fmt.Errorf("the state of %s is in an entry of %s", release.ID(s.Service, s.Version), e.Release)
	case d != nil && d.Environment == "":
		return fmt.Errorf("environment is missing")
	case b != nil && (b.Environment == "" || b.Service == ""):
		return fmt.Errorf("the baseline does not say of what and where")
	case b != nil && b.Baseline != nil && b.Baseline.Release == "":
		return fmt.Errorf("the baseline does not say which release runs")
	case l != nil && (l.Entry.Seq < 1 || l.Entry.At.IsZero() || l.Entry.Hash == ""):
		return fmt.Errorf("the ballot was not appended to a ledger")
	}
	for _, r := range rows {
		for _, c := range r.is {
			if c.value == nil || c.value == "" {
				return fmt.Errorf("%s is missing", c.name)
			}
		}
	}
	return nil
}

func releaseRows(e *release.Entry, s *release.State) []row {
	return []row{state("releases", e, []column{{"started", stamp(s.Started)}}, []column{
		{"service", s.Service},
		{"version", s.Version},
		{"title", optional(s.Title)},
		{"model", s.Model},
		{"requester", s.Requester},
		{"manager", s.Manager},
		{"phase", string(s.Phase)},
		{"outcome", optional(s.Outcome)},
		{"reason", optional(s.Reason)},
		{"risk", s.Risk},
		{"plan", optional(s.PlanDigest)},
		{"package", optional(s.Package)},
		{"closed", stamp(s.Closed)},
		{"emergency", s.Emergency},
	},
		parts("release_items", s.ConfigurationItems, func(item string) []column { return []column{{"item", item}} }),
		parts("release_environments", s.Environments, func(name string) []column { return []column{{"environment", name}} }),
		parts("release_rfcs", s.RFCs, func(rfc string) []column { return []column{{"rfc", rfc}} }),
	)}
}
