package release_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/release"
)

func TestARequirementThatNoSuiteCoversFailsWhenTheModelSays(t *testing.T) {
	for policy, want := range map[string]string{
		"":                            "requirements[0]: no test suite covers REQ-1: name it in the covers of a suite",
		release.RequirementsAtPrepare: "requirements[0]: no test suite covers REQ-1: name it in the covers of a suite",
		release.RequirementsAtGate:    "",
	} {
		d, o := definition(t), organization()
		d.Test.Suites[0].Covers = nil
		for i := range o.Models {
			o.Models[i].Requirements = policy
		}
		_, problems := release.Compile(d, o, facts(), 1)
		assert.Equal(t, want, problems.Error(), policy)
	}
}

func TestAPlanThatLeavesARequirementToTheGateSaysSo(t *testing.T) {
	d, o := definition(t), organization()
	d.Test.Suites[0].Covers = nil
	for i := range o.Models {
		o.Models[i].Requirements = release.RequirementsAtGate
	}
	p := compiled(t, d, o, facts())
	assert.Contains(t, release.Details(release.Record{Service: "web", Version: "2.30"}, p), "1 requirement; covered by no suite: REQ-1.")
}

func TestAModelSaysInKnownWordsWhenRequirementsHaveToBeProved(t *testing.T) {
	o := organization()
	o.Models[0].Requirements = "deploy"
	assert.Contains(t, o.Check().Error(), `models[0].requirements: "deploy": use prepare or gate`)
}

func TestSuitesRunInAnEnvironmentThatIsThereAndNotForProduction(t *testing.T) {
	o := organization()
	o.Environments[1].Purpose = "production"
	o.Environments[0].Purpose = "test"
	o.Environments[0].Targets[0].URL = "http://s1"
	compile := func(name string) (release.Plan, release.Problems) {
		d := definition(t)
		d.Test.Environment = name
		return release.Compile(d, o, facts(), 1)
	}
	_, problems := compile("stagign")
	assert.Contains(t, problems.Error(), `test.environment: there is no environment "stagign": use staging, production`)
	_, problems = compile("production")
	assert.Contains(t, problems.Error(), "test.environment: production is for production")
	plan, problems := compile("staging")
	require.Empty(t, problems)
	assert.Equal(t, "staging", plan.TestEnvironment.Name)
	assert.Equal(t, release.TestTarget{Name: o.Environments[0].Targets[0].Name, URL: "http://s1"}, plan.TestEnvironment.Targets[0])
	plan, problems = compile("")
	require.Empty(t, problems)
	assert.Nil(t, plan.TestEnvironment)
}

func TestSuitesRunBesideEachOtherAsFarAsTheyMay(t *testing.T) {
	beside, alone := release.Suite{Name: "a"}, release.Suite{Name: "b", Alone: true}
	running := func(all ...release.Suite) []release.Suite { return all }
	for _, c := range []struct {
		parallel int
		next     release.Suite
		running  []release.Suite
		may      bool
	}{
		{0, beside, nil, true},
		{0, beside, running(beside, beside, beside), true},
		{2, beside, running(beside), true},
		{2, beside, running(beside, beside), false},
		{1, alone, nil, true},
		{0, alone, running(beside), false},
		{0, beside, running(alone), false},
	} {
		assert.Equal(t, c.may, release.Test{Parallel: c.parallel}.MayBegin(c.next, c.running), "%+v", c)
	}
}
