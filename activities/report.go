package activities

import (
	"context"
	"fmt"

	"slipway/activities/driver/dml"
	"slipway/release"
)

// fewPlaces is up to how many places a pass tells all about each in its result.
const fewPlaces = 50

// report makes the result of a pass, and lists what the scripts printed in the DML.
// When its places are many, all that is known of each goes there too.
func (p *pass) report(ctx context.Context, results []release.StepResult) (PassResult, error) {
	logs := p.logs()
	if len(results) <= fewPlaces {
		return PassResult{Results: results}, p.a.Library.ListLogs(ctx, logs)
	}
	name := fmt.Sprintf("report %s %s %s", p.in.Release, p.in.Environment, p.in.Pass.Step.Name)
	blob, err := p.a.keepJSON(ctx, p.folder, name, results)
	if err != nil {
		return PassResult{}, err
	}
	if err := p.a.Library.ListLogs(ctx, append(logs, dml.Log{Name: name + ".json", Blob: blob})); err != nil {
		return PassResult{}, err
	}
	found := PassResult{Report: &blob}
	for _, r := range results {
		switch {
		case !r.Well():
			found.Results = append(found.Results, r)
			continue
		case len(r.Outputs) > 0:
			found.Results = append(found.Results, release.StepResult{
				Step: r.Step, Target: r.Target, Wave: r.Wave, Fate: r.Fate, BackOut: r.BackOut, Outputs: r.Outputs,
			})
		}
		found.Well++
	}
	return found, nil
}

// entries gives what is to be recorded, with each report of a pass as the results
// that are in it.
func (a *Activities) entries(ctx context.Context, given []release.Entry) ([]release.Entry, error) {
	all := make([]release.Entry, 0, len(given))
	for _, e := range given {
		if e.Steps == nil {
			all = append(all, e)
			continue
		}
		var results []release.StepResult
		if err := a.loadJSON(ctx, "report of "+e.Key, e.Steps.Report.Digest, &results); err != nil {
			return nil, err
		}
		for _, r := range results {
			all = append(all, release.Entry{
				Key: e.Key + "/" + r.Target, At: e.At, Release: e.Release,
				Step: &release.StepEntry{Environment: e.Steps.Environment, Result: r},
			})
		}
	}
	return all, nil
}
