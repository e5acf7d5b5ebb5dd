package activities

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"

	"slipway/release"
)

// RunPass carries one step out on one wave of targets, or backs it out there, on as
// many at the same time as the input allows, and begins no more once too many
// failed or nobody can tell what became of one. What is done is in the heartbeats: a
// pass that runs again leaves finished targets alone. A step that was broken off and
// may not run again is a result too: unknown.
func (a *Activities) RunPass(ctx context.Context, in PassInput) (_ PassResult, err error) {
	var before PassCheckpoint
	if activity.HasHeartbeatDetails(ctx) {
		if err := activity.GetHeartbeatDetails(ctx, &before); err != nil {
			return PassResult{}, fmt.Errorf("what the attempt before left: %w", err)
		}
	}
	before.Host = a.Host
	p := &pass{a: a, in: in, tries: before.Tries, results: slices.Clone(before.Results), beater: beat(ctx, before)}
	defer func() {
		p.beater.end()
		if err != nil {
			p.beater.tell(ctx) // where the next attempt goes on
		}
	}()
	if len(in.Pass.Targets) == 0 {
		p.beater.tell(ctx) // its mark is with this worker: whoever looks for it has to know
	}
	if p.in.Attempt == "" {
		info := activity.GetInfo(ctx)
		p.in.Attempt = fmt.Sprintf("%s/%s/%s", info.WorkflowExecution.ID, info.WorkflowExecution.RunID, info.ActivityID)
	}
	targets, err := a.described(ctx, Estate{in.Pass.Targets, in.Inventory})
	if err != nil {
		return PassResult{}, err
	}
	if len(targets) == 0 {
		targets = []release.Target{{}}
	}
	folder, remove, err := a.workspace("step")
	if err != nil {
		return PassResult{}, err
	}
	defer remove()
	p.folder = folder
	sideBySide(in.Parallel, p.open(targets), func(t release.Target) { p.carryOut(ctx, t) })
	if p.err != nil {
		return PassResult{}, p.err // it may run again, where the checkpoint left off
	}
	return p.report(ctx, p.inOrder(targets))
}

// pass is one run of RunPass. The mutex is for what follows it.
type pass struct {
	a      *Activities
	in     PassInput
	folder string
	beater *beater[PassCheckpoint]
	// tries is how often steps that may run again were begun by workers before.
	tries map[string]int

	mu      sync.Mutex
	results []release.StepResult
	err     error
}

// open gives the targets that nothing is known of yet.
func (p *pass) open(targets []release.Target) []release.Target {
	known := map[string]bool{}
	for _, r := range p.results {
		known[r.Target] = true
	}
	return slices.DeleteFunc(slices.Clone(targets), func(t release.Target) bool { return known[t.Name] })
}

// inOrder gives the results in the order of the targets.
func (p *pass) inOrder(targets []release.Target) []release.StepResult {
	at := map[string]int{}
	for i, t := range targets {
		at[t.Name] = i
	}
	slices.SortStableFunc(p.results, func(a, b release.StepResult) int { return cmp.Compare(at[a.Target], at[b.Target]) })
	return p.results
}

// carryOut takes the result of one target, unless it is not to begin any more.
func (p *pass) carryOut(ctx context.Context, t release.Target) {
	stopped, err := p.stopped()
	switch {
	case err != nil:
		return
	case stopped != "":
		p.take(p.result(t, release.FateNotStarted, stopped))
		return
	}
	r, err := p.on(ctx, t)
	if err != nil && (p.in.BackOut || p.in.Pass.Step.Retries > 0) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.err = cmp.Or(p.err, err)
		return
	}
	if err != nil {
		r = p.result(t, release.FateUnknown, err.Error())
	}
	p.take(r)
}

// stopped says why no more targets are begun, or gives the error that ends the pass.
func (p *pass) stopped() (why string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	failed := 0
	for _, r := range p.results {
		switch r.Fate {
		case release.FateUnknown:
			return "what became of " + r.Target + ", which is before it, is unknown", p.err
		case release.FateFailed:
			failed++
			why = r.Target + ", which is before it, failed"
		}
	}
	switch {
	case failed <= p.in.Budget:
		return "", p.err
	case failed > 1:
		why = fmt.Sprintf("%d targets before it failed", failed)
	}
	return why, p.err
}

func (p *pass) result(t release.Target, fate release.Fate, message string) release.StepResult {
	return release.StepResult{
		Step: p.in.Pass.Step.Name, Target: t.Name, Wave: p.in.Pass.Wave, Fate: fate, Message: message, BackOut: p.in.BackOut,
	}
}

// take keeps a result where it survives this worker, without the last lines of
// those that went well, for there may be many.
func (p *pass) take(r release.StepResult) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.results = append(p.results, r)
	if r.Execution != nil && r.Well() {
		short := *r.Execution
		short.Tail, r.Execution = "", &short
	}
	p.beater.now(func(c *PassCheckpoint) { c.Results = append(c.Results, r) })
}

// on does the step on a target, again as often as the step allows.
func (p *pass) on(ctx context.Context, t release.Target) (release.StepResult, error) {
	step := p.in.Pass.Step
	what := "step " + step.Name
	if p.in.BackOut {
		what = "back-out of " + what
	}
	if t.Name != "" {
		what += " on " + t.Name
	}
	started := time.Now().UTC()
	var r release.StepResult
	attempt := p.tries[t.Name] + 1
	if attempt > step.Retries+1 && p.counts() {
		return p.result(t, release.FateUnknown, fmt.Sprintf("its worker was lost in the last of %d tries", attempt-1)), nil
	}
	for ; ; attempt++ {
		p.beater.now(func(c *PassCheckpoint) { doing(&c.Progress, what); p.begin(c, t, attempt) })
		out, err := p.try(ctx, t, attempt)
		if err != nil {
			return r, err
		}
		r = p.result(t, release.GoodFate(p.in.BackOut), out.Problem)
		if out.Problem != "" {
			r.Fate = release.BadFate(p.in.BackOut)
		}
		r.Started, r.Elapsed = started, release.Duration(time.Since(started).Round(time.Millisecond))
		r.Execution, r.Outputs = out.Execution, out.Outputs
		if out.Problem == "" || attempt > step.Retries {
			return r, nil
		}
	}
}

// counts tells whether tries count over lost workers: a back-out, and what is
// Slipway's own, may always run again.
func (p *pass) counts() bool { return !p.in.BackOut && p.in.Pass.Step.Retries > 0 }

// begin notes a try where it survives this worker.
func (p *pass) begin(c *PassCheckpoint, t release.Target, attempt int) {
	if p.counts() {
		c.Tries = maps.Clone(c.Tries)
		if c.Tries == nil {
			c.Tries = map[string]int{}
		}
		c.Tries[t.Name] = attempt
	}
}
