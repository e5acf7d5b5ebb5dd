package release_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"slipway/release"
)

func TestTheTitleSaysInWordsWhatIsWaitedFor(t *testing.T) {
	in := func(kind string) release.Awaiting { return release.Awaiting{Kind: kind, Environment: "production"} }
	gate := func(name string) release.Awaiting { return release.Awaiting{Kind: release.WaitGate, Gate: name} }
	for title, r := range map[string]release.Record{
		" waits for authorization of its plan":                                        {Awaiting: []release.Awaiting{gate(release.GatePlan)}},
		" waits for authorization to build":                                           {Awaiting: []release.Awaiting{gate(release.GateBuild)}},
		" waits for authorization to deploy to eu-1":                                  {Awaiting: []release.Awaiting{gate("deploy:eu-1")}},
		" waits for its review":                                                       {Awaiting: []release.Awaiting{gate(release.GateReview)}},
		" waits for a revised definition":                                             {Awaiting: []release.Awaiting{{Kind: release.WaitRevision}}},
		" waits for another build":                                                    {Awaiting: []release.Awaiting{{Kind: release.WaitRebuild}}},
		" waits for its change window in production":                                  {Awaiting: []release.Awaiting{in(release.WaitWindow)}},
		" waits for its turn in production":                                           {Awaiting: []release.Awaiting{in(release.WaitLease)}},
		" waits for acceptance in production":                                         {Awaiting: []release.Awaiting{in(release.WaitAcceptance)}},
		" waits for its hand-over in production":                                      {Awaiting: []release.Awaiting{in(release.WaitHandOver)}},
		" waits for a decision about a step in production":                            {Awaiting: []release.Awaiting{in(release.WaitStep), in(release.WaitStep)}},
		" waits for the end of its incidents in production":                           {Awaiting: []release.Awaiting{in(release.WaitIncidents)}},
		" waits for its turn in production and a decision about a step in production": {Awaiting: []release.Awaiting{in(release.WaitLease), in(release.WaitStep)}},
		": build":                            {Phase: release.StageBuild},
		": early life support in production": {Phase: release.StageIn(release.StageSupport, "production")},
		": completed with issues":            {Outcome: release.CompletedWithIssues},
	} {
		r.Service, r.Version = "web", "2.30"
		first, _, _ := strings.Cut(release.Details(r, release.Plan{}), "\n")
		assert.Equal(t, "## web 2.30"+title, first)
	}
}

func TestARevisionIsOfferedOnlyWhileNothingIsLive(t *testing.T) {
	r, p := waiting(t)
	assert.Contains(t, release.Details(r, p), "To say no, write `reject` in place of `authorize`, or `revise` to ask for another definition; say why with `\"comment\":\"…\"`.")
	r, p = atProduction(t)
	assert.Contains(t, release.Details(r, p), "To say no, add `--decision reject`; say why with `--comment \"…\"`.")
	r.Environments = nil
	assert.Contains(t, release.Details(r, p), "or `--decision revise` to ask for another definition")
}

func TestWhatIsToBeCopiedIsWholeAndALineOfItsOwn(t *testing.T) {
	r, p := atProduction(t)
	r.Awaiting[0].Command = "starter authorize " + strings.Repeat("a long name ", 50) + "--print"
	assert.Contains(t, release.Details(r, p), "\n\n`"+r.Awaiting[0].Command+"`\n\n1. Run this command")
}

func TestAPageSaysUntilWhenAGateIsOpen(t *testing.T) {
	r, p := waiting(t)
	assert.Contains(t, release.Details(r, p), "It is open for 3d, from 2026-03-01 12:00 UTC until 2026-03-04 12:00 UTC.")
	r.Awaiting[0].Since = noon.Add(20 * time.Millisecond)
	assert.Contains(t, release.Details(r, p), "It is open for 3d,", "it was announced a moment after it was opened")
	r.Awaiting[0].Deadline = time.Time{}
	assert.Contains(t, release.Details(r, p), "It is open since 2026-03-01 12:00 UTC, with no deadline.")
}

func TestRefusalsAreThoseSinceTheOpenGateWasAskedTheLatestFirst(t *testing.T) {
	r, p := atProduction(t)
	at := func(minutes int, why string) release.Act {
		return release.Act{At: noon.Add(time.Duration(minutes) * time.Minute), Action: release.ActAuthorize, By: "ana", Refusal: why}
	}
	plan := release.Gate{Name: release.GatePlan, Decision: release.Authorize, Opened: noon, Decided: noon.Add(10 * time.Minute)}
	r.Gates[0].Opened, r.Gates[0].Decided = noon.Add(20*time.Minute), noon.Add(30*time.Minute)
	r.Gates[1].Opened = noon.Add(30 * time.Minute)
	r.Gates = append([]release.Gate{plan}, r.Gates...)
	r.Acts = []release.Act{at(5, "of the plan gate"), at(15, "of no gate"), at(40, "latest"), at(25, "before it was voided")}
	refused := func(page string) string {
		_, refused, _ := strings.Cut(page, "### Refused\n\n")
		refused, _, _ = strings.Cut(refused, "\n\n")
		return refused
	}
	latest := "- 2026-03-01 12:40:00 UTC, `cab-authorization` by ana: **latest**\n"
	assert.Equal(t, latest+"- 2026-03-01 12:25:00 UTC, `cab-authorization` by ana: **before it was voided**", refused(release.Details(r, p)))
	assert.Equal(t, "- 2026-03-01 12:05:00 UTC, `cab-authorization` by ana: **of the plan gate**", refused(release.GateDetails(r, p, release.GatePlan)))
	r.Gates[2].Decision = release.Authorize
	assert.Equal(t, 3, strings.Count(refused(release.Details(r, p)), "\n"), "no gate is open: all")
	assert.True(t, strings.HasPrefix(refused(release.Details(r, p)), latest))
}

func TestOnlyWhatWasToldOfTheOpenGateIsShown(t *testing.T) {
	r, p := atProduction(t)
	assert.Equal(t, 3, strings.Count(release.Details(r, p), " at 2026-03-01 12:00 UTC"))
	r.Gates[1].Opened = noon.Add(time.Minute)
	assert.NotContains(t, release.Details(r, p), "### Told")
}

func TestTheWebUIChangesNothingOfWhatIsSaid(t *testing.T) {
	r, p := waiting(t)
	r.Title = "{namespace} {workflowId} {runId} {other} $HOME $5 1/2/3 a1/b CACHE_MB use --force-it or -x"
	page := release.Details(r, p)
	assert.Contains(t, page, "*{\u200bnamespace} {\u200bworkflowId} {\u200brunId} {other} \\$HOME \\$5 1∕2∕3 a1/b CACHE_MB use `--force-it` or -x*")
	p.Definition.Components[0].Source = release.Source{Dir: "/srv/{runId}"}
	assert.Contains(t, release.Details(r, p), "`dir /srv/{\u200brunId}`")
}
