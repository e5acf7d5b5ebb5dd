package activities

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/activities/driver/dml"
	"slipway/release"
)

// shelf is a library of documents, by package and name.
type shelf struct {
	Library
	documents map[string]string
	err       error
	read      int
}

func (s *shelf) Document(_ context.Context, pkg release.Digest, name string) ([]byte, error) {
	s.read++
	if s.err != nil {
		return nil, s.err
	}
	text, found := s.documents[string(pkg)+"/"+name]
	if !found {
		return nil, fmt.Errorf("document %s of %s: %w", name, pkg, dml.ErrNotFound)
	}
	return []byte(text), nil
}

const (
	older = `{"bomFormat": "CycloneDX", "components": [{"type": "library", "name": "a", "version": "v1"}]}`
	newer = `{"bomFormat": "CycloneDX", "components": [{"type": "library", "name": "a", "version": "v2"}]}`
)

func TestPackagesAreComparedByTheirSBOMs(t *testing.T) {
	for _, c := range []struct {
		name          string
		running, next string
		want          CompareResult
	}{
		{"another version", older, newer, CompareResult{Changes: []release.Change{{Kind: release.ChangeModule, What: "a", Was: "v1", Is: "v2"}}}},
		{"the same", older, older, CompareResult{}},
		{"none of what runs", "", newer, CompareResult{Note: "package was has no sbom.cdx.json in the DML"}},
		{"one that cannot be read", "{", newer, CompareResult{Note: "SBOM of what runs: unexpected end of JSON input"}},
	} {
		s := &shelf{documents: map[string]string{"is/sbom.cdx.json": c.next}}
		if c.running != "" {
			s.documents["was/sbom.cdx.json"] = c.running
		}
		got, err := (&Activities{Library: s}).Compare(t.Context(), CompareInput{Running: "was", Package: "is"})
		require.NoError(t, err, c.name)
		assert.Equal(t, c.want, got, c.name)
	}
}

func TestADamagedDocumentIsANoteAndALostLibraryAnError(t *testing.T) {
	a := &Activities{Library: &shelf{err: fmt.Errorf("blob: %w", dml.ErrCorrupt)}}
	got, err := a.Compare(t.Context(), CompareInput{Running: "was", Package: "is"})
	require.NoError(t, err)
	assert.Equal(t, "sbom.cdx.json of package was is damaged in the DML", got.Note)

	a.Library = &shelf{err: errors.New("the disk is gone")}
	_, err = a.Compare(t.Context(), CompareInput{Running: "was", Package: "is"})
	require.ErrorContains(t, err, "the disk is gone")
	require.ErrorContains(t, a.running(t.Context(), &release.Facts{Baselines: []release.Baseline{{Package: release.Package{Digest: "was"}}}}), "the disk is gone")
}

func TestThePlansOfWhatRunsComeFromItsPackages(t *testing.T) {
	plan, err := json.Marshal(release.Plan{Release: "web@1"})
	require.NoError(t, err)
	s := &shelf{documents: map[string]string{"one/plan.json": string(plan), "bad/plan.json": "{"}}
	runs := func(digests ...release.Digest) (facts release.Facts) {
		for _, d := range digests {
			facts.Baselines = append(facts.Baselines, release.Baseline{Package: release.Package{Digest: d}})
		}
		return facts
	}
	facts := runs("one", "one", "bad", "lost", "")
	require.NoError(t, (&Activities{Library: s}).running(t.Context(), &facts))
	require.Len(t, facts.Running, 1, "what cannot be read is left out")
	assert.Equal(t, "web@1", facts.Running["one"].Release)
	assert.Equal(t, 3, s.read, "each package once")

	none := runs()
	require.NoError(t, (&Activities{Library: s}).running(t.Context(), &none))
	assert.Empty(t, none.Running)
}
