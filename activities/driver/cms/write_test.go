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
	"tests", "test_requirements", "test_failures", "actions", "authorizations", "gates",
	"gate_requirements", "votes", "notices", "notice_recipients", "deployments", "targets", "steps", "step_outputs",
	"readiness", "audits", "discrepancies", "baseline_changes", "baseline_targets", "incidents", "calls",
	"calendar", "calendar_environments", "asset_reports", "asset_counts", "asset_changes", "services",
	"service_known_errors", "service_documents", "service_assets", "release_rfcs", "found_errors", "raised_rfcs",
	"supports", "support_targets", "downtimes", "latencies", "exit_criteria", "extensions", "waits", "wait_people",
	"notes", "ratings", "efforts", "reviews", "review_asked", "performance", "deviations", "stages", "went_live",
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
		assert.Equal(t, []string{"activate|POOL|blue", "activate|SCHEMA|42"}, p.rows(t, "SELECT step, name, value FROM steps JOIN step_outputs USING (key) ORDER BY position"))
		assert.Equal(t, []string{"2|7"}, p.rows(t, "SELECT targets, unlisted FROM audits"))
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
		f := entryType.Field(i)
		byReference := f.Name == "Steps" // each of them is written as a Step
		if f.Type.Kind() == reflect.Pointer && !byReference {
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

func TestEachStartOfAReleaseHasItsOwnRowWithItsParts(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		store, first, second := p.open(t), closed(httpbin("2.26.0"), release.BackedOut, 5), state(httpbin("2.26.0"), "build", 11)
		first.ReleaseState.ConfigurationItems, first.ReleaseState.Environments = []string{"web", "cache"}, []string{"staging"}
		second.ReleaseState.ConfigurationItems, second.ReleaseState.Environments = []string{"web"}, []string{"production"}
		second.ReleaseState.Started = at(10)
		write(t, store, first, second)
		write(t, store, second, first)
		assert.Equal(t, []string{
			"2026-03-01T09:00:00.000000Z|closed|backed-out|2026-03-01T09:05:00.000000Z",
			"2026-03-01T09:10:00.000000Z|build||",
		}, p.rows(t, "SELECT started, phase, outcome, closed FROM releases ORDER BY started"))
		assert.Equal(t, []string{"closed|web", "closed|cache", "build|web"},
			p.rows(t, "SELECT phase, item FROM releases JOIN release_items USING (release, started) ORDER BY started, position"))
		assert.Equal(t, []string{"closed|staging", "build|production"},
			p.rows(t, "SELECT phase, environment FROM releases JOIN release_environments USING (release, started) ORDER BY started"))
	})
}

func TestWhatAnEarlierStartWritesLateChangesItsOwnRow(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		store, second := p.open(t), state(httpbin("2.26.0"), "build", 11)
		second.ReleaseState.Started = at(10)
		write(t, store, state(httpbin("2.26.0"), "deploy", 1), second, closed(httpbin("2.26.0"), release.BackedOut, 12))
		assert.Equal(t, []string{"backed-out|closed", "|build"}, p.rows(t, "SELECT outcome, phase FROM releases ORDER BY started"))
	})
}

// deployed is what became of a run of a deployment to production.
func deployed(run string, state release.EnvironmentState, minute int, targets ...release.TargetStatus) release.Entry {
	id := httpbin("2.26.0")
	e := release.Entry{Key: id + ":production/" + run + "/deployment", At: at(minute), Release: id}
	e.Deployment = &release.DeployState{Environment: "production", State: state, Targets: targets}
	return e
}

func TestEachRunOfADeploymentHasItsOwnRowWithItsTargets(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		store := p.open(t)
		undone := deployed("run-1", release.EnvBackedOut, 5,
			release.TargetStatus{Name: "one", State: release.TargetOld}, release.TargetStatus{Name: "two", State: release.TargetOld})
		live := deployed("run-2", release.EnvLive, 15, release.TargetStatus{Name: "one", State: release.TargetNew})
		write(t, store, undone, live)
		write(t, store, live, undone)
		assert.Equal(t, []string{
			"httpbin@2.26.0:production/run-1/deployment|httpbin@2.26.0|production|backed out|one|old",
			"httpbin@2.26.0:production/run-1/deployment|httpbin@2.26.0|production|backed out|two|old",
			"httpbin@2.26.0:production/run-2/deployment|httpbin@2.26.0|production|live|one|new",
		}, p.rows(t, `SELECT key, release, environment, d.state, target, t.state
			FROM deployments d JOIN targets t USING (key) ORDER BY at, position`))
	})
}

func TestOfTheEntriesOfADeploymentRunTheLatestCountsWithItsTargets(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		store := p.open(t)
		early := deployed("run-1", release.EnvUndecided, 5,
			release.TargetStatus{Name: "one", State: release.TargetOld}, release.TargetStatus{Name: "two", State: release.TargetUndecided})
		late := deployed("run-1", release.EnvLive, 6, release.TargetStatus{Name: "one", State: release.TargetNew})
		for _, order := range [][]release.Entry{{early, late}, {early}} {
			write(t, store, order...)
			assert.Equal(t, []string{"live"}, p.rows(t, "SELECT state FROM deployments"))
			assert.Equal(t, []string{"one|new"}, p.rows(t, "SELECT target, state FROM targets"))
		}
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
		assert.Len(t, p.rows(t, "SELECT key FROM actions WHERE NOT counted"), 3)
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

func TestActionsTellWhatWasVotedWhereAndWhyItDidNotCount(t *testing.T) {
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
		}, p.rows(t, "SELECT gate, decision, person, counted, refusal FROM actions WHERE action = 'cab-authorization' ORDER BY acted"))
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
			e.Call, e.ReleaseState = nil, &release.State{Service: "other", Version: "1"}
		},
		"started is missing": func(e *release.Entry) {
			*e = state(id, "plan", 1)
			e.ReleaseState.Started = time.Time{}
		},
		"opened is missing": func(e *release.Entry) { e.Call, e.Gate = nil, &release.Gate{Name: "plan"} },
		"not appended to a ledger": func(e *release.Entry) {
			e.Call, e.Ballot = nil, &release.BallotEntry{Started: at(0), Entry: release.LedgerEntry{At: at(1)}}
		},
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
					_, err := stores[(w+1)%2].Facts(context.Background(), "httpbin", []string{"production"}, nil, at(i))
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

func TestWhoConfirmedReadinessAndWhoAcceptedDiscrepanciesCanBeCounted(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		write(t, p.open(t), wholeRelease(httpbin("2.26.0"))...)
		assert.Equal(t, []string{"desk|training|sam|all five|||", "disk|other|marc|enough for now|exit status 1: 3 GB are free|1|" + string(digest("log"))},
			p.rows(t, "SELECT item, kind, person, comment, failure, exit, log FROM readiness ORDER BY item"))
		assert.Equal(t, []string{"production|olga|it is switched off|1"},
			p.rows(t, `SELECT environment, accepted_by, accepted_reason, count(*) FROM audits JOIN discrepancies USING (key)
				WHERE accepted IS NOT NULL GROUP BY 1, 2, 3`))
	})
}
