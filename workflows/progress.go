package workflows

import (
	"time"

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
	Readiness   []release.Confirmation   `json:"readiness,omitempty"`
	Support     *release.SupportStatus   `json:"support,omitempty"`
	// Lapsed says why the authorization has to be asked for again, between two waves.
	Lapsed   string       `json:"lapsed,omitempty"`
	Override *release.Act `json:"override,omitempty"`
}

// teller tells a child's release where the child is. What changes while the child
// goes on without a pause is told once, when it comes to rest.
type teller struct {
	dirty bool
	// alone says that there is no release to tell.
	alone bool
	// gathers tells that what the child only passes through is told late, or never when
	// it ends before; in older histories it was told at once. At rest it is not.
	gathers, rests bool
	// told is when the release was told last.
	told time.Time
}

func newTeller(ctx workflow.Context, gathers bool, where func() progress) *teller {
	t := &teller{gathers: gathers, told: workflow.Now(ctx)}
	parent := workflow.GetInfo(ctx).ParentWorkflowExecution
	if parent == nil {
		t.alone = true
		return t
	}
	detached, _ := workflow.NewDisconnectedContext(ctx)
	workflow.GoNamed(detached, "teller", func(ctx workflow.Context) {
		for workflow.Await(ctx, func() bool { return t.dirty }) == nil && t.gather(ctx) == nil {
			t.dirty, t.rests, t.told = false, false, workflow.Now(ctx)
			p := where()
			err := workflow.SignalExternalWorkflow(ctx, parent.ID, parent.RunID, signalProgress, p).Get(ctx, nil)
			if err != nil {
				workflow.GetLogger(ctx).Warn("the release was not told", "state", p.State, "error", err)
			}
		}
	})
	return t
}

// gather waits for what follows closely on what was told.
func (t *teller) gather(ctx workflow.Context) error {
	if !t.gathers || t.rests || workflow.Now(ctx).Sub(t.told) >= lag {
		return nil
	}
	_, err := awaitUntil(ctx, workflow.Now(ctx).Add(lag), "Tell the release what happens meanwhile", func() bool { return t.rests })
	return err
}

func (t *teller) tell() { t.dirty = !t.alone }

// tellRest tells that the child waits for something that may take its time.
func (t *teller) tellRest() {
	t.tell()
	t.rests = t.dirty
}

// hearProgress takes what the children tell into the record.
func (r *run) hearProgress(ctx workflow.Context) {
	listen(ctx, r.ears, signalProgress, "Slipway's own: a deployment or an early life support tells where it is", r.progressed)
}

func (r *run) progressed(ctx workflow.Context, p progress) {
	env := r.record.Environment(p.Environment)
	// What a child told before it ended may come after its end.
	running := r.deploying
	if p.Support != nil {
		running = r.supporting
	}
	if env == nil || p.Environment != running {
		return
	}
	env.State = p.State
	if p.Targets != nil {
		env.Targets = p.Targets
	}
	if p.Readiness != nil {
		env.Readiness = p.Readiness
	}
	if p.Override != nil {
		env.Override = p.Override
	}
	if p.Support != nil {
		env.Support = p.Support
		r.childWaits(ctx, p.Environment, p.Awaiting, p.Support.Acts)
	} else {
		r.childWait[p.Environment] = p.Awaiting // it tells at its end which are over
	}
	r.lapsed[p.Environment] = p.Lapsed
	if p.Stage != "" {
		r.record.Phase = release.StageIn(p.Stage, p.Environment)
	}
	r.show(ctx)
}
