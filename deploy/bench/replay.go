package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"

	"slipway/workflows"
)

// fixtures are the histories of releases that must replay for good.
const fixtures = "workflows/testdata/histories/*/*-release.json"

// replays measures the replay of the longest of them: what a worker does for a release
// that it does not hold any more.
func replays(ctx context.Context) ([]row, error) {
	longest, err := longestHistory()
	if err != nil {
		return nil, err
	}
	replay := &contestant{name: "replay", run: timed(func(context.Context, string) error {
		replayer := worker.NewWorkflowReplayer()
		workflows.Register(replayer)
		return replayer.ReplayWorkflowHistory(silent{}, longest)
	})}
	const warmUp, rounds = 5, 50
	if err := race(ctx, []*contestant{replay}, warmUp, rounds); err != nil {
		return nil, err
	}
	return []row{
		{Name: "longest release history of the fixtures", Value: float64(len(longest.GetEvents())), Unit: "events"},
		row{Name: "replay of the longest release history, median", Value: milliseconds(quantile(replay.took, 0.5)), Unit: "ms"}.atMost(20),
		{Name: "replay of the longest release history, 99th percentile", Value: milliseconds(quantile(replay.took, 0.99)), Unit: "ms"},
	}, nil
}

func longestHistory() (*history.History, error) {
	files, err := filepath.Glob(fixtures)
	if err != nil {
		return nil, err
	}
	var longest *history.History
	for _, name := range files {
		h, err := readHistory(name)
		if err != nil {
			return nil, err
		}
		if len(h.GetEvents()) > len(longest.GetEvents()) {
			longest = h
		}
	}
	if longest == nil {
		return nil, errors.New("there are no " + fixtures + " (run this in the root of the repository)")
	}
	return longest, nil
}

func readHistory(name string) (*history.History, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return client.HistoryFromJSON(file, client.HistoryJSONOptions{})
}
