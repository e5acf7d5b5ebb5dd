package workflows

import (
	"fmt"
	"slices"

	"go.temporal.io/sdk/workflow"

	"slipway/activities"
	"slipway/release"
)

// journal takes entries for the CMS and writes them in batches beside the
// process, which does not wait for it but at the end.
type journal struct {
	release string
	pending []release.Entry
	writing bool
	// acts counts what people did, to tell one from the other.
	acts int
}

// newJournal starts a journal. It outlives a cancellation: what happened is
// recorded.
func newJournal(ctx workflow.Context, releaseID string) *journal {
	j := &journal{release: releaseID}
	detached, _ := workflow.NewDisconnectedContext(ctx)
	workflow.GoNamed(detached, "journal", j.write)
	return j
}

// add notes an entry. Its key is the workflow and the step: the first run of the
// workflow is part of it, because a release may be started again.
func (j *journal) add(ctx workflow.Context, step string, fill func(e *release.Entry)) {
	info := workflow.GetInfo(ctx)
	e := release.Entry{
		Key: info.WorkflowExecution.ID + "/" + info.FirstRunID + "/" + step, At: workflow.Now(ctx).UTC(), Release: j.release,
	}
	fill(&e)
	j.pending = append(j.pending, e)
}

// act notes what somebody did.
func (j *journal) act(ctx workflow.Context, a release.Act) {
	j.acts++
	j.add(ctx, fmt.Sprintf("act/%d", j.acts), func(e *release.Entry) { e.Act = &a })
}

func (j *journal) write(ctx workflow.Context) {
	for {
		if err := workflow.Await(ctx, func() bool { return len(j.pending) > 0 }); err != nil {
			return
		}
		batch := j.pending
		j.pending, j.writing = nil, true
		if record(ctx, batch) != nil {
			// One entry that the CMS does not take must not take the others with it.
			for _, e := range batch {
				if err := record(ctx, []release.Entry{e}); err != nil {
					workflow.GetLogger(ctx).Error("an entry was not written to the CMS", "key", e.Key, "error", err)
				}
			}
		}
		j.writing = false
	}
}

// afterCommit is the change by which ballots are written by an activity of their own.
const afterCommit = "ballots-after-commit"

// record writes a batch: at once while the CMS is there, and patiently when it is
// not. Ballots never give way there, so they are written once their vote is in the
// history: a workflow task that is lost with its worker is done again, at another
// time, and what it wrote at once would stand in the place of what then counts.
func record(ctx workflow.Context, batch []release.Entry) error {
	var a *activities.Activities
	in := activities.RecordInput{Entries: batch}
	ballots := slices.ContainsFunc(batch, func(e release.Entry) bool { return e.Ballot != nil })
	if ballots && workflow.GetVersion(ctx, afterCommit, workflow.DefaultVersion, 1) == 1 {
		return workflow.ExecuteActivity(lookup(ctx, "Record votes in the CMS"), a.Record, in).Get(ctx, nil)
	}
	return quick(ctx, "Record in the CMS", a.Record, in, nil)
}

// drain waits until everything is written.
func (j *journal) drain(ctx workflow.Context) error { return workflow.Await(ctx, j.idle) }

func (j *journal) idle() bool { return len(j.pending) == 0 && !j.writing }
