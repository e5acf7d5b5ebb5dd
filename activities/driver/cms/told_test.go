package cms_test

import (
	"fmt"
	"strings"
	"testing"

	"slipway/activities/driver/cms"
	"slipway/release"
)

// told is a small history, in which the answers to questions are plain to see. Minutes
// from its beginning:
//
//	  0  shop@1 begins; in staging from 10, in production from 20, closed at 30
//	 50  mail@1 begins, a standard release; in production from 60
//	100  shop@2 begins; in staging from 110, in production from 120, backed out of
//	     production at 130 and of staging at 131, after incident INC-1; closed at 140
//	150  shop@4 begins, and is rejected at 160
//	200  shop@3 begins; in production from 220, but not on target p3, and still open
func told(t *testing.T, store *cms.Store) {
	t.Helper()
	write(t, store, releaseOf("shop@1", 0, 30, release.Completed, "web", "RFC-1")...)
	write(t, store, releaseOf("mail@1", 50, 70, release.Completed, "queue", "")...)
	write(t, store, releaseOf("shop@2", 100, 140, release.BackedOut, "web", "RFC-2")...)
	write(t, store, releaseOf("shop@4", 150, 160, release.Rejected, "cache", "")...)
	write(t, store, releaseOf("shop@3", 200, 0, "", "cache", "RFC-8")...)
	for _, p := range []struct {
		runs, by, environment string
		minute                int
	}{
		{"shop@1", "shop@1", "staging", 10},
		{"shop@1", "shop@1", "production", 20},
		{"mail@1", "mail@1", "production", 60},
		{"shop@2", "shop@2", "staging", 110},
		{"shop@2", "shop@2", "production", 120},
		{"shop@1", "shop@2", "production", 130},
		{"shop@1", "shop@2", "staging", 131},
	} {
		write(t, store, placedIn(p.runs, p.by, p.environment, p.minute))
	}
	partly := placedIn("shop@3", "shop@3", "production", 220)
	partly.Baseline.Baseline.Others = []release.Holding{{Version: "1", Package: pack("shop@1"), Targets: []string{"p3"}}}
	write(t, store, partly)
	write(t, store, gateOf("shop@1", "staging", 5, release.Authorize, "ana")...)
	write(t, store, gateOf("shop@1", "production", 15, release.Authorize, "ana", "ben")...)
	write(t, store, gateOf("mail@1", "production", 55, release.PreAuthorized)...)
	write(t, store, gateOf("shop@2", "production", 115, release.Authorize, "ana", "eva")...)
	write(t, store, gateOf("shop@3", "production", 210, release.Authorize, "eva")...)
	write(t, store, supported()...)
}

// releaseOf is a release with its state and its build; one that is closed at minute zero
// is open.
func releaseOf(id string, began, ended int, outcome release.Outcome, item, rfc string) []release.Entry {
	s := state(id, release.StageDeploy, began)
	if ended > 0 {
		s = closed(id, outcome, ended)
	}
	s.ReleaseState.Started, s.ReleaseState.ConfigurationItems = at(began), []string{item}
	s.ReleaseState.Environments = []string{"staging", "production"}
	if rfc != "" {
		s.ReleaseState.RFCs = []string{rfc}
	}
	if strings.HasPrefix(id, "mail") {
		s.ReleaseState.Model, s.ReleaseState.Manager = "standard", "mia"
	}
	p, build := pack(id), entry(id, "build/1", began+1)
	_, version, _ := strings.Cut(id, "@")
	build.Build = &release.BuildRecord{Number: 1, Started: at(began + 1), Builder: "w", Package: &p, Sources: []release.Acquired{
		{Component: "core", Source: "module example.org/core v" + version, Sum: "h1:" + version},
	}}
	return []release.Entry{s, build}
}

func placedIn(id, by, environment string, minute int) release.Entry {
	e := runs(id, by, minute)
	e.Key = fmt.Sprintf("%s/%s/baseline/%d", by, environment, minute)
	e.Baseline.Environment, e.Baseline.Baseline.Environment = environment, environment
	return e
}

// gateOf is a gate that was decided five minutes after it was opened, by votes of these
// people, with the ledger of their votes; one of them had wanted a revision first, and
// somebody's vote did not count.
func gateOf(id, environment string, opened int, decision release.Decision, people ...string) []release.Entry {
	name := release.DeployGate(environment)
	gate := entry(id, "gate/"+name, opened+5)
	gate.Gate = &release.Gate{
		Name: name, Digest: digest(name), Opened: at(opened), Decision: decision, Decided: at(opened + 5),
		Policy: release.GatePolicy{Votes: map[string]int{"cab": max(1, len(people))}},
	}
	entries := []release.Entry{gate}
	if len(people) == 0 {
		return entries
	}
	book := release.Ledger{Release: id, Started: at(opened)}
	for i, l := range append([]release.LedgerEntry{
		{At: at(opened + 1), By: people[0], Decision: release.ReviseIt, Counted: true},
		{At: at(opened + 1), By: "eve", Decision: release.Authorize, Refusal: "eve is not on the roster"},
	}, authorizedBy(opened+2, people)...) {
		l.Gate = name
		l, err := book.Append(l, []byte("{}"))
		if err != nil {
			panic(err) // it is made of texts and times
		}
		vote := entry(id, fmt.Sprintf("%s/vote/%d", environment, i), opened+2)
		vote.Ballot = &release.BallotEntry{Started: at(opened), Entry: l}
		entries = append(entries, vote)
	}
	return entries
}

func authorizedBy(minute int, people []string) (votes []release.LedgerEntry) {
	for _, by := range people {
		votes = append(votes, release.LedgerEntry{At: at(minute), By: by, Decision: release.Authorize, Counted: true})
	}
	return votes
}

// supported is what early life support led to: incidents and known errors.
func supported() []release.Entry {
	incident := func(id, name string, i release.Incident) release.Entry {
		e := entry(id, "production/incident/"+name, 1000)
		i.ID = name
		e.Incident = &release.IncidentEntry{Environment: "production", Incident: i}
		return e
	}
	found := func(id, name string, minute int, k release.FoundError) release.Entry {
		e := entry(id, "production/known-error/"+name, minute)
		k.ID, k.By, k.At = name, "olga", at(minute)
		e.KnownError = &release.KnownErrorEntry{Environment: "production", Service: "shop", Error: k}
		return e
	}
	shipped := entry("shop@1", "production/service", 30)
	shipped.Service = &release.ServiceEntry{
		Service: "shop", Environment: "production", Package: pack("shop@1").Digest, Requester: "rita", Manager: "max", Targets: 3,
		KnownErrors: []release.KnownError{{ID: "KE-7", Summary: "Prices are rounded 100% up", Workaround: "Add them by hand"}},
	}
	raised := entry("shop@2", "production/rfc/RFC-8", 126)
	raised.RFC = &release.RFCEntry{Environment: "production", RFC: release.RaisedRFC{ID: "RFC-8", Title: "a pool", CI: "web", By: "olga", At: at(126)}}
	return []release.Entry{
		incident("shop@1", "INC-1", release.Incident{Severity: 3, Summary: "wrong price", Opened: at(25), By: "uwe", Defect: release.DefectData, Resolved: at(28)}),
		incident("shop@2", "INC-1", release.Incident{
			Severity: 1, CI: "web", Summary: "it is down", Opened: at(125), By: "uwe", Defect: release.DefectPerformance,
			Resolved: at(131), KnownError: "KE-1", RFC: "RFC-8", Assignment: release.Assignment{Assignee: "olga"},
		}),
		incident("shop@3", "INC-1", release.Incident{Severity: 4, CI: "cache", Summary: "power cut", Opened: at(230), By: "uwe", Unrelated: true}),
		shipped, raised,
		found("shop@2", "KE-1", 127, release.FoundError{
			KnownError: release.KnownError{Summary: "the pool runs dry", Workaround: "restart it"}, Incident: "INC-1", Resolved: at(140), Resolution: "shop@3",
		}),
		found("shop@3", "KE-1", 225, release.FoundError{KnownError: release.KnownError{Summary: "the cache is cold", Workaround: "wait until the pool is full"}}),
	}
}
