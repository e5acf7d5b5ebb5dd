package http

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"slipway/activities/driver/shell"
	"slipway/activities/driver/target"
	"slipway/activities/driver/target/http/protocol"
	"slipway/release"
)

// outcome reads what an operation came to. A deployer that says something else than
// that it is done or failed leaves everybody in doubt.
func (c *call) outcome(o target.Operation, answer protocol.Answer, begun time.Time) (target.Outcome, error) {
	if answer.State == protocol.Unknown {
		return target.Outcome{}, c.fail(target.ErrUnusable, "the deployer cannot tell what became of it: %s", oneLine(answer.Problem)).err
	}
	if answer.State != protocol.Done && answer.State != protocol.Failed {
		return target.Outcome{}, c.fail(target.ErrUnusable, "the deployer says that the operation is %q: use running, done, failed or unknown",
			clip(answer.State, maxQuoted)).err
	}
	log := c.masked(answer.Log)
	if log != "" && o.Log != nil {
		if _, err := io.WriteString(o.Log, log); err != nil {
			return target.Outcome{}, fmt.Errorf("write the log: %w", err)
		}
	}
	outcome := target.Outcome{Problem: oneLine(c.masked(answer.Problem))}
	ended := ""
	if o.Kind == target.Run {
		if answer.Started.IsZero() {
			answer.Started, answer.Elapsed = begun, release.Duration(time.Since(begun).Round(time.Millisecond))
		}
		outcome.Execution = &release.Execution{
			Name: o.Step, Started: answer.Started, Elapsed: answer.Elapsed,
			Exit: answer.Exit, TimedOut: answer.TimedOut, Tail: shell.Tail(log),
		}
		ended = outcome.Execution.Problem()
	}
	switch {
	case answer.State == protocol.Failed:
		outcome.Problem = cmp.Or(outcome.Problem, ended, "the deployer does not say why it failed")
	case ended != "":
		outcome.Problem = "the deployer says done, but " + ended
	case outcome.Problem != "":
		outcome.Problem = "the deployer says done, but also: " + outcome.Problem
	default:
		outcome.Outputs, outcome.Problem = c.outputs(answer.Outputs)
	}
	return outcome, nil
}

// outputs takes what a script left, unless it is none of what a script can leave.
func (c *call) outputs(left map[string]string) (outputs map[string]string, problem string) {
	var lines strings.Builder
	for _, name := range slices.Sorted(maps.Keys(left)) {
		fmt.Fprintf(&lines, "%s=%s\n", name, c.masked(left[name]))
	}
	outputs, err := target.ParseOutputs([]byte(lines.String()))
	if err != nil {
		return nil, err.Error()
	}
	return outputs, ""
}

// disproof says why an activation that is said to be done is not: the target does not
// hold, whole, what was authorized.
func (c *call) disproof(ctx context.Context, o target.Operation) (problem string, err error) {
	state, err := c.state(ctx, "", true)
	if err != nil {
		return "", err
	}
	found := fmt.Sprintf("the deployer says done, but the target holds %s with content %s",
		cmp.Or(clip(state.Version, maxQuoted), "no version"), cmp.Or(clip(state.Content.Short(), maxQuoted), "unknown"))
	switch {
	case state.Content != o.Package.Content:
		return c.fail(target.ErrNotAuthorized, "%s, and not %s with content %s", found, o.Version, o.Package.Content.Short()).err.Error(), nil
	case !state.Intact:
		return c.fail(target.ErrNotAuthorized, "%s, with files that were changed", found).err.Error(), nil
	}
	return "", nil
}

// observation reads what a target holds.
func observation(s protocol.State) target.Observation {
	seen := target.Observation{Held: release.Held{
		Release: s.Release, Version: s.Version, Package: s.Package, Content: s.Content, Folder: s.Folder, Intact: s.Intact,
	}, Packages: s.Packages}
	if s.Mark != nil {
		seen.Mark = markOf(*s.Mark)
	}
	return seen
}

func markOf(m protocol.Mark) *target.Mark {
	return &target.Mark{
		Attempt: m.Attempt, Begun: m.Begun, Ended: m.Ended, Exit: m.Exit, Problem: m.Problem, Outputs: m.Outputs, Running: m.Running,
	}
}
