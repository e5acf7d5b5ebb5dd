package activities

import (
	"context"
	"errors"
	"fmt"

	"go.temporal.io/sdk/activity"

	"slipway/activities/driver/probe"
)

// Watch probes targets until a time and measures their availability. It goes on
// where a lost worker left off; the gap counts as unobserved. A cancellation ends
// it with what was seen so far.
func (a *Activities) Watch(ctx context.Context, in WatchInput) (WatchResult, error) {
	var before *probe.Observed
	if activity.HasHeartbeatDetails(ctx) {
		before = &probe.Observed{}
		if err := activity.GetHeartbeatDetails(ctx, before); err != nil {
			return WatchResult{}, fmt.Errorf("what the attempt before saw: %w", err)
		}
	}
	targets, err := a.described(ctx, in.Estate)
	if err != nil {
		return WatchResult{}, err
	}
	within, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		select {
		case <-activity.GetWorkerStopChannel(ctx):
			cancel(errStopping)
		case <-within.Done():
		}
	}()
	found, err := a.Prober.Watch(within, probe.Watch{
		Targets: targets, Probe: in.Probe, Version: in.Version, Environment: in.Environment, Interval: in.Interval.Std(),
		From: activity.GetInfo(ctx).ScheduledTime, Until: in.Until,
	}, before, func(o probe.Observed) { activity.RecordHeartbeat(ctx, o) })
	result := WatchResult{Availability: found.Targets}
	switch {
	case errors.Is(context.Cause(within), errStopping):
		return result, errStopping
	case ctx.Err() != nil:
		return result, nil
	}
	return result, err
}
