package local

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"slipway/activities/driver/shell"
	"slipway/activities/driver/target"
	"slipway/release"
)

// run carries the script of an attempt out, alone on its target. Its mark is on the
// disk before it begins.
func (d *Driver) run(ctx context.Context, t release.Target, o target.Operation) (target.Outcome, error) {
	if t.Name != "" {
		unlock, err := d.folders.Lock(ctx, t)
		if err != nil {
			return outcome(ctx, err, true)
		}
		defer unlock()
	}
	m := d.marks(t)
	if err := errors.Join(m.open(), m.prune()); err != nil {
		return unusable(ctx, t, err)
	}
	attempt := m.of(o.Attempt)
	over, err := attempt.begin(ctx)
	if err != nil {
		return unusable(ctx, t, err)
	}
	defer over()
	before, err := attempt.read()
	switch {
	case err != nil:
		return unusable(ctx, t, err)
	case before != nil && before.Done():
		return target.Outcome{Outputs: before.Outputs}, nil
	}
	mark := target.Mark{Attempt: o.Attempt, Begun: time.Now().UTC()}
	if err := attempt.write(mark); err != nil {
		return unusable(ctx, t, errors.Join(err, attempt.forget()))
	}
	return d.script(ctx, t, o, attempt, mark)
}

// script runs the script and writes down how it ended. One that was broken off
// leaves its mark as it is: nobody can tell what it did.
func (d *Driver) script(ctx context.Context, t release.Target, o target.Operation, attempt trace, mark target.Mark) (target.Outcome, error) {
	done, err := shell.Run(ctx, shell.Command{
		Name: o.Step, Script: o.Script, Dir: attempt.work(), Env: d.told(t, o, attempt), Secrets: o.Secrets, Timeout: o.Timeout,
	}, o.Log, o.Progress)
	switch {
	case err != nil && done.Started.IsZero():
		if forgotten := attempt.forget(); forgotten != nil || ctx.Err() != nil {
			return target.Outcome{}, targetError(t, errors.Join(err, forgotten))
		}
		return target.Outcome{Problem: targetError(t, err).Error()}, nil
	case err != nil:
		return target.Outcome{Execution: &done}, targetError(t, err)
	}
	found := target.Outcome{Execution: &done, Problem: done.Problem()}
	if found.Problem == "" {
		found.Outputs, err = outputs(o, attempt)
		if err != nil {
			found.Problem = err.Error()
		}
	}
	mark.Ended, mark.Exit, mark.Problem, mark.Outputs = done.Started.Add(done.Elapsed.Std()), done.Exit, found.Problem, found.Outputs
	if err := attempt.write(mark); err != nil {
		return found, targetError(t, err)
	}
	return found, nil
}

func (d *Driver) told(t release.Target, o target.Operation, attempt trace) map[string]string {
	output, err := filepath.Abs(attempt.output())
	if err != nil {
		output = attempt.output()
	}
	if t.Name == "" {
		return target.Told(o, "", "", output)
	}
	return target.Told(o, t.Folder, d.folders.Path(t, o.Version, o.Package), output)
}

// outputs reads what the script left, with secrets masked.
func outputs(o target.Operation, attempt trace) (map[string]string, error) {
	text, err := target.ReadOutputs(attempt.output())
	if err != nil {
		return nil, err
	}
	secrets, err := shell.Resolve(o.Secrets)
	if err != nil {
		return nil, err
	}
	return target.ParseOutputs([]byte(secrets.Mask(string(text))))
}

// unusable is the outcome of a script that cannot begin.
func unusable(ctx context.Context, t release.Target, err error) (target.Outcome, error) {
	return outcome(ctx, targetError(t, fmt.Errorf("%w: %w", target.ErrUnusable, err)), true)
}
