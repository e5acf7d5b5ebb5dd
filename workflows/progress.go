package workflows

import (
	"go.temporal.io/sdk/workflow"

	"slipway/release"
)

// signalProgress is how a child tells its release where it is.
const signalProgress = "progress"

// progress is the part of a child's state that the release shows.
type progress struct {
	Environment string                   `json:"environment"`
	State       release.EnvironmentState `json:"state"`
	Stage       release.StageName        `json:"stage,omitempty"`
	Awaiting    []release.Awaiting       `json:"awaiting,omitempty"`
	Targets     []release.TargetStatus   `json:"targets,omitempty"`
	Support     *release.SupportStatus   `json:"support,omitempty"`
}

// tell sends a child's progress to its release, if it has one that still runs.
func tell(ctx workflow.Context, p progress) {
	parent := workflow.GetInfo(ctx).ParentWorkflowExecution
	if parent == nil {
		return
	}
	detached, _ := workflow.NewDisconnectedContext(ctx)
	sent := workflow.SignalExternalWorkflow(detached, parent.ID, parent.RunID, signalProgress, p)
	workflow.Go(detached, func(ctx workflow.Context) {
		if err := sent.Get(ctx, nil); err != nil {
			workflow.GetLogger(ctx).Warn("the release was not told", "state", p.State, "error", err)
		}
	})
}

// hearProgress takes what the children tell into the record.
func (r *run) hearProgress(ctx workflow.Context) error {
	signals := workflow.GetSignalChannelWithOptions(ctx, signalProgress, workflow.SignalChannelOptions{
		Description: "Slipway's own: a deployment or an early life support tells where it is",
	})
	detached, _ := workflow.NewDisconnectedContext(ctx)
	workflow.GoNamed(detached, signalProgress, func(ctx workflow.Context) {
		for workflow.Await(ctx, func() bool { return signals.Len() > 0 }) == nil {
			var p progress
			if signals.ReceiveAsync(&p) {
				r.progressed(ctx, p)
			}
		}
	})
	return nil
}

func (r *run) progressed(ctx workflow.Context, p progress) {
	env := r.record.Environment(p.Environment)
	running := p.Environment == r.deploying || p.Environment == r.supporting
	if env == nil || !running {
		return
	}
	env.State = p.State
	if p.Targets != nil {
		env.Targets = p.Targets
	}
	if p.Support != nil {
		env.Support = p.Support
	}
	r.childWait[p.Environment] = p.Awaiting
	if p.Stage != "" {
		r.record.Phase = release.StageIn(p.Stage, p.Environment)
	}
	r.show(ctx)
}
