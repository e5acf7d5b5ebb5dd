package activities_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/activities/driver/attest"
	"slipway/activities/driver/dml"
	"slipway/activities/driver/dml/registrytest"
	"slipway/release"
	"slipway/release/audit"
)

// paper gives a document of the package that a build made.
func (y *yard) paper(record release.BuildRecord, name string) string {
	y.t.Helper()
	require.Empty(y.t, record.Failure)
	text, err := y.a.Library.Document(y.t.Context(), record.Package.Digest, name)
	require.NoError(y.t, err)
	return string(text)
}

func TestAPackageCarriesItsPapers(t *testing.T) {
	y := newYard(t, folders)
	plan := y.plan(step("write", `echo shop >"$OUT/shop"`))
	d := &plan.Definition
	d.Components = []release.Component{y.component("web", map[string]string{"README": "a shop\n", "docs/guide.md": "How to sell\n"})}
	d.Components[0].Dependencies = []release.ComponentDependency{{Name: "left-pad", Version: "1.3.0", PURL: "pkg:npm/left-pad@1.3.0", License: "MIT"}}
	d.Training = []release.Training{{Topic: "Selling", For: "service-desk", Material: "web/docs/guide.md"}}
	d.KnownErrors = []release.KnownError{{ID: "KE-1", Summary: "Prices show a point", Workaround: "Read it as a comma"}}
	record := y.build(plan)
	assert.Equal(t, "How to sell\n", y.paper(record, "training/guide.md"))
	assert.Contains(t, y.paper(record, "training.md"), "- Selling. For: service-desk. Material: [guide.md](training/guide.md).\n")
	assert.Contains(t, y.paper(record, "release-notes.md"), "- KE-1: Prices show a point. Workaround: Read it as a comma.\n")
	assert.Contains(t, y.paper(record, "known-errors.json"), `"workaround": "Read it as a comma"`)
	assert.Contains(t, y.paper(record, "sbom.cdx.json"), `"pkg:npm/left-pad@1.3.0"`)
	assert.Contains(t, y.paper(record, "sbom.cdx.json"), record.Sources[0].Sum)
	assert.Contains(t, y.paper(record, "back-out.md"), "# Back-out of shop 1.0\n")
	var written release.Definition
	require.NoError(t, json.Unmarshal([]byte(y.paper(record, "definition.json")), &written))
	assert.True(t, release.Same(*d, written))
}

func TestTrainingMaterialThatIsNotThereFailsTheBuild(t *testing.T) {
	for material, says := range map[string]string{
		"web/docs/none.md": "training material web/docs/none.md: the component has no such file",
		"web/docs":         "training material web/docs: it is not a file",
		"web/large":        "training material web/large: all material of a release has to fit into 32 MB",
	} {
		y := newYard(t, folders)
		plan := y.plan(step("write", `echo shop >"$OUT/shop"; truncate -s 40M "$SOURCES/web/large"`))
		plan.Definition.Components = []release.Component{y.component("web", map[string]string{"docs/guide.md": "How to sell\n"})}
		plan.Definition.Training = []release.Training{{Topic: "Selling", For: "service-desk", Material: material}}
		record := y.build(plan)
		assert.Contains(t, record.Failure, says)
		assert.Nil(t, record.Package)
	}
}

func TestTrainingMaterialIsNotReadOutsideOfTheComponent(t *testing.T) {
	y := newYard(t, folders)
	require.NoError(t, os.WriteFile(y.path("secret"), []byte("secret"), 0o600))
	plan := y.plan(step("write", `echo shop >"$OUT/shop"; ln -s `+y.path("secret")+` "$SOURCES/web/guide.md"`))
	plan.Definition.Training = []release.Training{{Topic: "Selling", For: "service-desk", Material: "web/guide.md"}}
	assert.Contains(t, y.build(plan).Failure, "training material web/guide.md: ")
}

func TestABuildSignsHowThePackageCameAbout(t *testing.T) {
	y := newYard(t, folders)
	plan := y.plan(step("write", `echo building; echo shop >"$OUT/shop"`))
	record := y.build(plan)
	require.NotNil(t, record.Provenance)
	envelope := y.log(release.Execution{Log: *record.Provenance})
	opened, err := attest.OpenProvenance([]byte(envelope), []release.Signer{{Name: "build-1", Key: release.Key{Line: y.signer.PublicKey()}}})
	require.NoError(t, err)
	assert.Equal(t, record.Package.Digest, opened.Package)
	made := opened.Provenance
	assert.Equal(t, plan.Definition.Build.Steps, made.BuildDefinition.External.Steps)
	assert.Equal(t, strings.TrimPrefix(string(record.Steps[0].Log.Digest), "sha256:"), made.RunDetails.Byproducts[0].Digest["sha256"])
	assert.True(t, made.RunDetails.Metadata.FinishedOn.Equal(record.Started.Add(record.Elapsed.Std())))

	all, err := y.a.Library.(*dml.Library).Artifacts(t.Context())
	require.NoError(t, err)
	attached := map[string]int{}
	for _, a := range all {
		if a.Subject == record.Package.Digest {
			attached[a.Type+" "+a.Annotations[audit.AnnotationPredicate]]++
		}
	}
	assert.Equal(t, map[string]int{audit.EnvelopeType + " " + release.ProvenanceType: 1, audit.BuildRecordType + " ": 1}, attached)
}

func TestTheSameBuildMakesTheSamePackage(t *testing.T) {
	one, two := newYard(t, folders), newYard(t, folders)
	script := `printf %s "$VERSION" >"$OUT/version"; mkdir "$OUT/bin"; echo 'echo hello' >"$OUT/bin/hello"; chmod +x "$OUT/bin/hello"`
	plan := one.plan(step("write", script))
	first := one.build(plan)
	second := two.build(plan)
	require.Empty(t, first.Failure)
	assert.Equal(t, first.Package.Digest, second.Package.Digest)
}

func TestABuildThatTheMediaLibraryDoesNotTakeFailsAndSaysWhatToSet(t *testing.T) {
	server := registrytest.Start(t, registrytest.Options{Username: "slipway", Password: "s3cr3t-of-the-test"})
	t.Setenv("SLIPWAY_TEST_WRONG", "of last year")
	library, err := dml.Open(server.Host+"/shop", dml.Access{Username: "slipway", Password: "env:SLIPWAY_TEST_WRONG"})
	require.NoError(t, err)
	y := newYard(t, folders)
	y.a.Library = library
	record := y.build(y.plan(step("write", `echo one >"$OUT/one"`)))
	require.Nil(t, record.Package)
	require.Contains(t, record.Failure, "denied by the registry")
	require.Contains(t, record.Failure, "check registry.username and registry.password")
}
