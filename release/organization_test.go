package release_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"slipway/release"
)

func TestAWellFormedOrganizationHasNoProblems(t *testing.T) {
	assert.Empty(t, organization().Check())
}

func TestWhatIsWrongWithAnOrganizationIsSaid(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*release.Organization)
		want   string
	}{
		{"person twice", func(o *release.Organization) { o.Roster = append(o.Roster, release.Person{ID: "ana"}) }, `roster[7]: "ana" is already used by roster[2]`},
		{"person without an id", func(o *release.Organization) { o.Roster = append(o.Roster, release.Person{Name: "Zoe"}) }, `roster[7]: "" is not a name: use lower-case letters, digits, '.', '_' and '-'`},
		{"environment twice", func(o *release.Organization) { o.Environments[0].Name = "production" }, `environments[1]: "production" is already used by environments[0]`},
		{"name that is not part of an id", func(o *release.Organization) { o.Environments[0].Name = "a:b" }, `environments[0]: "a:b" is not a name: use lower-case letters, digits, '.', '_' and '-'`},
		{"environment without targets", func(o *release.Organization) { o.Environments[0].Targets = nil }, "environments[0].targets: an environment needs at least one target"},
		{"target twice", func(o *release.Organization) { o.Environments[1].Targets[4].Name = "p1" }, `environments[1].targets[4]: "p1" is already used by environments[1].targets[0]`},
		{"folder that depends on where the worker runs", func(o *release.Organization) { o.Environments[0].Targets[0].Folder = "srv" }, `environments[0].targets[0].folder: "srv" is not an absolute path`},
		{"model twice", func(o *release.Organization) { o.Models = append(o.Models, normal()) }, `models[1]: "normal" is already used by models[0]`},
		{"gate that does not exist", func(o *release.Organization) { o.Models[0].Gates["test"] = release.GatePolicy{} }, "models[0].gates.test: there is no such gate: plan, build, review, deploy or deploy:ENVIRONMENT"},
		{"gate of a group without members", func(o *release.Organization) { o.Models[0].Gates["plan"] = asks("board", 1) }, `models[0].gates.plan.votes.board: nobody on the roster is in group "board"`},
		{"negative number of votes", func(o *release.Organization) { o.Models[0].Gates["plan"] = asks("cab", -1) }, "models[0].gates.plan.votes.cab: it cannot be negative"},
		{"freeze that ends before it begins", func(o *release.Organization) { o.Freezes = []release.Freeze{{From: noon, To: noon}} }, "freezes[0]: it ends (2026-03-01 12:00:00 +0000 UTC) before it begins (2026-03-01 12:00:00 +0000 UTC)"},
		{"action that does not exist", func(o *release.Organization) { o.Models[0].May["reboot"] = []string{"cab"} }, "models[0].may.reboot: there is no such action"},
		{"action left to a group without members", func(o *release.Organization) { o.Models[0].May[release.ActAccept] = []string{"board"} }, `models[0].may.accept: nobody on the roster is in group "board"`},
		{"back-out scope", func(o *release.Organization) { o.Models[0].BackOut.Scope = "world" }, `models[0].backOut.scope: "world": use target, wave, environment or release`},
		{"back-out of the unknown", func(o *release.Organization) { o.Models[0].BackOut.Unknown = "guess" }, `models[0].backOut.unknown: "guess": use ask or back-out`},
		{"stage that does not exist", func(o *release.Organization) { o.Models[0].Expected["biuld"] = 1 }, `models[0].expected.biuld: there is no stage "biuld": use plan, plan-gate, prepare, build-gate, build, test, deploy-gate, prepare-deployment, deploy, verify, early-life-support, hand-over, review, the later ones also with an environment, as in deploy:production`},
	} {
		o := organization()
		o.Roster = append([]release.Person{}, o.Roster...)
		c.change(&o)
		assert.Equal(t, c.want, o.Check().Error(), c.name)
	}
}

func TestTheOrganizationsOwnModelsWinOverTheShippedOnes(t *testing.T) {
	own := release.Organization{Models: []release.Model{{Name: "normal", Description: "own"}}}
	both := own.WithModels([]release.Model{{Name: "normal", Description: "shipped"}, {Name: "standard"}})
	m, _ := both.Model("normal")
	assert.Equal(t, "own", m.Description)
	_, found := both.Model("standard")
	assert.True(t, found)
	assert.Len(t, both.Models, 2)
	assert.Len(t, own.Models, 1, "the original stays")
}

func TestGroupsAreThoseThatHaveMembers(t *testing.T) {
	assert.Equal(t, []string{"cab", "developers", "ecab", "release-managers", "users"}, organization().Groups())
}
