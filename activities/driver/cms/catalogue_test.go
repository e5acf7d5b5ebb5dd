package cms_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"slipway/activities/driver/cms"
	"slipway/release"
)

// built says that a build of a release made its package from a component.
func built(id string, number, minute int, sum string) release.Entry {
	e := entry(id, "build", minute)
	e.Key += string(rune('0' + number))
	p := pack(id)
	e.Build = &release.BuildRecord{
		Number: number, Started: at(minute), Builder: "worker-1", Package: &p,
		Sources: []release.Acquired{{Component: "web", Source: "git https://example.org/web.git " + id, Sum: sum, Master: digest(sum)}},
	}
	return e
}

// served is what the catalogue knows of a release in production.
func served(id string, minute int, change func(*release.ServiceEntry)) release.Entry {
	service, _, _ := strings.Cut(id, "@")
	e := entry(id, "service", minute)
	e.Service = &release.ServiceEntry{
		Service: service, Environment: "production", Package: pack(id).Digest, Title: "title of " + id,
		Requester: "rita", Manager: "max", Targets: 3,
	}
	if change != nil {
		change(e.Service)
	}
	return e
}

func catalogue(t *testing.T, store *cms.Store, service string) []release.CatalogueService {
	t.Helper()
	found, err := store.Catalogue(context.Background(), service)
	require.NoError(t, err)
	return found.Services
}

func TestEachComponentOfABuildIsAConfigurationItem(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		store := p.open(t)
		id := httpbin("2.26.0")
		for range 2 { // written again, nothing changes
			write(t, store, wholeRelease(id)...)
		}
		require.Equal(t, []string{strings.Join([]string{
			id, "1", "httpbin", "module", "module github.com/mccutchen/go-httpbin/v2 v2.26.0", "h1:x",
			string(digest("master")), "1", "SHA256:of-upstream", "2026-03-01T09:01:00.000000Z",
		}, "|")}, p.rows(t, "SELECT release, build, component, kind, source, sum, master, kept, signed_by, acquired FROM components"))
	})
}

func TestWhatRunsWhereIsKnownByComponent(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		store := p.open(t)
		one, two := httpbin("1"), httpbin("2")
		const running = "SELECT environment, release, build, component, sum FROM running_components"
		write(t, store, built(one, 1, 1, "h1:one"), runs(one, one, 2), built(two, 1, 3, "h1:two"), built(two, 2, 4, "h1:again"))
		require.Equal(t, []string{"production|httpbin@1|1|web|h1:one"}, p.rows(t, running))
		write(t, store, runs(two, two, 5))
		require.Equal(t, []string{"production|httpbin@2|2|web|h1:again"}, p.rows(t, running), "two builds that made the same package count once")
		whole := catalogue(t, store, "httpbin")[0].Environments[0]
		require.Equal(t, 2, whole.Build)
		require.Equal(t, []release.Acquired{{Component: "web", Source: "git https://example.org/web.git httpbin@2", Sum: "h1:again", Master: digest("h1:again")}}, whole.Components)
		write(t, store, nothing(two, 6))
		require.Empty(t, p.rows(t, running))
	})
}

func TestTheCatalogueSaysWhatRunsAndFollowsABackOut(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		store := p.open(t)
		one, two := httpbin("1"), httpbin("2")
		require.Empty(t, catalogue(t, store, ""))
		write(t, store, runs(one, one, 1), served(one, 2, func(s *release.ServiceEntry) {
			s.Assets = []release.AssetInService{{Name: "balancer", Release: one}}
		}))
		write(t, store, runs(two, two, 3), served(two, 4, func(s *release.ServiceEntry) {
			s.KnownErrors = []release.KnownError{{ID: "KE-1", Summary: "slow", Workaround: "wait"}}
			s.Documents = []release.Document{{Name: "runbook", For: "operations"}}
		}))
		all := catalogue(t, store, "")
		require.Len(t, all, 1)
		require.Equal(t, "title of "+two, all[0].Title)
		require.Equal(t, []release.CatalogueEnvironment{{
			Name: "production", Release: two, Version: "2", Package: pack(two).Digest, Since: at(3), Targets: 3,
			KnownErrors: []release.KnownError{{ID: "KE-1", Summary: "slow", Workaround: "wait"}},
		}}, all[0].Environments, "of all services no more than what runs where, and their known errors")
		require.Equal(t, []release.Document{{Name: "runbook", For: "operations"}}, catalogue(t, store, "httpbin")[0].Environments[0].Documents)

		write(t, store, runs(one, two, 5)) // backed out
		back := catalogue(t, store, "httpbin")
		require.Equal(t, "title of "+one, back[0].Title)
		require.Equal(t, []release.AssetInService{{Name: "balancer", Release: one}}, back[0].Environments[0].Assets)
		require.Empty(t, back[0].KnownErrors())

		write(t, store, nothing(one, 6))
		require.Empty(t, catalogue(t, store, ""), "what runs nowhere is not in service")
		require.Empty(t, catalogue(t, store, "nosuch"))
	})
}

func TestAServiceFromBeforeTheCatalogueIsListedWithWhatIsKnown(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		store := p.open(t)
		one := httpbin("1")
		write(t, store, runs(one, one, 1), runs("web@7", "web@7", 1), served("web@7", 2, nil))
		all := catalogue(t, store, "")
		require.Equal(t, []string{"httpbin", "web"}, []string{all[0].Service, all[1].Service})
		require.Empty(t, all[0].Title)
		require.Zero(t, all[0].Environments[0].Targets)
		require.Equal(t, []string{"httpbin|production|1|", "web|production|7|title of web@7"},
			p.rows(t, "SELECT service, environment, version, title FROM catalogue ORDER BY service"))

		found, err := store.Service(context.Background(), "production", "web@7", pack("web@7").Digest)
		require.NoError(t, err)
		require.Equal(t, served("web@7", 2, nil).Service, found)
		found, err = store.Service(context.Background(), "production", one, pack(one).Digest)
		require.NoError(t, err)
		require.Nil(t, found)
	})
}

func TestWhatAReleaseDidToAssetsIsCounted(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		store := p.open(t)
		write(t, store, wholeRelease(httpbin("2.26.0"))...)
		require.Equal(t, []string{
			"production|httpbin@2.25.0|components|0|1|0|no contents.json; too old",
			"production|httpbin@2.25.0|files||||no contents.json; too old",
			"production|httpbin@2.25.0|asset|0|0|1|no contents.json; too old",
			"production|httpbin@2.25.0|licence|1|0|0|no contents.json; too old",
		}, p.rows(t, "SELECT environment, against, kind, introduced, changed, retired, notes FROM asset_reports JOIN asset_counts USING (key) ORDER BY position"))
		require.Equal(t, []string{"seats|licence|introduce", "balancer||retire"},
			p.rows(t, "SELECT asset, kind, change FROM asset_changes ORDER BY position"))
		require.Equal(t, []string{"seats|licence|httpbin@2.26.0"}, p.rows(t, "SELECT asset, kind, set_by FROM service_assets"))
	})
}

func TestComponentsFromBeforeTheyWereConfigurationItemsHaveAKind(t *testing.T) {
	p := place{onSQLite, "sqlite:" + filepath.Join(t.TempDir(), "cms.db")}
	before(t, p, "00006",
		`INSERT INTO builds VALUES ('k1', '2026-01-01T09:00:00.000000Z', 'httpbin@2.25.0', 1, 'worker-1', NULL, 7, NULL, NULL, NULL, 'it failed')`,
		`INSERT INTO build_sources VALUES ('k1', 1, 'httpbin', 'module github.com/mccutchen/go-httpbin/v2 v2.25.0', 'h1:x')`)
	p.open(t)
	require.Equal(t, []string{"httpbin|module|0|2026-01-01T09:00:00.000000Z"}, p.rows(t, "SELECT component, kind, kept, acquired FROM components"))
}
