package starter

import (
	"context"
	"encoding/json"
	"time"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflow/v1"

	"slipway/release"
)

// Work is an activity that goes on, or a wave of many targets: what it said last of itself, and how often it
// has failed so far.
type Work struct {
	Workflow string           `json:"workflow"`
	Activity string           `json:"activity"`
	Progress release.Progress `json:"progress,omitzero"`
	Attempt  int              `json:"attempt"`
	// Failure is how the attempt before ended, and Retry when the next one begins,
	// when it has not yet.
	Failure string    `json:"failure,omitempty"`
	Retry   time.Time `json:"retry,omitzero"`
	// TaskQueue is where it is taken up, and Unclaimed since when no worker has done so,
	// when that is longer than it takes where there is one.
	TaskQueue string    `json:"taskQueue,omitempty"`
	Unclaimed time.Time `json:"unclaimed,omitzero"`
	// Over is how many targets it is done with.
	Over int `json:"over,omitempty"`
	// Wave is how far a step is on the many targets of a wave, when it is about that
	// instead of an activity.
	Wave *release.WaveStatus `json:"wave,omitempty"`
}

// wave gives how far the workflow of a wave is, with the targets that its activities
// are done with; false when it is over.
func (c *Client) wave(ctx context.Context, workflow string) (Work, bool) {
	var status release.WaveStatus
	open, err := c.statusOf(ctx, workflow, &status)
	if err != nil || !open {
		return Work{}, false
	}
	batches, err := c.Working(ctx, workflow)
	for _, batch := range batches {
		status.Over += batch.Over
	}
	status.Over = min(status.Over, status.Targets) // a batch may have ended in between
	return Work{Workflow: workflow, Wave: &status}, err == nil
}

// takenUp is how soon a worker that is there takes up its work.
const takenUp = 5 * time.Second

// Working gives the activities of a workflow that go on.
func (c *Client) Working(ctx context.Context, id string) ([]Work, error) {
	d, err := c.describe(ctx, id)
	if err != nil {
		return nil, c.explain(ctx, id, err)
	}
	var all []Work
	for _, a := range d.GetPendingActivities() {
		work := Work{
			Workflow: id, Activity: a.GetActivityType().GetName(),
			Attempt: int(a.GetAttempt()), Failure: a.GetLastFailure().GetMessage(),
			TaskQueue: a.GetActivityOptions().GetTaskQueue().GetName(), Unclaimed: unclaimed(a, time.Now()),
		}
		if next := a.GetNextAttemptScheduleTime(); next != nil {
			work.Retry = next.AsTime()
		}
		// Details of another kind are none of ours.
		var told struct {
			release.Progress
			Results []json.RawMessage `json:"results"`
		}
		if c.data.FromPayloads(a.GetHeartbeatDetails(), &told) == nil {
			work.Progress, work.Over = told.Progress, len(told.Results)
		}
		all = append(all, work)
	}
	return all, nil
}

// unclaimed gives since when an activity waits for a worker; nothing when it does not,
// or not for long.
func unclaimed(a *workflow.PendingActivityInfo, now time.Time) time.Time {
	since := a.GetScheduledTime().AsTime()
	waits := a.GetState() == enums.PENDING_ACTIVITY_STATE_SCHEDULED && a.GetScheduledTime() != nil
	if !waits || a.GetPaused() || now.Sub(since) < takenUp {
		return time.Time{}
	}
	return since
}
