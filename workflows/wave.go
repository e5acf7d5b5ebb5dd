package workflows

import (
	"errors"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"slipway/activities"
	"slipway/release"
)

// WaveOrder asks for one step, or its back-out, on the targets of a wave.
type WaveOrder struct {
	activities.PassInput
	// Parallel is how many targets are worked on at the same time.
	Parallel int `json:"parallelTargets,omitempty"`
	// Batch is how many targets one activity works on; zero in older histories.
	Batch int `json:"batch,omitempty"`
	// Waves is how many there are, for people.
	Waves     int    `json:"waves,omitempty"`
	TaskQueue string `json:"taskQueue,omitempty"`
	// Settles asks to look at the targets what became of a step whose worker was lost.
	Settles bool `json:"settles,omitempty"`
}

// Wave carries one step out on many targets, batch by batch, so that no history
// grows with their number. It begins no further batch once more targets failed than
// may, or once nobody knows what became of one, or when it is cancelled.
func Wave(ctx workflow.Context, order WaveOrder) ([]activities.PassResult, error) {
	batches, atOnce, within := order.Pass.Batches(order.Parallel, order.Batch)
	status := release.WaveStatus{
		What: order.describe(order.Pass), Step: order.Pass.Step.Name, BackOut: order.BackOut,
		Wave: order.Pass.Wave, Waves: order.Waves, Targets: len(order.Pass.Targets),
	}
	err := workflow.SetQueryHandlerWithOptions(ctx, release.QueryStatus, func() (release.WaveStatus, error) { return status, nil },
		workflow.QueryHandlerOptions{Description: "How far the wave is, in targets"})
	if err != nil {
		return nil, err
	}
	results := make([]activities.PassResult, len(batches))
	next, running, stopped := 0, 0, false
	for range atOnce {
		running++
		workflow.Go(ctx, func(ctx workflow.Context) {
			defer func() { running-- }()
			for next < len(batches) && !stopped && ctx.Err() == nil {
				n := next
				next++
				o := order
				o.Budget = order.Budget - status.Failed
				found, err := runBatch(ctx, o, batches[n], within)
				status.Over += len(batches[n].Targets)
				status.Failed += len(with(found.Results, release.FateFailed))
				if status.Failed > release.ManyTargets && found.Report != nil {
					for i, r := range found.Results {
						found.Results[i] = r.Brief()
					}
				}
				results[n] = found
				stopped = stopped || err != nil || len(with(found.Results, release.FateUnknown)) > 0 ||
					(!order.BackOut && status.Failed > order.Budget)
				workflow.SetCurrentDetails(ctx, release.WaveDetails(status))
			}
		})
	}
	detached, _ := workflow.NewDisconnectedContext(ctx)
	if err := workflow.Await(detached, func() bool { return running == 0 }); err != nil {
		return nil, err
	}
	for n := next; n < len(batches); n++ {
		results[n].Left = batches[n].Places()
	}
	return results, nil
}

// runWave runs the wave as a child.
func runWave(ctx workflow.Context, deployment string, order WaveOrder) ([]activities.PassResult, error) {
	what := "do"
	if order.BackOut {
		what = "undo"
	}
	var found []activities.PassResult
	child := workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
		WorkflowID:          summary("%s:%s:%s:%d", deployment, what, order.Pass.Step.Name, order.Pass.Wave),
		WaitForCancellation: true, ParentClosePolicy: enums.PARENT_CLOSE_POLICY_REQUEST_CANCEL,
		WorkflowIDReusePolicy: enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		StaticSummary:         brief(order.describe(order.Pass)),
	})
	err := workflow.ExecuteChildWorkflow(child, release.WorkflowWave, order).Get(ctx, &found)
	if err != nil {
		found = []activities.PassResult{{Results: fated(order.Pass, release.FateUnknown, err.Error(), order.BackOut)}}
	}
	if isCancelled(err) || err == nil {
		return found, ctx.Err()
	}
	return found, nil
}

// runBatch runs the activity of a batch. When its worker is lost, the last
// checkpoint says what is certain, and the targets may tell what became of the rest.
func runBatch(ctx workflow.Context, order WaveOrder, batch release.Pass, within int) (activities.PassResult, error) {
	var a *activities.Activities
	in := order.PassInput
	in.Pass, in.Parallel, in.Outputs = batch, within, outputs(in.Outputs).of(batch)
	options := step(ctx, margin+batch.Takes(within, scriptTime(batch.Step.Timeout)), retries(batch.Step, in.BackOut), order.describe(batch))
	var found activities.PassResult
	err := workflow.ExecuteActivity(there(options, order.TaskQueue), a.RunPass, in).Get(ctx, &found)
	var timeout *temporal.TimeoutError
	host := ""
	switch {
	case err == nil:
	case errors.As(err, &timeout):
		found.Results, host = fates(batch, timeout, in.BackOut)
	case isCancelled(err):
		return activities.PassResult{Results: fated(batch, release.FateUnknown, "cancelled before it answered", in.BackOut)}, err
	default:
		found.Results = fated(batch, release.FateUnknown, err.Error(), in.BackOut)
	}
	if !order.Settles || len(with(found.Results, release.FateUnknown)) == 0 {
		return found, nil
	}
	return settle(ctx, order, in, found, host)
}

// there lets the workers of an environment do it; those of all when it has none of
// its own.
func there(ctx workflow.Context, taskQueue string) workflow.Context {
	if taskQueue == "" {
		return ctx
	}
	return workflow.WithTaskQueue(ctx, taskQueue)
}

// settle looks at the targets what became of a step whose fate is unknown.
func settle(ctx workflow.Context, order WaveOrder, in activities.PassInput, found activities.PassResult, host string) (activities.PassResult, error) {
	var a *activities.Activities
	ask := activities.SettleInput{PassInput: in, Host: host, Places: places(with(found.Results, release.FateUnknown))}
	options := repeatable(ctx, margin+scriptTime(in.Pass.Step.Timeout), "What became of it? "+order.describe(in.Pass))
	var seen activities.SettleResult
	if err := workflow.ExecuteActivity(there(options, order.TaskQueue), a.Settle, ask).Get(ctx, &seen); err != nil {
		return found, err
	}
	found.Results = latest(found.Results, seen.Results)
	return found, nil
}

// fates says what became of a pass whose worker was lost, from its last
// checkpoint, and which worker that was.
func fates(pass release.Pass, timeout *temporal.TimeoutError, backOut bool) ([]release.StepResult, string) {
	var checkpoint activities.PassCheckpoint
	if !timeout.HasLastHeartbeatDetails() || timeout.LastHeartbeatDetails(&checkpoint) != nil {
		return fated(pass, release.FateUnknown, "the worker was lost before it told anything", backOut), ""
	}
	results := fated(pass, release.FateUnknown, "the worker was lost before or inside the step", backOut)
	return latest(results, checkpoint.Results), checkpoint.Host
}

// fated gives every place of a pass the same fate.
func fated(pass release.Pass, fate release.Fate, message string, backOut bool) []release.StepResult {
	results := make([]release.StepResult, 0, len(pass.Places()))
	for _, target := range pass.Places() {
		results = append(results, result(pass, target, fate, message, backOut))
	}
	return results
}
