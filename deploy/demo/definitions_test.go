// Package demo checks the definitions of the sample service.
package demo

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"slipway/deploy/demo/repository"
	"slipway/release"
)

func TestDefinitionsAreValid(t *testing.T) {
	for _, file := range definitions(t) {
		t.Run(file, func(t *testing.T) { parse(t, file) })
	}
}

// The acceptance suite is a controlled source: whoever changes it has to say so
// in the definitions.
func TestCommitsAreThoseOfTheFolderAcceptance(t *testing.T) {
	folder, err := filepath.Abs("acceptance")
	if err != nil {
		t.Fatal(err)
	}
	commit, err := repository.Make(t.Context(), filepath.Join(t.TempDir(), "acceptance.git"), folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range definitions(t) {
		for _, component := range parse(t, file).Components {
			if pinned := component.Source.Commit; pinned != "" && pinned != commit {
				t.Errorf("%s: component %s is pinned to commit %s, the folder gives %s", file, component.Name, pinned, commit)
			}
		}
	}
}

// What is backed out is the release that otherwise succeeds, with one step more.
func TestBackOutDiffersByOneStep(t *testing.T) {
	good, bad := parse(t, "httpbin-2.26.0.yaml"), parse(t, "httpbin-2.26.0-backout.yaml")
	bad.Steps = slices.DeleteFunc(bad.Steps, func(s release.Step) bool { return s.Name == "image-cache" })
	if digest(t, good) != digest(t, bad) {
		t.Error("httpbin-2.26.0-backout.yaml differs from httpbin-2.26.0.yaml by more than the step image-cache")
	}
}

func definitions(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("httpbin-*.yaml")
	if err != nil || len(files) != 3 {
		t.Fatalf("found the definitions %v (%v), want three", files, err)
	}
	return files
}

func parse(t *testing.T, file string) release.Definition {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	definition, problems := release.ParseDefinition(file, data)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return definition
}

func digest(t *testing.T, d release.Definition) release.Digest {
	t.Helper()
	digest, err := release.DigestOf(d)
	if err != nil {
		t.Fatal(err)
	}
	return digest
}
