package main

import (
	"context"
	"fmt"
	"slices"

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
		{name: "slipway release", run: timed(s.release), against: []*contestant{minimal}, limit: 2},
		signal,
		{name: "signed vote to next activity", run: s.vote, against: []*contestant{signal}, limit: 1.5},
	}
	const warmUp = 3
	if err := race(ctx, contestants, warmUp, runs); err != nil {
		return nil, err
	}
	var rows []row
	for _, c := range contestants {
		rows = append(append(rows, c.tail()...), c.over()...)
	}
	histories, err := s.histories(ctx, warmUp, warmUp+runs)
	return append(rows, histories...), err
}

// histories compares what the histories of the rounds from one up to another cost: of
// the minimal workflow, and of the release with all its children.
func (s *site) histories(ctx context.Context, first, end int) ([]row, error) {
	var minimal, mine costs
	for round := first; round < end; round++ {
		if err := minimal.read(ctx, s, minimalID(fmt.Sprintf("1.0.%d", round))); err != nil {
			return nil, err
		}
		if err := mine.read(ctx, s, release.ID("bench", fmt.Sprintf("2.0.%d", round))); err != nil {
			return nil, err
		}
	}
	if profiling() {
		last := func(contestant int) string { return fmt.Sprintf("%d.0.%d", contestant, end-1) }
		if err := s.tellSpent(ctx, minimalID(last(1)), release.ID("bench", last(2)), release.ID("bench", last(4))); err != nil {
			return nil, err
		}
	}
	const limit = 2
	rows := slices.Concat(minimal.rows("minimal workflow, history"), mine.rows("slipway release, all histories"))
	return append(rows,
		row{Name: "slipway release, events over minimal workflow", Value: mine.median(cost.ofEvents) / minimal.median(cost.ofEvents), Unit: "times"}.atMost(limit),
		row{Name: "slipway release, bytes over minimal workflow", Value: mine.median(cost.ofBytes) / minimal.median(cost.ofBytes), Unit: "times"}.atMost(limit),
	), nil
}

// costs are those of the same workflow in several rounds.
type costs []cost

func (c *costs) read(ctx context.Context, s *site, id string) error {
	one, err := s.cost(ctx, id, "")
	*c = append(*c, one)
	return err
}

func (c costs) median(of func(cost) int) float64 {
	all := make([]int, len(c))
	for i, one := range c {
		all[i] = of(one)
	}
	return float64(quantile(all, 0.5))
}

func (c costs) rows(name string) []row {
	return []row{
		{Name: name, Value: c.median(cost.ofEvents), Unit: "events"},
		{Name: name, Value: c.median(cost.ofBytes), Unit: "bytes"},
	}
}

func (c cost) ofEvents() int { return c.events }

func (c cost) ofBytes() int { return c.bytes }
