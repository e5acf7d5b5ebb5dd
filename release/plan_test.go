package release_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/release"
)

// running is what runs in production before the release.
func running() release.Baseline {
	return release.Baseline{
		Environment: "production", Service: "web", Release: "web@2.29", Version: "2.29",
		Package: release.Package{Digest: release.DigestOfBytes([]byte("2.29"))}, Since: noon.Add(-time.Hour),
	}
}

func facts() release.Facts {
	return release.Facts{
		Now: noon, Baselines: []release.Baseline{running()}, Ended: []release.Outcome{release.Completed},
		Open: []release.OpenRelease{{ID: "shop@7", ConfigurationItems: []string{"shop"}}},
	}
}

func TestAPlanIsTheSameForTheSameInput(t *testing.T) {
	assert.Equal(t, compiled(t, definition(t), organization(), facts()), compiled(t, definition(t), organization(), facts()))
}

func TestCompilingChangesNothingThatItWasGiven(t *testing.T) {
	d, o, f := definition(t), organization(), facts()
	slices.Reverse(d.Steps)
	first := d.Steps[0].Name
	compiled(t, d, o, f)
	assert.Equal(t, first, d.Steps[0].Name)
	assert.Equal(t, organization(), o)
	assert.Equal(t, facts(), f)
}

func TestThePlansDigestDoesNotChangeWithTheTimeOfPlanning(t *testing.T) {
	o := organization()
	o.Environments[1].Windows = []release.Window{{Rule: "FREQ=WEEKLY;BYDAY=FR", Start: "2026-01-02T18:00", Length: release.Duration(4 * time.Hour)}}
	early, late := facts(), facts()
	late.Now = late.Now.Add(30 * time.Hour)
	one, two := compiled(t, definition(t), o, early), compiled(t, definition(t), o, late)
	assert.NotEqual(t, one.Compiled, two.Compiled)
	assert.Equal(t, one.Digest, two.Digest)
	late.Now = late.Now.Add(30 * 24 * time.Hour)
	assert.Equal(t, one.Digest, compiled(t, definition(t), o, late).Digest, "the next window is not what is authorized")
	again, problems := release.Compile(definition(t), o, early, 2)
	require.Empty(t, problems)
	assert.Equal(t, one.Digest, again.Digest, "a revision that changes nothing is nothing new to authorize")
}

func TestThePlansDigestChangesWithAnythingThatIsAuthorized(t *testing.T) {
	type input struct {
		d release.Definition
		o release.Organization
		f release.Facts
	}
	seen := map[release.Digest]string{}
	digest := func(name string, change func(*input)) {
		t.Helper()
		in := input{definition(t), organization(), facts()}
		change(&in)
		p, problems := release.Compile(in.d, in.o, in.f, 1)
		require.Empty(t, problems, name)
		assert.NotContains(t, seen, p.Digest, name)
		seen[p.Digest] = name
	}
	digest("as it is", func(*input) {})
	digest("version", func(in *input) { in.d.Version = "2.31" })
	digest("title", func(in *input) { in.d.Title = "The shop in Italian" })
	digest("manager", func(in *input) { in.d.Manager = "ana" })
	digest("requester", func(in *input) { in.d.Requester = "sam" })
	digest("source", func(in *input) { in.d.Components[0].Source.Sum = "h1:other=" })
	digest("build script", func(in *input) { in.d.Build.Steps[0].Run += "\n" })
	digest("build environment", func(in *input) { in.d.Build.Steps[0].Env["CGO_ENABLED"] = "1" })
	digest("reference of a secret", func(in *input) { in.d.Build.Steps[0].Secrets["TOKEN"] = "env:OTHER" })
	digest("test script", func(in *input) { in.d.Test.Suites[0].Run = "true" })
	digest("requirement", func(in *input) { in.d.Requirements[0].Text = "It speaks Italian" })
	digest("retries of a step", func(in *input) { in.d.Steps[0].Retries = 0 })
	digest("timeout of a step", func(in *input) { in.d.Steps[1].Timeout++ })
	digest("back-out of a step", func(in *input) { in.d.Steps[1].BackOut = "true" })
	digest("waves", func(in *input) { in.d.Environments[1].Waves = []int{2} })
	digest("environments", func(in *input) { in.d.Environments = in.d.Environments[1:] })
	digest("probe", func(in *input) { in.d.Verification.Probes[0].Status = 204 })
	digest("early life support", func(in *input) { in.d.EarlyLifeSupport.Period++ })
	digest("known error", func(in *input) { in.d.KnownErrors[0].Workaround = "Look twice" })
	digest("planned duration", func(in *input) { in.d.Expected[release.StageBuild]++ })
	digest("quorum", func(in *input) { in.o.Models[0].Gates["plan"] = release.GatePolicy{Group: "cab", Quorum: 1} })
	digest("who may back out", func(in *input) { in.o.Models[0].May[release.ActBackOut] = []string{"users"} })
	digest("back-out policy", func(in *input) { in.o.Models[0].BackOut.Scope = release.ScopeRelease })
	digest("targets", func(in *input) { in.o.Environments[1].Targets = targets("p", 4) })
	digest("folder of a target", func(in *input) { in.o.Environments[1].Targets[0].Folder = "/other" })
	digest("what runs now", func(in *input) { in.f.Baselines[0].Version = "2.28" })
	digest("nothing runs now", func(in *input) { in.f.Baselines = nil })
	digest("risk", func(in *input) { in.f.Ended = []release.Outcome{release.BackedOut} })
	digest("conflicts", func(in *input) { in.f.Open = nil })
}

func TestStepsOfOneKindKeepTheirOrderAndKindsComeInThatOfTheProcess(t *testing.T) {
	d := definition(t)
	step := func(name string, kind release.StepKind) release.Step {
		return release.Step{Name: name, Kind: kind, Run: "true"}
	}
	d.Steps = []release.Step{
		step("remove", release.RemovalOfRedundantAssets), step("deploy-b", release.ServiceDeployment),
		step("pay", release.FinancialAssets), step("deploy-a", release.ServiceDeployment), step("transfer", release.ServiceTransfer),
	}
	var order []string
	for _, s := range compiled(t, d, organization(), facts()).Definition.Steps {
		order = append(order, s.Name)
	}
	assert.Equal(t, []string{"pay", "transfer", "deploy-b", "deploy-a", "remove"}, order)
}

func TestAPlannedEnvironmentKnowsWhatRunsThereOfThisService(t *testing.T) {
	f := facts()
	f.Baselines = []release.Baseline{{Environment: "production", Service: "shop", Version: "7"}, running()}
	p := compiled(t, definition(t), organization(), f)
	staging, _ := p.Environment("staging")
	production, _ := p.Environment("production")
	assert.Nil(t, staging.Previous)
	assert.Equal(t, "2.29", production.Previous.Version)
	_, found := p.Environment("moon")
	assert.False(t, found)
}

func TestStagesArePlannedByTheDefinitionOrElseTheModel(t *testing.T) {
	planned := map[release.StageName]release.Duration{}
	var order []release.StageName
	for _, s := range compiled(t, definition(t), organization(), facts()).Stages {
		planned[s.Name] = s.Expected
		order = append(order, s.Name)
	}
	minute := release.Duration(time.Minute)
	assert.Equal(t, minute, planned["build"], "the definition's")
	assert.Equal(t, 10*minute, planned["deploy:production"], "the definition's for one environment")
	assert.Equal(t, days(2), planned["deploy:staging"], "the model's")
	assert.Equal(t, days(14), planned["early-life-support:staging"], "its own period")
	assert.Zero(t, planned["review"], "nobody said")
	assert.Equal(t, release.StagePlan, order[0])
	assert.Equal(t, release.StageReview, order[len(order)-1])
	assert.Less(t, slices.Index(order, "early-life-support:staging"), slices.Index(order, "deploy-gate:production"))
	assert.Contains(t, order, release.StageName("hand-over:production"))
	assert.NotContains(t, order, release.StageName("hand-over:staging"), "the model hands production over, no other")
	assert.NotContains(t, order, release.StageBuildGate, "the model merges it with the plan's")

	d, o := definition(t), organization()
	d.EarlyLifeSupport.Period, o.Models[0].RequireSupport, o.Models[0].MergeBuildGate = 0, false, false
	order = nil
	for _, s := range compiled(t, d, o, facts()).Stages {
		order = append(order, s.Name)
	}
	assert.NotContains(t, order, release.StageName("early-life-support:production"))
	assert.Contains(t, order, release.StageBuildGate)
}

func TestOpenReleasesOfTheSameThingsAreConflicts(t *testing.T) {
	for _, c := range []struct {
		name string
		open []release.OpenRelease
		want []release.Conflict
	}{
		{"none", nil, nil},
		{"other things", []release.OpenRelease{{ID: "a@1", ConfigurationItems: []string{"a"}}}, nil},
		{"itself", []release.OpenRelease{{ID: "web@2.30", ConfigurationItems: []string{"web", "shop"}}}, nil},
		{
			"the same service",
			[]release.OpenRelease{{ID: "web@2.29", ConfigurationItems: []string{"web", "shop"}}},
			[]release.Conflict{{Release: "web@2.29", Reason: "it changes the same configuration item web"}},
		},
		{
			"a shared item",
			[]release.OpenRelease{{ID: "a@1", ConfigurationItems: []string{"a"}}, {ID: "cms@3", ConfigurationItems: []string{"cms", "shop"}}},
			[]release.Conflict{{Release: "cms@3", Reason: "it changes the same configuration item shop"}},
		},
	} {
		f := facts()
		f.Open = c.open
		assert.Equal(t, c.want, compiled(t, definition(t), organization(), f).Conflicts, c.name)
	}
}

func TestRiskIsTheSumOfItsReasons(t *testing.T) {
	calm := func() (release.Definition, release.Organization, release.Facts) {
		f := facts()
		f.Open = nil
		staging := running()
		staging.Environment = "staging"
		f.Baselines = append(f.Baselines, staging)
		return definition(t), organization(), f
	}
	for _, c := range []struct {
		name   string
		change func(*release.Definition, *release.Organization, *release.Facts)
		score  int
		reason string
	}{
		{"calm", func(*release.Definition, *release.Organization, *release.Facts) {}, 5, "+5: 6 targets"},
		{"emergency", func(d *release.Definition, _ *release.Organization, _ *release.Facts) {
			d.Emergency = &release.Emergency{Reason: "the shop is down"}
		}, 35, "+30: emergency"},
		{"first deployment", func(_ *release.Definition, _ *release.Organization, f *release.Facts) { f.Baselines = f.Baselines[:1] }, 10, "+5: first deployment of web to staging"},
		{"many targets", func(_ *release.Definition, o *release.Organization, _ *release.Facts) {
			o.Environments[1].Targets = manyTargets(11)
		}, 20, "+20: 12 targets"},
		{"very many targets", func(_ *release.Definition, o *release.Organization, _ *release.Facts) {
			o.Environments[1].Targets = manyTargets(101)
		}, 30, "+30: 102 targets"},
		{"script without a back-out", func(d *release.Definition, _ *release.Organization, _ *release.Facts) {
			d.Steps = append(d.Steps, release.Step{Name: "migrate", Kind: release.ServiceDeployment, Action: release.RunScript, Run: "true"})
		}, 15, "+10: step migrate has no back-out"},
		{"script of the default action", func(d *release.Definition, _ *release.Organization, _ *release.Facts) {
			d.Steps = append(d.Steps, release.Step{Name: "migrate", Kind: release.ServiceDeployment, Run: "true"})
		}, 15, "+10: step migrate has no back-out"},
		{"script with a back-out", func(d *release.Definition, _ *release.Organization, _ *release.Facts) {
			d.Steps = append(d.Steps, release.Step{Name: "migrate", Kind: release.ServiceDeployment, Run: "true", BackOut: "true"})
		}, 5, "+5: 6 targets"},
		{"bad history", func(_ *release.Definition, _ *release.Organization, f *release.Facts) {
			f.Ended = []release.Outcome{release.BackedOut, release.Completed, release.Failed, release.CompletedWithIssues, release.Failed, release.Withdrawn}
		}, 35, "+30: 4 of the service's last 6 releases did not end well"},
		{"conflict", func(_ *release.Definition, _ *release.Organization, f *release.Facts) { f.Open = facts().Open }, 20, "+15: 1 open releases"},
	} {
		d, o, f := calm()
		c.change(&d, &o, &f)
		risk := compiled(t, d, o, f).Risk
		assert.Equal(t, c.score, risk.Score, c.name)
		sum := 0
		for _, reason := range risk.Reasons {
			points, err := strconv.Atoi(strings.TrimSuffix(strings.Fields(reason)[0], ":"))
			require.NoError(t, err)
			sum += points
		}
		assert.Equal(t, min(sum, 100), risk.Score, c.name)
		assert.Contains(t, strings.Join(risk.Reasons, "\n"), c.reason, c.name)
	}
	assert.Equal(t, "low", release.Risk{Score: 29}.Level())
	assert.Equal(t, "medium", release.Risk{Score: 30}.Level())
	assert.Equal(t, "high", release.Risk{Score: 60}.Level())
}

func TestRiskEndsAtAHundred(t *testing.T) {
	d, o, f := definition(t), organization(), facts()
	d.Emergency = &release.Emergency{Reason: "the shop is down"}
	f.Ended = []release.Outcome{release.Failed, release.Failed, release.Failed}
	for i := range 5 {
		d.Steps = append(d.Steps, release.Step{Name: fmt.Sprintf("s%d", i), Kind: release.ServiceDeployment, Run: "true"})
	}
	assert.Equal(t, 100, compiled(t, d, o, f).Risk.Score)
}

func manyTargets(n int) []release.Target {
	list := make([]release.Target, n)
	for i := range list {
		list[i] = release.Target{Name: fmt.Sprintf("t%d", i), Folder: "/srv"}
	}
	return list
}

func TestWhatTheOrganizationDoesNotKnowIsRefused(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*release.Definition, *release.Organization)
		want   string
	}{
		{"model", func(d *release.Definition, _ *release.Organization) { d.Model = "wild" }, `model: there is no release model "wild": use normal`},
		{"no models at all", func(_ *release.Definition, o *release.Organization) { o.Models = nil }, `model: there is no release model "normal": use (there are none)`},
		{"requester", func(d *release.Definition, _ *release.Organization) { d.Requester = "zoe" }, `requester: "zoe" is not on the roster: use rita, marc, ana, ben, eva, uwe, sam`},
		{"manager", func(d *release.Definition, _ *release.Organization) { d.Manager = "zoe" }, `manager: "zoe" is not on the roster: use rita, marc, ana, ben, eva, uwe, sam`},
		{"environment", func(d *release.Definition, _ *release.Organization) { d.Environments[0].Name = "moon" }, `environments[0].name: there is no environment "moon": use staging, production`},
		{"override of a freeze", func(d *release.Definition, _ *release.Organization) {
			d.Emergency = &release.Emergency{Reason: "it burns", OverrideFreeze: "it burns a lot"}
		}, "emergency.overrideFreeze: model normal does not let a release override a freeze"},
		{"no early life support", func(d *release.Definition, _ *release.Organization) { d.EarlyLifeSupport.Period = 0 }, "earlyLifeSupport.period: model normal asks for early life support: say how long it lasts, as in 14d"},
		{"no early life support where the model does not ask for it", func(d *release.Definition, o *release.Organization) {
			d.EarlyLifeSupport.Period, o.Models[0].RequireSupport = 0, false
		}, ""},
		{"override under an unknown model", func(d *release.Definition, _ *release.Organization) {
			d.Model, d.Emergency = "wild", &release.Emergency{Reason: "it burns", OverrideFreeze: "it burns a lot"}
		}, `model: there is no release model "wild": use normal`},
		{"definition by itself", func(d *release.Definition, _ *release.Organization) { d.Steps = nil }, "steps: a release needs at least one step that deploys it"},
	} {
		d, o := definition(t), organization()
		c.change(&d, &o)
		p, problems := release.Compile(d, o, facts(), 1)
		assert.Equal(t, c.want, problems.Error(), c.name)
		assert.Equal(t, c.want != "", p.Release == "", "%s: no plan with problems", c.name)
	}
}

func TestAGateThatNobodyCouldOpenIsRefusedAtPlanning(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*release.Definition, *release.Model)
		want   string
	}{
		{"enough may vote", func(*release.Definition, *release.Model) {}, ""},
		{"the requester does not count", func(_ *release.Definition, m *release.Model) {
			m.Gates["plan"] = release.GatePolicy{Group: "cab", Quorum: 4}
		}, "model: gate plan of model normal needs 4 of group cab, but only 3 may vote (the requester may not)"},
		{"another requester leaves all four", func(d *release.Definition, m *release.Model) {
			d.Requester, m.Gates["plan"] = "sam", release.GatePolicy{Group: "cab", Quorum: 4}
		}, ""},
		{"a group without members", func(_ *release.Definition, m *release.Model) {
			m.Gates["deploy"] = release.GatePolicy{Group: "board", Quorum: 1}
		}, "model: gate deploy:staging of model normal needs 1 of group board, but only 0 may vote (the requester may not)"},
		{"the gate of one environment", func(_ *release.Definition, m *release.Model) {
			m.Gates["deploy:production"] = release.GatePolicy{Group: "ecab", Quorum: 2}
		}, "model: gate deploy:production of model normal needs 2 of group ecab, but only 1 may vote (the requester may not)"},
		{"the review", func(_ *release.Definition, m *release.Model) {
			m.Gates["review"] = release.GatePolicy{Group: "ecab", Quorum: 2}
		}, "model: gate review of model normal needs 2 of group ecab, but only 1 may vote (the requester may not)"},
		{"a merged build gate is not asked", func(_ *release.Definition, m *release.Model) {
			m.Gates["build"] = release.GatePolicy{Group: "board", Quorum: 1}
		}, ""},
		{"a build gate of its own", func(_ *release.Definition, m *release.Model) {
			m.MergeBuildGate, m.Gates["build"] = false, release.GatePolicy{Group: "board", Quorum: 1}
		}, "model: gate build of model normal needs 1 of group board, but only 0 may vote (the requester may not)"},
		{"a gate without a quorum is not asked", func(_ *release.Definition, m *release.Model) {
			m.Gates["deploy"] = release.GatePolicy{Group: "board"}
		}, ""},
	} {
		d, o := definition(t), organization()
		c.change(&d, &o.Models[0])
		_, problems := release.Compile(d, o, facts(), 1)
		assert.Equal(t, c.want, problems.Error(), c.name)
	}
}

func TestAReplacedSourceIsThatOfTheNamedComponentOnly(t *testing.T) {
	components := []release.Component{
		{Name: "web", Source: release.Source{Dir: "/web", Sum: "h1:a"}}, {Name: "docs", Source: release.Source{Dir: "/docs", Sum: "h1:b"}},
	}
	other := release.Source{Module: "example.org/web", Version: "v1.0.0", Sum: "h1:c"}
	replaced, err := release.Replace(components, map[string]release.Source{"web": other})
	require.NoError(t, err)
	assert.Equal(t, []release.Component{{Name: "web", Source: other}, components[1]}, replaced)
	assert.Equal(t, "/web", components[0].Source.Dir, "the original stays")

	var refusal release.Refusal
	_, err = release.Replace(components, map[string]release.Source{"wbe": other})
	require.ErrorAs(t, err, &refusal)
	assert.Equal(t, `there is no component "wbe": use web, docs`, refusal.Error())
	_, err = release.Replace(components, map[string]release.Source{"web": {Dir: "/web"}})
	require.ErrorAs(t, err, &refusal)
	assert.Contains(t, refusal.Error(), "component web: source.sum:")
}
