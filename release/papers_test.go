package release_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"slipway/release"
)

// shopWithPapers has something to say in every paper.
func shopWithPapers(t *testing.T) release.Definition {
	t.Helper()
	d := definition(t)
	d.Description = "Orders in French.\n"
	d.ReleaseNotes = "New: prices in euro.\n"
	d.KnownErrors = append(d.KnownErrors, release.KnownError{ID: "KE-2", Summary: "Long names are cut.", Workaround: "Hover over them"})
	d.Training = append(d.Training, release.Training{Topic: "Refunds", For: "service-operations", Material: "web/docs/refunds.pdf"})
	d.Steps = []release.Step{
		{Name: "tell", Kind: release.ProcessAndMaterial, Manual: true, Run: "Tell the shops", BackOut: "Tell the shops\nthat it is off"},
		{Name: "transfer", Kind: release.ServiceTransfer, Per: release.PerTarget, Action: release.Transfer},
		{
			Name: "migrate", Kind: release.ServiceDeployment, Run: "./migrate up", BackOut: "./migrate down\n",
			Env: map[string]string{"SCHEMA": "shop"}, Secrets: map[string]string{"PASSWORD": "env:PASSWORD"},
		},
		{Name: "switch", Kind: release.ServiceDeployment, Per: release.PerTarget, Action: release.Activate, BackOut: "systemctl restart shop"},
		{Name: "archive", Kind: release.DecommissionAndRetirement, Run: "./archive"},
	}
	d.SchemaChanges = []release.SchemaChange{
		{Name: "orders", Description: "A column for the language.", Reversible: true}, {Name: "carts"},
	}
	return d
}

func TestThePapersOfAPackageSayWhatPeopleHaveToKnow(t *testing.T) {
	d := shopWithPapers(t)
	golden(t, "papers.md", d.Notes()+"\n\n"+d.TrainingPaper()+"\n\n"+d.BackOutPaper())
	plain := definition(t)
	plain.Training = nil
	assert.Contains(t, plain.TrainingPaper(), "Nobody has to be trained for this release.")
	assert.Contains(t, plain.BackOutPaper(), "Nothing: every step has its way back.")
}

func TestWhatPapersAreMadeOfIsChecked(t *testing.T) {
	d := definition(t)
	d.Training = []release.Training{
		{Topic: "a", Material: "shop/guide.md"},
		{Topic: "b", Material: "web/../guide.md"},
		{Topic: "c", Material: "web"},
		{Topic: "d", Material: "web/docs/guide.md"},
		{Topic: "e", Material: "web/docs/guide.md"},
		{Topic: "f", Material: "web/guide.md"},
		{Topic: "g", Material: "web//etc/passwd"},
	}
	d.Components[0].Dependencies = []release.ComponentDependency{{Name: "left-pad", PURL: "npm/left-pad"}, {Version: "1"}}
	var told []string
	for _, p := range d.Check() {
		told = append(told, p.Path+": "+p.Message)
	}
	assert.Equal(t, []string{
		`training[0].material: there is no component "shop": write COMPONENT/PATH with one of web`,
		`training[1].material: "../guide.md" is not the path of a file of the component: write it as in docs/guide.md, without '..'`,
		`training[2].material: "" is not the path of a file of the component: write it as in docs/guide.md, without '..'`,
		`training[5].material: web/guide.md would have the name of the material of training[4] in the package: give one of the files another name`,
		`training[6].material: "/etc/passwd" is not the path of a file of the component: write it as in docs/guide.md, without '..'`,
		`components[0].dependencies[0].purl: "npm/left-pad" is not a package URL: it starts with pkg:, as in pkg:npm/left-pad@1.3.0`,
		`components[0].dependencies[1].name: it is missing`,
	}, told)
}
