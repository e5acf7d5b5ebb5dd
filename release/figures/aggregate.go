package figures

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// PointsKept and MonthsKept are how many points a series has at most.
const (
	PointsKept = 40
	MonthsKept = 60
)

const (
	week = 7 * 24 * time.Hour
	year = 365 * 24 * time.Hour
)

// aggregate makes one number of those of some samples, which lie within a span of time.
type aggregate func(values []float64, span time.Duration) float64

func sum(values []float64, _ time.Duration) (total float64) {
	for _, v := range values {
		total += v
	}
	return total
}

func mean(values []float64, span time.Duration) float64 {
	return sum(values, span) / float64(len(values))
}

// percent is the share of those that are 1.
func percent(values []float64, span time.Duration) float64 { return 100 * mean(values, span) }

// median is the one in the middle, or the mean of the two that are.
func median(values []float64, _ time.Duration) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// perWeek takes a span that is shorter for a week.
func perWeek(values []float64, span time.Duration) float64 {
	return sum(values, span) / (max(span, week).Hours() / week.Hours())
}

// perYear takes a span that is shorter for a week.
func perYear(values []float64, span time.Duration) float64 {
	return sum(values, span) / (max(span, week).Hours() / year.Hours())
}

// grouping breaks samples down by one thing.
type grouping struct {
	by string
	at func(*sample) string
	// named makes a series of each name of the samples.
	named bool
	// order puts the points in order; by default the largest value comes first.
	order func(a, b Point) int
}

var (
	byMonth = grouping{by: "month", at: func(x *sample) string { return monthOf(x.at) }, order: func(a, b Point) int {
		return cmp.Compare(a.At, b.At)
	}}
	byService     = grouping{by: "service", at: func(x *sample) string { return x.of.Service }}
	byType        = grouping{by: "type", at: func(x *sample) string { return x.of.Type }}
	byEnvironment = grouping{by: "environment", at: func(x *sample) string { return x.environment }}
)

// byKind breaks samples down by their kinds.
func byKind(by string) grouping {
	return grouping{by: by, at: func(x *sample) string { return x.kind }}
}

// each makes a series of each name of the samples.
func (g grouping) each() grouping {
	g.named = true
	return g
}

func monthOf(t time.Time) string { return t.UTC().Format("2006-01") }

// result is what a figure came to.
type result struct {
	value  *float64
	series []Series
	links  Links
}

// over makes a figure of samples; without any there is no value.
func (s *survey) over(samples []*sample, work aggregate, by ...grouping) result {
	var r result
	if len(samples) == 0 {
		return r
	}
	value := work(valuesOf(samples), s.Until.Sub(s.Since))
	r.value, r.links = &value, s.linksOf(samples)
	for _, g := range by {
		r.series = append(r.series, s.series(samples, work, g)...)
	}
	return r
}

// orNone is 0 in the place of no value, when it is known that there was none.
func (r result) orNone(known bool) result {
	if r.value == nil && known {
		r.value = new(float64)
	}
	return r
}

// count is the sum of samples, or none.
func (s *survey) count(samples []*sample, known bool, by ...grouping) result {
	return s.over(samples, sum, by...).orNone(known)
}

func (s *survey) series(samples []*sample, work aggregate, g grouping) []Series {
	type place struct{ name, at string }
	groups := map[place]*[]*sample{}
	for _, x := range samples {
		p := place{at: g.at(x)}
		if g.named {
			p.name = x.name
		}
		group := groups[p]
		if group == nil {
			group = new([]*sample)
			groups[p] = group
		}
		*group = append(*group, x)
	}
	points := map[string][]Point{}
	for p, group := range groups {
		points[p.name] = append(points[p.name], Point{
			At: p.at, Value: work(valuesOf(*group), s.span(g, p.at)), Links: s.linksOf(*group), samples: *group,
		})
	}
	var all []Series
	for _, name := range slices.Sorted(maps.Keys(points)) {
		all = append(all, g.bounded(Series{By: g.by, Name: name, Points: points[name]}))
	}
	return all
}

// bounded puts the points of a series in order, and leaves out what is too much.
func (g grouping) bounded(one Series) Series {
	largest := func(a, b Point) int { return cmp.Or(cmp.Compare(b.Value, a.Value), cmp.Compare(a.At, b.At)) }
	order := g.order
	if order == nil {
		order = largest
	}
	slices.SortFunc(one.Points, order)
	if n := len(one.Points); g.by == byMonth.by && n > MonthsKept {
		one.Points, one.Left = one.Points[n-MonthsKept:], n-MonthsKept
	} else if g.by != byMonth.by && n > PointsKept {
		one.Points, one.Left = one.Points[:PointsKept], n-PointsKept
	}
	return one
}

// span is how much of the period a point stands for.
func (s *survey) span(g grouping, at string) time.Duration {
	month, err := time.Parse("2006-01", at)
	if g.by != byMonth.by || err != nil {
		return s.Until.Sub(s.Since)
	}
	from, to := month, month.AddDate(0, 1, 0)
	if from.Before(s.Since) {
		from = s.Since
	}
	if to.After(s.Until) {
		to = s.Until
	}
	return to.Sub(from)
}

func valuesOf(samples []*sample) []float64 {
	values := make([]float64, len(samples))
	for i, x := range samples {
		values[i] = x.value
	}
	return values
}

// linksOf gives the releases behind samples, each once: those of a start come one after
// the other.
func (s *survey) linksOf(samples []*sample) Links {
	var (
		l    Links
		last *Fact
	)
	seen := map[string]bool{}
	for _, x := range samples {
		if x.of == last {
			continue
		}
		last = x.of
		if s.again[last.Release] {
			if seen[last.Release] {
				continue
			}
			seen[last.Release] = true
		}
		if l.Count++; l.Count <= LinksKept {
			l.Releases = append(l.Releases, last.Release)
		}
	}
	return l
}
