package e2e_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"slipway/release"
	"slipway/release/records"
	"slipway/starter"
)

// ask puts a question to the records.
func (s *site) ask(r records.Request) records.Answer {
	s.t.Helper()
	found, err := s.starter.Records(s.ctx(), r)
	require.NoError(s.t, err)
	return found
}

// ran tells placements in a line each: where, what, set by whom, authorized by whom.
func ran(list []records.Placement) (lines []string) {
	for _, p := range list {
		state := "ran"
		if p.Until.IsZero() {
			state = "runs"
		}
		lines = append(lines, fmt.Sprintf("%s %s in %s, set by %s, authorized by %v", p.Release, state, p.Environment, p.SetBy, p.Authorized.By))
	}
	return lines
}

// backedOut carries a release on until its deployment to production fails on one target
// and is backed out everywhere.
func (s *site) backedOut(version string) string {
	s.t.Helper()
	d := s.definition(version)
	d.ConfigurationItems, d.RFCs = []string{"config-" + s.name}, []string{"RFC-" + s.name}
	d.Steps = append(d.Steps, release.Step{Name: "licence", Kind: release.ServiceDeployment, Per: release.PerTarget, Run: `[ "$TARGET" != production-2 ]`})
	id := s.start(d)
	s.authorize(id, release.GatePlan, "ana", "ben")
	s.authorize(id, release.DeployGate(s.env("staging")), "ana")
	s.authorize(id, release.DeployGate(s.env("production")), "ana", "eva")
	require.Equal(s.t, release.BackedOut, s.ended(id).Outcome)
	return id
}

func TestTheCMSTellsWhatRanWhereAndAnAuditWhatIsThere(t *testing.T) {
	s := newSite(t)
	d := s.definition("1.0")
	d.ConfigurationItems = []string{"config-" + s.name}
	first := s.carry(s.start(d))
	require.Equal(t, release.Completed, first.Outcome, first.Reason)
	second := s.backedOut("2.0")
	staging, production := s.env("staging"), s.env("production")

	was := first.ID + " runs in " + production + ", set by " + second + ", authorized by [ana ben]"
	require.Equal(t, []string{was}, ran(s.ask(records.Request{Baselines: &records.Baselines{Environment: production}}).Baselines))
	require.Equal(t, []string{
		first.ID + " runs in " + staging + ", set by " + second + ", authorized by [ana]",
		second + " ran in " + staging + ", set by " + second + ", authorized by [ana]",
		first.ID + " ran in " + staging + ", set by " + first.ID + ", authorized by [ana]",
	}, ran(s.ask(records.Request{Baselines: &records.Baselines{Environment: staging, History: true}}).Baselines))

	item := s.ask(records.Request{Item: &records.Item{Name: "config-" + s.name}}).Item
	require.Equal(t, []records.ItemKind{records.ItemDeclared}, item.Kinds)
	require.Contains(t, ran(item.Runs), was)
	require.Len(t, item.Placed, 5, "each deployment, and each back-out")
	require.Equal(t, []string{"RFC-" + s.name}, item.RFCs)
	require.Equal(t, release.BackedOut, item.Releases[0].Outcome)
	pkg := s.ask(records.Request{Item: &records.Item{Name: first.Package.Digest.Short()}}).Item
	require.Equal(t, string(first.Package.Digest), pkg.Name)
	require.Len(t, pkg.Runs, 2)

	tree := s.ask(records.Request{Relations: &records.Relations{Node: records.Node{Kind: "rfc", Name: "RFC-" + s.name}, Depth: 2}}).Relations
	node := func(kind, name string) records.Node { return records.Node{Kind: kind, Name: name} }
	require.Contains(t, tree.Edges, records.Edge{From: node("release", second), Relation: "carries out", To: node("rfc", "RFC-"+s.name)})
	require.Contains(t, tree.Edges, records.Edge{From: node("release", second), Relation: "changes", To: node("ci", "config-"+s.name)})
	_, err := s.starter.Records(s.ctx(), records.Request{Baselines: &records.Baselines{Environment: "moon"}})
	require.Equal(t, starter.NotFound, starter.CodeOf(err))
	require.ErrorContains(t, err, "there is no environment moon: there are ")

	s.audits()
}

// audits changes targets of production by hand, and puts them right.
func (s *site) audits() {
	t, production := s.t, s.env("production")
	require.Empty(t, s.audit(production).discrepancies)

	held := s.path("targets", "production-2", "current", "VERSION")
	version, err := os.ReadFile(held)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(held, []byte("by hand"), 0o644))
	gone := s.path("targets", "production-3")
	require.NoError(t, os.Rename(gone, gone+"-away"))
	found := s.audit(production)
	require.Equal(t, []string{"production-2 holds 1.0, with files that were changed, expected 1.0"}, found.discrepancies)
	require.Equal(t, []string{"production-3"}, found.unread, "what cannot be looked at is no discrepancy")

	require.NoError(t, os.WriteFile(held, version, 0o644))
	require.NoError(t, os.Rename(gone+"-away", gone))
	found = s.audit(production)
	require.Empty(t, found.discrepancies)
	require.Empty(t, found.unread)
	s.keepHistory(release.AuditID(production), "audit")

	for message, r := range map[string]release.AuditRequest{
		"there is no environment moon: there are " + s.env("staging"):               {Environment: "moon"},
		"nothing of service nosuch runs in " + production + ": there are " + s.name: {Environment: production, Service: "nosuch"},
	} {
		_, err := s.starter.Audit(s.ctx(), r, starter.AuditObserver{})
		require.ErrorContains(t, err, message)
	}
}

// audited is what an audit on demand found.
type audited struct{ discrepancies, unread []string }

func (s *site) audit(environment string) (found audited) {
	s.t.Helper()
	report, err := s.starter.Audit(s.ctx(), release.AuditRequest{Environment: environment}, starter.AuditObserver{})
	require.NoError(s.t, err)
	require.Len(s.t, report.Services, 1)
	require.Empty(s.t, report.Holders, "no deployment has it")
	service := report.Services[0]
	require.Equal(s.t, s.name, service.Service)
	require.Equal(s.t, 3, service.Audit.Targets+service.Unreached())
	for _, d := range service.Audit.Discrepancies {
		found.discrepancies = append(found.discrepancies, d.Target+" holds "+d.Found+", expected "+d.Expected)
	}
	for _, u := range service.Unread {
		found.unread = append(found.unread, u.Target)
	}
	return found
}

func TestAnAuditThatIsUnderWayIsJoinedAndTellsWhoHasTheEnvironment(t *testing.T) {
	s := newSite(t)
	s.carry(s.start(s.definition("1.0")))
	production := s.env("production")
	d := s.definition("2.0")
	d.Steps = append(d.Steps, release.Step{Name: "hold", Kind: release.ServiceDeployment, Run: "while [ ! -e " + s.path("go") + " ]; do sleep 0.1; done"})
	id := s.start(d)
	t.Cleanup(func() { _ = os.WriteFile(s.path("go"), nil, 0o644) })
	s.authorize(id, release.GatePlan, "ana", "ben")
	s.authorize(id, release.DeployGate(s.env("staging")), "ana")
	holder := release.DeploymentID(id, s.env("staging"))
	require.Eventually(t, func() bool {
		report, err := s.starter.Audit(s.ctx(), release.AuditRequest{Environment: s.env("staging")}, starter.AuditObserver{})
		require.NoError(t, err)
		return len(report.Holders) == 1 && report.Holders[0] == holder
	}, patience, 50*time.Millisecond, "%s has the environment", holder)

	// Two who ask at the same time get one audit.
	type answer struct {
		release.AuditReport
		error
	}
	joined, answers := make(chan release.AuditReport, 8), make(chan answer, 8)
	for range cap(answers) {
		go func() {
			report, err := s.starter.Audit(s.ctx(), release.AuditRequest{Environment: production}, starter.AuditObserver{
				Joined: func(r release.AuditReport) { joined <- r },
			})
			answers <- answer{report, err}
		}()
	}
	runs := map[time.Time]bool{}
	for range cap(answers) {
		a := <-answers
		require.NoError(t, a.error)
		runs[a.Started] = true
	}
	require.Equal(t, cap(answers), len(runs)+len(joined), "each began one, or joined one")
}
