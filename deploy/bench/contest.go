package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"
	"time"
)

// contestant does what is measured once, and says how long it took; the id is new
// for each run.
type contestant struct {
	name string
	run  func(ctx context.Context, id string) (time.Duration, error)
	// against are those that it is compared with.
	against []*contestant
	// limit is how many times as long as those it may take; 0 when nothing is said.
	limit float64
	took  []time.Duration
}

// timed takes the time of something from outside.
func timed(run func(ctx context.Context, id string) error) func(ctx context.Context, id string) (time.Duration, error) {
	return func(ctx context.Context, id string) (time.Duration, error) {
		started := time.Now()
		err := run(ctx, id)
		return time.Since(started), err
	}
}

// race lets all run in turn, so that they meet the same machine; the first rounds
// warm up. The id of a run is the contestant's place and that of the round.
func race(ctx context.Context, contestants []*contestant, warmUp, rounds int) error {
	for i := range warmUp + rounds {
		for n, c := range contestants {
			took, err := c.run(ctx, fmt.Sprintf("%d.0.%d", n, i))
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			if i >= warmUp {
				c.took = append(c.took, took)
			}
		}
		fmt.Fprintf(os.Stderr, "\rround %d of %d", i+1, warmUp+rounds)
	}
	fmt.Fprintln(os.Stderr)
	return nil
}

// tail gives the median, and what nearly all stay below.
func (c *contestant) tail() []row {
	return []row{
		{Name: c.name + medianOf, Value: milliseconds(quantile(c.took, 0.5)), Unit: "ms"},
		{Name: c.name + tailOf, Value: milliseconds(quantile(c.took, 0.99)), Unit: "ms"},
	}
}

// over gives how many times longer it took than others, by the medians.
func (c *contestant) over() []row { return c.ratios("", 0.5) }

func (c *contestant) ratios(what string, q float64) []row {
	var rows []row
	for _, other := range c.against {
		ratio := float64(quantile(c.took, q)) / float64(quantile(other.took, q))
		r := row{Name: c.name + " over " + other.name + what, Value: ratio, Unit: "times"}
		if c.limit > 0 {
			r = r.atMost(c.limit)
		}
		rows = append(rows, r)
	}
	return rows
}

// throughput gives the times of what moves so many bytes, and how it compares. On a
// machine that does other things too, the least of a few runs says more than their
// median.
func (c *contestant) throughput(bytes int64) []row {
	median := quantile(c.took, 0.5)
	return slices.Concat([]row{
		{Name: c.name + ", least", Value: quantile(c.took, 0).Seconds(), Unit: "s"},
		{Name: c.name + ", median", Value: median.Seconds(), Unit: "s"},
		{Name: c.name + ", median", Value: megabytes(bytes) / median.Seconds(), Unit: "MB/s"},
	}, c.over(), c.ratios(", least", 0))
}

func quantile[T cmp.Ordered](took []T, q float64) T {
	sorted := slices.Sorted(slices.Values(took))
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func megabytes(bytes int64) float64 { return float64(bytes) / 1e6 }
