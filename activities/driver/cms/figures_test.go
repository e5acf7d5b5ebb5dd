package cms_test

import (
	"context"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"slipway/activities/driver/cms"
	"slipway/release"
	"slipway/release/figures"
	"slipway/release/figures/figurestest"
)

// fill writes what releases say, each start in one go.
func fill(t testing.TB, store *cms.Store, starts []figurestest.Start) {
	t.Helper()
	var batch []release.Entry
	for i, s := range starts {
		batch = append(batch, s.Entries...)
		if i%25 == 24 || i == len(starts)-1 {
			require.NoError(t, store.Write(context.Background(), batch))
			batch = nil
		}
	}
}

// portfolio is what the CMS and the figures make of a question.
func portfolio(t testing.TB, store *cms.Store, in figures.Input) figures.Portfolio {
	t.Helper()
	facts, err := store.ReleaseFacts(context.Background(), figures.Query{Since: in.Since, Until: in.Until, Filter: in.Filter})
	require.NoError(t, err)
	p, err := figures.Compute(facts, in)
	require.NoError(t, err)
	return p
}

func TestEveryFigureOfAYearIsWhatItsReleasesSay(t *testing.T) {
	starts := figurestest.Releases(1, 200)
	onEach(t, func(t *testing.T, p place) {
		store := p.open(t)
		fill(t, store, starts)
		for name, change := range map[string]func(*figures.Input){
			"the whole year":       func(*figures.Input) {},
			"a summer":             func(in *figures.Input) { in.Since, in.Until = day(5, 11), day(8, 23) },
			"a day":                func(in *figures.Input) { in.Since, in.Until = day(6, 3), day(6, 4) },
			"one service":          func(in *figures.Input) { in.Service = "httpbin" },
			"emergencies":          func(in *figures.Input) { in.Type = "emergency" },
			"one environment":      func(in *figures.Input) { in.Environment = "emea" },
			"staging":              func(in *figures.Input) { in.Environment = "staging" },
			"all filters together": func(in *figures.Input) { in.Service, in.Type, in.Environment = "orders", "normal", "production" },
			"before anything":      func(in *figures.Input) { in.Since, in.Until = day(-30, 1), day(-24, 1) },
		} {
			t.Run(name, func(t *testing.T) {
				in := figurestest.Input()
				change(&in)
				compare(t, answer(in, starts), portfolio(t, store, in))
			})
		}
	})
}

// day is one of the year.
func day(month, d int) time.Time {
	return time.Date(figurestest.Begin.Year(), time.Month(month), d, 7, 0, 0, 0, time.UTC)
}

// compare wants every number of a portfolio among the answers, and every answer in the
// portfolio.
func compare(t *testing.T, want *answers, got figures.Portfolio) {
	t.Helper()
	found := map[place4]bool{}
	check := func(p place4, value float64, links figures.Links) {
		t.Helper()
		if !assert.Contains(t, want.numbers, p, "this number is not among the answers: %v", value) {
			return
		}
		found[p] = true
		is := want.number(p)
		assert.InDelta(t, is, value, 1e-9*math.Max(1, math.Abs(is)), "%v", p)
		assert.Equal(t, len(want.numbers[p].releases), links.Count, "releases behind %v", p)
		assert.Len(t, links.Releases, min(links.Count, figures.LinksKept), "%v", p)
		for _, id := range links.Releases {
			assert.True(t, want.numbers[p].releases[id], "%s is not behind %v", id, p)
		}
	}
	for _, f := range got.Figures {
		if f.ID == "procedure-reviews" {
			continue // it is about no release: see TestProcedureReviewsAreCountedByTheYear
		}
		if f.Value != nil && (f.Count > 0 || *f.Value != 0) {
			check(place4{figure: f.ID}, *f.Value, f.Links)
		}
		for _, s := range f.Series {
			assert.Zero(t, s.Left, "%s by %s", f.ID, s.By)
			for _, p := range s.Points {
				check(place4{f.ID, s.By, s.Name, p.At}, p.Value, p.Links)
			}
		}
	}
	for p := range want.numbers {
		assert.True(t, found[p], "%v is missing", p)
	}
}

// Starts are written whole, while more read than there are connections: each fact is as it
// will be in the end.
func TestFactsAreThoseOfOneMoment(t *testing.T) {
	starts := figurestest.Releases(4, 30)
	onEach(t, func(t *testing.T, p place) {
		store := p.open(t)
		q := figures.Query{Since: figurestest.Begin, Until: figurestest.End}
		fill(t, store, starts[:1])
		written := make(chan struct{})
		var (
			readers errgroup.Group
			seen    [9][]figures.Fact
		)
		for i := range seen {
			readers.Go(func() error {
				for {
					facts, err := store.ReleaseFacts(t.Context(), q)
					seen[i] = append(seen[i], facts...)
					select {
					case <-written:
						return err
					default:
						if err != nil {
							return err
						}
					}
				}
			})
		}
		for _, s := range starts[1:] {
			require.NoError(t, store.Write(t.Context(), s.Entries))
		}
		close(written)
		require.NoError(t, readers.Wait())
		all, err := store.ReleaseFacts(t.Context(), q)
		require.NoError(t, err)
		want := map[figures.Start]figures.Fact{}
		for _, f := range all {
			want[figures.Start{Started: f.Started, Release: f.Release}] = f
		}
		for _, f := range slices.Concat(seen[:]...) {
			require.Equal(t, want[figures.Start{Started: f.Started, Release: f.Release}], f)
		}
	})
}

// Whoever asks for a few at a time gets the same as who asks for all.
func TestFactsComeInPages(t *testing.T) {
	starts := figurestest.Releases(2, 40)
	onEach(t, func(t *testing.T, p place) {
		store, ctx := p.open(t), context.Background()
		fill(t, store, starts)
		q := figures.Query{Since: day(2, 1), Until: day(11, 1)}
		all, err := store.ReleaseFacts(ctx, q)
		require.NoError(t, err)
		require.Greater(t, len(all), 20)
		var paged []figures.Fact
		for q.Limit = 7; ; {
			page, err := store.ReleaseFacts(ctx, q)
			require.NoError(t, err)
			paged = append(paged, page...)
			if len(page) < q.Limit {
				break
			}
			last := page[len(page)-1]
			q.After = figures.Start{Started: last.Started, Release: last.Release}
		}
		require.Equal(t, all, paged)
	})
}

func TestServicesTypesAndEnvironmentsAreKnownByTheirReleases(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		store := p.open(t)
		fill(t, store, figurestest.Releases(1, 60))
		names, err := store.ReleaseNames(context.Background())
		require.NoError(t, err)
		require.Equal(t, figures.Names{
			Services:     []string{"accounts", "billing", "httpbin", "orders", "search"},
			Types:        []string{"emergency", "normal", "standard"},
			Environments: []string{"apac", "emea", "production", "staging", "warehouse"},
		}, names)
	})
}
