package activities

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"go.temporal.io/sdk/activity"

	"slipway/activities/driver/probe"
	"slipway/release"
)

// watching is what a watch tells in its heartbeats: what goes on, for people, and all
// that it has seen, for another attempt to go on from.
type watching struct {
	release.Progress
	release.Sight
	// Targets is what watches told before they summed up.
	Targets []release.Availability `json:"targets,omitempty"`
}

// Watch probes targets until a time, or until one of them had too much downtime, and
// measures their availability. It goes on where a lost worker left off; the gap counts
// as unobserved. A cancellation ends it with what was seen so far.
func (a *Activities) Watch(ctx context.Context, in WatchInput) (WatchResult, error) {
	var before *release.Sight
	if activity.HasHeartbeatDetails(ctx) {
		var told watching
		if err := activity.GetHeartbeatDetails(ctx, &told); err != nil {
			return WatchResult{}, fmt.Errorf("what the attempt before saw: %w", err)
		}
		before = &told.Sight
		if len(told.Targets) > 0 {
			before.Availability = told.Targets
		}
	}
	targets, err := a.described(ctx, in.Estate)
	if err != nil {
		return WatchResult{}, err
	}
	from := in.From
	if from.IsZero() {
		from = activity.GetInfo(ctx).ScheduledTime
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
	seen, err := a.Prober.Watch(within, probe.Watch{
		Targets: targets, Probe: in.Probe, Version: in.Version, Environment: in.Environment, Interval: in.Interval.Std(),
		From: from, Until: in.Until, Carried: in.Carried, Limit: in.Limit.Std(),
	}, before, func(seen release.Sight) {
		activity.RecordHeartbeat(ctx, watching{Progress: in.progress(seen), Sight: seen})
	})
	result := WatchResult{seen}
	switch {
	case errors.Is(context.Cause(within), errStopping):
		return result, errStopping
	case ctx.Err() != nil:
		return result, nil
	}
	return result, err
}

// failingNamed is how many targets that are down a watch names.
const failingNamed = 5

// progress says what a watch sees at the moment.
func (in WatchInput) progress(seen release.Sight) release.Progress {
	p := release.Progress{What: fmt.Sprintf("probes of %s every %s: ", in.Environment, in.Interval), Since: seen.Latency.From}
	failing := seen.Failing()
	switch n := len(failing); {
	case seen.Latency.Probes == 0:
		p.What += "they begin"
	case n == 0:
		p.What += "all that is probed answers"
	default:
		p.What += release.ManyOf(n, "target") + " down, " + strings.Join(failing[:min(n, failingNamed)], ", ")
		if more := n - failingNamed; more > 0 {
			p.What += fmt.Sprintf(" and %d more", more)
		}
	}
	downtime := map[string]release.Duration{}
	for _, c := range in.Carried {
		downtime[c.Target] = c.Down
	}
	for _, a := range seen.Availability {
		downtime[a.Target] += a.Downtime()
	}
	worst, longest := "", release.Duration(0)
	for target, d := range downtime {
		if d > longest || d == longest && target < worst {
			worst, longest = target, d
		}
	}
	if worst != "" {
		p.Line = fmt.Sprintf("longest downtime so far %s (%s)", release.Roughly(longest), worst)
	}
	return p
}
