package release_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"slipway/release"
)

// lines writes changes as people read them.
func lines(changes []release.Change) []string {
	list := []string{}
	for _, c := range changes {
		list = append(list, c.String())
	}
	return list
}

// comparedWith gives the changes of a plan in production against the sample's.
func comparedWith(t *testing.T, change func(*release.Definition, *release.Organization)) []string {
	t.Helper()
	was := compiled(t, definition(t), organization(), facts())
	d, o := definition(t), organization()
	change(&d, &o)
	next := compiled(t, d, o, facts())
	in, found := next.Environment("production")
	require.True(t, found)
	return lines(release.Compare(&was, next, in))
}

func TestWhatAReleaseChangesIsListedAgainstThePlanOfWhatRuns(t *testing.T) {
	type (
		d = release.Definition
		o = release.Organization
	)
	env := func(o *o, target int, key, value string) {
		o.Environments[1].Targets[target].Env = map[string]string{key: value}
	}
	for _, c := range []struct {
		name   string
		change func(*d, *o)
		want   []string
	}{
		{"nothing", func(*d, *o) {}, []string{}},
		{"only the version", func(d *d, _ *o) { d.Version = "2.31" }, []string{}},
		{"version of a component", func(d *d, _ *o) { d.Components[0].Source.Version, d.Components[0].Source.Sum = "v2.31.0", "h1:x=" }, []string{"component web: v2.30.0 → v2.31.0"}},
		{"sum of a component", func(d *d, _ *o) { d.Components[0].Source.Sum = "h1:x=" }, []string{"sum of component web: h1:abc= → h1:x="}},
		{"source of a component", func(d *d, _ *o) { d.Components[0].Source = release.Source{Dir: "/web", Sum: "h1:x="} }, []string{"component web: module example.org/web v2.30.0 → dir /web"}},
		{"a new component", func(d *d, _ *o) {
			d.Components = append(d.Components, release.Component{Name: "docs", Source: release.Source{Dir: "/docs", Sum: "h1:x="}})
		}, []string{"component docs: new, dir /docs"}},
		{"variable of targets", func(_ *d, o *o) { env(o, 0, "CACHE_MB", "64"); env(o, 2, "CACHE_MB", "64"); env(o, 1, "CACHE_MB", "8") }, []string{"CACHE_MB of p1, p3: new, 64", "CACHE_MB of p2: new, 8"}},
		{"an empty variable is one", func(_ *d, o *o) { env(o, 0, "CACHE_MB", "") }, []string{`CACHE_MB of p1: new, ""`}},
		{"url and folder of a target", func(_ *d, o *o) {
			o.Environments[1].Targets[0].URL, o.Environments[1].Targets[0].Folder = "http://p1", "/srv/new"
		}, []string{"folder of p1: /srv/p1 → /srv/new", "url of p1: new, http://p1"}},
		{"targets of another environment", func(_ *d, o *o) { o.Environments[0].Targets[0].URL = "http://s1" }, []string{}},
		{"other targets", func(_ *d, o *o) {
			o.Environments[1].Targets = append(targets("p", 4), targets("q", 6)...)
		}, []string{"targets of production: 5 → 10, new: q1, q2, q3 and 3 more; gone: p5"}},
		{"order of targets", func(_ *d, o *o) { all := o.Environments[1].Targets; all[3], all[4] = all[4], all[3] }, []string{"order of targets: p4, p5 → p5, p4"}},
		{"waves", func(d *d, _ *o) { d.Environments[1].Waves = nil }, []string{"waves of production: 1, 2 → all at once"}},
		{"build step", func(d *d, _ *o) { d.Build.Steps[0].Run += " -v"; d.Build.Steps[0].Env["CGO_ENABLED"] = "1" }, []string{
			"CGO_ENABLED of build step compile: 0 → 1", "script of build step compile: 1 line → 1 line, 1 new, 1 gone",
		}},
		{"test suite", func(d *d, _ *o) { d.Test.Suites[0].Kind = "acceptance" }, []string{"kind of test suite unit: new, acceptance"}},
		{"what a test suite covers", func(d *d, _ *o) {
			d.Requirements = append(d.Requirements, release.Requirement{ID: "REQ-2", Text: "Fast"})
			d.Test.Suites[0].Covers = []string{"REQ-1", "REQ-2"}
		}, []string{"covers of test suite unit: REQ-1 → REQ-1, REQ-2", "requirement REQ-2: new, Fast"}},
		{"step", func(d *d, _ *o) { d.Steps[0].Retries, d.Steps[1].Timeout = 0, 0 }, []string{"retries of step transfer: gone, was 2", "timeout of step switch: gone, was 36h"}},
		{"a new step without a way back", func(d *d, _ *o) {
			d.Steps = append(d.Steps, release.Step{Name: "tidy", Kind: release.RemovalOfRedundantAssets, Run: "true"})
		}, []string{"step tidy: new, removal-of-redundant-assets", "back-out of step tidy: new, missing: there is no way back"}},
		{"a way back that was added", func(d *d, _ *o) { d.Steps[1].BackOut = "a\nb\n" }, []string{"back-out of step switch: new, 2 lines"}},
		{"a way back that is gone", func(d *d, _ *o) { d.Steps[1].Action, d.Steps[1].Run = release.RunScript, "true" }, []string{
			"action of step switch: activate → run", "script of step switch: new, 1 line", "back-out of step switch: new, missing: there is no way back",
		}},
		{"a step that goes away", func(d *d, _ *o) { d.Steps = d.Steps[:1] }, []string{"step switch: gone, was service-deployment"}},
		{"verification", func(d *d, _ *o) { d.Verification.Probes[0].Status = 204 }, []string{"probes 1 status of verification: new, 204"}},
		{"readiness", func(d *d, _ *o) {
			d.Readiness = []release.ReadinessItem{
				{Name: "desk", Text: "trained", Kind: release.ReadyTraining, ConfirmedBy: []string{"sam"}},
				{Name: "guide", Text: "it is out", ConfirmedBy: []string{"sam"}, In: []string{"staging"}},
			}
		}, []string{"readiness item desk: new, training desk: trained"}},
		{"kinds of probe", func(d *d, _ *o) {
			above := 0.99
			d.Verification.Hold, d.Verification.Failures = days(1), 3
			d.Verification.Probes = []release.Probe{
				{Kind: release.ProbeExec, Run: "a\nb\n"}, {Kind: release.ProbePrometheus, Server: "http://p:9090", Query: "up", Above: &above}, {Kind: release.ProbeTCP, Address: ":5432"},
			}
		}, []string{
			"failures of verification: new, 3", "hold of verification: new, 1d",
			"probes 1 contains of verification: gone, was 2.30", "probes 1 kind of verification: new, exec", "probes 1 path of verification: gone, was /version", "probes 1 script of verification: new, 2 lines",
			"probes 2 above of verification: new, 0.99", "probes 2 kind of verification: new, prometheus", "probes 2 query of verification: new, up", "probes 2 server of verification: new, http://p:9090",
			"probes 3 address of verification: new, :5432", "probes 3 kind of verification: new, tcp",
		}},
		{"early life support", func(d *d, _ *o) { d.EarlyLifeSupport.Period, d.EarlyLifeSupport.Exit.OpenSeverity = days(7), 1 }, []string{
			"exit openSeverity of early life support: 2 → 1", "period of early life support: 14d → 7d",
		}},
		{"schema change", func(d *d, _ *o) {
			d.SchemaChanges = []release.SchemaChange{{Name: "add-vat", Reversible: true}, {Name: "drop-prices", Description: "for good"}}
		}, []string{"schema change add-vat: new, can be undone", "schema change drop-prices: new, cannot be undone: for good"}},
		{"known errors", func(d *d, _ *o) { d.KnownErrors[0].ID = "KE-2" }, []string{"known error KE-2: new, Prices show a point", "known error KE-1: gone, was Prices show a point"}},
		{"requirements", func(d *d, _ *o) { d.Requirements[0].Text = "It speaks Italian" }, []string{"requirement REQ-1: The shop speaks French → It speaks Italian"}},
		{"model", func(d *d, o *o) {
			d.Model, o.Models[0].Name = "bold", "bold"
		}, []string{"model: normal → bold"}},
		{"rules of the model", func(_ *d, o *o) { o.Models[0].BuildLimit, o.Models[0].BackOut.Scope = 3, release.ScopeRelease }, []string{"model normal has other rules: backOut, buildLimit"}},
	} {
		assert.Equal(t, c.want, comparedWith(t, c.change), c.name)
	}
}

func TestASchemaChangeThatCameWithWhatRunsIsNone(t *testing.T) {
	d := definition(t)
	d.SchemaChanges = []release.SchemaChange{{Name: "add-vat"}}
	was := compiled(t, d, organization(), facts())
	d.SchemaChanges = append(d.SchemaChanges, release.SchemaChange{Name: "drop-prices"})
	next := compiled(t, d, organization(), facts())
	assert.Equal(t, []string{"schema change drop-prices: new, cannot be undone"}, lines(release.Compare(&was, next, next.Environments[1])))
	d.SchemaChanges = nil
	without := compiled(t, d, organization(), facts())
	assert.Empty(t, release.Compare(&was, without, without.Environments[1]))
}

func TestSchemaChangesHaveNamesOfTheirOwn(t *testing.T) {
	d := definition(t)
	d.SchemaChanges = []release.SchemaChange{{Name: "add-vat"}, {Name: "add-vat"}, {}}
	assert.Equal(t, `schemaChanges[1]: "add-vat" is already used by schemaChanges[0]
schemaChanges[2]: "" is not a name: use lower-case letters, digits, '.', '_' and '-'`, d.Check().Error())
}

func TestWhereThereIsNothingToCompareWithThatIsSaid(t *testing.T) {
	d := definition(t)
	d.SchemaChanges = []release.SchemaChange{{Name: "add-vat", Reversible: true}}
	p := compiled(t, d, organization(), facts())
	assert.Equal(t, []string{"first deployment of web to staging", "schema change add-vat: new, can be undone"}, lines(p.Environments[0].Changes))
	assert.Equal(t, "the plan by which 2.29 runs in production cannot be read: what changes is not known", p.Environments[1].Changes[0].String())
	for _, e := range p.Environments {
		assert.Equal(t, release.ChangeBaseline, e.Changes[0].Kind)
	}
}

func TestAPlanComparesWithThePlanOfThePackageThatRunsThere(t *testing.T) {
	old := definition(t)
	old.Components[0].Source.Version = "v2.29.0"
	f := facts()
	f.Running = map[release.Digest]release.Plan{running().Package.Digest: compiled(t, old, organization(), facts())}
	p := compiled(t, definition(t), organization(), f)
	assert.Equal(t, []string{"component web: v2.29.0 → v2.30.0"}, lines(p.Environments[1].Changes))
	assert.NotEqual(t, p.Digest, compiled(t, definition(t), organization(), facts()).Digest, "what changes is authorized")

	amended, why, err := p.Amend("staging", organization(), f)
	require.NoError(t, err)
	assert.Empty(t, why)
	assert.Equal(t, p.Digest, amended.Digest)
}

func TestValuesAreShortAndStillDiffer(t *testing.T) {
	long := strings.Repeat("x", 200)
	for _, c := range []struct{ was, is string }{
		{long + "1", long + "2"}, {"a b", "a  b"}, {long, long + " "}, {"1" + long, "2" + long}, {strings.Repeat("é", 90), strings.Repeat("é", 91)},
	} {
		var changes []release.Change
		comparedWith(t, func(d *release.Definition, o *release.Organization) {
			was, next := compiled(t, *d, *o, facts()), compiled(t, *d, *o, facts())
			was.Definition.Requirements, next.Definition.Requirements = []release.Requirement{{ID: "R", Text: c.was}}, []release.Requirement{{ID: "R", Text: c.is}}
			changes = release.Compare(&was, next, next.Environments[1])
		})
		require.Len(t, changes, 1)
		assert.NotEqual(t, changes[0].Was, changes[0].Is)
		assert.LessOrEqual(t, max(len([]rune(changes[0].Was)), len([]rune(changes[0].Is))), 80, changes[0])
	}
}

func TestOfManyChangesTheKindWithTheMostIsCutFirst(t *testing.T) {
	changes := comparedWith(t, func(d *release.Definition, o *release.Organization) {
		env := map[string]string{}
		for i := range 500 {
			env[fmt.Sprintf("V%03d", i)] = "1"
		}
		o.Environments[1].Targets[0].Env = env
		d.SchemaChanges = []release.SchemaChange{{Name: "drop-prices"}}
	})
	assert.Len(t, changes, 41)
	assert.Equal(t, "V038 of p1: new, 1", changes[38])
	assert.Equal(t, []string{"and 461 more of configuration", "schema change drop-prices: new, cannot be undone"}, changes[39:])
}

// anyPlan is a plan with everything that can be compared by fields.
func anyPlan(t *rapid.T) release.Plan {
	names := func(label string) []string {
		return rapid.SliceOfNDistinct(rapid.StringMatching(`[a-d][a-d]`), 1, 4, rapid.ID).Draw(t, label)
	}
	text := func() string { return rapid.SampledFrom([]string{"", "x", "a b\nc"}).Draw(t, "text") }
	env := func() map[string]string {
		return rapid.MapOfN(rapid.SampledFrom([]string{"A", "B"}), rapid.SampledFrom([]string{"", "1", "2"}), 0, 2).Draw(t, "env")
	}
	p := release.Plan{Environments: []release.PlannedEnvironment{{Name: "production"}}}
	for _, name := range names("components") {
		p.Definition.Components = append(p.Definition.Components, release.Component{
			Name: name, Source: release.Source{Module: "m", Version: text(), Sum: text()},
		})
	}
	for _, name := range names("steps") {
		p.Definition.Steps = append(p.Definition.Steps, release.Step{
			Name: name, Kind: rapid.SampledFrom(release.StepKinds).Draw(t, "kind"), Per: release.PerTarget, Run: text(), BackOut: text(), Env: env(),
			Secrets: env(), Retries: rapid.IntRange(0, 2).Draw(t, "retries"),
		})
	}
	for _, name := range names("targets") {
		p.Environments[0].Waves = append(p.Environments[0].Waves, []release.Target{{Name: name, Folder: text(), URL: text(), Env: env()}})
	}
	return p
}

// mutations gives ways to change one field, with what it is called.
func mutations(at string, v reflect.Value) map[string]func() {
	all := map[string]func(){}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			for name, mutate := range mutations(at+"."+v.Type().Field(i).Name, v.Field(i)) {
				all[name] = mutate
			}
		}
	case reflect.String:
		all[at] = func() { v.SetString(v.String() + "z") }
	case reflect.Int, reflect.Int64:
		all[at] = func() { v.SetInt(v.Int() + 1) }
	case reflect.Map:
		all[at+" new"] = func() {
			grown := reflect.MakeMap(v.Type())
			for _, key := range v.MapKeys() {
				grown.SetMapIndex(key, v.MapIndex(key))
			}
			grown.SetMapIndex(reflect.ValueOf("NEW"), reflect.ValueOf(""))
			v.Set(grown)
		}
	case reflect.Slice:
		all[at+" more"] = func() { v.Set(reflect.Append(v, reflect.Zero(v.Type().Elem()))) }
	case reflect.Bool:
		all[at] = func() { v.SetBool(!v.Bool()) }
	default:
		all[at+": a kind of field that this test does not know"] = func() {}
	}
	return all
}

// singleChanges gives the ways to change one field of a plan.
func singleChanges(p *release.Plan) map[string]func() {
	all := mutations("component", reflect.ValueOf(&p.Definition.Components[0]).Elem())
	maps.Copy(all, mutations("step", reflect.ValueOf(&p.Definition.Steps[0]).Elem()))
	maps.Copy(all, mutations("target", reflect.ValueOf(&p.Environments[0].Waves[0][0]).Elem()))
	return all
}

func TestNothingIsListedOfWhatIsTheSameAndEverythingOfWhatIsNot(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		was := anyPlan(t)
		same := stored(t, was)
		require.Empty(t, release.Compare(&was, same, same.Environments[0]))
		for _, field := range slices.Sorted(maps.Keys(singleChanges(&same))) {
			next := stored(t, was)
			singleChanges(&next)[field]()
			require.NotEmpty(t, release.Compare(&was, next, next.Environments[0]), field)
		}
	})
}
