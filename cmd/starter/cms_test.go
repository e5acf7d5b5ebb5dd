package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"slipway/release"
	"slipway/release/records"
)

// placements are what ran where: after a back-out, on all targets but one, and by a
// model that asks nobody.
func placements() []records.Placement {
	return []records.Placement{
		{
			Environment: "production", Service: "shop", Release: "shop@1", Version: "1", Package: digest, Since: at(-60), SetBy: "shop@2",
			Authorized: records.Authorized{Gate: "deploy:production", Decision: release.Authorize, At: at(-90), Policy: "2 of group cab", By: []string{"ana", "ben"}},
			RFCs:       []string{"RFC-1"}, Others: []records.Exception{{Version: "0", Count: 1, Targets: []string{"p3"}}, {Count: 2, Targets: []string{"p4", "p5"}}},
		},
		{
			Environment: "production", Service: "mail", Release: "mail@1", Version: "1", Since: at(-90), Until: at(-61), SetBy: "mail@1",
			Authorized: records.Authorized{Gate: "deploy:production", Decision: release.PreAuthorized}, Source: "module example.org/core v1",
		},
		{Environment: "staging", Service: "shop", Release: "shop@1", Version: "1", Since: today.AddDate(0, -1, 0), SetBy: "shop@1"},
	}
}

// answers are one of each kind.
func answers() []records.Answer {
	incidents := []records.Incident{
		{Release: "shop@2", Environment: "production", Incident: release.Incident{
			ID: "INC-1", Severity: 1, CI: "web", Summary: hostile, Defect: release.DefectData, Opened: at(-70), Assignment: release.Assignment{Assignee: "olga"},
		}},
		{Release: "shop@1", Environment: "production", Incident: release.Incident{ID: "INC-2", Severity: 4, Summary: "power cut", Opened: at(-80), Unrelated: true, Resolved: at(-79)}},
	}
	node := func(kind, name string) records.Node { return records.Node{Kind: kind, Name: name} }
	web, first, second := node("ci", "web"), node("release", "shop@1"), node("release", "shop@2")
	return []records.Answer{
		{Next: "2026-03-01T09:00:00.000000Z,shop@1", Releases: []records.Release{
			{ID: "shop@2", State: release.State{Service: "shop", Version: "2", Model: "normal", Manager: "marc", Phase: "deploy:staging", Started: at(-100), Environments: []string{"staging", "production"}, ConfigurationItems: []string{"web"}, RFCs: []string{"RFC-1", "RFC-2"}}},
			{ID: "shop@1", State: release.State{Service: "shop", Version: "1", Model: "standard", Manager: "mia", Phase: "closed", Outcome: release.Completed, Started: at(-200), Closed: at(-190)}},
		}},
		{Items: []records.ItemRow{
			{Kind: records.ItemComponent, Name: "core", About: "module example.org/core v1", Releases: 3, Latest: at(-100)},
			{Kind: records.ItemPackage, Name: string(digest), About: "shop@2", Releases: 1, Latest: at(-90)},
		}},
		{Item: &records.History{
			Name: "web", Kinds: []records.ItemKind{records.ItemDeclared, records.ItemService}, About: []string{"service: the front"},
			Runs: placements()[:2], Placed: placements(), RFCs: []string{"RFC-1"}, MoreRFCs: 1200, Incidents: incidents, MoreIncidents: 1,
			Releases: []records.Started{{ID: "shop@2", Phase: "deploy:staging"}, {ID: "shop@1", Phase: "closed", Outcome: release.Completed}}, MoreReleases: 3,
		}},
		{Item: &records.History{Name: "cache", Kinds: []records.ItemKind{records.ItemDeclared}}},
		{Baselines: placements()},
		{Incidents: incidents},
		{KnownErrors: []records.KnownError{
			{Service: "shop", ID: "KE-1", Summary: "slow", Workaround: "=wait()", Since: at(-50), Releases: []string{"shop@2", "shop@1"}, Runs: []records.Running{{Environment: "production", Release: "shop@1"}}, Incident: "shop@2/INC-1"},
			{Service: "mail", ID: "KE-2", Summary: "loud", Since: at(-40), Releases: []string{"mail@1"}, Resolved: at(-1), Resolution: "mail@2"},
		}},
		{Relations: &records.Tree{Root: web, Edges: []records.Edge{
			{From: first, Relation: "changes", To: web},
			{From: second, Relation: "changes", To: web},
			{From: first, Relation: "of", To: node("service", "shop")},
			{From: first, Relation: "made", To: node("package", string(digest))},
			{From: second, Relation: "of", To: node("service", "shop")},
		}, More: []records.More{{Node: first, Count: 7}}}},
		{Releases: []records.Release{}},
	}
}

// shows are how the verbs write these, by what is in them.
func (a *app) shows() inquiry {
	return inquiry{
		show: func(w io.Writer, found records.Answer) {
			switch {
			case found.Releases != nil:
				a.writeRecordedReleases(w, found.Releases)
			case found.Items != nil:
				a.writeItems(w, found.Items)
			case found.Item != nil:
				a.writeItem(w, *found.Item)
			case found.Baselines != nil:
				a.writePlacements(w, found.Baselines)
			case found.Incidents != nil:
				a.writeRecordedIncidents(w, found.Incidents)
			case found.KnownErrors != nil:
				a.writeKnownErrors(w, found.KnownErrors)
			default:
				writeTree(w, *found.Relations)
			}
		},
		rows: func(found records.Answer) any {
			switch {
			case found.Releases != nil:
				return found.Releases
			case found.Items != nil:
				return found.Items
			case found.Item != nil:
				return found.Item.Placed
			case found.Baselines != nil:
				return found.Baselines
			case found.Incidents != nil:
				return found.Incidents
			case found.KnownErrors != nil:
				return found.KnownErrors
			}
			return found.Relations.Edges
		},
	}
}

func TestRecordsAreShownToPeopleSpreadsheetsAndPrograms(t *testing.T) {
	var text bytes.Buffer
	a := viewer(&text)
	for _, form := range []string{table, csvText} {
		a.format = form
		for _, answer := range answers() {
			fmt.Fprintf(&text, "---- %s\n", form)
			require.NoError(t, a.printAnswer(a.shows(), answer))
		}
	}
	require.NotContains(t, text.String(), "\x1b[")
	golden(t, "cms", text.String())

	text.Reset()
	a.format = indented
	require.NoError(t, a.printAnswer(a.shows(), answers()[0]))
	var back records.Answer
	require.NoError(t, json.Unmarshal(text.Bytes(), &back))
	require.Equal(t, answers()[0], back, "programs learn how to go on")
	text.Reset()
	a.format = jsonLines
	require.NoError(t, a.printAnswer(a.shows(), answers()[0]))
	require.Equal(t, 2, bytes.Count(text.Bytes(), []byte("\n")), "a line for each row")
	text.Reset()
	a.format = indented
	require.NoError(t, a.printAnswer(a.shows(), records.Answer{Releases: []records.Release{}}))
	require.JSONEq(t, `{"releases":[]}`, text.String(), "none is an empty list")
}

func TestACellOfASpreadsheetIsNeverAFormula(t *testing.T) {
	for text, want := range map[string]string{
		"=1+1": "'=1+1", "+a": "'+a", "@x": "'@x", "-x": "'-x", "a=1": "a=1", "": "",
	} {
		require.Equal(t, want, inert(text))
	}
}

func TestTimesAreToldAsHowLongAgoOrAsTimes(t *testing.T) {
	a := viewer(&bytes.Buffer{})
	for text, want := range map[string]time.Time{
		"":                     {},
		"90d":                  today.AddDate(0, 0, -90),
		"1h":                   at(-60),
		"2026-03-01":           time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC),
		"2026-03-01 09:30":     time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC),
		"2026-03-01T09:30:00Z": time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC),
	} {
		got, err := a.past("since", text)
		require.NoError(t, err, text)
		require.True(t, want.Equal(got), "%s is %s", text, got)
	}
	for _, text := range []string{"soon", "2026-02-30", "-90d", "90"} {
		_, err := a.past("since", text)
		require.ErrorContains(t, err, "--since", text)
	}
}

func TestAnAuditOnDemandSaysWhatDoesNotHold(t *testing.T) {
	var text bytes.Buffer
	a := viewer(&text)
	whole := release.AuditReport{
		AuditRequest: release.AuditRequest{Environment: "production"}, Started: at(-2), Ended: at(-1),
		Services: []release.ServiceAudit{{Service: "shop", Release: "shop@1", Version: "1", Audit: release.Audit{Targets: 3}}},
	}
	require.NoError(t, auditProblem(whole))
	broken := whole
	broken.Holders = []string{"mail@2:production"}
	broken.Services = append(broken.Services,
		release.ServiceAudit{
			Service: "mail", Release: "mail@1", Version: "1", Unread: []release.Unread{{Target: "p9", Why: "it does not answer\nat all"}}, MoreUnread: 4,
			Audit: release.Audit{Targets: 1200, Unlisted: 1100, Discrepancies: []release.Discrepancy{{Target: "p1", Expected: "1", Found: hostile}}},
		},
		release.ServiceAudit{Service: "batch", Release: "batch@1", Version: "1", Note: "only its scripts know"})
	for _, r := range []release.AuditReport{whole, broken} {
		require.NoError(t, a.print(r, func(w io.Writer) { a.writeAuditReport(w, r) }))
		fmt.Fprintln(&text, "----", auditProblem(r))
	}
	golden(t, "audit-environment", text.String())
}
