package main

import (
	"context"
	"fmt"

	"slipway/release"
)

// The same ten steps in three ways, and what follows a signal in two.

// steps measures all of it.
func (s *site) steps(ctx context.Context, runs int) ([]row, error) {
	minimal := &contestant{name: "minimal workflow", run: timed(s.minimal)}
	signal := &contestant{name: "signal to next activity", run: s.signal}
	contestants := []*contestant{
		{name: "shell script", run: timed(script), against: []*contestant{minimal}},
		minimal,
		{name: "slipway release", run: timed(s.release), against: []*contestant{minimal}},
		signal,
		{name: "signed vote to next activity", run: s.vote, against: []*contestant{signal}},
	}
	const warmUp = 3
	if err := race(ctx, contestants, warmUp, runs); err != nil {
		return nil, err
	}
	return s.rows(ctx, contestants, fmt.Sprintf("1.0.%d", warmUp+runs-1), fmt.Sprintf("2.0.%d", warmUp+runs-1))
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
		rows = append(rows, c.over()...)
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
