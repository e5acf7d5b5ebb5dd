// Package figurestest makes up what organizations record of their releases, for tests and
// benchmarks of figures: the same seed gives the same releases.
package figurestest

import (
	"fmt"
	"math/rand/v2"
	"time"

	"slipway/release"
	"slipway/release/figures"
)

// Start is a start of a release, with what is written of it to the CMS.
type Start struct {
	release.State
	ID      string
	Entries []release.Entry
}

// Begin and End are the year in which releases are made.
var (
	Begin = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	End   = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
)

// Purposes are those of the environments to which the releases go.
var Purposes = map[string]string{"staging": "test", "production": "production", "emea": "production", "apac": "production"}

// Rates are what people and machines of the year cost.
var Rates = release.Rates{
	Currency: "CHF", MachineHour: 12.5, Roles: map[string]float64{"developer": 110, "change-manager": 140, "default": 90},
}

// Reviews are when the procedures were looked over.
var Reviews = []release.ProcedureReview{{On: Begin.AddDate(0, -5, 0), By: "marc"}, {On: Begin.AddDate(0, 4, 11), By: "marc"}}

// Input asks for all figures of the year.
func Input() figures.Input {
	return figures.Input{Since: Begin, Until: End, Rates: Rates, ProcedureReviews: Reviews, Purposes: Purposes}
}

var (
	services = []string{"accounts", "billing", "httpbin", "orders", "search"}
	routes   = [][]string{{"staging", "production"}, {"staging", "emea", "apac"}, {"staging", "warehouse"}}
	people   = []string{"ana", "ben", "eva", "marc", "olga"}
)

// Releases makes so many starts of releases over the year, some before its beginning and
// some not closed at its end. A few are started again under the same id.
func Releases(seed uint64, n int) []Start {
	g := &generator{dice: rand.New(rand.NewPCG(seed, 6))} // #nosec G404: they are made up
	var all []Start
	for i := range n {
		service := services[g.dice.IntN(len(services))]
		begin := Begin.Add(time.Duration(i)*End.Sub(Begin)/time.Duration(n) - 10*24*time.Hour)
		version := fmt.Sprintf("%d.%d.0", 1+i/100, i%100)
		if last := len(all) - 1; i%17 == 16 && !all[last].Closed.IsZero() {
			service, version = all[last].Service, all[last].Version
			begin = all[last].Closed.Add(time.Hour)
		}
		all = append(all, g.release(service, version, begin.Add(g.upTo(6*time.Hour))))
	}
	for i := range all {
		g.look(&all[i], i+1 < len(all) && all[i+1].ID == all[i].ID)
	}
	return all
}

// look audits now and then what a release left behind, when it was not started again.
func (g *generator) look(start *Start, again bool) {
	if start.Closed.IsZero() || again || !g.one(10) {
		return
	}
	g.start, g.now = start, start.Closed.Add(g.upTo(100*24*time.Hour))
	g.audit(start.Environments[0], release.AuditOnDemand)
}

type generator struct {
	dice *rand.Rand
	// now is how far the release is that is made.
	now   time.Time
	start *Start
	steps int
}

// upTo is a length of time below a limit, in milliseconds.
func (g *generator) upTo(limit time.Duration) time.Duration {
	return time.Duration(g.dice.Int64N(limit.Milliseconds())) * time.Millisecond
}

// one in so many times.
func (g *generator) one(in int) bool { return g.dice.IntN(in) == 0 }

func (g *generator) pass(limit time.Duration) time.Time {
	g.now = g.now.Add(time.Second + g.upTo(limit))
	return g.now
}

// add writes an entry at the time that it is.
func (g *generator) add(what string, fill func(*release.Entry)) {
	g.steps++
	e := release.Entry{
		Key: fmt.Sprintf("%s/%d/%s/%d", g.start.ID, g.start.Started.Unix(), what, g.steps), At: g.now, Release: g.start.ID,
	}
	fill(&e)
	g.start.Entries = append(g.start.Entries, e)
}

// release goes through the life of a release.
func (g *generator) release(service, version string, begin time.Time) Start {
	g.start = &Start{ID: release.ID(service, version)}
	g.now, g.start.Started = begin, begin
	s := &g.start.State
	s.Service, s.Version, s.Model, s.Requester, s.Manager = service, version, "normal", "rita", "marc"
	switch g.dice.IntN(6) {
	case 0:
		s.Model, s.Emergency = "emergency", true
	case 1, 2:
		s.Model = "standard"
	}
	s.Environments = routes[g.dice.IntN(len(routes))]
	review := &release.ReviewEntry{Started: begin}
	s.Phase = release.StageDeploy
	s.Outcome = g.course(review)
	if s.Outcome != "" {
		g.close(review)
	}
	g.add("state", func(e *release.Entry) { e.ReleaseState = s })
	return *g.start
}

// course gives the outcome; empty for a release that stays open.
func (g *generator) course(review *release.ReviewEntry) release.Outcome {
	g.wait(release.WaitGate, release.GatePlan, "", "2 of group cab", 72*time.Hour)
	if g.one(12) {
		return release.Rejected
	}
	g.build(review)
	outcome := release.Completed
	for _, environment := range g.start.Environments {
		if g.one(25) {
			g.carryOut(environment, false)
			return "" // it goes on
		}
		switch g.deploy(environment, review) {
		case release.EnvNotDeployed:
			return release.Expired
		case release.EnvBackedOut:
			return release.BackedOut
		case release.EnvPartly:
			outcome = release.CompletedWithIssues
		}
	}
	return outcome
}

func (g *generator) wait(kind, gate, environment, needs string, limit time.Duration) {
	w := release.Waited{Kind: kind, Gate: gate, Environment: environment, Needs: needs, Since: g.now}
	w.Until = g.pass(limit)
	if kind == release.WaitGate {
		first := g.dice.IntN(len(people))
		for i := range 1 + g.dice.IntN(2) {
			w.People = append(w.People, people[(first+i)%len(people)])
		}
	}
	g.add("waited", func(e *release.Entry) { e.Waited = &release.WaitedEntry{Started: g.start.Started, Waited: w} })
}

// stage goes through a stage that may have been expected to take a time.
func (g *generator) stage(review *release.ReviewEntry, name release.StageName, expected time.Duration, do func()) {
	s := release.Stage{Name: name, Started: g.now}
	if !g.one(4) {
		s.Expected = release.Duration(expected)
	}
	do()
	if !g.one(10) {
		s.Ended = g.now
	}
	review.Stages = append(review.Stages, s)
}
