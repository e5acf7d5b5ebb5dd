package cms_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/activities/driver/cms"
	"slipway/release"
	"slipway/release/records"
)

// onTold runs a rule on a database that holds the told history.
func onTold(t *testing.T, rule func(t *testing.T, ask func(records.Request) records.Answer, store *cms.Store)) {
	onEach(t, func(t *testing.T, p place) {
		store := p.open(t)
		told(t, store)
		rule(t, func(r records.Request) records.Answer {
			t.Helper()
			answer, err := store.Ask(context.Background(), r, nil)
			require.NoError(t, err)
			return answer
		}, store)
	})
}

func TestReleasesAreFoundByWhatTheyAre(t *testing.T) {
	onTold(t, func(t *testing.T, ask func(records.Request) records.Answer, _ *cms.Store) {
		for want, r := range map[string]records.Releases{
			"shop@3 shop@4 shop@2 mail@1 shop@1": {},
			"mail@1":                             {Model: "standard"},
			"shop@3 shop@4 shop@2 shop@1":        {Service: "shop", Environment: "staging"},
			"shop@2":                             {Outcome: release.BackedOut},
			"shop@3":                             {Open: true},
			"shop@3 shop@4 ":                     {Since: at(150)},
			"shop@3 shop@2":                      {RFC: "RFC-8"},
			" mail@1":                            {Person: "mia"},
			"":                                   {Service: "mail", Open: true},
		} {
			var found []string
			for _, s := range ask(records.Request{Releases: &r}).Releases {
				found = append(found, s.ID)
			}
			assert.Equal(t, strings.Fields(want), append([]string{}, found...), "%+v", r)
		}
		one := ask(records.Request{Releases: &records.Releases{Outcome: release.BackedOut}}).Releases[0]
		want := *releaseOf("shop@2", 100, 140, release.BackedOut, "web", "RFC-2")[0].ReleaseState
		assert.Equal(t, records.Release{ID: "shop@2", State: want}, one)
	})
}

func TestWhoDidSomethingInAReleaseIsFoundByName(t *testing.T) {
	onTold(t, func(t *testing.T, ask func(records.Request) records.Answer, store *cms.Store) {
		e := entry("shop@4", "act/1", 155)
		e.Act = &release.Act{At: at(155), Action: release.ActWithdraw, By: "wendy", Counted: true}
		write(t, store, e)
		found := ask(records.Request{Releases: &records.Releases{Person: "wendy"}}).Releases
		require.Len(t, found, 1)
		assert.Equal(t, "shop@4", found[0].ID)
	})
}

func TestPagesHaveEveryRowOnceAndSayWhereTheNextBegins(t *testing.T) {
	onTold(t, func(t *testing.T, ask func(records.Request) records.Answer, _ *cms.Store) {
		for _, r := range []records.Request{
			{Releases: &records.Releases{}},
			{Items: &records.Items{}},
			{Baselines: &records.Baselines{}},
			{Baselines: &records.Baselines{History: true}},
			{Incidents: &records.Incidents{}},
			{KnownErrors: &records.KnownErrors{}},
			{KnownErrors: &records.KnownErrors{Words: []string{"pool"}}},
			{Item: &records.Item{Name: "web"}},
		} {
			rows := func(a records.Answer) (list []string) {
				for _, x := range a.Releases {
					list = append(list, x.ID)
				}
				for _, x := range a.Items {
					list = append(list, fmt.Sprint(x))
				}
				if a.Item != nil {
					a.Baselines = a.Item.Placed
				}
				for _, x := range a.Baselines {
					list = append(list, fmt.Sprint(x))
				}
				for _, x := range a.Incidents {
					list = append(list, x.Release+x.ID)
				}
				for _, x := range a.KnownErrors {
					list = append(list, x.Summary)
				}
				return list
			}
			all := rows(ask(r))
			require.Greater(t, len(all), 1)
			for _, limit := range []int{1, 2, len(all)} {
				var paged []string
				page := r
				page.Limit = limit
				for {
					answer := ask(page)
					require.LessOrEqual(t, len(rows(answer)), limit)
					paged = append(paged, rows(answer)...)
					if page.After = answer.Next; page.After == "" {
						break
					}
				}
				assert.Equal(t, all, paged, "%+v by %d", r, limit)
			}
		}
	})
}

func TestWhatIsNotRecordedIsRefusedWithWhatWouldWork(t *testing.T) {
	onTold(t, func(t *testing.T, _ func(records.Request) records.Answer, store *cms.Store) {
		for want, r := range map[string]records.Request{
			"no service shpo is recorded: did you mean shop?":                            {Releases: &records.Releases{Service: "shpo"}},
			"no service zebra is recorded: there are mail, shop":                         {KnownErrors: &records.KnownErrors{Service: "zebra"}},
			"there is no environment moon: there are lab, production, staging":           {Baselines: &records.Baselines{Environment: "moon"}},
			"no release shop@9 is recorded: did you mean shop@3?":                        {Incidents: &records.Incidents{Release: "shop@9"}},
			"no configuration item cach is recorded: did you mean cache?":                {Item: &records.Item{Name: "cach"}},
			"no incident INC-9 is recorded: there are shop@1/production/INC-1":           {Relations: &records.Relations{Node: records.Node{Kind: "incident", Name: "INC-9"}}},
			"several are called INC-1: use one of shop@1/production/INC-1":               {Relations: &records.Relations{Node: records.Node{Kind: "incident", Name: "INC-1"}}},
			`"planet" is no kind of record: use release, package, component, ci`:         {Relations: &records.Relations{Node: records.Node{Kind: "planet", Name: "x"}}},
			`"x" is not where an answer to this question ended`:                          {Page: records.Page{After: "x"}, Releases: &records.Releases{}},
			`"2026,y" is not where an answer`:                                            {Page: records.Page{After: "2026,y"}, Incidents: &records.Incidents{}},
			`"2026-03-01T09:00:00.000000Z,y" is not where an answer`:                     {Page: records.Page{After: "2026-03-01T09:00:00.000000Z,y"}, Baselines: &records.Baselines{History: true}},
			`"-1" is not where an answer`:                                                {Page: records.Page{After: "-1"}, KnownErrors: &records.KnownErrors{}},
			"limit 501: use 1 to 500":                                                    {Page: records.Page{Limit: 501}, Releases: &records.Releases{}},
			"severity 9: use 1 (worst) to 4 (mildest)":                                   {Incidents: &records.Incidents{Severities: []int{2, 9}}},
			`"dirt" is not a defect type: use function, interface`:                       {Incidents: &records.Incidents{Defects: []release.Defect{"dirt"}}},
			`"thing" is no kind of configuration item: use service, ci, component or pa`: {Items: &records.Items{Kind: "thing"}},
			"ask either for the history or for one time":                                 {Baselines: &records.Baselines{History: true, At: at(1)}},
			"depth 7: use 1 to 6":                                                        {Relations: &records.Relations{Node: records.Node{Kind: "ci", Name: "web"}, Depth: 7}},
			"ask for exactly one kind of records, not 0":                                 {},
		} {
			_, err := store.Ask(context.Background(), r, []string{"lab"})
			var refused release.Refusal
			require.ErrorAs(t, err, &refused, want)
			assert.ErrorContains(t, err, want)
		}
		answer, err := store.Ask(context.Background(), records.Request{Baselines: &records.Baselines{Environment: "lab"}}, []string{"lab"})
		require.NoError(t, err)
		assert.Empty(t, answer.Baselines, "nothing runs in an environment that was never deployed to")
	})
}

func TestIncidentsAreFoundByWhatTheyAreAbout(t *testing.T) {
	yes, no := true, false
	onTold(t, func(t *testing.T, ask func(records.Request) records.Answer, _ *cms.Store) {
		for want, r := range map[string]records.Incidents{
			"shop@3 shop@2 shop@1":  {Environment: "production"},
			"shop@3 shop@2 shop@1 ": {Service: "shop"},
			"shop@2":                {Release: "shop@2"},
			" shop@2 ":              {Severities: []int{1, 2}},
			"shop@2 shop@1":         {Defects: []release.Defect{release.DefectData, release.DefectPerformance}},
			"shop@3":                {Open: true},
			" shop@3":               {Unrelated: &yes},
			" shop@2 shop@1":        {Unrelated: &no},
			"shop@3 shop@2":         {Since: at(125)},
			"  shop@2":              {Assignee: "olga"},
			"":                      {Service: "mail"},
		} {
			var found []string
			for _, i := range ask(records.Request{Incidents: &r}).Incidents {
				found = append(found, i.Release)
			}
			assert.Equal(t, strings.Fields(want), append([]string{}, found...), "%+v", r)
		}
		worst := ask(records.Request{Incidents: &records.Incidents{Severities: []int{1}}}).Incidents[0]
		want := supported()[1].Incident
		assert.Equal(t, records.Incident{Release: "shop@2", Environment: "production", Incident: want.Incident}, worst)
	})
}

func TestKnownErrorsAreSearchedByWordsTheBestFirst(t *testing.T) {
	onTold(t, func(t *testing.T, ask func(records.Request) records.Answer, _ *cms.Store) {
		found := func(r records.KnownErrors) (summaries []string) {
			for _, k := range ask(records.Request{KnownErrors: &r}).KnownErrors {
				summaries = append(summaries, k.Summary)
			}
			return summaries
		}
		const dry, cold, prices = "the pool runs dry", "the cache is cold", "Prices are rounded 100% up"
		assert.Equal(t, []string{dry, cold}, found(records.KnownErrors{Words: []string{"POOL"}}), "the summary before the workaround")
		assert.Equal(t, []string{cold, dry}, found(records.KnownErrors{Words: []string{"pool", "full"}}), "two words before one")
		assert.Equal(t, []string{prices}, found(records.KnownErrors{Words: []string{"ke-7"}}))
		assert.Equal(t, []string{prices}, found(records.KnownErrors{Words: []string{"0%"}}), "a percent sign is one")
		assert.Empty(t, found(records.KnownErrors{Words: []string{"pool_"}}))
		assert.Equal(t, []string{cold, dry, prices}, found(records.KnownErrors{}), "the latest first")
		assert.Equal(t, []string{cold, prices}, found(records.KnownErrors{Open: true}))
		assert.Empty(t, found(records.KnownErrors{Service: "mail"}))

		all := ask(records.Request{KnownErrors: &records.KnownErrors{}}).KnownErrors
		assert.Equal(t, []records.KnownError{
			{
				Service: "shop", ID: "KE-1", Summary: cold, Workaround: "wait until the pool is full", Since: at(225),
				Releases: []string{"shop@3"}, Runs: []records.Running{{Environment: "production", Release: "shop@3"}},
			},
			{
				Service: "shop", ID: "KE-1", Summary: dry, Workaround: "restart it", Since: at(127), Releases: []string{"shop@2"},
				Incident: "shop@2/INC-1", Resolved: at(140), Resolution: "shop@3",
			},
			{
				Service: "shop", ID: "KE-7", Summary: prices, Workaround: "Add them by hand", Since: at(30),
				Releases: []string{"shop@1"}, Runs: []records.Running{{Environment: "staging", Release: "shop@1"}},
			},
		}, all)
	})
}
