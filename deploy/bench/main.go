// Command bench measures, side by side in one run on a real Temporal server, the
// same ten no-op steps done by a plain shell script, by a minimal Temporal
// workflow with ten activities, and by a Slipway release; and how soon after a
// signal the next activity starts, in a bare workflow and after a signed vote; and
// what a target costs in a deployment to a thousand of them, and to ten thousand.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"time"

	"slipway/release"
)

// row is one figure of the result, as bench.json holds it.
type row struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
	// Limit is what the value must not pass; zero when there is none.
	Limit float64 `json:"limit,omitempty"`
}

// limit is how long the whole run may take.
const limit = 10 * time.Minute

func main() { os.Exit(run()) }

func run() int {
	runs := flag.Int("runs", 50, "measured runs of each")
	out := flag.String("out", "bench.json", "file for the rows")
	flag.Parse()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	if err := bench(ctx, *runs, *out); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		return 1
	}
	return 0
}

// contestant does what is measured once, and says how long it took; the id is new
// for each run.
type contestant struct {
	name string
	run  func(ctx context.Context, id string) (time.Duration, error)
	// against is what it is compared with; nil when it is not.
	against *contestant
	took    []time.Duration
}

// timed takes the time of something from outside.
func timed(run func(ctx context.Context, id string) error) func(ctx context.Context, id string) (time.Duration, error) {
	return func(ctx context.Context, id string) (time.Duration, error) {
		started := time.Now()
		err := run(ctx, id)
		return time.Since(started), err
	}
}

func bench(ctx context.Context, runs int, out string) error {
	site, err := open(ctx)
	if err != nil {
		return err
	}
	defer site.close()
	minimal := &contestant{name: "minimal workflow", run: timed(site.minimal)}
	signal := &contestant{name: "signal to next activity", run: site.signal}
	contestants := []*contestant{
		{name: "shell script", run: timed(script), against: minimal},
		minimal,
		{name: "slipway release", run: timed(site.release), against: minimal},
		signal,
		{name: "signed vote to next activity", run: site.vote, against: signal},
	}
	// Interleaved, so that all meet the same machine; the first rounds warm up.
	const warmUp = 3
	for i := range warmUp + runs {
		for n, c := range contestants {
			took, err := c.run(ctx, fmt.Sprintf("%d.0.%d", n, i))
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			if i >= warmUp {
				c.took = append(c.took, took)
			}
		}
		progress(i+1, warmUp+runs)
	}
	rows, err := site.rows(ctx, contestants, fmt.Sprintf("1.0.%d", warmUp+runs-1), fmt.Sprintf("2.0.%d", warmUp+runs-1))
	if err != nil {
		return err
	}
	many, err := site.estates(ctx)
	if err != nil {
		return err
	}
	rows = append(rows, many...)
	for _, r := range rows {
		fmt.Printf("%-60s %10.2f %s\n", r.Name, r.Value, r.Unit)
	}
	data, err := json.MarshalIndent(map[string]any{"rows": rows}, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(out, append(data, '\n'), 0o644)
}

func progress(done, of int) {
	fmt.Fprintf(os.Stderr, "\rround %d of %d", done, of)
	if done == of {
		fmt.Fprintln(os.Stderr)
	}
}

// rows gives each contestant's times, beside those it is compared with, and what
// the histories of the last minimal workflow and the last release cost.
func (s *site) rows(ctx context.Context, contestants []*contestant, lastMinimal, lastRelease string) ([]row, error) {
	var rows []row
	for _, c := range contestants {
		median := quantile(c.took, 0.5)
		rows = append(rows,
			row{Name: c.name + ", median", Value: milliseconds(median), Unit: "ms"},
			row{Name: c.name + ", 99th percentile", Value: milliseconds(quantile(c.took, 0.99)), Unit: "ms"})
		if c.against != nil {
			base := quantile(c.against.took, 0.5)
			rows = append(rows, row{Name: c.name + " over " + c.against.name, Value: float64(median) / float64(base), Unit: "times"})
		}
	}
	minimal, err := s.cost(ctx, minimalID(lastMinimal), "")
	if err != nil {
		return nil, err
	}
	mine, err := s.cost(ctx, release.ID("bench", lastRelease), "")
	if err != nil {
		return nil, err
	}
	return append(rows,
		row{Name: "minimal workflow, history", Value: float64(minimal.events), Unit: "events"},
		row{Name: "minimal workflow, history", Value: float64(minimal.bytes), Unit: "bytes"},
		row{Name: "slipway release, all histories", Value: float64(mine.events), Unit: "events"},
		row{Name: "slipway release, all histories", Value: float64(mine.bytes), Unit: "bytes"},
		row{Name: "events over minimal workflow", Value: float64(mine.events) / float64(minimal.events), Unit: "times"},
		row{Name: "bytes over minimal workflow", Value: float64(mine.bytes) / float64(minimal.bytes), Unit: "times"},
	), nil
}

func quantile(took []time.Duration, q float64) time.Duration {
	sorted := slices.Sorted(slices.Values(took))
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
