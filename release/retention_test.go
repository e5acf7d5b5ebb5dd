package release_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"slipway/release"
)

const year = release.Duration(365 * 24 * time.Hour)

// ago is so many days before now.
func ago(days int) time.Time { return noon.AddDate(0, 0, -days) }

// made names a package by a letter, built so many days ago.
func made(letter string, days int) release.Stored {
	return release.Stored{Digest: release.Digest(letter), Release: "shop@" + letter, Built: ago(days), Sources: []release.Digest{release.Digest("src-" + letter)}}
}

func ran(environment string, days int, letters ...string) release.BaselineChange {
	c := release.BaselineChange{Environment: environment, Service: "shop", At: ago(days)}
	for _, letter := range letters {
		c.Add(release.Digest(letter))
	}
	return c
}

func TestWhyAPackageStays(t *testing.T) {
	stored := []release.Stored{made("a", 900), made("b", 800), made("c", 700), made("d", 10)}
	for name, c := range map[string]struct {
		needs release.Needs
		want  map[string][]string // all others go
	}{
		"nothing needs it": {want: map[string][]string{"d": {"was built on 2026-02-19, less than 365d ago"}}},
		"it runs, and what ran before": {
			release.Needs{Baselines: []release.BaselineChange{ran("production", 900, "a"), ran("production", 800, "b"), ran("production", 700, "c")}},
			map[string][]string{"b": {"needed to back out production"}, "c": {"runs in production"}},
		},
		"it ran until lately": {
			release.Needs{Baselines: []release.BaselineChange{ran("production", 900, "a"), ran("production", 20, "b"), ran("production", 10, "d")}},
			map[string][]string{
				"a": {"ran until 2026-02-09, less than 365d ago"}, "b": {"needed to back out production"}, "d": {"runs in production"},
			},
		},
		"it came back": {
			release.Needs{Baselines: []release.BaselineChange{ran("staging", 900, "a"), ran("staging", 800, "b"), ran("staging", 799, "a")}},
			map[string][]string{"a": {"runs in staging"}, "b": {"needed to back out staging"}},
		},
		"some targets hold it": {
			release.Needs{Baselines: []release.BaselineChange{ran("production", 900, "a"), ran("production", 800, "b", "a"), ran("production", 700, "c", "a")}},
			map[string][]string{"a": {"runs in production"}, "b": {"needed to back out production"}, "c": {"runs in production"}},
		},
		"nothing runs any more": {
			release.Needs{Baselines: []release.BaselineChange{ran("production", 900, "a"), ran("production", 800, "b"), ran("production", 700)}},
			map[string][]string{"b": {"needed to back out production"}},
		},
		"an open release made it": {
			release.Needs{Open: []release.OpenRelease{{ID: "shop@b", Started: ago(801)}}, Made: map[release.Digest][]string{"c": {"shop@9", "shop@b"}}},
			map[string][]string{"b": {"of the open release shop@b"}, "c": {"of the open release shop@b"}},
		},
		"nobody knows what targets hold": {
			release.Needs{Undecided: []release.UndecidedPlace{{Environment: "staging", Release: "shop@a"}}},
			map[string][]string{"a": {"targets of staging may hold it: shop@a left them undecided"}},
		},
		"an open release may return to it": {
			release.Needs{
				Baselines: []release.BaselineChange{ran("production", 900, "a"), ran("production", 800, "b"), ran("production", 790, "c"), ran("production", 780, "d")},
				Open:      []release.OpenRelease{{ID: "shop@9", Started: ago(795), Environments: []string{"production"}}},
			},
			map[string][]string{
				"b": {"ran in production while the open release shop@9 could return to it"},
				"c": {"needed to back out production", "ran in production while the open release shop@9 could return to it"},
				"d": {"runs in production", "ran in production while the open release shop@9 could return to it"},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if c.want["d"] == nil {
				c.want["d"] = []string{"was built on 2026-02-19, less than 365d ago"}
			}
			for i, r := range release.Retain(stored, c.needs, year, noon) {
				require.Equal(t, stored[i].Digest, r.Package)
				require.Equal(t, c.want[string(r.Package)], r.Keep, "package %s", r.Package)
				require.Equal(t, r.Goes(), !r.Unused.IsZero())
			}
		})
	}
}

func TestAPackageOfUnknownAgeStays(t *testing.T) {
	p := release.Stored{Digest: "a", Release: "shop@1"}
	require.Equal(t, []string{"no build record says how old it is"}, release.Retain([]release.Stored{p}, release.Needs{}, year, noon)[0].Keep)
}

func TestNothingYoungerThanADayIsEverRemoved(t *testing.T) {
	p := made("a", 0)
	p.Built = noon.Add(-23 * time.Hour)
	require.False(t, release.Retain([]release.Stored{p}, release.Needs{}, 0, noon)[0].Goes())
	p.Built = noon.Add(-24 * time.Hour)
	require.True(t, release.Retain([]release.Stored{p}, release.Needs{}, 0, noon)[0].Goes())
}

func TestAMasterCopyStaysWithTheLastPackageThatWasBuiltFromIt(t *testing.T) {
	stored := []release.Stored{made("a", 900), made("b", 800), made("c", 10)}
	stored[0].Sources = []release.Digest{"shared", "old", "older"}
	stored[1].Sources = []release.Digest{"old", "older"}
	stored[2].Sources = []release.Digest{"shared"}
	decisions := release.Retain(stored, release.Needs{}, year, noon)
	require.Equal(t, []release.Digest{"old", "older"}, release.Orphaned(stored, decisions, release.Needs{}))
	open := func(id string) release.Needs { return release.Needs{Open: []release.OpenRelease{{ID: id}}} }
	require.Equal(t, []release.Digest{"old", "older"}, release.Orphaned(stored, decisions, open("shop@c")), "its record tells what it took")
	require.Empty(t, release.Orphaned(stored, decisions, open("shop@d")), "it has not built yet, and may take any")
}

// history is a CMS in which releases came and went, with the packages of a DML.
type history struct {
	stored []release.Stored
	needs  release.Needs
	// held is what each place holds now, and before the last time that it changed.
	held, before map[string][]release.Digest
	// atStart is what the places of open releases held when they started, and since.
	atStart []release.Digest
}

func anyHistory(t *rapid.T) history {
	h := history{held: map[string][]release.Digest{}, before: map[string][]release.Digest{}, needs: release.Needs{Made: map[release.Digest][]string{}}}
	for i := range rapid.IntRange(1, 8).Draw(t, "packages") {
		p := made(fmt.Sprint(i), rapid.IntRange(0, 1000).Draw(t, "built"))
		if rapid.IntRange(0, 9).Draw(t, "unknown") == 0 {
			p.Built = time.Time{}
		}
		p.Sources = rapid.SliceOfN(rapid.SampledFrom([]release.Digest{"s1", "s2", "s3"}), 0, 2).Draw(t, "sources")
		h.stored = append(h.stored, p)
	}
	digests := make([]release.Digest, len(h.stored))
	for i, p := range h.stored {
		digests[i] = p.Digest
	}
	for day := 1000; day > 0; day -= rapid.IntRange(1, 300).Draw(t, "days") {
		if rapid.IntRange(0, 3).Draw(t, "opens") == 0 {
			o := release.OpenRelease{ID: "shop@" + rapid.SampledFrom([]string{"0", "1", "x"}).Draw(t, "id"), Started: ago(day), Environments: []string{"production"}}
			h.needs.Open = append(h.needs.Open, o)
			h.atStart = append(h.atStart, h.held["production"]...)
			continue
		}
		environment := rapid.SampledFrom([]string{"staging", "production"}).Draw(t, "environment")
		c := release.BaselineChange{Environment: environment, Service: "shop", At: ago(day)}
		for _, p := range rapid.SliceOfN(rapid.SampledFrom(digests), 0, 2).Draw(t, "runs") {
			c.Add(p)
		}
		h.needs.Baselines = append(h.needs.Baselines, c)
		if left := without(h.held[environment], c.Packages); len(left) > 0 {
			h.before[environment] = left
		} else if left := without(h.before[environment], c.Packages); len(h.before[environment]) > 0 {
			h.before[environment] = left
		}
		h.held[environment] = c.Packages
		if environment == "production" && len(h.needs.Open) > 0 {
			h.atStart = append(h.atStart, c.Packages...)
		}
	}
	return h
}

func without(all, some []release.Digest) []release.Digest {
	return slices.DeleteFunc(slices.Clone(all), func(d release.Digest) bool { return slices.Contains(some, d) })
}

func TestWhatMayBeNeededIsNeverRemoved(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := anyHistory(t)
		older := release.Duration(rapid.IntRange(0, 500).Draw(t, "older")) * release.Duration(24*time.Hour)
		decisions := release.Retain(h.stored, h.needs, older, noon)
		goes := map[release.Digest]release.Stored{}
		for i, r := range decisions {
			if r.Goes() {
				goes[r.Package] = h.stored[i]
			}
		}
		for environment, packages := range h.held {
			for _, p := range packages {
				require.NotContains(t, goes, p, "it runs in %s", environment)
			}
			for _, p := range h.before[environment] {
				require.NotContains(t, goes, p, "%s may return to it", environment)
			}
		}
		for _, p := range h.atStart {
			require.NotContains(t, goes, p, "an open release may return to it")
		}
		for _, p := range goes {
			require.False(t, p.Built.IsZero() || noon.Sub(p.Built) < older.Std() || noon.Sub(p.Built) < 24*time.Hour, "it is young")
			require.False(t, slices.ContainsFunc(h.needs.Open, func(o release.OpenRelease) bool { return o.ID == p.Release }), "its release is open")
		}
		orphaned := release.Orphaned(h.stored, decisions, h.needs)
		for _, p := range h.stored {
			if _, gone := goes[p.Digest]; !gone {
				require.Empty(t, intersection(p.Sources, orphaned), "a package that stays was built from it")
			}
		}
	})
}

func intersection(a, b []release.Digest) []release.Digest { return without(a, without(a, b)) }

func TestMoreNeedsNeverRemoveMore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := anyHistory(t)
		before := release.Retain(h.stored, h.needs, year, noon)
		more := h.needs
		more.Open = append(slices.Clone(more.Open), release.OpenRelease{ID: "shop@2", Started: ago(500), Environments: []string{"staging"}})
		for i, r := range release.Retain(h.stored, more, year, noon) {
			require.True(t, before[i].Goes() || !r.Goes())
		}
		for i, r := range release.Retain(h.stored, h.needs, 2*year, noon) {
			require.True(t, before[i].Goes() || !r.Goes())
		}
	})
}
