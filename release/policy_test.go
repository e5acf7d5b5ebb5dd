package release_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/release"
	"slipway/release/rule"
)

func TestAPolicySaysInWordsWhomItAsks(t *testing.T) {
	for want, p := range map[string]release.GatePolicy{
		"nobody":                                   {},
		"1 of group cab":                           asks("cab", 1),
		"2 of group cab and 1 of group security":   {Votes: map[string]int{"security": 1, "cab": 2, "users": 0}},
		"2 of group cab, among them sven and ciso": {Votes: map[string]int{"cab": 2}, Mandatory: []string{"sven", "ciso"}},
		"sven and ciso, signed":                    {Mandatory: []string{"sven", "ciso"}, Signed: true},
		"1 of group cab and 1 of group users, among them ana, signed": {Votes: map[string]int{"cab": 1, "users": 1}, Mandatory: []string{"ana"}, Signed: true},
	} {
		assert.Equal(t, want, p.String())
	}
	assert.Equal(t, "nobody", release.GatePolicy{Votes: map[string]int{"cab": 0}, Signed: true, Veto: []string{"ana"}}.String())
}

func TestAPolicyAsksSomebodyWhenItWantsVotesOrCertainPeople(t *testing.T) {
	assert.False(t, release.GatePolicy{}.Asks())
	assert.False(t, release.GatePolicy{Votes: map[string]int{"cab": 0}, Veto: []string{"ana"}, Signed: true}.Asks())
	assert.True(t, release.GatePolicy{Votes: map[string]int{"cab": 0, "users": 1}}.Asks())
	assert.True(t, release.GatePolicy{Mandatory: []string{"ana"}}.Asks())
}

func TestThePolicyOfAnOldHistoryIsReadAsVotes(t *testing.T) {
	for _, c := range []struct {
		old  string
		want release.GatePolicy
	}{
		{`{"group":"cab","quorum":2}`, asks("cab", 2)},
		{`{"group":"cab","quorum":2,"rejections":3,"deadline":"72h"}`, release.GatePolicy{Votes: map[string]int{"cab": 2}, Rejections: 3, Deadline: days(3)}},
		{`{"group":"cab","quorum":0}`, release.GatePolicy{}},
		{`{"group":"","quorum":0}`, release.GatePolicy{}},
		{`{"votes":{"cab":1}}`, asks("cab", 1)},
		{`{}`, release.GatePolicy{}},
	} {
		var p release.GatePolicy
		require.NoError(t, json.Unmarshal([]byte(c.old), &p), c.old)
		assert.Equal(t, c.want, p, c.old)
		assert.Equal(t, c.want, stored(t, p), "%s: and written anew", c.old)
	}
	var model release.Model
	require.NoError(t, json.Unmarshal([]byte(`{"name":"normal","gates":{"plan":{"group":"cab","quorum":2},"deploy":{"group":"ecab","quorum":1}}}`), &model))
	assert.Equal(t, map[string]release.GatePolicy{"plan": asks("cab", 2), "deploy": asks("ecab", 1)}, model.Gates)
	require.Error(t, json.Unmarshal([]byte(`{"votes":2}`), &release.GatePolicy{}))
}

// full is a policy in which everything is set.
func full() release.GatePolicy {
	return release.GatePolicy{
		Votes: map[string]int{"cab": 2, "security": 1}, Mandatory: []string{"sven"}, Veto: []string{"ciso"}, Rejections: 2, OnReject: release.OnRejectRevise,
		CountTwice: true, Signed: true, RequireDigest: true, Deadline: days(3), RemindEvery: days(1),
		Escalate: &release.Escalation{To: "directors", For: days(1)},
		Rules: []release.GateRule{{
			When: "risk > 60", Votes: map[string]int{"cab": 3}, Mandatory: []string{"ana"}, Veto: []string{"ben"}, Rejections: 1, Deadline: days(5),
			RemindEvery: days(2), Escalate: &release.Escalation{To: "directors", For: days(2)}, Signed: true,
		}},
	}
}

func TestAPolicyIsTheSameAfterItWasStored(t *testing.T) {
	assert.Equal(t, full(), stored(t, full()))
	p := release.GatePolicy{Validity: days(1), Rules: []release.GateRule{{When: "true", Skip: true}}}
	assert.Equal(t, p, stored(t, p))
}

// A rule that takes something away has to take it away for good: the rules are
// applied again to plans that come from a history.
func TestARuleThatTakesAwayStillDoesAfterItWasStored(t *testing.T) {
	p := release.GatePolicy{
		Votes: map[string]int{"cab": 2}, Mandatory: []string{"sven"}, Veto: []string{"ciso"},
		Rules: []release.GateRule{{When: "risk < 30", Mandatory: []string{}, Veto: []string{}}, {When: "emergency", Votes: map[string]int{}, Mandatory: []string{"ana"}}},
	}
	for _, c := range []rule.Circumstances{{Risk: 10}, {Risk: 10, Emergency: true}} {
		want, err := p.Under(c)
		require.NoError(t, err)
		got, err := stored(t, p).Under(c)
		require.NoError(t, err)
		assert.Equal(t, want.String(), got.String())
		assert.Len(t, got.Veto, len(want.Veto))
	}
}

func TestRulesChangeWhatTheySetInTheirOrder(t *testing.T) {
	base := full()
	base.Rules = nil
	with := func(change func(*release.GatePolicy)) release.GatePolicy {
		p := full()
		p.Rules = nil
		change(&p)
		return p
	}
	never := release.GateRule{When: "risk > 100", Skip: true}
	for _, c := range []struct {
		name  string
		rules []release.GateRule
		want  release.GatePolicy
	}{
		{"none", nil, base},
		{"one that does not hold", []release.GateRule{never}, base},
		{"one that sets nothing", []release.GateRule{{When: "true"}}, base},
		{"votes", []release.GateRule{{When: "true", Votes: map[string]int{"cab": 1}}}, with(func(p *release.GatePolicy) { p.Votes = map[string]int{"cab": 1} })},
		{"people", []release.GateRule{{When: "true", Mandatory: []string{"ana"}, Veto: []string{"ben"}}}, with(func(p *release.GatePolicy) {
			p.Mandatory, p.Veto = []string{"ana"}, []string{"ben"}
		})},
		{"nobody any more", []release.GateRule{{When: "true", Mandatory: []string{}}}, with(func(p *release.GatePolicy) { p.Mandatory = []string{} })},
		{"no veto any more", []release.GateRule{{When: "true", Veto: []string{}}}, with(func(p *release.GatePolicy) { p.Veto = []string{} })},
		{"rejections and times", []release.GateRule{{When: "true", Rejections: 1, Deadline: days(9), RemindEvery: days(2)}}, with(func(p *release.GatePolicy) {
			p.Rejections, p.Deadline, p.RemindEvery = 1, days(9), days(2)
		})},
		{"escalation", []release.GateRule{{When: "true", Escalate: &release.Escalation{To: "cab", For: 1}}}, with(func(p *release.GatePolicy) {
			p.Escalate = &release.Escalation{To: "cab", For: 1}
		})},
		{"a signature cannot be taken away", []release.GateRule{{When: "true"}}, base},
		{"the model authorizes beforehand", []release.GateRule{{When: "true", Skip: true}}, with(func(p *release.GatePolicy) { p.Votes, p.Mandatory = nil, nil })},
		{"the later one wins", []release.GateRule{{When: "true", Rejections: 3, Deadline: days(9)}, {When: "targets == 6", Rejections: 4}}, with(func(p *release.GatePolicy) {
			p.Rejections, p.Deadline = 4, days(9)
		})},
		{"who is asked after all", []release.GateRule{{When: "true", Skip: true}, never, {When: "emergency", Votes: map[string]int{"ecab": 1}}}, with(func(p *release.GatePolicy) {
			p.Votes, p.Mandatory = map[string]int{"ecab": 1}, nil
		})},
		{"nobody is asked after all", []release.GateRule{{When: "emergency", Votes: map[string]int{"ecab": 1}}, {When: "true", Skip: true}}, with(func(p *release.GatePolicy) {
			p.Votes, p.Mandatory = nil, nil
		})},
	} {
		p := full()
		p.Rules = c.rules
		under, err := p.Under(rule.Circumstances{Risk: 50, Emergency: true, Targets: 6})
		require.NoError(t, err, c.name)
		assert.Equal(t, c.want, under, c.name)
		assert.Equal(t, c.rules, p.Rules, "%s: the policy of the model stays", c.name)
	}
	unsigned := release.GatePolicy{Rules: []release.GateRule{{When: "true", Signed: true}, {When: "true"}}}
	under, err := unsigned.Under(rule.Circumstances{})
	require.NoError(t, err)
	assert.True(t, under.Signed)
}

func TestARuleThatCannotBeEvaluatedIsNamed(t *testing.T) {
	_, err := release.GatePolicy{Rules: []release.GateRule{{When: "100 / targets > 1", Skip: true}}}.Under(rule.Circumstances{})
	require.EqualError(t, err, `rule "100 / targets > 1": division by zero`)
}

func TestWhatIsWrongWithAPolicyIsSaid(t *testing.T) {
	nobody := func(name string) string {
		return `nobody on the roster is "` + name + `" or in a group or role of that name`
	}
	for _, c := range []struct {
		name, gate string
		change     func(*release.GatePolicy)
		want       string
	}{
		{"all is well", "plan", func(*release.GatePolicy) {}, ""},
		{"a person, a group and a role", "plan", func(p *release.GatePolicy) {
			p.Mandatory, p.Veto = []string{"ana", "cab", "ciso"}, []string{"ciso", "ana", "cab"}
		}, ""},
		{"unknown group", "plan", func(p *release.GatePolicy) { p.Votes["board"] = 1 }, `models[0].gates.plan.votes.board: nobody on the roster is in group "board"`},
		{"a role where votes are counted", "plan", func(p *release.GatePolicy) { p.Votes["ciso"] = 1 }, `models[0].gates.plan.votes.ciso: nobody on the roster is in group "ciso"`},
		{"fewer than no votes", "plan", func(p *release.GatePolicy) { p.Votes["cab"] = -1 }, "models[0].gates.plan.votes.cab: it cannot be negative"},
		{"fewer than no votes beside others", "plan", func(p *release.GatePolicy) { p.Votes["security"] = -1 }, "models[0].gates.plan.votes.security: it cannot be negative"},
		{"fewer than no rejections", "plan", func(p *release.GatePolicy) { p.Rejections = -1 }, "models[0].gates.plan.rejections: it cannot be negative"},
		{"unknown person", "plan", func(p *release.GatePolicy) { p.Mandatory = []string{"ana", "zoe"} }, "models[0].gates.plan.mandatory[1]: " + nobody("zoe")},
		{"unknown veto", "plan", func(p *release.GatePolicy) { p.Veto = []string{"board"} }, "models[0].gates.plan.veto[0]: " + nobody("board")},
		{"a veto where nobody is asked", "plan", func(p *release.GatePolicy) { p.Votes, p.Veto = nil, []string{"board"} }, "models[0].gates.plan.veto[0]: " + nobody("board")},
		{"what a rejection does", "plan", func(p *release.GatePolicy) { p.OnReject = "again" }, `models[0].gates.plan.onReject: "again": use close or revise`},
		{"a rejection that closes", "deploy", func(p *release.GatePolicy) { p.OnReject = release.OnRejectClose }, ""},
		{"a rejection that sends the build back", "build", func(p *release.GatePolicy) { p.OnReject = release.OnRejectRevise }, ""},
		{
			"a rejection that sends a deployment back", "deploy:production", func(p *release.GatePolicy) { p.OnReject = release.OnRejectRevise },
			"models[0].gates.deploy:production.onReject: only the gates plan and build can send back for a revision",
		},
		{"negative deadline", "plan", func(p *release.GatePolicy) { p.Deadline = -1 }, "models[0].gates.plan: a time cannot be negative"},
		{"negative reminders", "plan", func(p *release.GatePolicy) { p.RemindEvery = -1 }, "models[0].gates.plan: a time cannot be negative"},
		{"negative validity", "deploy", func(p *release.GatePolicy) { p.Validity = -1 }, "models[0].gates.deploy: a time cannot be negative"},
		{
			"reminders that come too late", "plan", func(p *release.GatePolicy) { p.Deadline, p.RemindEvery = days(1), days(1) },
			"models[0].gates.plan.remindEvery: the gate closes after 1d, before anybody would be reminded",
		},
		{"reminders for ever", "plan", func(p *release.GatePolicy) { p.RemindEvery = days(1) }, ""},
		{"validity of a deployment", "deploy:production", func(p *release.GatePolicy) { p.Validity = days(1) }, ""},
		{"validity of a plan", "plan", func(p *release.GatePolicy) { p.Validity = days(1) }, "models[0].gates.plan.validity: only the authorization of a deployment can lapse"},
		{"escalation", "plan", func(p *release.GatePolicy) {
			p.Deadline, p.Escalate = days(1), &release.Escalation{To: "security", For: days(1)}
		}, ""},
		{
			"escalation to nobody", "plan", func(p *release.GatePolicy) {
				p.Deadline, p.Escalate = days(1), &release.Escalation{To: "board", For: days(1)}
			},
			`models[0].gates.plan.escalate.to: nobody on the roster is in group "board"`,
		},
		{
			"escalation for no time", "plan", func(p *release.GatePolicy) { p.Deadline, p.Escalate = days(1), &release.Escalation{To: "cab"} },
			"models[0].gates.plan.escalate.for: say how long the gate stays open then, as in 24h",
		},
		{
			"escalation without a deadline", "plan", func(p *release.GatePolicy) { p.Escalate = &release.Escalation{To: "cab", For: days(1)} },
			"models[0].gates.plan.escalate: a gate without a deadline never escalates",
		},

		{"rule", "plan", rules(release.GateRule{When: "risk > 60", Votes: map[string]int{"security": 1}}), ""},
		{"rule that cannot be read", "plan", rules(release.GateRule{When: "risk >"}), "models[0].gates.plan.rules[0].when: character 7: something is missing at the end"},
		{"rule without a condition", "plan", rules(release.GateRule{}), "models[0].gates.plan.rules[0].when: it is empty"},
		{
			"rule that contradicts itself", "plan", rules(release.GateRule{When: "true", Skip: true, Votes: map[string]int{"cab": 1}}),
			"models[0].gates.plan.rules[0].skip: a rule that asks nobody cannot ask for votes too",
		},
		{
			"second rule with an unknown group", "plan", rules(release.GateRule{When: "true"}, release.GateRule{When: "true", Votes: map[string]int{"board": 1}}),
			`models[0].gates.plan.rules[1].votes.board: nobody on the roster is in group "board"`,
		},
		{"rule with an unknown person", "plan", rules(release.GateRule{When: "true", Mandatory: []string{"zoe"}}), "models[0].gates.plan.rules[0].mandatory[0]: " + nobody("zoe")},
		{"rule with an unknown veto", "plan", rules(release.GateRule{When: "true", Veto: []string{"zoe"}}), "models[0].gates.plan.rules[0].veto[0]: " + nobody("zoe")},
		{"rule with fewer than no rejections", "plan", rules(release.GateRule{When: "true", Rejections: -1}), "models[0].gates.plan.rules[0].rejections: it cannot be negative"},
		{"rule with a negative time", "plan", rules(release.GateRule{When: "true", Deadline: -1}), "models[0].gates.plan.rules[0]: a time cannot be negative"},
		{"rule that escalates within its own deadline", "plan", rules(release.GateRule{When: "true", Deadline: 1, Escalate: &release.Escalation{To: "cab", For: 1}}), ""},
		{
			"rule that escalates never", "plan", rules(release.GateRule{When: "true", Escalate: &release.Escalation{To: "cab", For: 1}}),
			"models[0].gates.plan.rules[0].escalate: a gate without a deadline never escalates",
		},
		{"rule of a gate that asks nobody otherwise", "plan", func(p *release.GatePolicy) {
			p.Votes, p.Rules = nil, []release.GateRule{{When: "risk > 60", Votes: map[string]int{"board": 1}}}
		}, `models[0].gates.plan.rules[0].votes.board: nobody on the roster is in group "board"`},
	} {
		p := asks("cab", 1)
		c.change(&p)
		o := house()
		o.Models = []release.Model{{Name: "normal", Gates: map[string]release.GatePolicy{c.gate: p}}}
		assert.Equal(t, c.want, o.Check().Error(), c.name)
	}
}

// rules sets the rules of a policy.
func rules(list ...release.GateRule) func(*release.GatePolicy) {
	return func(p *release.GatePolicy) { p.Rules = list }
}
