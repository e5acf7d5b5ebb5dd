package activities

import (
	"context"
	"errors"
	"strings"
	"time"

	"go.temporal.io/sdk/activity"

	"slipway/activities/driver/source"
	"slipway/release"
)

// Follow waits until one of the branches has another commit than the one that was
// built. It may run again from the start. What will not go away by looking again is
// told as a failure.
func (a *Activities) Follow(ctx context.Context, in FollowInput) (FollowResult, error) {
	var names []string
	for _, b := range in.Branches {
		names = append(names, b.String())
	}
	beater := beat(ctx, release.Progress{What: "follow " + strings.Join(names, ", "), Since: time.Now().UTC()})
	defer beater.end()
	again := time.NewTicker(in.Every.Std())
	defer again.Stop()
	for {
		found, err := a.newer(ctx, in.Branches)
		var refusal release.Refusal
		switch {
		case err == nil && len(found) > 0:
			return FollowResult{Newer: found}, nil
		case errors.As(err, &refusal), errors.Is(err, source.ErrMissing), errors.Is(err, source.ErrUnfit):
			return FollowResult{Failure: err.Error()}, nil
		case err != nil:
			beater.set(func(p *release.Progress) { p.Line = err.Error() })
		}
		select {
		case <-ctx.Done():
			return FollowResult{}, ctx.Err()
		case <-activity.GetWorkerStopChannel(ctx):
			return FollowResult{}, errStopping
		case <-again.C:
		}
	}
}

// newer gives the branches that have another commit by now.
func (a *Activities) newer(ctx context.Context, branches []release.Branch) ([]release.Branch, error) {
	var found []release.Branch
	o := a.Organization()
	for _, b := range branches {
		place, err := o.Allows(b.Source, nil)
		if err != nil {
			return nil, err
		}
		commit, err := a.Sources.Newest(ctx, b.Source.Git, b.Source.Branch, place)
		if err != nil {
			return nil, err
		}
		if commit != b.Source.Commit {
			b.Source.Commit = commit
			found = append(found, b)
		}
	}
	return found, nil
}
