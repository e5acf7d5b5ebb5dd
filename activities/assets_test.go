package activities_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"slipway/activities"
	"slipway/activities/driver/dml"
	"slipway/release"
)

// release checks in a package of one component with these files, and gives its digest.
func (g *ground) release(version, sum string, files map[string]string, definition bool) release.Digest {
	g.t.Helper()
	out := g.path("out-" + version)
	for name, text := range files {
		require.NoError(g.t, os.MkdirAll(filepath.Dir(filepath.Join(out, name)), 0o755))
		require.NoError(g.t, os.WriteFile(filepath.Join(out, name), []byte(text), 0o644))
	}
	in := dml.CheckIn{
		Release: "shop@" + version, Service: "shop", Version: version, Build: 1,
		Outputs: []dml.Output{{Component: "web", Folder: out}}, Files: map[string][]byte{},
	}
	if definition {
		data, err := json.Marshal(release.Definition{Components: []release.Component{{Name: "web", Source: release.Source{Dir: "/web", Sum: sum}}}})
		require.NoError(g.t, err)
		in.Files["definition.json"] = data
	}
	p, err := g.a.Library.CheckIn(g.t.Context(), in)
	require.NoError(g.t, err)
	return p.Digest
}

func (g *ground) count(in activities.CountAssetsInput) release.AssetReport {
	g.t.Helper()
	value, err := g.env.ExecuteActivity(g.a.CountAssets, in)
	require.NoError(g.t, err)
	var report release.AssetReport
	require.NoError(g.t, value.Get(&report))
	return report
}

func TestWhatAReleaseChangesIsCountedFromThePackagesInTheDML(t *testing.T) {
	g := newGround(t, 0)
	one := g.release("1", "h1:1", map[string]string{"VERSION": "1", "lib/a": "a", "lib/old": "x"}, true)
	two := g.release("2", "h1:2", map[string]string{"VERSION": "2", "lib/a": "a", "lib/b": "b"}, true)
	first := g.count(activities.CountAssetsInput{
		Release: "shop@1", Environment: "production", Package: one, Declared: []release.Asset{{Name: "balancer", Change: release.AssetIntroduced}},
	})
	require.Equal(t, "components: 1 introduced; files: 3 introduced; asset: 1 introduced", first.String())

	service := release.ServiceEntry{
		Service: "shop", Environment: "production", Package: one, Requester: "rita", Manager: "marc", Assets: first.InService,
	}
	entry := release.Entry{Key: "shop@1/run/service", At: time.Now(), Release: "shop@1", Service: &service}
	require.NoError(t, g.a.Store.Write(t.Context(), []release.Entry{entry}))
	next := activities.CountAssetsInput{
		Release: "shop@2", Environment: "production", Package: two, Before: "shop@1", Running: one,
		Declared: []release.Asset{{Name: "seats", Kind: "licence", Change: release.AssetIntroduced}},
	}
	second := g.count(next)
	require.Equal(t, "components: 1 changed; files: 1 introduced, 1 changed, 1 retired; licence: 1 introduced", second.String())
	require.Equal(t, "shop@1", second.Against)
	require.Equal(t, []release.AssetInService{{Name: "balancer", Release: "shop@1"}, {Name: "seats", Kind: "licence", Release: "shop@2"}}, second.InService)
	require.Equal(t, second, g.count(next), "counted again, it is the same")
}

func TestWhatThePackagesDoNotTellIsNotKnown(t *testing.T) {
	g := newGround(t, 0)
	one, two := g.release("1", "", map[string]string{"VERSION": "1"}, false), g.release("2", "h1:2", map[string]string{"VERSION": "2"}, true)
	report := g.count(activities.CountAssetsInput{Release: "shop@2", Environment: "production", Package: two, Before: "shop@1", Running: one})
	require.Equal(t, "components: not known; files: 1 changed; package "+one.Short()+" has no definition.json in the DML", report.String())
	gone := release.DigestOfBytes([]byte("gone"))
	report = g.count(activities.CountAssetsInput{Release: "shop@2", Environment: "production", Package: two, Before: "shop@0", Running: gone})
	require.Nil(t, report.Components)
	require.Nil(t, report.Files)
	require.Len(t, report.Notes, 2)
}
