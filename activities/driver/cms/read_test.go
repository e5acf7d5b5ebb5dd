package cms_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/activities/driver/cms"
	"slipway/release"
)

const (
	history = "SELECT release, since, until FROM baselines ORDER BY since"
	// what ran at some time of a day
	onDay = `SELECT release FROM baselines WHERE since < $1 AND (until > $2 OR until IS NULL) ORDER BY since`
)

func running(t *testing.T, store *cms.Store) *release.Baseline {
	t.Helper()
	baseline, err := store.Baseline(context.Background(), "production", "httpbin")
	require.NoError(t, err)
	return baseline
}

func TestTheBaselineIsWhatWasSetLastWithItsPackage(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		store, id := p.open(t), httpbin("2.25.0")
		assert.Nil(t, running(t, store), "nothing runs in a new CMS")
		write(t, store, runs(id, id, 10))
		assert.Equal(t, &release.Baseline{
			Environment: "production", Service: "httpbin", Release: id, Version: "2.25.0", Package: pack(id), Since: at(10),
		}, running(t, store))
		elsewhere, err := store.Baseline(context.Background(), "staging", "httpbin")
		require.NoError(t, err)
		assert.Nil(t, elsewhere)
	})
}

func TestTheBaselineSaysWhichTargetsHoldSomethingElse(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		store, old, young := p.open(t), httpbin("2.25.0"), httpbin("2.26.0")
		write(t, store, runs(old, old, 0))
		partly := runs(young, young, 10)
		partly.Baseline.Baseline.Others = []release.Holding{
			{Version: "2.25.0", Package: pack(old), Targets: []string{"p2", "p7"}}, {Targets: []string{"p9"}},
		}
		write(t, store, partly)
		write(t, store, partly)
		assert.Equal(t, partly.Baseline.Baseline, running(t, store))
		assert.Equal(t, []string{"p2|2.25.0", "p7|2.25.0", "p9|"}, p.rows(t, "SELECT target, version FROM baseline_targets ORDER BY position"))
	})
}

func TestTheHistoryTellsWhatRanWhen(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		store, old, young := p.open(t), httpbin("2.25.0"), httpbin("2.26.0")
		const day = 24 * 60
		write(t, store, runs(old, old, 0))
		write(t, store, runs(young, young, 2*day))
		write(t, store, nothing(young, 4*day))
		assert.Nil(t, running(t, store), "removed")
		assert.Equal(t, []string{
			old + "|2026-03-01T09:00:00.000000Z|2026-03-03T09:00:00.000000Z",
			young + "|2026-03-03T09:00:00.000000Z|2026-03-05T09:00:00.000000Z",
		}, p.rows(t, history))
		assert.Equal(t, []string{old}, p.rows(t, onDay, "2026-03-03", "2026-03-02T00:00:00.000000Z"))
		assert.Equal(t, []string{old, young}, p.rows(t, onDay, "2026-03-04", "2026-03-03T00:00:00.000000Z"))
		assert.Empty(t, p.rows(t, onDay, "2026-03-07", "2026-03-06T00:00:00.000000Z"))
	})
}

func TestABackOutRestoresTheEarlierBaselineAndKeepsWhatRanMeanwhile(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		store, old, young := p.open(t), httpbin("2.25.0"), httpbin("2.26.0")
		write(t, store, runs(old, old, 0), runs(young, young, 10))
		restored := runs(old, young, 20)
		restored.Baseline.Baseline.Since = at(0)
		write(t, store, restored)
		write(t, store, restored)
		assert.Equal(t, old, running(t, store).Release)
		assert.Equal(t, pack(old), running(t, store).Package)
		assert.Equal(t, at(20), running(t, store).Since, "it did not run in between")
		assert.Equal(t, []string{
			old + "|" + old + "|1", young + "|" + young + "|1", old + "|" + young + "|0",
		}, p.rows(t, "SELECT release, set_by, until IS NOT NULL FROM baselines ORDER BY since"))
	})
}

func TestABaselineThatIsWrittenLateFindsItsPlaceInTheHistory(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		store, old, young := p.open(t), httpbin("2.25.0"), httpbin("2.26.0")
		write(t, store, runs(young, young, 10))
		write(t, store, runs(old, old, 0))
		assert.Equal(t, young, running(t, store).Release)
		assert.Equal(t, []string{
			old + "|2026-03-01T09:00:00.000000Z|2026-03-01T09:10:00.000000Z",
			young + "|2026-03-01T09:10:00.000000Z|",
		}, p.rows(t, history))
	})
}

func TestOfBaselinesOfOneMomentTheLastWrittenRuns(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		store, old, young := p.open(t), httpbin("2.25.0"), httpbin("2.26.0")
		write(t, store, runs(young, young, 10), runs(old, old, 10))
		write(t, store, runs(young, young, 10))
		assert.Equal(t, old, running(t, store).Release, "written again is not written last")
		assert.Len(t, p.rows(t, history), 1, "what ran for no time is no history")
	})
}

func TestFactsAreTheBaselinesOfTheServiceInTheEnvironmentsAskedFor(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		store := p.open(t)
		staging := runs(httpbin("2.26.0"), httpbin("2.26.0"), 2)
		staging.Key, staging.Baseline.Environment = "staging", "staging"
		write(t, store, runs(httpbin("2.25.0"), httpbin("2.25.0"), 1), staging, runs("other@1", "other@1", 1))

		facts, err := store.Facts(context.Background(), "httpbin", []string{"staging", "nowhere", "production"}, nil, at(5))
		require.NoError(t, err)
		assert.Equal(t, at(5), facts.Now)
		require.Len(t, facts.Baselines, 2)
		assert.Equal(t, "2.26.0", facts.Baselines[0].Version)
		assert.Equal(t, "staging", facts.Baselines[0].Environment)
		assert.Equal(t, "2.25.0", facts.Baselines[1].Version)

		facts, err = store.Facts(context.Background(), "httpbin", []string{"staging"}, nil, at(5))
		require.NoError(t, err)
		assert.Len(t, facts.Baselines, 1)
	})
}

func TestFactsAreTheOpenReleasesThatGoToTheSamePlacesOrChangeTheSame(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		store := p.open(t)
		open := state("other@1", "build", 1)
		open.ReleaseState.ConfigurationItems = []string{"web", "cache"}
		open.ReleaseState.Environments = []string{"staging", "production"}
		ended := closed("other@0", release.Completed, 1)
		ended.ReleaseState.ConfigurationItems = []string{"web"}
		write(t, store, state(httpbin("2.26.0"), "plan", 1), open, ended)
		mine := release.OpenRelease{ID: httpbin("2.26.0"), Started: at(0)}
		other := release.OpenRelease{
			ID: "other@1", Started: at(0), ConfigurationItems: []string{"web", "cache"}, Environments: []string{"staging", "production"},
		}
		for _, test := range []struct {
			about               string
			environments, items []string
			want                []release.OpenRelease
		}{
			{"a place", []string{"nowhere", "production"}, []string{"httpbin"}, []release.OpenRelease{mine, other}},
			{"an item", nil, []string{"cache"}, []release.OpenRelease{other}},
			{"a service", nil, []string{"other"}, []release.OpenRelease{other}},
			{"nothing", []string{"test"}, []string{"httpbin"}, []release.OpenRelease{mine}},
			{"nothing is asked for", []string{"production"}, nil, nil},
		} {
			facts, err := store.Facts(context.Background(), "httpbin", test.environments, test.items, at(5))
			require.NoError(t, err, test.about)
			assert.Equal(t, test.want, facts.Open, test.about)
		}
	})
}

func TestFactsAreTheOutcomesOfTheLatestTenReleasesOfTheServiceNewestFirst(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		store := p.open(t)
		outcomes := []release.Outcome{release.Completed, release.BackedOut, release.Rejected}
		var want []release.Outcome
		for i := 11; i >= 0; i-- {
			write(t, store, closed(httpbin(fmt.Sprint(i)), outcomes[i%3], i))
			if len(want) < 10 {
				want = append(want, outcomes[i%3])
			}
		}
		write(t, store, closed("other@1", release.Failed, 20), state(httpbin("2.26.0"), "plan", 20))
		facts, err := store.Facts(context.Background(), "httpbin", nil, nil, at(30))
		require.NoError(t, err)
		assert.Equal(t, want, facts.Ended)
	})
}

func TestAReleaseThatIsStartedAgainIsListedWithEachOfItsStarts(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		store, first, second := p.open(t), closed(httpbin("2.26.0"), release.BackedOut, 5), state(httpbin("2.26.0"), "build", 11)
		first.ReleaseState.ConfigurationItems, first.ReleaseState.Environments = []string{"web", "cache"}, []string{"staging"}
		second.ReleaseState.Started = at(10)
		second.ReleaseState.ConfigurationItems, second.ReleaseState.Environments = []string{"web"}, []string{"staging", "production"}
		write(t, store, first, second)

		list, err := store.Releases(context.Background(), 5)
		require.NoError(t, err)
		assert.Equal(t, []release.State{*second.ReleaseState, *first.ReleaseState}, list)
		list, err = store.Releases(context.Background(), 1)
		require.NoError(t, err)
		assert.Equal(t, []release.State{*second.ReleaseState}, list, "the limit is of starts")
	})
}

func TestFactsRememberHowEachStartOfAReleaseEnded(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		store, id := p.open(t), httpbin("2.26.0")
		var entries []release.Entry
		for i, outcome := range []release.Outcome{release.BackedOut, release.Failed, release.Completed} {
			e := closed(id, outcome, 10*i+5)
			e.ReleaseState.Started = at(10 * i)
			entries = append(entries, e)
		}
		write(t, store, entries...)
		facts, err := store.Facts(context.Background(), "httpbin", nil, []string{"httpbin", "other"}, at(60))
		require.NoError(t, err)
		assert.Equal(t, []release.Outcome{release.Completed, release.Failed, release.BackedOut}, facts.Ended)
		assert.Empty(t, facts.Open)
	})
}

func TestFactsOfAReleaseThatIsStartedAgainAreItsBadEndAndWhatItTouchesNow(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		store, first, second := p.open(t), closed(httpbin("2.26.0"), release.BackedOut, 5), state(httpbin("2.26.0"), "plan", 11)
		first.ReleaseState.ConfigurationItems, first.ReleaseState.Environments = []string{"web", "cache"}, []string{"staging"}
		second.ReleaseState.Started = at(10)
		second.ReleaseState.ConfigurationItems, second.ReleaseState.Environments = []string{"queue"}, []string{"production"}
		write(t, store, first, second)
		facts, err := store.Facts(context.Background(), "httpbin", nil, []string{"httpbin", "other"}, at(60))
		require.NoError(t, err)
		assert.Equal(t, []release.Outcome{release.BackedOut}, facts.Ended)
		assert.Equal(t, []release.OpenRelease{
			{ID: httpbin("2.26.0"), Started: at(10), ConfigurationItems: []string{"queue"}, Environments: []string{"production"}},
		}, facts.Open)
	})
}

func TestEachOpenStartOfAReleaseCounts(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		store, first, second := p.open(t), state("other@1", "build", 1), state("other@1", "plan", 11)
		first.ReleaseState.ConfigurationItems = []string{"web", "cache"}
		second.ReleaseState.ConfigurationItems, second.ReleaseState.Started = []string{"web"}, at(10)
		write(t, store, second, first)
		facts, err := store.Facts(context.Background(), "httpbin", nil, []string{"httpbin", "other"}, at(60))
		require.NoError(t, err)
		assert.Equal(t, []release.OpenRelease{
			{ID: "other@1", Started: at(0), ConfigurationItems: []string{"web", "cache"}}, {ID: "other@1", Started: at(10), ConfigurationItems: []string{"web"}},
		}, facts.Open)
	})
}

func TestAStartThatIsAbandonedIsClosedAsFailedUnlessItEndedByItself(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		store, first, second := p.open(t), closed("other@1", release.Completed, 5), state("other@1", "build", 11)
		second.ReleaseState.Started = at(10)
		write(t, store, first, second)
		for _, started := range []int{0, 10} {
			require.NoError(t, store.Abandon(context.Background(), "other@1", at(started), at(20), "gone"))
		}
		list, err := store.Releases(context.Background(), 5)
		require.NoError(t, err)
		want := *second.ReleaseState
		want.Phase, want.Outcome, want.Reason, want.Closed = release.StageClosed, release.Failed, "gone", at(20)
		assert.Equal(t, []release.State{want, *first.ReleaseState}, list)
	})
}

func TestReleasesComeBackAsTheyWereWrittenLatestFirst(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		store := p.open(t)
		first := wholeRelease(httpbin("2.26.0"))[0]
		second := closed("other@1", release.Failed, 3)
		second.ReleaseState.Started, second.ReleaseState.Reason = at(2), "the DML is full"
		oldest := state("other@0", "plan", 1)
		oldest.ReleaseState.Started = at(-1)
		write(t, store, oldest, first, second)

		list, err := store.Releases(context.Background(), 2)
		require.NoError(t, err)
		assert.Equal(t, []release.State{*second.ReleaseState, *first.ReleaseState}, list)
	})
}
