package workflows

import (
	"fmt"
	"slices"
	"time"

	"go.temporal.io/sdk/workflow"

	"slipway/activities"
	"slipway/release"
)

// journal takes entries for the CMS and writes them in batches beside the
// process, which does not wait for it but at the end.
type journal struct {
	release string
	pending []noted
	writing bool
	// acts counts what people did, to tell one from the other.
	acts int

	// gathers tells that what follows closely on what was written is written together;
	// in older histories each entry was written at once.
	gathers bool
	// written is when that was. Hurried tells that the workflow waits for the rest, and
	// prompt that what is pending concerns other releases, which look for it in the CMS.
	written         time.Time
	hurried, prompt bool
	// answers tells whether somebody waits for what comes of the workflow task.
	answers func(ctx workflow.Context) bool
	// alarm is the timer by which what is pending is written; nil when none runs.
	alarm workflow.Future
}

// noted is an entry with how long the history was when it was noted.
type noted struct {
	release.Entry
	length int
}

// lag is how far the CMS, and what a release shows of its deployments, may be behind
// what happens in quick succession.
const lag = 2 * time.Second

// newJournal starts a journal. It outlives a cancellation: what happened is
// recorded.
func newJournal(ctx workflow.Context, releaseID string) *journal {
	j := &journal{release: releaseID, written: workflow.Now(ctx)}
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
	j.pending = append(j.pending, noted{e, info.GetCurrentHistoryLength()})
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
		if j.gathers && j.gather(ctx) != nil {
			return
		}
		batch := j.pending
		j.pending, j.prompt, j.writing, j.written = nil, false, true, workflow.Now(ctx)
		if j.record(ctx, batch...) != nil {
			// One entry that the CMS does not take must not take the others with it.
			for _, n := range batch {
				if err := j.record(ctx, n); err != nil {
					workflow.GetLogger(ctx).Error("an entry was not written to the CMS", "key", n.Key, "error", err)
				}
			}
		}
		j.writing = false
	}
}

// gather waits for what follows closely, unless nothing was written lately: a step that
// takes its time is in the CMS at once.
func (j *journal) gather(ctx workflow.Context) error {
	if (j.prompt || workflow.Now(ctx).Sub(j.written) >= lag) && !j.late(ctx, j.pending) {
		return nil
	}
	if j.alarm == nil {
		j.alarm = workflow.NewTimerWithOptions(ctx, lag, workflow.TimerOptions{Summary: "Write together what happens meanwhile"})
	}
	err := workflow.Await(ctx, func() bool { return j.hurried || j.prompt || j.alarm.IsReady() })
	if j.alarm.IsReady() {
		j.alarm = nil
	}
	return err
}

// late tells whether there is a ballot whose vote may not be in the history yet.
// Ballots never give way in the CMS: a workflow task that is lost with its worker is
// done again, at another time, and what it wrote at once would stand in the place of
// what then counts.
func (j *journal) late(ctx workflow.Context, batch []noted) bool {
	now := workflow.GetInfo(ctx).GetCurrentHistoryLength()
	return slices.ContainsFunc(batch, func(n noted) bool {
		return n.Ballot != nil && (!j.gathers || n.length == now)
	})
}

// afterCommit is the change by which ballots are written by an activity of their own.
const afterCommit = "ballots-after-commit"

// record writes a batch: at once while the CMS is there, and patiently when it is
// not. A late one is written by an activity, which begins after its workflow task.
func (j *journal) record(ctx workflow.Context, batch ...noted) error {
	var a *activities.Activities
	var in activities.RecordInput
	for _, n := range batch {
		in.Entries = append(in.Entries, n.Entry)
	}
	many := slices.ContainsFunc(batch, func(n noted) bool { return n.Steps != nil })
	if j.gathers && (many || j.hurried && j.answers(ctx)) {
		// The reports of many targets take their time, in which others go on; and who
		// acted is answered before the workflow ends.
		return workflow.ExecuteActivity(lookup(ctx, "Record in the CMS"), a.Record, in).Get(ctx, nil)
	}
	if j.late(ctx, batch) && (j.gathers || workflow.GetVersion(ctx, afterCommit, workflow.DefaultVersion, 1) == 1) {
		return workflow.ExecuteActivity(lookup(ctx, "Record votes in the CMS"), a.Record, in).Get(ctx, nil)
	}
	return quick(ctx, "Record in the CMS", a.Record, in, nil)
}

// drain waits until everything is written.
func (j *journal) drain(ctx workflow.Context) error {
	j.hurried = true
	err := workflow.Await(ctx, j.idle)
	j.hurried = false
	return err
}

// owesBallots tells whether the CMS may not have all ballots yet.
func (j *journal) owesBallots() bool {
	return j.writing || slices.ContainsFunc(j.pending, func(n noted) bool { return n.Ballot != nil })
}

func (j *journal) idle() bool { return len(j.pending) == 0 && !j.writing }
