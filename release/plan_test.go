package release_test

import (
	"encoding/json"
	"slices"
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

func TestAPlanDoesNotTellHowTheWorkerLogsInForSources(t *testing.T) {
	o := organization()
	d := definition(t)
	d.Components[0].Source = fromArchive("https://acme.org/web.tgz")
	o.Sources = append(o.Sources, release.SourcePlace{Archive: "https://acme.org"})
	open := compiled(t, d, o, facts())
	o.Sources[len(o.Sources)-1].Username, o.Sources[len(o.Sources)-1].Password = "robot", "env:SOURCES_TOKEN"
	assert.Equal(t, open, compiled(t, d, o, facts()), "also the digest: a login may change while a release runs")
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
	digest("waves", func(in *input) { in.d.Environments[1].Waves = release.Sizes(2) })
	digest("environments", func(in *input) { in.d.Environments = in.d.Environments[1:] })
	digest("probe", func(in *input) { in.d.Verification.Probes[0].Status = 204 })
	digest("early life support", func(in *input) { in.d.EarlyLifeSupport.Period++ })
	digest("known error", func(in *input) { in.d.KnownErrors[0].Workaround = "Look twice" })
	digest("planned duration", func(in *input) { in.d.Expected[release.StageBuild]++ })
	digest("builder", func(in *input) { in.d.Builder = "uwe" })
	gate := func(name string, change func(*release.GatePolicy)) {
		t.Helper()
		digest(name, func(in *input) {
			p := in.o.Models[0].Gates["plan"]
			change(&p)
			in.o.Models[0].Gates["plan"] = p
		})
	}
	gate("votes", func(p *release.GatePolicy) { p.Votes = map[string]int{"cab": 1} })
	gate("votes of a second group", func(p *release.GatePolicy) { p.Votes = map[string]int{"cab": 2, "users": 1} })
	gate("who has to be there", func(p *release.GatePolicy) { p.Mandatory = []string{"eva"} })
	gate("who may veto", func(p *release.GatePolicy) { p.Veto = []string{"eva"} })
	gate("rejections", func(p *release.GatePolicy) { p.Rejections = 2 })
	gate("what a rejection does", func(p *release.GatePolicy) { p.OnReject = release.OnRejectRevise })
	gate("who counts twice", func(p *release.GatePolicy) { p.CountTwice = true })
	gate("digest in votes", func(p *release.GatePolicy) { p.RequireDigest = true })
	gate("deadline", func(p *release.GatePolicy) { p.Deadline++ })
	gate("reminders", func(p *release.GatePolicy) { p.RemindEvery = 1 })
	gate("escalation", func(p *release.GatePolicy) { p.Escalate = &release.Escalation{To: "ecab", For: 1} })
	gate("validity", func(p *release.GatePolicy) { p.Validity = 1 })
	gate("rule that does not hold", func(p *release.GatePolicy) { p.Rules = []release.GateRule{{When: "risk > 100", Skip: true}} })
	gate("rule that holds", func(p *release.GatePolicy) { p.Rules = []release.GateRule{{When: "risk <= 100", Skip: true}} })
	digest("who may back out", func(in *input) { in.o.Models[0].May[release.ActBackOut] = []string{"users"} })
	digest("back-out policy", func(in *input) { in.o.Models[0].BackOut.Scope = release.ScopeRelease })
	digest("targets", func(in *input) { in.o.Environments[1].Targets = targets("p", 4) })
	digest("windows", func(in *input) {
		in.o.Environments[1].Windows = []release.Window{{Rule: "FREQ=DAILY", Start: "2026-01-02T18:00", Length: release.Duration(time.Hour)}}
	})
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

func TestWhatTheOrganizationDoesNotKnowIsRefused(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*release.Definition, *release.Organization)
		want   string
	}{
		{"model", func(d *release.Definition, _ *release.Organization) { d.Model = "wild" }, `model: there is no release model "wild": use normal`},
		{"no models at all", func(_ *release.Definition, o *release.Organization) { o.Models = nil }, `model: there is no release model "normal": use (there are none)`},
		{"requester", func(d *release.Definition, _ *release.Organization) { d.Requester = "zoe" }, `requester: "zoe" is not on the roster: use rita, marc, ana, ben, eva, uwe, sam`},
		{"builder", func(d *release.Definition, _ *release.Organization) { d.Builder = "zoe" }, `builder: "zoe" is not on the roster: use rita, marc, ana, ben, eva, uwe, sam`},
		{"manager", func(d *release.Definition, _ *release.Organization) { d.Manager = "zoe" }, `manager: "zoe" is not on the roster: use rita, marc, ana, ben, eva, uwe, sam`},
		{"environment", func(d *release.Definition, _ *release.Organization) { d.Environments[0].Name = "moon" }, `environments[0].name: there is no environment "moon": use staging, production`},
		{"override of a freeze", func(d *release.Definition, _ *release.Organization) {
			d.Emergency = &release.Emergency{Reason: "it burns", OverrideFreeze: "it burns a lot"}
		}, "emergency.overrideFreeze: model normal does not let a release override a freeze"},
		{"no early life support in one environment", func(d *release.Definition, _ *release.Organization) {
			d.Environments[1].EarlyLifeSupport = &release.Support{}
		}, "environments[1].earlyLifeSupport.period: model normal asks for early life support: say how long it lasts, as in 14d"},
		{
			"a back-out that the model leaves to people", func(d *release.Definition, _ *release.Organization) { d.EarlyLifeSupport.BackOut.Severity = 1 },
			"earlyLifeSupport.backOut: model normal lets nothing be backed out before somebody asks for it (support.autoBackOut): leave this out",
		},
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
	const unable = " (its requester, release manager and builder do not count)"
	const keyless = " (its requester, release manager and builder do not count, nor does anybody without a key on the roster)"
	type (
		def    = release.Definition
		org    = release.Organization
		policy = release.GatePolicy
	)
	gate := func(name string, p policy) func(*def, *org) {
		return func(_ *def, o *org) { o.Models[0].Gates[name] = p }
	}
	says := func(gate, asks, lack, why string) string {
		return "model: gate " + gate + " of model normal asks for " + asks + ", but even if everybody voted it would lack " + lack + why
	}
	signed := asks("cab", 2)
	signed.Signed = true
	keys := func(people ...string) func(*def, *org) {
		return func(_ *def, o *org) {
			for i := range o.Roster {
				if slices.Contains(people, o.Roster[i].ID) {
					o.Roster[i].Keys = []release.Key{key(t, o.Roster[i].ID)}
				}
			}
		}
	}
	for _, c := range []struct {
		name   string
		change []func(*def, *org)
		want   string
	}{
		{"enough may vote", nil, ""},
		{"the requester does not count", []func(*def, *org){gate("plan", asks("cab", 4))}, says("plan", "4 of group cab", "cab", unable)},
		{"another requester leaves all four", []func(*def, *org){gate("plan", asks("cab", 4)), func(d *def, _ *org) { d.Requester = "sam" }}, ""},
		{"the manager does not count", []func(*def, *org){gate("plan", asks("cab", 3)), func(d *def, _ *org) { d.Manager = "ana" }}, says("plan", "3 of group cab", "cab", unable)},
		{"the builder does not count", []func(*def, *org){gate("plan", asks("cab", 3)), func(d *def, _ *org) { d.Builder = "eva" }}, says("plan", "3 of group cab", "cab", unable)},
		{
			"several are missing",
			[]func(*def, *org){gate("plan", policy{Votes: map[string]int{"cab": 5, "users": 2}, Mandatory: []string{"rita"}})},
			says("plan", "5 of group cab and 2 of group users, among them rita", "cab, cab, users, rita", unable),
		},
		{"a group without members", []func(*def, *org){gate("deploy", asks("board", 1))}, says("deploy:staging", "1 of group board", "board", unable)},
		{"the gate of one environment", []func(*def, *org){gate("deploy:production", asks("ecab", 2))}, says("deploy:production", "2 of group ecab", "ecab", unable)},
		{"the review", []func(*def, *org){gate("review", asks("ecab", 2))}, says("review", "2 of group ecab", "ecab", unable)},
		{"a merged build gate is not asked", []func(*def, *org){gate("build", asks("board", 1))}, ""},
		{"a build gate of its own", []func(*def, *org){gate("build", asks("board", 1)), func(_ *def, o *org) { o.Models[0].MergeBuildGate = false }}, says("build", "1 of group board", "board", unable)},
		{"a gate without votes is not asked", []func(*def, *org){gate("deploy", asks("board", 0))}, ""},
		{"one person for two groups", []func(*def, *org){gate("plan", policy{Votes: map[string]int{"cab": 3, "ecab": 1}})}, says("plan", "3 of group cab and 1 of group ecab", "ecab", unable)},
		{"one person who counts for two groups", []func(*def, *org){gate("plan", policy{Votes: map[string]int{"cab": 3, "ecab": 1}, CountTwice: true})}, ""},
		{"somebody who never counts has to be there", []func(*def, *org){gate("plan", policy{Mandatory: []string{"marc"}})}, says("plan", "marc", "marc", unable)},
		{"somebody who has to be there", []func(*def, *org){gate("plan", policy{Votes: map[string]int{"cab": 2}, Mandatory: []string{"uwe"}})}, ""},
		{"a rule that asks for too many", []func(*def, *org){gate("plan", policy{Rules: []release.GateRule{{When: "targets == 6", Votes: map[string]int{"ecab": 2}}}})}, says("plan", "2 of group ecab", "ecab", unable)},
		{"a rule that would, but does not hold", []func(*def, *org){gate("plan", policy{Rules: []release.GateRule{{When: "targets == 7", Votes: map[string]int{"ecab": 2}}}})}, ""},
		{
			"a rule that cannot be evaluated",
			[]func(*def, *org){gate("plan", policy{Rules: []release.GateRule{{When: "1 / (conflicts - 1) > 2", Skip: true}}})},
			`model: gate plan of model normal: rule "1 / (conflicts - 1) > 2": division by zero`,
		},
		{
			"an escalation does not help",
			[]func(*def, *org){gate("plan", policy{Votes: map[string]int{"ecab": 2}, Deadline: 1, Escalate: &release.Escalation{To: "cab", For: 1}})},
			says("plan", "2 of group ecab", "ecab", unable),
		},
		{"signed, and nobody can", []func(*def, *org){gate("plan", signed)}, says("plan", "2 of group cab, signed", "cab, cab", keyless)},
		{"signed, and too few can", []func(*def, *org){gate("plan", signed), keys("rita", "marc", "ana")}, says("plan", "2 of group cab, signed", "cab", keyless)},
		{"signed, and enough can", []func(*def, *org){gate("plan", signed), keys("ana", "eva")}, ""},
		{
			"signed, with a key that was revoked",
			[]func(*def, *org){gate("plan", signed), keys("ana", "eva"), func(_ *def, o *org) { o.Roster[4].Keys[0].Revoked = noon }},
			says("plan", "2 of group cab, signed", "cab", keyless),
		},
		{"signed, with a key that will be revoked", []func(*def, *org){gate("plan", signed), keys("ana", "eva"), func(_ *def, o *org) { o.Roster[4].Keys[0].Revoked = noon.Add(1) }}, ""},
		{"signed, with another key than the one that was revoked", []func(*def, *org){gate("plan", signed), keys("ana", "eva"), func(_ *def, o *org) {
			revoked := key(t, "old")
			revoked.Revoked = noon.Add(-1)
			o.Roster[4].Keys = append([]release.Key{revoked}, o.Roster[4].Keys...)
		}}, ""},
	} {
		d, o := definition(t), organization()
		o.Roster = slices.Clone(o.Roster)
		for _, change := range c.change {
			change(&d, &o)
		}
		_, problems := release.Compile(d, o, facts(), 1)
		assert.Equal(t, c.want, problems.Error(), c.name)
	}
}

func TestTheRulesOfTheModelAreAppliedAtPlanningForEachGate(t *testing.T) {
	o := organization()
	strict := release.GatePolicy{
		Votes: map[string]int{"cab": 1}, Rules: []release.GateRule{
			{When: `purpose == "staging"`, Skip: true},
			{When: `environment == "production" && targets == 5 && service == "web" && model == "normal"`, Votes: map[string]int{"cab": 3}},
			{When: `conflicts > 0 || emergency`, Mandatory: []string{"uwe"}},
		},
	}
	o.Models[0].Gates = map[string]release.GatePolicy{"plan": {Rules: []release.GateRule{{When: `targets == 6 && level != "" && risk > 0 && purpose == ""`, Votes: map[string]int{"cab": 2}}}}, "deploy": strict}
	f := facts()
	f.Open = nil
	p := compiled(t, definition(t), o, f)
	assert.Equal(t, map[string]release.GatePolicy{"plan": asks("cab", 2), "deploy:production": {Votes: map[string]int{"cab": 3}}}, p.Gates, "and nobody is asked elsewhere")

	f.Open = facts().Open
	p = compiled(t, definition(t), o, f)
	assert.Equal(t, release.GatePolicy{Votes: map[string]int{"cab": 3}, Mandatory: []string{"uwe"}}, p.Gates["deploy:production"])
	assert.Equal(t, release.GatePolicy{Mandatory: []string{"uwe"}}, p.Gates["deploy:staging"])

	f.Open = nil
	d := definition(t)
	d.Emergency = &release.Emergency{Reason: "it burns"}
	assert.Equal(t, release.GatePolicy{Mandatory: []string{"uwe"}}, compiled(t, d, o, f).Gates["deploy:staging"])
}

func TestTheGatesOfAPlanHoldWhateverBecomesOfTheModel(t *testing.T) {
	p := compiled(t, definition(t), organization(), facts())
	p.Model.Gates = map[string]release.GatePolicy{"review": asks("cab", 1)}
	for name, votes := range map[string]int{"plan": 2, "deploy:staging": 1, "deploy:production": 2} {
		policy, asked := p.Gate(name)
		assert.True(t, asked, name)
		assert.Equal(t, map[string]int{"cab": votes}, policy.Votes, name)
	}
	for _, name := range []string{"review", "build", "deploy:moon"} {
		_, asked := p.Gate(name)
		assert.False(t, asked, name)
	}
}

func TestAPlanThatAsksNobodyIsNoPlanOfAnOldHistory(t *testing.T) {
	o := organization()
	o.Models[0].Gates = nil
	p := compiled(t, definition(t), o, facts())
	p.Model = normal()
	assert.Equal(t, p, stored(t, p))
	read := stored(t, p)
	_, asked := read.Gate("plan")
	assert.False(t, asked)
	assert.Len(t, read.Excluded(), 2)
}

func TestAPlanOfAnOldHistoryHasTheGatesOfItsModel(t *testing.T) {
	const old = `{"release":"web@2.29","revision":1,"definition":{"service":"web","requester":"rita","manager":"marc"},"roster":[{"id":"ana","groups":["cab"]}],` +
		`"model":{"name":"normal","gates":{"plan":{"group":"cab","quorum":2,"deadline":"3d"},"deploy":{"group":"cab","quorum":1},"deploy:production":{"group":"cab","quorum":2},"review":{"group":"cab","quorum":0}}},` +
		`"environments":[{"name":"emea","purpose":"production","waves":[]},{"name":"trial","purpose":"staging","waves":[]}],"digest":"sha256:0"}`
	var p release.Plan
	require.NoError(t, json.Unmarshal([]byte(old), &p))
	assert.Nil(t, p.Gates)
	assert.Nil(t, stored(t, p).Gates, "also when it was stored anew")
	for name, want := range map[string]string{"plan": "2 of group cab", "deploy:emea": "2 of group cab", "deploy:trial": "1 of group cab", "review": "nobody", "build": "nobody"} {
		policy, asked := p.Gate(name)
		assert.Equal(t, want, policy.String(), name)
		assert.Equal(t, want != "nobody", asked, name)
	}
	assert.Equal(t, []release.Exclusion{{Person: "rita", Why: "requested the release and cannot authorize it"}}, p.Excluded(), "as it was then")
}

func TestWhoAsksForManagesOrBuildsAReleaseDoesNotAuthorizeIt(t *testing.T) {
	requested, managed, built := "requested the release and cannot authorize it", "manages the release and cannot authorize it", "builds the release and cannot authorize it"
	for _, c := range []struct {
		requester, manager, builder string
		want                        []release.Exclusion
	}{
		{"rita", "marc", "", []release.Exclusion{{"rita", requested}, {"marc", managed}}},
		{"rita", "marc", "uwe", []release.Exclusion{{"rita", requested}, {"marc", managed}, {"uwe", built}}},
		{"rita", "rita", "", []release.Exclusion{{"rita", requested}}},
		{"rita", "rita", "rita", []release.Exclusion{{"rita", requested}}},
		{"rita", "marc", "marc", []release.Exclusion{{"rita", requested}, {"marc", managed}}},
		{"rita", "marc", "rita", []release.Exclusion{{"rita", requested}, {"marc", managed}}},
	} {
		d := definition(t)
		d.Requester, d.Manager, d.Builder = c.requester, c.manager, c.builder
		p := compiled(t, d, organization(), facts())
		assert.Equal(t, c.want, p.Excluded())
	}
}

func TestThePlanKeepsNoKeysAndNoContacts(t *testing.T) {
	o := organization()
	o.Roster = slices.Clone(o.Roster)
	o.Roster[2].Keys, o.Roster[2].Contact, o.Roster[2].Name, o.Roster[2].Roles = []release.Key{key(t, "ana")}, "env:ANA", "Ana", []string{"chair"}
	p := compiled(t, definition(t), o, facts())
	ana, _ := p.Authority().Person("ana")
	assert.Equal(t, release.Person{ID: "ana", Name: "Ana", Groups: []string{"cab", "ecab"}, Roles: []string{"chair"}}, ana)
	data, err := json.Marshal(p)
	require.NoError(t, err)
	assert.NotContains(t, string(data), "ssh-ed25519")
	assert.NotContains(t, string(data), "env:ANA")
	assert.NotEmpty(t, o.Roster[2].Keys, "the organization still has them")
	assert.Equal(t, []string{"ana"}, p.Reachable)
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
