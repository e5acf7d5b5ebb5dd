package release_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"slipway/release"
)

// waiting is a release whose plan waits for a second vote.
func waiting(t testing.TB) (release.Record, release.Plan) {
	p := compiled(t, definition(t), organization(), facts())
	g, err := release.OpenGate("plan", p.Gates["plan"], release.GateContent{}, p.Excluded(), noon)
	require.NoError(t, err)
	g.Digest = release.DigestOfBytes([]byte("what is authorized"))
	v := vote("ana", release.Authorize)
	v.Comment = "looks fine"
	require.NoError(t, g.Cast(v, release.Voter{Seats: organization().Seats("ana", noon)}, noon.Add(time.Hour)))
	return release.Record{
		ID: p.Release, Service: "web", Version: "2.30", Title: p.Definition.Title, Model: "normal", Requester: "rita", Manager: "marc",
		Phase: release.StagePlanGate, Started: noon, Risk: p.Risk, Conflicts: p.Conflicts, Gates: []release.Gate{g},
		Awaiting: []release.Awaiting{{
			Kind: release.WaitGate, Gate: "plan", Digest: g.Digest, Needs: g.Needs(p.Authority()), Since: noon, Deadline: g.Deadline,
			Action:  release.ActAuthorize,
			Payload: `{"by":"YOUR-ID","gate":"plan","decision":"authorize","digest":"` + g.Digest.Short() + `"}`,
		}},
	}, p
}

// atProduction is a release that is live in staging and waits, escalated, for a
// signed vote before production.
func atProduction(t testing.TB) (release.Record, release.Plan) {
	before := definition(t)
	before.Version, before.Components[0].Source.Version = "2.29", "v2.29.0"
	d := definition(t)
	d.SchemaChanges = []release.SchemaChange{{Name: "drop-prices", Description: "the old price table goes"}}
	d.Requirements = append(d.Requirements, release.Requirement{ID: "REQ-2", Text: "Orders in French"})
	d.Test.Suites = append(d.Test.Suites, release.Suite{Name: "shop", Kind: "acceptance", Component: "web", Run: "true", Covers: []string{"REQ-1", "REQ-2"}})
	o := organization()
	o.Environments[1].Windows = []release.Window{fridays("")}
	o.Freezes = []release.Freeze{{Reason: "year end", From: noon.AddDate(0, 0, 10), To: noon.AddDate(0, 0, 20)}}
	f := facts()
	staging := running()
	staging.Environment = "staging"
	f.Baselines, f.Open = append(f.Baselines, staging), nil
	f.Running = map[release.Digest]release.Plan{staging.Package.Digest: compiled(t, before, organization(), facts())}
	o.Environments[1].Targets[1].Env = map[string]string{"CACHE_MB": "64"}
	p := compiled(t, d, o, f)

	gate := release.Gate{
		Name: "deploy:production", Digest: release.DigestOfBytes([]byte("what is authorized")), Opened: noon, Deadline: noon.Add(time.Hour), Escalated: noon.Add(time.Hour),
		Policy: release.GatePolicy{Votes: map[string]int{"cab": 2}, Signed: true, Escalate: &release.Escalation{To: "directors", For: hours(24)}},
		Votes: []release.Vote{{
			By: "ana", Decision: release.Authorize, Comment: "staging is quiet", Key: "SHA256:abcdefk3x9Qa",
			Seats: []release.Seat{{Person: "ana", Groups: []string{"cab"}}, {Person: "eva", Groups: []string{"cab"}}},
		}},
	}
	voided := gate
	voided.Decision, voided.Reason, voided.Escalated = release.VoidedGate, "the targets of production changed", time.Time{}
	pack := release.Package{Digest: release.DigestOfBytes(nil), Tag: "2.30-1", Size: 12, Files: 3}
	return release.Record{
		ID: p.Release, Service: "web", Version: "2.30", Title: p.Definition.Title, Model: "normal", Requester: "rita", Manager: "marc",
		Phase: "deploy-gate:production", Started: noon, Risk: p.Risk, Package: &pack, Gates: []release.Gate{voided, gate},
		Awaiting: []release.Awaiting{{
			Kind: release.WaitGate, Gate: gate.Name, Digest: gate.Digest, Needs: "1 more of group cab (ben), signed", Since: noon, Deadline: gate.Deadline,
			Action: release.ActAuthorize, Command: "starter authorize web@2.30 --gate deploy:production --digest " + gate.Digest.Short() + " --by YOUR-ID --sign YOUR-KEY --print",
		}},
		Evidence: []release.Evidence{
			{Suite: "unit", Build: 1, Passed: 120, Covers: []string{"REQ-1"}},
			{Suite: "shop", Kind: "acceptance", Build: 1, Passed: 6, Covers: []string{"REQ-1", "REQ-2"}},
		},
		Environments: []release.EnvironmentRecord{
			{Name: "staging", State: release.EnvLive, ModulesNote: "the package of 2.29 is not in the DML"},
			{Name: "production", Modules: []release.Change{
				{Kind: release.ChangeModule, What: "example.org/net", Was: "v0.30.0", Is: "v0.33.0"}, {Kind: release.ChangeModule, What: "example.org/new", Is: "v1.0.0"},
			}},
		},
		Amendments: []release.Amendment{{Environment: "production", Why: "the targets of production were p1, p2 and are p1, p2, p3, p4, p5"}},
		Notices: []release.Notice{
			{At: noon, Kind: release.NoticeAsked, Gate: "plan", To: []string{"ana", "ben"}},
			{At: noon, Kind: release.NoticeAsked, Gate: gate.Name, To: []string{"ana", "ben"}},
			{At: noon, Kind: release.NoticeReminder, Gate: gate.Name, To: []string{"ben"}},
			{At: noon, Kind: release.NoticeEscalated, Gate: gate.Name, To: []string{"ben", "eva"}, Unreached: map[string]string{"eva": "no contact"}},
		},
	}, p
}

// told is a release of which everything that people and scripts can say is text.
func told(r release.Record, p release.Plan, text string) (release.Record, release.Plan) {
	r.Title, r.Reason = text, text
	r.Awaiting = slices.Clone(r.Awaiting)
	r.Awaiting[0].Needs = text
	r.Problems = release.Problems{{Path: text, Message: text}, {Message: text}}
	r.Risk.Reasons = []string{"+5: " + text}
	r.Conflicts = []release.Conflict{{Release: "cms@3", Reason: text}}
	p.Definition.Components = slices.Clone(p.Definition.Components)
	p.Definition.Components[0].Source = release.Source{Dir: text, Sum: text}
	p.Definition.Emergency = &release.Emergency{Reason: text, OverrideFreeze: text}
	p.Environments = slices.Clone(p.Environments)
	for i := range p.Environments {
		p.Environments[i].Windows = []release.Window{{Name: text}}
		p.Environments[i].Opening.Freezes = []release.Freeze{{Reason: text, From: noon, To: noon}}
		p.Environments[i].Changes = []release.Change{
			{Kind: release.ChangeBaseline, What: "what runs: " + text}, {Kind: release.ChangeComponent, What: text, Was: text, Is: text}, {Kind: release.ChangeRequirement, What: text, Is: text},
		}
	}
	r.Package = &release.Package{Digest: release.DigestOfBytes(nil), Tag: "2.30-1", Size: 12, Files: 3}
	r.Builds = []release.BuildRecord{{Number: 1, Failure: text}}
	r.Evidence = []release.Evidence{{Suite: "unit", Build: 2, Passed: 1, Failed: 1, Failure: text, Covers: []string{text, text}}}
	r.Gates = slices.Clone(r.Gates)
	r.Gates[0].Votes = slices.Clone(r.Gates[0].Votes)
	r.Gates[0].Votes[0].Comment, r.Gates[0].Reason = text, text
	r.Environments = []release.EnvironmentRecord{
		{Name: "staging", ModulesNote: text}, {Name: "production", Modules: []release.Change{{What: text, Was: text, Is: text}}},
	}
	r.Amendments = []release.Amendment{{Environment: "staging", Why: text}}
	r.Notices = []release.Notice{{At: noon, Kind: release.NoticeAsked, Gate: release.GatePlan, To: []string{"ana"}, Text: text, Unreached: map[string]string{"ana": text}}}
	r.Review = &release.Review{
		Performance: []release.Performance{{Unit: text}}, Deviations: []release.Deviation{{Text: text}}, Missing: []string{text}, Cost: &release.Cost{Currency: text},
	}
	r.Notes, r.Ratings = []release.Note{{Text: text, By: text}}, []release.Rating{{By: text, Comment: text}}
	for range 7 {
		r.Acts = append(r.Acts, release.Act{At: noon.Add(time.Hour), Action: release.ActAuthorize, By: text, Summary: text, Refusal: text})
	}
	r.Acts = append(r.Acts, release.Act{At: noon, Action: release.ActAuthorize, By: "ana", Counted: true})
	return r, p
}

func TestTheApproversPageOfAReleaseAtThePlanGate(t *testing.T) {
	r, p := waiting(t)
	golden(t, "details-plan-gate.md", release.Details(r, p))
}

func TestTheApproversPageOfADeploymentGateIsAboutThatEnvironment(t *testing.T) {
	r, p := atProduction(t)
	page := release.Details(r, p)
	golden(t, "details-deploy-gate.md", page)
	assert.NotContains(t, page, "staging |")
}

func TestTheApproversPageOfOneGateIsAboutItAlone(t *testing.T) {
	r, p := atProduction(t)
	plan := r.Gates[1]
	plan.Name, plan.Decision = release.GatePlan, release.Authorize
	r.Gates = append([]release.Gate{plan}, r.Gates...)
	page := release.GateDetails(r, p, release.GatePlan)
	assert.Contains(t, page, "Nothing waits for a person here.")
	assert.Contains(t, page, "| plan |")
	assert.NotContains(t, page, "| deploy:production |")
	assert.Contains(t, page, "| staging | 2.29", "the plan is about all environments")
	assert.NotContains(t, page, "asked ana, ben", "it is decided")
	assert.Len(t, r.Gates, 3, "the record stays")
}

func TestAPageIsReadInHalfAMinute(t *testing.T) {
	r, p := atProduction(t)
	page := release.GateDetails(r, p, "deploy:production")
	assert.Less(t, strings.Count(page, "\n"), 80)
	order := []string{
		"waits for", "Waiting for **1 more", "`starter authorize", "To say no", "### What changes", "No way back", "### Risk", "### Package and evidence", "### Conflicts and calendar",
		"### Gates and votes", "### Told",
	}
	last := 0
	for _, part := range order {
		at := strings.Index(page, part)
		assert.Greater(t, at, last, part)
		last = at
	}
}

func TestAPackageOfOtherSourcesThanPlannedIsShownAsSuch(t *testing.T) {
	r, p := atProduction(t)
	built := func(change func(s *release.Source)) string {
		r.Components = slices.Clone(p.Definition.Components)
		change(&r.Components[0].Source)
		return release.Details(r, p)
	}
	assert.NotContains(t, built(func(*release.Source) {}), "Not built as planned")
	assert.Contains(t, built(func(s *release.Source) { s.Sum = "h1:other=" }), "- **Not built as planned**: sum of component web was h1:abc=, is h1:other=")
	assert.Contains(t, built(func(s *release.Source) { s.Version = "v2.30.1" }), "**Not built as planned**: component web was v2.30.0, is v2.30.1")
}

func TestTheGateShowsWhatDidNotPassAtOnce(t *testing.T) {
	r, p := atProduction(t)
	require.NotEmpty(t, r.Evidence)
	last := &r.Evidence[len(r.Evidence)-1]
	last.Runs, last.Flaky, last.Failure = 2, []string{"TestFrench", "TestGerman"}, ""
	assert.Contains(t, release.Details(r, p), "| passed on run 2; flaky: TestFrench, TestGerman |")
	last.Flaky, last.Failure = nil, "1 of 7 cases failed"
	assert.Contains(t, release.Details(r, p), "**failed**: 1 of 7 cases failed (failed in all 2 runs)")
}

func TestHugePlansHaveAShortPage(t *testing.T) {
	d, o, f := definition(t), organization(), facts()
	o.Environments[1].Targets = nil
	for i := range 1000 {
		o.Environments[1].Targets = append(o.Environments[1].Targets, release.Target{
			Name: fmt.Sprintf("t%d", i), Folder: "/srv", Env: map[string]string{"A": fmt.Sprint(i), "B": "2"},
		})
	}
	before := compiled(t, d, o, f)
	o = organization()
	full, _ := before.Environments[1].Described()
	o.Environments[1].Targets = slices.Clone(full)
	for i := range o.Environments[1].Targets {
		o.Environments[1].Targets[i].Env = map[string]string{"A": fmt.Sprint(-i), "B": "3"}
	}
	f.Running = map[release.Digest]release.Plan{running().Package.Digest: before}
	p := compiled(t, d, o, f)
	r, _ := waiting(t)
	r.Risk = p.Risk
	page := release.Details(r, p)
	assert.Less(t, len(page), 8000)
	assert.Contains(t, page, "and 960 more of configuration")
}

func TestTheApproversPageWithHostileText(t *testing.T) {
	r, p := waiting(t)
	r, p = told(r, p, "# 1. `|` \\| ``` *bold* _it_ ~~~ [a](b) <script>alert(1)</script>\n\n## Waiting\n| a | b |\n"+strings.Repeat("very long ", 40))
	golden(t, "details-hostile.md", release.Details(r, p))
}

func TestAReleaseThatEndedWaitsForNobody(t *testing.T) {
	r, p := atProduction(t)
	r.Outcome, r.Reason = release.Rejected, "gate plan was rejected by ana"
	page := release.Details(r, p)
	assert.True(t, strings.HasPrefix(page, "## web 2.30: rejected\n"), page)
	assert.Contains(t, page, "**gate plan was rejected by ana**")
	assert.NotContains(t, page, "waits for")
}

func TestAReleaseWithoutAPlanHasAPage(t *testing.T) {
	page := release.Details(release.Record{Service: "web", Version: "2.30", Phase: release.StagePlan}, release.Plan{})
	assert.True(t, strings.HasPrefix(page, "## web 2.30: plan\nNothing waits for a person here.\n\n"), page)
}

// fraction is what the Web UI would turn into one.
var fraction = regexp.MustCompile(`\b\d+/\d+\b`)

// codeSpan is inline code.
var codeSpan = regexp.MustCompile("`[^`]*`")

// answer is a step of how to answer.
var answer = regexp.MustCompile(`^[1-4]\. [A-Z*]`)

// skeleton is the structure of a page as a Markdown reader sees it: what each line
// is, and how many cells a row of a table has.
func skeleton(t require.TestingT, page string) string {
	var lines []string
	for line := range strings.Lines(page) {
		line = strings.TrimSuffix(line, "\n")
		require.Zero(t, strings.Count(line, "`")%2, "an open code span in %q", line)
		outside := codeSpan.ReplaceAllString(line, "")
		require.NotRegexp(t, `(^|[^\\])(\\\\)*[<~[$]`, outside, "markup in %q", line)
		require.NotRegexp(t, fraction, outside)
		kind := "text"
		switch {
		case strings.TrimSpace(line) == "":
			kind = ""
		case strings.HasPrefix(line, "|"):
			cells := 0
			for i := 0; i < len(line); i++ {
				switch line[i] {
				case '\\':
					i++
				case '|':
					cells++
				}
			}
			kind = fmt.Sprint("row of ", cells-1)
		case strings.HasPrefix(line, "#"):
			kind = line
		case strings.HasPrefix(line, "- "):
			kind = "item"
		case answer.MatchString(line):
			kind = "step"
		default:
			require.NotRegexp(t, `^(>|[-+] |\d+[.)]|===|---|~~~|\x60\x60\x60)`, line, "a block of its own")
		}
		lines = append(lines, kind)
	}
	return strings.Join(lines, "\n")
}

func TestNoTextChangesTheStructureOfAPage(t *testing.T) {
	plain, plan := waiting(t)
	r, p := told(plain, plan, "x")
	want := skeleton(t, release.Details(r, p))
	assert.Contains(t, want, "row of 7")
	_, refused, _ := strings.Cut(want, "### Refused")
	refused, _, _ = strings.Cut(refused, "###")
	assert.Equal(t, 5, strings.Count(refused, "item"), "the latest five")
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.StringOfN(rapid.RuneFrom([]rune("|\\`*_~#<>[](){}$!&-+=1.:x \n\r\t")), 1, 30, -1).Draw(rt, "text")
		if strings.TrimSpace(text) == "" {
			return
		}
		r, p := told(plain, plan, text)
		require.Equal(rt, want, skeleton(rt, release.Details(r, p)))
	})
}
