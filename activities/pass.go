package activities

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"go.temporal.io/sdk/activity"

	"slipway/activities/driver/target"
	"slipway/activities/driver/shell"
	"slipway/release"
)

// RunPass carries one step out on one wave of targets, or backs it out there, one
// target after the other, and stops at the first failure of a step. What is done
// is in the heartbeats: a pass that runs again leaves finished targets alone. A
// step that was broken off and may not run again is a result too: unknown.
func (a *Activities) RunPass(ctx context.Context, in PassInput) (PassResult, error) {
	p := &pass{a: a, in: in}
	var before PassCheckpoint
	if activity.HasHeartbeatDetails(ctx) {
		if err := activity.GetHeartbeatDetails(ctx, &before); err != nil {
			return PassResult{}, fmt.Errorf("what the attempt before left: %w", err)
		}
	}
	p.results = before.Results
	p.beater = beat(ctx, before)
	defer p.beater.end()
	folder, remove, err := a.workspace("step")
	if err != nil {
		return PassResult{}, err
	}
	defer remove()
	p.folder = folder
	targets := in.Pass.Targets
	if len(targets) == 0 {
		targets = []release.Target{{}}
	}
	stopped := ""
	for _, t := range targets {
		if slices.ContainsFunc(p.results, func(r release.StepResult) bool { return r.Target == t.Name }) {
			continue
		}
		if stopped != "" {
			p.take(ctx, p.result(t, release.FateNotStarted, stopped))
			continue
		}
		r, err := p.on(ctx, t)
		switch {
		case err != nil && (in.BackOut || in.Pass.Step.Retries > 0):
			return PassResult{}, err // it may run again, where the checkpoint left off
		case err != nil:
			r = p.result(t, release.FateUnknown, err.Error())
			stopped = "what became of " + t.Name + ", which is before it, is unknown"
		case r.Fate == release.FateFailed:
			stopped = t.Name + ", which is before it, failed"
		}
		p.take(ctx, r)
	}
	return PassResult{Results: p.results}, nil
}

type pass struct {
	a       *Activities
	in      PassInput
	folder  string
	results []release.StepResult
	beater  *beater[PassCheckpoint]
}

func (p *pass) result(t release.Target, fate release.Fate, message string) release.StepResult {
	return release.StepResult{
		Step: p.in.Pass.Step.Name, Target: t.Name, Wave: p.in.Pass.Wave, Fate: fate, Message: message, BackOut: p.in.BackOut,
	}
}

// take keeps a result where it survives this worker.
func (p *pass) take(ctx context.Context, r release.StepResult) {
	p.results = append(p.results, r)
	p.beater.now(ctx, func(c *PassCheckpoint) { c.Results = slices.Clone(p.results) })
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
	for attempt := 1; ; attempt++ {
		p.beater.now(ctx, func(c *PassCheckpoint) { doing(&c.Progress, what) })
		execution, problem, err := p.try(ctx, t, attempt)
		if err != nil {
			return r, err
		}
		r = p.result(t, p.good(), "")
		if problem != "" {
			r = p.result(t, p.bad(), problem)
		}
		r.Started, r.Elapsed, r.Execution = started, release.Duration(time.Since(started).Round(time.Millisecond)), execution
		if problem == "" || attempt > step.Retries {
			return r, nil
		}
	}
}

func (p *pass) good() release.Fate {
	if p.in.BackOut {
		return release.FateUndone
	}
	return release.FateDone
}

func (p *pass) bad() release.Fate {
	if p.in.BackOut {
		return release.FateBackOutStuck
	}
	return release.FateFailed
}

// try does Slipway's own action and then the script, or their inverse in the same
// order: the release is switched before the service is told to look again.
func (p *pass) try(ctx context.Context, t release.Target, attempt int) (execution *release.Execution, problem string, err error) {
	own := p.forward
	script := p.in.Pass.Step.Run
	if p.in.BackOut {
		own, script = p.inverse, p.in.Pass.Step.BackOut
	}
	if err := own(ctx, t); err != nil {
		return nil, err.Error(), ctx.Err()
	}
	if script == "" {
		return nil, "", nil
	}
	done, _, err := p.a.run(ctx, shell.Command{
		Name: p.in.Pass.Step.Name, Script: script, Dir: p.folder,
		Env: variables(p.told(ctx, t, attempt), p.in.Pass.Step.Env), Secrets: p.in.Pass.Step.Secrets, Timeout: p.in.Pass.Step.Timeout.Std(),
	}, p.folder, fmt.Sprintf("%s %s %s %s", p.in.Release, p.in.Environment, p.in.Pass.Step.Name, t.Name),
		func(line string) { p.beater.set(func(c *PassCheckpoint) { c.Line = line }) })
	switch {
	case errors.Is(err, shell.ErrSecret):
		return nil, err.Error(), nil
	case err != nil:
		return nil, "", err
	case !done.OK():
		return &done, done.Problem(), nil
	}
	return &done, "", nil
}

func (p *pass) forward(ctx context.Context, t release.Target) error {
	switch p.in.Pass.Step.Action {
	case release.Transfer:
		_, err := p.a.Targets.Transfer(ctx, t, p.in.Release, p.in.Version, p.in.Package, func(ctx context.Context, folder string) error {
			return p.a.Library.Pull(ctx, p.in.Package.Digest, folder)
		})
		return err
	case release.Activate:
		_, err := p.a.Targets.Activate(ctx, t, p.in.Version, p.in.Package)
		return err
	}
	return nil
}

func (p *pass) inverse(ctx context.Context, t release.Target) error {
	switch p.in.Pass.Step.Action {
	case release.Transfer:
		return p.a.Targets.RemoveTransferred(ctx, t, p.in.Version, p.in.Package)
	case release.Activate:
		err := p.a.Targets.Deactivate(ctx, t, p.in.Version, p.in.Package)
		if errors.Is(err, target.ErrNoWayBack) {
			return fmt.Errorf("%w: put the release before back on %s by hand, then resolve the step as done", err, t.Name)
		}
		return err
	}
	return nil
}

// told is what a step's script knows.
func (p *pass) told(ctx context.Context, t release.Target, attempt int) map[string]string {
	info := activity.GetInfo(ctx)
	told := map[string]string{
		"RELEASE": p.in.Release, "SERVICE": p.in.Service, "VERSION": p.in.Version, "ENVIRONMENT": p.in.Environment,
		"PREVIOUS_VERSION": p.in.Previous, "PACKAGE_DIGEST": string(p.in.Package.Digest),
		"ATTEMPT": fmt.Sprintf("%s/%s/%d.%d", info.WorkflowExecution.ID, info.ActivityID, info.Attempt, attempt),
	}
	if t.Name == "" {
		return told
	}
	told["TARGET"], told["TARGET_FOLDER"], told["TARGET_URL"] = t.Name, t.Folder, t.URL
	told["RELEASE_FOLDER"] = p.a.Targets.Path(t, p.in.Version, p.in.Package)
	told["WAVE"] = strconv.Itoa(p.in.Pass.Wave)
	return variables(told, t.Env)
}
