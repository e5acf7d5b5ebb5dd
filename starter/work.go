package starter

import (
	"context"
	"time"

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
	// Wave is how far a step is on the many targets of a wave, when it is about that
	// instead of an activity.
	Wave *release.WaveStatus `json:"wave,omitempty"`
}

// wave gives how far the workflow of a wave is; false when it is over.
func (c *Client) wave(ctx context.Context, workflow string) (Work, bool) {
	var status release.WaveStatus
	open, err := c.query(ctx, workflow, release.QueryStatus, &status)
	return Work{Workflow: workflow, Wave: &status}, open && err == nil
}

// Working gives the activities of a workflow that go on.
func (c *Client) Working(ctx context.Context, workflow string) ([]Work, error) {
	d, err := c.describe(ctx, workflow)
	if err != nil {
		return nil, c.explain(ctx, workflow, err)
	}
	var all []Work
	for _, a := range d.GetPendingActivities() {
		work := Work{
			Workflow: workflow, Activity: a.GetActivityType().GetName(),
			Attempt: int(a.GetAttempt()), Failure: a.GetLastFailure().GetMessage(),
		}
		if next := a.GetNextAttemptScheduleTime(); next != nil {
			work.Retry = next.AsTime()
		}
		// Details of another kind are none of ours.
		if c.data.FromPayloads(a.GetHeartbeatDetails(), &work.Progress) != nil {
			work.Progress = release.Progress{}
		}
		all = append(all, work)
	}
	return all, nil
}
