package activities

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"slipway/activities/driver/shell"
	"slipway/release"
)

// stepEnd is how a step of a build ended. A step that failed has a failure; an error is
// what Slipway itself could not do.
type stepEnd struct {
	step    string
	done    release.Execution
	failure string
	err     error
}

// runSteps runs the steps as their needs allow. The first that fails stops the others;
// the record has all that began, in the definition's order.
func (b *build) runSteps(ctx context.Context) error {
	within, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	steps := b.in.Plan.Definition.Build
	begun, done := map[string]bool{}, map[string]bool{}
	executions := map[string]release.Execution{}
	ends := make(chan stepEnd)
	var failed error
	for running := 0; ; running-- {
		if within.Err() == nil {
			for _, s := range steps.Ready(begun, done) {
				begun[s.Name] = true
				running++
				newest, over := b.steps.begin(s.Name)
				go func() {
					end := b.runStep(ctx, within, s, newest)
					over()
					ends <- end
				}()
			}
		}
		if running == 0 {
			break
		}
		end := <-ends
		if !end.done.Started.IsZero() {
			executions[end.step] = end.done
		}
		switch {
		case end.err != nil:
			failed = errors.Join(failed, end.err)
			stop(end.err)
		case end.failure == "":
			done[end.step] = end.done.OK()
		case b.record.Failure == "":
			b.record.Failure = "step " + end.step + ": " + end.failure
			stop(errors.New("step " + end.step + " failed"))
		}
	}
	for _, s := range steps.Steps {
		if done, began := executions[s.Name]; began {
			b.record.Steps = append(b.record.Steps, done)
		}
	}
	return cmp.Or(failed, ctx.Err())
}

// runStep runs a step until it ends, or is stopped with within.
func (b *build) runStep(ctx, within context.Context, s release.BuildStep, newest func([]string)) stepEnd {
	end := stepEnd{step: s.Name}
	var path string
	end.done, path, end.err = b.a.execute(within, shell.Command{
		Name: s.Name, Script: s.Run, Dir: filepath.Join(b.sources(), s.Component), Home: b.home(),
		Env: variables(b.told(s), s.Env), Secrets: s.Secrets, Timeout: s.Timeout.Std(), Newest: newest,
	}, b.folder, nil)
	switch {
	case errors.Is(end.err, shell.ErrSecret):
		end.failure, end.err = end.err.Error(), nil
		return end
	case end.err != nil && within.Err() != nil && ctx.Err() == nil:
		end.done.Stopped, end.err = context.Cause(within).Error(), nil
	case end.err != nil:
		return end
	default:
		end.failure = end.done.Problem()
	}
	end.err = b.a.storeLog(ctx, &end.done, fmt.Sprintf("%s build %d %s", b.in.Plan.Release, b.in.Number, s.Name), path)
	return end
}

// told is what Slipway tells a step, besides what the definition does.
func (b *build) told(s release.BuildStep) map[string]string {
	d := b.in.Plan.Definition
	told := map[string]string{
		"RELEASE": b.in.Plan.Release, "SERVICE": d.Service, "VERSION": d.Version,
		"BUILD": strconv.Itoa(b.in.Number), "SOURCES": b.sources(), "OUT": b.outOf(s.Component), "OUTS": b.out(),
		"SOURCE_DATE_EPOCH": strconv.FormatInt(b.in.Plan.Compiled.Unix(), 10),
	}
	if b.cache != "" {
		told["CACHE"] = b.cache
	}
	return told
}

// openCache makes the folder that the builds of the service on this worker share, when
// the definition declares one. It lies beside the workspaces and outlasts them.
func (b *build) openCache() error {
	d := b.in.Plan.Definition
	if d.Build.Cache == "" {
		return nil
	}
	b.cache = filepath.Join(b.a.Workspace, "cache", d.Service, d.Build.Cache)
	if err := os.MkdirAll(b.cache, 0o755); err != nil {
		return fmt.Errorf("cache of builds: %w", err)
	}
	return nil
}
