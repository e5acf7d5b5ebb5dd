package activities

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"go.temporal.io/sdk/activity"

	"slipway/activities/driver/dml"
	"slipway/activities/driver/target"
	"slipway/release"
)

// ownAction is what Slipway itself does in a step, or to undo it; empty when the
// step is a script and no more.
func ownAction(step release.Step, backOut bool) target.Kind {
	switch {
	case step.Action == release.Transfer && backOut:
		return target.Remove
	case step.Action == release.Transfer:
		return target.Transfer
	case step.Action == release.Activate && backOut:
		return target.Deactivate
	case step.Action == release.Activate:
		return target.Activate
	}
	return ""
}

// scriptOf is the script of a step, or that of its back-out.
func scriptOf(step release.Step, backOut bool) string {
	if backOut {
		return step.BackOut
	}
	return step.Run
}

// try does Slipway's own action and then the script, or their inverse in the same
// order: the release is switched before the service is told to look again.
func (p *pass) try(ctx context.Context, t release.Target, attempt int) (target.Outcome, error) {
	o := target.Operation{
		Kind: ownAction(p.in.Pass.Step, p.in.BackOut), Attempt: p.in.Attempt,
		Release: p.in.Release, Version: p.in.Version, Package: p.in.Package,
		Progress: func(line string) { p.beater.set(func(c *PassCheckpoint) { c.Line = line }) },
	}
	if o.Kind != "" {
		out, err := p.a.Targets.Do(ctx, t, o)
		if strings.Contains(out.Problem, target.ErrNoWayBack.Error()) {
			out.Problem += ": put the release before back on " + t.Name + " by hand, then resolve the step as done"
		}
		if err != nil || out.Problem != "" {
			return out, err
		}
	}
	if o.Script = scriptOf(p.in.Pass.Step, p.in.BackOut); o.Script == "" {
		return target.Outcome{}, nil
	}
	o.Kind, o.Step, o.Timeout = target.Run, p.in.Pass.Step.Name, p.in.Pass.Step.Timeout.Std()
	o.Env, o.Secrets = variables(p.told(ctx, t, attempt), p.in.Pass.Step.Env), p.in.Pass.Step.Secrets
	return p.logged(ctx, t, o)
}

// logged runs a script, and keeps what it printed in the DML, if anything.
func (p *pass) logged(ctx context.Context, t release.Target, o target.Operation) (target.Outcome, error) {
	log := &printed{folder: p.folder}
	defer log.remove()
	o.Log = log
	out, err := p.a.Targets.Do(ctx, t, o)
	if closed := log.close(); err == nil {
		err = closed
	}
	if err != nil || out.Execution == nil || log.file == nil {
		return out, err
	}
	out.Execution.Log, err = p.a.Library.KeepLog(ctx, p.logName(t.Name), log.path())
	return out, err
}

func (p *pass) logName(target string) string {
	return fmt.Sprintf("%s %s %s %s", p.in.Release, p.in.Environment, p.in.Pass.Step.Name, target)
}

// logs gives what the scripts printed, as the DML lists it.
func (p *pass) logs() []dml.Log {
	var logs []dml.Log
	for _, r := range p.results {
		if r.Execution != nil && r.Execution.Log.Digest != "" {
			logs = append(logs, dml.Log{Name: p.logName(r.Target), Blob: r.Execution.Log})
		}
	}
	return logs
}

// told is what a step's script knows, beside what the driver of the target tells.
func (p *pass) told(ctx context.Context, t release.Target, attempt int) map[string]string {
	told := map[string]string{
		"RELEASE": p.in.Release, "SERVICE": p.in.Service, "VERSION": p.in.Version, "ENVIRONMENT": p.in.Environment,
		"PREVIOUS_VERSION": p.in.Previous, "PACKAGE_DIGEST": string(p.in.Package.Digest),
		"ATTEMPT": fmt.Sprintf("%s/%d.%d", p.in.Attempt, activity.GetInfo(ctx).Attempt, attempt),
	}
	if t.Name == "" {
		return variables(p.in.Outputs[""], told)
	}
	told["TARGET"], told["TARGET_URL"], told["WAVE"] = t.Name, t.URL, strconv.Itoa(p.in.Pass.Wave)
	return variables(p.in.Outputs[""], p.in.Outputs[t.Name], told, t.Env)
}
