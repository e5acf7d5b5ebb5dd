package cms_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/activities/driver/cms"
	"slipway/release"
)

var tables = []string{
	"releases", "release_items", "release_environments", "packages", "builds", "build_sources", "build_steps",
	"tests", "test_requirements", "test_failures", "actions", "gates", "votes", "deployments", "targets", "steps",
	"audits", "discrepancies", "baseline_changes", "incidents", "calls",
}

// dump is everything that the database holds.
func dump(t *testing.T, p place) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for _, table := range tables {
		all[table] = p.rows(t, "SELECT * FROM "+table)
		slices.Sort(all[table])
	}
	return all
}

func TestEveryTableIsFilledByTheEntriesOfARelease(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		write(t, p.open(t), wholeRelease(httpbin("2.26.0"))...)
		for table, rows := range dump(t, p) {
			assert.NotEmpty(t, rows, table)
		}
	})
}

func TestEveryPartOfAnEntryIsHeld(t *testing.T) {
	covered := map[string]bool{}
	for _, e := range wholeRelease(httpbin("2.26.0")) {
		value := reflect.ValueOf(e)
		for i := range value.NumField() {
			if f := value.Field(i); f.Kind() == reflect.Pointer && !f.IsNil() {
				covered[value.Type().Field(i).Name] = true
			}
		}
	}
	entryType := reflect.TypeFor[release.Entry]()
	for i := range entryType.NumField() {
		if f := entryType.Field(i); f.Type.Kind() == reflect.Pointer {
			assert.True(t, covered[f.Name], "no table holds release.Entry.%s", f.Name)
		}
	}
}

func TestWritingTheSameEntriesAgainChangesNothing(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		store := p.open(t)
		write(t, store, wholeRelease(httpbin("2.26.0"))...)
		before := dump(t, p)
		write(t, store, wholeRelease(httpbin("2.26.0"))...)
		for _, e := range wholeRelease(httpbin("2.26.0")) {
			write(t, store, e)
		}
		assert.Equal(t, before, dump(t, p))
	})
}

func TestALaterEntryReplacesAnEarlierOneWithItsParts(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		store := p.open(t)
		first, second := state(httpbin("2.26.0"), "build", 1), state(httpbin("2.26.0"), "test", 2)
		first.ReleaseState.ConfigurationItems = []string{"web", "cache", "queue"}
		second.ReleaseState.ConfigurationItems = []string{"web"}
		write(t, store, first)
		write(t, store, second)
		assert.Equal(t, []string{"test"}, p.rows(t, "SELECT phase FROM releases"))
		assert.Equal(t, []string{"web"}, p.rows(t, "SELECT item FROM release_items"))
	})
}

func TestAnEarlierEntryNeverOverwritesNewerState(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		store := p.open(t)
		first, second := state(httpbin("2.26.0"), "build", 1), state(httpbin("2.26.0"), "test", 2)
		first.ReleaseState.ConfigurationItems = []string{"web", "cache"}
		second.ReleaseState.ConfigurationItems = []string{"web"}
		first.Key += "/of-its-own"
		write(t, store, second, first)
		write(t, store, first)
		assert.Equal(t, []string{"test"}, p.rows(t, "SELECT phase FROM releases"), "a state counts whatever its key")
		assert.Equal(t, []string{"web"}, p.rows(t, "SELECT item FROM release_items"))
	})
}

func TestOfEntriesOfOneMomentTheLastWrittenCounts(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		store := p.open(t)
		write(t, store, state(httpbin("2.26.0"), "build", 1), state(httpbin("2.26.0"), "test", 1))
		assert.Equal(t, []string{"test"}, p.rows(t, "SELECT phase FROM releases"))
	})
}

func TestTimesKeepTheirOrderInsideASecond(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		store := p.open(t)
		whole, later := state(httpbin("2.26.0"), "build", 1), state(httpbin("2.26.0"), "test", 1)
		later.At = later.At.Add(time.Microsecond).In(time.FixedZone("elsewhere", -7*3600))
		write(t, store, later, whole)
		assert.Equal(t, []string{"test|2026-03-01T09:01:00.000001Z"}, p.rows(t, "SELECT phase, at FROM releases"))
	})
}

func TestEventsOfDifferentKeysAreAllKept(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		var entries []release.Entry
		for i := range 3 {
			e := entry(httpbin("2.26.0"), fmt.Sprintf("act/%d", i), i)
			e.Act = &release.Act{At: at(i), Action: release.ActWithdraw, By: "ana", Refusal: "too late"}
			entries = append(entries, e)
		}
		write(t, p.open(t), entries...)
		assert.Len(t, p.rows(t, "SELECT key FROM actions WHERE counted = 0"), 3)
	})
}

func TestAGateThatIsOpenedAgainKeepsTheVotesOfBoth(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		voided, opened := entry(httpbin("2.26.0"), "gate/plan", 5), entry(httpbin("2.26.0"), "gate/plan", 6)
		vote := []release.Vote{{At: at(2), By: "ana", Decision: release.Authorize}}
		voided.Gate = &release.Gate{Name: "plan", Opened: at(1), Digest: digest("a"), Votes: vote, Decision: release.VoidedGate, Decided: at(5)}
		opened.Gate = &release.Gate{Name: "plan", Opened: at(5), Digest: digest("b"), Votes: vote}
		write(t, p.open(t), voided, opened)
		assert.Equal(t, []string{"voided|ana|authorize", "|ana|authorize"},
			p.rows(t, "SELECT decision, person, vote FROM gates g JOIN votes USING (release, gate, opened) ORDER BY opened"))
	})
}

func TestAuthorizationsTellWhatWasVotedWhereAndWhyItDidNotCount(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		acts := []release.Act{
			{Counted: true, By: "ana", Summary: release.Authorization{Gate: "deploy:production", Decision: release.Reject, Comment: "no gate yet: wait"}.Summary()},
			{Refusal: "eve is not on the roster", By: "eve", Summary: release.Authorization{Gate: "plan", Decision: release.Authorize}.Summary()},
			{Refusal: "cannot be read", Summary: "perhaps gate plan"},
		}
		var entries []release.Entry
		for i, act := range acts {
			e := entry(httpbin("2.26.0"), fmt.Sprintf("act/%d", i), i)
			act.Action, act.At = release.ActAuthorize, at(i)
			e.Act = &act
			entries = append(entries, e)
		}
		other := entry(httpbin("2.26.0"), "act/9", 9)
		other.Act = &release.Act{At: at(9), Action: release.ActWithdraw, By: "max", Counted: true}
		write(t, p.open(t), append(entries, other)...)
		assert.Equal(t, []string{
			"deploy:production|reject|ana|1|",
			"plan|authorize|eve|0|eve is not on the roster",
			"|||0|cannot be read",
		}, p.rows(t, "SELECT gate, decision, person, counted, refusal FROM authorizations ORDER BY acted"))
	})
}

func TestAnInvalidEntryIsRefusedAndNothingOfItsBatchIsHeld(t *testing.T) {
	valid, id := state(httpbin("2.26.0"), "plan", 1), httpbin("2.26.0")
	broken := map[string]func(*release.Entry){
		"0 parts":             func(e *release.Entry) { e.Call = nil },
		"2 parts":             func(e *release.Entry) { e.Act = &release.Act{} },
		"key is missing":      func(e *release.Entry) { e.Key = "" },
		"at is missing":       func(e *release.Entry) { e.At = time.Time{} },
		"is not a release id": func(e *release.Entry) { e.Release = id + ":production" },
		"the state of other@1": func(e *release.Entry) {
			e.Call, e.ReleaseState = nil, &release.ReleaseState{Service: "other", Version: "1"}
		},
		"opened is missing":     func(e *release.Entry) { e.Call, e.Gate = nil, &release.Gate{Name: "plan"} },
		"environment is":        func(e *release.Entry) { e.Call, e.Deployment = nil, &release.DeployState{} },
		"of what and where":     func(e *release.Entry) { e.Call, e.Baseline = nil, &release.BaselineEntry{} },
		"say which release run": func(e *release.Entry) { *e = runs(id, id, 1); e.Baseline.Baseline = &release.Baseline{} },
	}
	onEach(t, func(t *testing.T, p place) {
		store := p.open(t)
		for message, spoil := range broken {
			e := entry(id, "call/1", 1)
			e.Call = &release.CallEntry{Environment: "production", Call: release.Call{At: at(1), By: "uwe", Summary: "slow"}}
			spoil(&e)
			err := store.Write(context.Background(), []release.Entry{valid, e})
			require.ErrorIs(t, err, cms.ErrInvalid)
			require.ErrorContains(t, err, message)
		}
		for table, rows := range dump(t, p) {
			assert.Empty(t, rows, table)
		}
		require.NoError(t, store.Write(context.Background(), nil), "no entries are no error")
	})
}

func TestWritersOfOneDatabaseLoseNothing(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		stores := []*cms.Store{p.open(t), p.open(t)}
		const writers, each = 8, 10
		var group sync.WaitGroup
		for w := range writers {
			group.Go(func() {
				for i := range each {
					id := httpbin(fmt.Sprintf("%d.%d", w, i))
					common := state(httpbin("shared"), release.StageName(fmt.Sprint(w, i)), i)
					assert.NoError(t, stores[w%2].Write(context.Background(), []release.Entry{common, state(id, "plan", 1), runs(id, id, i)}))
					_, err := stores[(w+1)%2].Facts(context.Background(), "httpbin", []string{"production"}, at(i))
					assert.NoError(t, err)
				}
			})
		}
		group.Wait()
		assert.Len(t, p.rows(t, "SELECT release FROM releases"), writers*each+1)
		assert.Len(t, p.rows(t, "SELECT key FROM baseline_changes"), writers*each)
		assert.Equal(t, []string{"2026-03-01T09:09:00.000000Z"}, p.rows(t, "SELECT at FROM releases WHERE version = 'shared'"))
	})
}

func TestADatabaseMayBeOpenedByManyAtOnceWhileItIsNew(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		var group sync.WaitGroup
		for i := range 8 {
			group.Go(func() {
				store, err := cms.Open(context.Background(), p.at)
				if !assert.NoError(t, err) {
					return
				}
				id := httpbin(fmt.Sprint(i))
				assert.NoError(t, store.Write(context.Background(), []release.Entry{state(id, "plan", 1)}))
				assert.NoError(t, store.Close())
			})
		}
		group.Wait()
		assert.Len(t, p.rows(t, "SELECT release FROM releases"), 8)
	})
}

func TestWhatWasWrittenIsThereWhenTheDatabaseIsOpenedAgain(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		store, err := cms.Open(context.Background(), p.at)
		require.NoError(t, err)
		write(t, store, wholeRelease(httpbin("2.26.0"))...)
		require.NoError(t, store.Close())
		before := dump(t, p)

		write(t, p.open(t), wholeRelease(httpbin("2.26.0"))...)
		assert.Equal(t, before, dump(t, p))
	})
}
