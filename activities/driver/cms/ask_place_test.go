package cms_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/activities/driver/cms"
	"slipway/release"
	"slipway/release/records"
)

// inShort tells placements in a line each: where, what, from when to when, set by whom,
// authorized by whom.
func inShort(list []records.Placement) (lines []string) {
	minute := func(at2 time.Time) string {
		if at2.IsZero() {
			return "now"
		}
		return fmt.Sprint(int(at2.Sub(at(0)).Minutes()))
	}
	for _, p := range list {
		by := string(p.Authorized.Decision)
		if len(p.Authorized.By) > 0 {
			by = strings.Join(p.Authorized.By, ",")
		}
		lines = append(lines, fmt.Sprintf("%s %s %s-%s set by %s, authorized by %s", p.Environment, p.Release, minute(p.Since), minute(p.Until), p.SetBy, by))
	}
	return lines
}

func TestWhatRunsWhereIsToldWithWhoAuthorizedIt(t *testing.T) {
	onTold(t, func(t *testing.T, ask func(records.Request) records.Answer, _ *cms.Store) {
		for name, want := range map[string]struct {
			records.Baselines
			lines []string
		}{
			"now": {records.Baselines{}, []string{
				"production mail@1 60-now set by mail@1, authorized by pre-authorized",
				"production shop@3 220-now set by shop@3, authorized by eva",
				"staging shop@1 131-now set by shop@2, authorized by ana",
			}},
			"between a deployment and its back-out": {records.Baselines{At: at(129), Service: "shop"}, []string{
				"production shop@2 120-130 set by shop@2, authorized by ana,eva",
				"staging shop@2 110-131 set by shop@2, authorized by ",
			}},
			"from the moment on": {records.Baselines{At: at(130), Environment: "production", Service: "shop"}, []string{
				"production shop@1 130-220 set by shop@2, authorized by ana,ben",
			}},
			"before anything ran": {records.Baselines{At: at(9)}, nil},
			"all there was": {records.Baselines{Environment: "production", History: true}, []string{
				"production shop@3 220-now set by shop@3, authorized by eva",
				"production shop@1 130-220 set by shop@2, authorized by ana,ben",
				"production shop@2 120-130 set by shop@2, authorized by ana,eva",
				"production mail@1 60-now set by mail@1, authorized by pre-authorized",
				"production shop@1 20-120 set by shop@1, authorized by ana,ben",
			}},
		} {
			assert.Equal(t, want.lines, inShort(ask(records.Request{Baselines: &want.Baselines}).Baselines), name)
		}
		shop := ask(records.Request{Baselines: &records.Baselines{Environment: "production", Service: "shop"}}).Baselines[0]
		assert.Equal(t, records.Placement{
			Environment: "production", Service: "shop", Release: "shop@3", Version: "3", Package: pack("shop@3").Digest, Since: at(220), SetBy: "shop@3",
			Authorized: records.Authorized{Gate: "deploy:production", Decision: release.Authorize, At: at(215), Policy: "1 of group cab", By: []string{"eva"}},
			RFCs:       []string{"RFC-8"}, Others: []records.Exception{{Version: "1", Count: 1, Targets: []string{"p3"}}},
		}, shop)
	})
}

func TestConfigurationItemsAreListedByKindAndName(t *testing.T) {
	onTold(t, func(t *testing.T, ask func(records.Request) records.Answer, _ *cms.Store) {
		var lines []string
		for _, i := range ask(records.Request{Items: &records.Items{}}).Items {
			if i.Kind == records.ItemPackage {
				i.Name = i.About
			}
			lines = append(lines, fmt.Sprintf("%s %s %d %s", i.Kind, i.Name, i.Releases, i.About))
		}
		packages := lines[4:9]
		assert.ElementsMatch(t, []string{
			"package shop@1 1 shop@1", "package shop@2 1 shop@2", "package shop@3 1 shop@3", "package shop@4 1 shop@4", "package mail@1 1 mail@1",
		}, packages)
		assert.Equal(t, []string{"ci cache 2 ", "ci queue 1 ", "ci web 2 ", "component core 5 module example.org/core v3"}, lines[:4])
		assert.Equal(t, []string{"service mail 1 ", "service shop 4 "}, lines[9:])
		some := ask(records.Request{Items: &records.Items{Kind: records.ItemDeclared, Containing: "E"}}).Items
		assert.Equal(t, "cache queue web", some[0].Name+" "+some[1].Name+" "+some[2].Name)
		assert.Equal(t, at(200), some[0].Latest)
	})
}

func TestTheHistoryOfAnItemSaysWhichReleasePutItWhereAndWhoAuthorizedIt(t *testing.T) {
	onTold(t, func(t *testing.T, ask func(records.Request) records.Answer, _ *cms.Store) {
		web := ask(records.Request{Item: &records.Item{Name: "web"}}).Item
		assert.Equal(t, []records.ItemKind{records.ItemDeclared}, web.Kinds)
		assert.Equal(t, []string{"staging shop@1 131-now set by shop@2, authorized by ana"}, inShort(web.Runs))
		assert.Equal(t, []string{
			"staging shop@1 131-now set by shop@2, authorized by ana",
			"production shop@1 130-220 set by shop@2, authorized by ana,ben",
			"production shop@2 120-130 set by shop@2, authorized by ana,eva",
			"staging shop@2 110-131 set by shop@2, authorized by ",
			"production shop@1 20-120 set by shop@1, authorized by ana,ben",
			"staging shop@1 10-110 set by shop@1, authorized by ana",
		}, inShort(web.Placed))
		assert.Equal(t, []records.Started{
			{ID: "shop@2", Started: at(100), Phase: release.StageClosed, Outcome: release.BackedOut},
			{ID: "shop@1", Started: at(0), Phase: release.StageClosed, Outcome: release.Completed},
		}, web.Releases)
		assert.Equal(t, []string{"RFC-1", "RFC-2", "RFC-8"}, web.RFCs)
		require.Len(t, web.Incidents, 1)
		assert.Equal(t, "it is down", web.Incidents[0].Summary)

		shop := ask(records.Request{Item: &records.Item{Name: "shop"}}).Item
		assert.Len(t, shop.Incidents, 3, "those of its releases, and those about it")
		assert.Len(t, shop.Releases, 4, "the one that was rejected among them")

		core := ask(records.Request{Item: &records.Item{Name: "core"}}).Item
		assert.Equal(t, []string{"component: module example.org/core v3"}, core.About)
		assert.Equal(t, []string{"module example.org/core v1", "module example.org/core v3", "module example.org/core v1"},
			[]string{core.Runs[0].Source, core.Runs[1].Source, core.Runs[2].Source})
		assert.Len(t, core.Runs, 3)
	})
}

func TestAPackageIsFoundByTheFirstDigitsOfItsDigest(t *testing.T) {
	onTold(t, func(t *testing.T, ask func(records.Request) records.Answer, store *cms.Store) {
		whole := pack("shop@2").Digest
		for _, name := range []string{string(whole), whole.Short(), "sha256:" + whole.Short(), strings.ToUpper(whole.Short())} {
			found := ask(records.Request{Item: &records.Item{Name: name}}).Item
			assert.Equal(t, string(whole), found.Name)
			assert.Equal(t, []string{"package: shop@2"}, found.About)
			assert.Equal(t, []string{
				"production shop@2 120-130 set by shop@2, authorized by ana,eva", "staging shop@2 110-131 set by shop@2, authorized by ",
			}, inShort(found.Placed))
			tree := ask(records.Request{Relations: &records.Relations{Node: records.Node{Kind: "package", Name: name}}}).Relations
			assert.Equal(t, string(whole), tree.Root.Name)
		}
		_, err := store.Ask(context.Background(), records.Request{Item: &records.Item{Name: whole.Short()[:11]}}, nil)
		require.ErrorContains(t, err, "no configuration item", "eleven digits are too few")
	})
}

func TestRelationsAreFollowedBothWaysAsFarAsIsAsked(t *testing.T) {
	onTold(t, func(t *testing.T, ask func(records.Request) records.Answer, _ *cms.Store) {
		edges := func(kind, name string, depth int) (lines []string) {
			tree := ask(records.Request{Relations: &records.Relations{Node: records.Node{Kind: kind, Name: name}, Depth: depth}}).Relations
			assert.Empty(t, tree.More)
			for _, e := range tree.Edges {
				lines = append(lines, fmt.Sprintf("%s %s %s %s", e.From.Name, e.Relation, e.To.Kind, e.To.Name))
			}
			return lines
		}
		assert.ElementsMatch(t, []string{
			"shop@1 changes ci web", "shop@2 changes ci web", "RFC-8 about ci web", "shop@2/production/INC-1 about ci web",
		}, edges("ci", "web", 0))
		assert.ElementsMatch(t, []string{
			"shop@2/production/INC-1 led to rfc RFC-8", "RFC-8 raised by release shop@2", "RFC-8 about ci web", "shop@3 carries out rfc RFC-8",
		}, edges("rfc", "RFC-8", 1))
		assert.ElementsMatch(t, []string{
			"shop/KE-7 of service shop", "shop/KE-7 known in release shop@1",
		}, edges("known-error", "KE-7", 1))
		two := edges("known-error", "KE-7", 2)
		assert.Contains(t, two, "shop@1 runs in environment staging")
		assert.Contains(t, two, "shop@2 of service shop", "what else is of the service")
		assert.NotContains(t, two, "shop@2 changes ci web", "that is three edges away")
		assert.Len(t, two, len(unique(two)), "each edge once")
	})
}

func unique(list []string) map[string]bool {
	set := map[string]bool{}
	for _, x := range list {
		set[x] = true
	}
	return set
}

func TestRelationsAreBounded(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		store := p.open(t)
		var entries []release.Entry
		for i := range 120 {
			entries = append(entries, releaseOf(fmt.Sprintf("shop@%d", i), i, 0, "", "web", "")...)
		}
		write(t, store, entries...)
		answer, err := store.Ask(context.Background(), records.Request{Relations: &records.Relations{Node: records.Node{Kind: "service", Name: "shop"}, Depth: 6}}, nil)
		require.NoError(t, err)
		assert.LessOrEqual(t, len(answer.Relations.Edges), records.MostRows)
		assert.Equal(t, records.More{Node: records.Node{Kind: "service", Name: "shop"}, Count: 70}, answer.Relations.More[0])
	})
}
