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
	g, err := release.OpenGate("plan", p.Model.Gates["plan"], release.GateContent{}, noon)
	require.NoError(t, err)
	g.Digest = release.DigestOfBytes([]byte("what is authorized"))
	v := vote("ana", release.Authorize)
	v.Comment = "looks fine"
	require.NoError(t, g.Cast(v, p.Authority(), noon.Add(time.Hour)))
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

// told is a release of which everything that people and scripts can say is text.
func told(r release.Record, p release.Plan, text string) (release.Record, release.Plan) {
	r.Title, r.Reason = text, text
	r.Awaiting = slices.Clone(r.Awaiting)
	r.Awaiting[0].Needs = text
	r.Problems = release.Problems{{Path: text, Message: text}, {Message: text}}
	r.Risk.Reasons = []string{"+5: " + text}
	r.Conflicts = []release.Conflict{{Release: "cms@3", Reason: text}}
	p.Definition.Components[0].Source = release.Source{Dir: text, Sum: text}
	r.Package = &release.Package{Digest: release.DigestOfBytes(nil), Tag: "2.30-1", Size: 12, Files: 3}
	r.Builds = []release.BuildRecord{{Number: 1, Failure: text}}
	r.Evidence = []release.Evidence{{Suite: "unit", Build: 2, Passed: 1, Failed: 1, Failure: text, Covers: []string{text, text}}}
	r.Gates[0].Votes[0].Comment = text
	for range 7 {
		r.Acts = append(r.Acts, release.Act{At: noon, Action: release.ActAuthorize, By: text, Summary: text, Refusal: text})
	}
	r.Acts = append(r.Acts, release.Act{At: noon, Action: release.ActAuthorize, By: "ana", Counted: true})
	return r, p
}

func TestTheApproversPageOfAReleaseAtThePlanGate(t *testing.T) {
	r, p := waiting(t)
	golden(t, "details-plan-gate.md", release.Details(r, p))
}

func TestTheApproversPageWithHostileText(t *testing.T) {
	r, p := waiting(t)
	r, p = told(r, p, "# 1. `|` \\| ``` *bold* _it_ ~~~ [a](b) <script>alert(1)</script>\n\n## Waiting\n| a | b |\n"+strings.Repeat("very long ", 40))
	golden(t, "details-hostile.md", release.Details(r, p))
}

func TestAReleaseThatEndedWaitsForNobody(t *testing.T) {
	r, p := waiting(t)
	r.Outcome, r.Reason = release.Rejected, "gate plan was rejected by ana"
	page := release.Details(r, p)
	assert.True(t, strings.HasPrefix(page, "## web 2.30: rejected\n"), page)
	assert.Contains(t, page, "**gate plan was rejected by ana**")
	assert.NotContains(t, page, "Waiting for")
	assert.NotContains(t, page, "Nothing waits")
}

func TestAReleaseWithoutAPlanHasAPage(t *testing.T) {
	page := release.Details(release.Record{Service: "web", Version: "2.30", Phase: release.StagePlan}, release.Plan{})
	assert.True(t, strings.HasPrefix(page, "## web 2.30: plan\nNothing waits for a person.\n\n"), page)
}

// fraction is what the Web UI would turn into one.
var fraction = regexp.MustCompile(`\b\d+/\d+\b`)

// codeSpan is inline code.
var codeSpan = regexp.MustCompile("`[^`]*`")

// skeleton is the structure of a page as a Markdown reader sees it: what each line
// is, and how many cells a row of a table has.
func skeleton(t require.TestingT, page string) string {
	var lines []string
	for line := range strings.Lines(page) {
		line = strings.TrimSuffix(line, "\n")
		require.Zero(t, strings.Count(line, "`")%2, "an open code span in %q", line)
		outside := codeSpan.ReplaceAllString(line, "")
		require.NotRegexp(t, `(^|[^\\])(\\\\)*[<~[]`, outside, "markup in %q", line)
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
		case strings.HasPrefix(line, "  "):
			kind = "item goes on"
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
		text := rapid.StringOfN(rapid.RuneFrom([]rune("|\\`*_~#<>[]()!&-+=1.:x \n\r\t")), 1, 30, -1).Draw(rt, "text")
		if strings.TrimSpace(text) == "" {
			return
		}
		r, p := told(plain, plan, text)
		require.Equal(rt, want, skeleton(rt, release.Details(r, p)))
	})
}

func TestADeploymentsPageShowsItsTargetsAndSteps(t *testing.T) {
	golden(t, "details-deployment.md", release.DeploymentDetails(release.DeploymentStatus{
		ID: "web@2.30:production", Environment: "production", State: release.EnvBackingOut, Reason: "step switch on p2 failed: exit status 1",
		Awaiting: []release.Awaiting{{
			Kind: release.WaitStep, Environment: "production", Needs: "somebody to look at p2", Since: noon, Action: release.ActResolveStep,
			Payload: `{"by":"marc","step":"switch","target":"p2","action":"done","reason":"WHY"}`,
		}},
		Targets: []release.TargetStatus{{Name: "p1", State: release.TargetNew, Version: "2.30"}, {Name: "p2", State: release.TargetUndecided}},
		Steps: []release.StepResult{
			{Step: "switch", Target: "p1", Wave: 1, Fate: release.FateDone},
			{Step: "switch", Target: "p2", Wave: 2, Fate: release.FateUnknown, Message: "a | b\nc"},
			{Step: "switch", Target: "p1", Wave: 1, Fate: release.FateUndone, BackOut: true},
		},
		Acts: []release.Act{{At: noon, Action: release.ActResolveStep, By: "uwe", Refusal: "uwe may not resolve-step"}},
	}))
}

func TestASupportsPageShowsIncidentsAndWhatIsNotMet(t *testing.T) {
	resolved := incident("INC-1", 1, false)
	resolved.ResolvedBy, resolved.Resolution = "ben", "more | memory"
	golden(t, "details-support.md", release.SupportDetails(release.SupportStatus{
		ID: "web@2.30:production:els", Environment: "production", Started: noon, Until: noon.AddDate(0, 0, 14),
		Unmet:     []string{"incident INC-2 of severity 2 is open: it is slow"},
		Incidents: []release.Incident{resolved, incident("INC-2", 2, true)},
		Calls:     []release.Call{{At: noon, By: "sam", Summary: "how do I order?"}},
		Awaiting: []release.Awaiting{{
			Kind: release.WaitIncidents, Environment: "production", Needs: "incident INC-2 of severity 2 is open", Since: noon,
			Action: release.ActResolveIncident, Payload: `{"by":"uwe","incident":"INC-2","resolution":"HOW"}`,
		}},
		Acts: []release.Act{{At: noon, Action: release.ActIncident, By: "zoe", Refusal: "zoe is not on the roster"}},
	}))
}
