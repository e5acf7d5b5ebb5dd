package release_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/release"
)

// assessed is what the risk of a release is made from.
type assessed struct {
	d release.Definition
	o release.Organization
	f release.Facts
}

// routine is a release under the model "standard" that changes nothing but the
// version of what runs everywhere, with its requirement well covered.
func routine(t *testing.T) assessed {
	t.Helper()
	in := assessed{definition(t), organization(), facts()}
	in.d.Model, in.o.Models[0].Name = "standard", "standard"
	in.d.Test.Suites = append(in.d.Test.Suites, release.Suite{Name: "whole", Kind: "acceptance", Component: "web", Run: "true", Covers: []string{"REQ-1"}})
	staging := running()
	staging.Environment = "staging"
	in.f.Baselines, in.f.Open = append(in.f.Baselines, staging), nil
	in.runs(t)
	return in
}

// runs makes the release as it is now the one that runs.
func (in *assessed) runs(t *testing.T) {
	t.Helper()
	in.f.Running = map[release.Digest]release.Plan{running().Package.Digest: stored(t, compiled(t, in.d, in.o, in.f))}
}

// estate is n targets.
func estate(n int) []release.Target {
	list := make([]release.Target, n)
	for i := range list {
		list[i] = release.Target{Name: fmt.Sprintf("t%d", i), Folder: "/srv"}
	}
	return list
}

func TestTheRiskIsTheSumOfReasons(t *testing.T) {
	const base = 5
	script := release.Step{Name: "migrate", Kind: release.ServiceDeployment, Run: "true"}
	schema := func(reversible bool) []release.SchemaChange {
		return []release.SchemaChange{{Name: "prices", Reversible: reversible}}
	}
	for _, c := range []struct {
		name   string
		before func(*assessed) // also of what runs
		change func(*assessed)
		score  int
		reason string
	}{
		{"routine", nil, nil, base, "+5: 6 targets in 2 environments"},
		{"emergency", nil, func(in *assessed) { in.d.Emergency = &release.Emergency{Reason: "the shop is down"} }, base + 30, "+30: emergency"},
		{"emergency by its model", func(in *assessed) { in.d.Model, in.o.Models[0].Name = "emergency", "emergency" }, nil, base + 30, "+30: emergency"},
		{"another model", func(in *assessed) { in.d.Model, in.o.Models[0].Name = "bold", "bold" }, nil, base + 5, "+5: model bold: no routine"},
		{"first deployment", nil, func(in *assessed) { in.f.Baselines = in.f.Baselines[:1] }, base + 4, "+4: first deployment of web to staging"},
		{"first deployments", nil, func(in *assessed) { in.f.Baselines = nil }, base + 8, "+4: first deployment of web to production"},
		{"unknown change", nil, func(in *assessed) { in.f.Running = nil }, base + 5, "+5: it cannot be told what changes in staging, production"},
		{"many targets", func(in *assessed) { in.o.Environments[1].Targets = estate(11) }, nil, 20, "+20: 12 targets"},
		{"very many targets", func(in *assessed) { in.o.Environments[1].Targets = estate(101) }, nil, 30, "+30: 102 targets"},
		{"a component", nil, func(in *assessed) { in.d.Components[0].Source.Version = "v3" }, base + 3, "+3: 1 change of components"},
		{"many components", nil, func(in *assessed) {
			for i := range 9 {
				in.d.Components = append(in.d.Components, release.Component{Name: fmt.Sprint("c", i), Source: release.Source{Dir: "/c", Sum: "h1:"}})
			}
		}, base + 12, "+12: 9 changes of components"},
		{"a step", nil, func(in *assessed) { in.d.Steps[0].Retries = 1 }, base + 2, "+2: 1 change of steps and back-outs"},
		{"a target", nil, func(in *assessed) { in.o.Environments[1].Targets[0].URL = "http://p1" }, base + 1, "+1: 1 change of targets and their configuration"},
		{"the build", nil, func(in *assessed) { in.d.Build.Steps[0].Run = "make" }, base + 1, "+1: 1 change of build, tests"},
		{"a known error", nil, func(in *assessed) { in.d.KnownErrors = nil }, base + 1, "+1: 1 change of known errors"},
		{"a schema change", nil, func(in *assessed) { in.d.SchemaChanges = schema(true) }, base + 5, "+5: schema change prices"},
		{"a schema change for good", nil, func(in *assessed) { in.d.SchemaChanges = schema(false) }, base + 25, "+25: schema change prices cannot be undone"},
		{"a schema change that was made", func(in *assessed) { in.d.SchemaChanges = schema(false) }, nil, base, "+5: 6 targets"},
		{"a script without a back-out", func(in *assessed) { in.d.Steps = append(in.d.Steps, script) }, nil, base + 10, "+10: step migrate has no back-out"},
		{"a new script without a back-out", nil, func(in *assessed) { in.d.Steps = append(in.d.Steps, script) }, base + 14, "+10: step migrate has no back-out"},
		{"no requirements", func(in *assessed) { in.d.Requirements, in.d.Test.Suites = nil, nil }, nil, base + 5, "+5: no requirement"},
		{"one suite only", func(in *assessed) { in.d.Test.Suites = in.d.Test.Suites[1:] }, nil, base + 2, "+2: covered by one test suite only: REQ-1"},
		{"parts only", func(in *assessed) { in.d.Test.Suites[1].Kind = "unit" }, nil, base + 2, "+2: covered by no acceptance or integration test: REQ-1"},
		{"bad history", nil, func(in *assessed) {
			in.f.Ended = []release.Outcome{release.BackedOut, release.Completed, release.Failed, release.CompletedWithIssues, release.Failed, release.Withdrawn}
		}, base + 30, "+30: 4 of the service's last 6 releases did not end well"},
		{"a conflict", nil, func(in *assessed) { in.f.Open = facts().Open }, base + 15, "+15: the same configuration items are touched by 1 open release"},
	} {
		in := routine(t)
		if c.before != nil {
			c.before(&in)
			in.runs(t)
		}
		if c.change != nil {
			c.change(&in)
		}
		risk := compiled(t, in.d, in.o, in.f).Risk
		assert.Equal(t, c.score, risk.Score, "%s: %q", c.name, risk.Reasons)
		assert.Equal(t, min(added(t, risk), 100), risk.Score, c.name)
		assert.Contains(t, strings.Join(risk.Reasons, "\n"), c.reason, c.name)
	}
}

// added sums up the reasons.
func added(t *testing.T, risk release.Risk) (sum int) {
	t.Helper()
	for _, reason := range risk.Reasons {
		points, err := strconv.Atoi(strings.TrimSuffix(strings.Fields(reason)[0], ":"))
		require.NoError(t, err)
		sum += points
	}
	return sum
}

func TestTheSameChangeInSeveralEnvironmentsWeighsOnce(t *testing.T) {
	in := routine(t)
	in.d.Components[0].Source.Version = "v3"
	assert.Contains(t, compiled(t, in.d, in.o, in.f).Risk.Reasons, "+3: 1 change of components")
}

func TestALowRiskEndsAtThirtyAndAMediumOneAtSixty(t *testing.T) {
	for score, level := range map[int]string{0: "low", 29: "low", 30: "medium", 59: "medium", 60: "high", 100: "high"} {
		assert.Equal(t, level, release.Risk{Score: score}.Level())
	}
}

func TestTheRiskEndsAtAHundred(t *testing.T) {
	in := routine(t)
	in.d.Emergency = &release.Emergency{Reason: "the shop is down"}
	for i := range 9 {
		in.d.Steps = append(in.d.Steps, release.Step{Name: fmt.Sprintf("s%d", i), Kind: release.ServiceDeployment, Run: "true"})
	}
	assert.Equal(t, 100, compiled(t, in.d, in.o, in.f).Risk.Score)
}

// The standard model asks nobody for a release of low risk.
func TestASmallFirstReleaseOfAServiceIsOfLowRisk(t *testing.T) {
	in := routine(t)
	in.d.Test.Suites = in.d.Test.Suites[:1]
	in.d.Environments[1].Waves = release.Sizes(1, 2)
	in.o.Environments[1].Targets = targets("p", 3)
	in.f = release.Facts{Now: noon, Ended: []release.Outcome{release.BackedOut}}
	risk := compiled(t, in.d, in.o, in.f).Risk
	assert.Equal(t, "low", risk.Level(), risk)
}
