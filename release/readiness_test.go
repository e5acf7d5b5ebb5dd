package release_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/release"
)

var (
	desk  = release.ReadinessItem{Name: "desk", Kind: release.ReadyTraining, Text: "the service desk is trained", ConfirmedBy: []string{"uwe", "release-managers"}}
	guide = release.ReadinessItem{Name: "guide", Kind: release.ReadyDocument, Text: "the guide is out", ConfirmedBy: []string{"uwe"}, In: []string{"production"}}
	disk  = release.ReadinessItem{Name: "disk", Text: "there is room", Run: "df"}
)

func itemNames(items []release.ReadinessItem) []string {
	list := []string{}
	for _, i := range items {
		list = append(list, i.Name)
	}
	return list
}

func TestReadinessIsForTheEnvironmentsOrPurposesThatItNames(t *testing.T) {
	d := release.Definition{Readiness: []release.ReadinessItem{desk, guide, disk}}
	assert.Equal(t, []string{"desk", "guide", "disk"}, itemNames(d.ReadinessIn("emea", "production")))
	assert.Equal(t, []string{"desk", "guide", "disk"}, itemNames(d.ReadinessIn("production", "")))
	assert.Equal(t, []string{"desk", "disk"}, itemNames(d.ReadinessIn("staging", "test")))
}

func TestWhoMayConfirmReadinessAndWhenItIsRefused(t *testing.T) {
	ready := release.Readiness{Items: []release.ReadinessItem{desk, guide, disk}}
	for _, c := range []struct{ by, item, refusal string }{
		{"uwe", "desk", ""},
		{"marc", "desk", ""},
		{"ana", "desk", "ana may not confirm item desk: that is for uwe or group release-managers (marc)"},
		{"zoe", "desk", "zoe may not confirm item desk: that is for uwe or group release-managers (marc)"},
		{"uwe", "dsk", `there is no item "dsk" of readiness for production: there is desk, guide, disk`},
		{"uwe", "disk", "item disk is found out by its script, just before the deployment: nobody can confirm it"},
		{"uwe", "guide", "item guide was confirmed by uwe already, at 2026-03-01T12:00:00Z"},
	} {
		m := release.Confirm{Item: c.item, Comment: "seen"}
		m.By, m.Environment = c.by, "production"
		now := ready
		now.Confirmed = []release.Confirmation{guide.Confirmation(noon, "uwe", "")}
		confirmed, err := now.Confirm(m, electorate, noon)
		if c.refusal != "" {
			require.EqualError(t, err, c.refusal)
			continue
		}
		require.NoError(t, err)
		assert.Equal(t, release.Confirmation{Item: "desk", Kind: release.ReadyTraining, Text: desk.Text, At: noon, By: c.by, Comment: "seen"}, confirmed)
		now.Confirmed = now.Note(confirmed)
		assert.Empty(t, now.Missing())
	}
	assert.Equal(t, []string{"desk", "guide"}, itemNames(ready.Missing()))
	assert.Equal(t, []string{"disk"}, itemNames(ready.Automatic()))
	assert.Equal(t, "uwe", electorate.FirstNamed(release.ActConfirm, guide.ConfirmedBy))
}

func TestAConfirmationStandsWhileItsItemIsTheSame(t *testing.T) {
	was := release.Definition{Readiness: []release.ReadinessItem{desk, guide, disk}}
	confirmed := []release.Confirmation{
		desk.Confirmation(noon, "uwe", ""), guide.Confirmation(noon, "uwe", ""), disk.Confirmation(noon, "", ""),
	}
	assert.Equal(t, confirmed[:2], release.StillConfirmed(confirmed, was, was), "scripts look again")
	other := guide
	other.Text = "the guide is out in French"
	assert.Equal(t, confirmed[:1], release.StillConfirmed(confirmed, was, release.Definition{Readiness: []release.ReadinessItem{other, desk}}))
	assert.Empty(t, release.StillConfirmed(confirmed, was, release.Definition{}))
}

func TestReadinessNamesPeopleAndPlacesThatThereAre(t *testing.T) {
	d := definition(t)
	d.Readiness = []release.ReadinessItem{
		desk,
		{Name: "guide", Text: "it is out", ConfirmedBy: []string{"sam", "writers"}, In: []string{"production", "nowhere"}},
	}
	_, problems := release.Compile(d, organization(), facts(), 1)
	assert.Equal(t, `readiness[1].confirmedBy[1]: there is no person "writers" on the roster, nor anybody in a group or role of that name
readiness[1].in[1]: there is no environment, and none of purpose, "nowhere": use staging, production`, problems.Error())
}

func TestAModelMayAskForKindsOfReadinessByPurpose(t *testing.T) {
	o := organization()
	production, _ := o.Environment("production")
	o.Models[0].Readiness = map[string][]release.ReadinessKind{production.Purpose: {release.ReadyTraining, release.ReadyDocument}}
	require.Empty(t, o.Check())
	d := definition(t)
	d.Readiness = []release.ReadinessItem{desk}
	_, problems := release.Compile(d, o, facts(), 1)
	assert.Equal(t, "readiness: model normal asks for an item of kind document before a deployment to production: add one, as in "+
		"{name: NAME, kind: document, text: WHAT HAS TO BE THERE, confirmedBy: [WHO], in: [production]}", problems.Error())
	d.Readiness = append(d.Readiness, guide)
	_, problems = release.Compile(d, o, facts(), 1)
	assert.Empty(t, problems)

	o.Models[0].Readiness["test"] = []release.ReadinessKind{"schooling"}
	assert.Contains(t, o.Check().Error(), `readiness.test[0]: "schooling" is not a kind of readiness: use training, support-staff, document, other`)
}

func TestReadinessIsPartOfWhatIsAuthorized(t *testing.T) {
	d := definition(t)
	without := compiled(t, d, organization(), facts())
	d.Readiness = []release.ReadinessItem{desk}
	assert.NotEqual(t, without.Digest, compiled(t, d, organization(), facts()).Digest)
}

func TestDiscrepanciesAreCountedOnceATargetAndOccasion(t *testing.T) {
	found := func(targets ...string) []release.Discrepancy {
		var list []release.Discrepancy
		for _, t := range targets {
			list = append(list, release.Discrepancy{Target: t})
		}
		return list
	}
	r := release.Record{Environments: []release.EnvironmentRecord{
		{Audits: []release.Audit{
			{When: release.AuditBefore, Discrepancies: found("p1", "p2")},
			{When: release.AuditBefore, Discrepancies: found("p2"), Accepted: &release.Acceptance{By: "marc"}},
			{When: release.AuditAfter, Discrepancies: found("p1")},
			{When: release.AuditAfterBackOut, Discrepancies: found("p3")},
		}},
		{Audits: []release.Audit{{When: release.AuditBefore}}},
	}}
	assert.Equal(t, release.Discrepancies{Before: 2, After: 1, AfterBackOut: 1, Accepted: 1}, r.Discrepancies())
}

func TestThePageOfAReleaseSaysWhatHasToBeReadyAndHowFarItIs(t *testing.T) {
	d := definition(t)
	d.Readiness = []release.ReadinessItem{desk, guide, disk}
	plan := compiled(t, d, organization(), facts())
	record := release.Record{ID: plan.Release, Environments: []release.EnvironmentRecord{{
		Name: "production", Readiness: []release.Confirmation{desk.Confirmation(noon, "uwe", "")},
	}}}
	assert.Contains(t, release.GateDetails(record, plan, "deploy:production"), `### Readiness

- training desk: the service desk is trained in production: confirmed by uwe, 2026-03-01 12:00 UTC
- document guide: the guide is out in production: to be confirmed by uwe
- other disk: there is room in production: its script looks before the deployment
`)
	assert.NotContains(t, release.GateDetails(record, compiled(t, definition(t), organization(), facts()), "deploy:production"), "Readiness")
}
