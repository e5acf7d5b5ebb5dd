package workflows

import (
	"errors"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"slipway/release"
)

// How long things may take, and what is tried again. Scripts of a definition
// bring their own timeouts; everything here is Slipway's own.
const (
	// lookupTimeout is for short reads and writes of the CMS and the calendar.
	lookupTimeout = 10 * time.Second
	// swiftTimeout is how long something may hold a workflow task up.
	swiftTimeout = 3 * time.Second
	// beatTimeout is how soon a lost worker is noticed.
	beatTimeout = 10 * time.Second
	// auditTimeout is for reading what the targets hold.
	auditTimeout = 10 * time.Minute
	// margin is what an activity may take beyond its scripts: fetching, packing,
	// storing logs.
	margin = 15 * time.Minute
	// scriptTimeout is for a script that sets none; the shell driver agrees.
	scriptTimeout = 10 * time.Minute
	// localAttempts is how often a local activity is tried inside the workflow
	// task before the server takes over the retries.
	localAttempts = 3
)

// patient tries again for ever: what it is for does not fail for good, it waits
// for something to come back.
var patient = &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: time.Minute}

// once never tries again: for steps that may not run twice.
var once = &temporal.RetryPolicy{MaximumAttempts: 1}

// brief keeps a summary to what the server takes: 400 bytes with what encodes it.
// More would fail the workflow task, again and again.
func brief(summary string) string { return release.Cut(summary, 300) }

// local is for short work whose round trip to the server would cost more than the
// work itself.
func local(ctx workflow.Context, summary string) workflow.Context {
	return workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{
		StartToCloseTimeout: lookupTimeout,
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: 50 * time.Millisecond, MaximumAttempts: localAttempts},
		Summary:             brief(summary),
	})
}

// lookup is the same work when it has to outlast a longer outage.
func lookup(ctx workflow.Context, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: lookupTimeout, RetryPolicy: patient, Summary: brief(summary),
	})
}

// quick does short work in the workflow task, and hands it to the server's patience
// when that fails for a passing reason.
func quick(ctx workflow.Context, summary string, activity, in, out any) error {
	err := workflow.ExecuteLocalActivity(local(ctx, summary), activity, in).Get(ctx, out)
	return patiently(ctx, err, summary, activity, in, out)
}

func patiently(ctx workflow.Context, err error, summary string, activity, in, out any) error {
	if !passing(err) {
		return err
	}
	return workflow.ExecuteActivity(lookup(ctx, summary+" (it failed at first)"), activity, in).Get(ctx, out)
}

// passing tells whether something failed for a reason that may go away.
func passing(err error) bool {
	var application *temporal.ApplicationError
	return err != nil && !isCancelled(err) && (!errors.As(err, &application) || !application.NonRetryable())
}

// swift tries once in the workflow task what seldom takes long. It gives false when
// that has to be done by an activity with its own time and patience.
func swift(ctx workflow.Context, summary string, activity, in, out any) (done bool, err error) {
	options := workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{
		StartToCloseTimeout: swiftTimeout, RetryPolicy: once, Summary: brief(summary),
	})
	err = workflow.ExecuteLocalActivity(options, activity, in).Get(ctx, out)
	if passing(err) {
		return false, nil
	}
	return true, err
}

// repeatable is for long work that may run again from the start: builds, tests,
// audits, probes.
func repeatable(ctx workflow.Context, timeout time.Duration, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: timeout, HeartbeatTimeout: beatTimeout, WaitForCancellation: true,
		RetryPolicy: patient, Summary: brief(summary),
	})
}

// limited is for work that may run again from the start, and that the release goes on
// without when it was not done within a time.
func limited(ctx workflow.Context, patience time.Duration, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		ScheduleToCloseTimeout: patience, HeartbeatTimeout: beatTimeout, WaitForCancellation: true,
		RetryPolicy: patient, Summary: brief(summary),
	})
}

// step is for a step of a deployment, which runs once and as often again as it
// says.
func step(ctx workflow.Context, timeout time.Duration, retries int, summary string) workflow.Context {
	policy := once
	if retries > 0 {
		policy = &temporal.RetryPolicy{
			InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: time.Minute,
			MaximumAttempts: int32(retries + 1),
		}
	}
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: timeout, HeartbeatTimeout: beatTimeout, WaitForCancellation: true,
		RetryPolicy: policy, Summary: brief(summary),
	})
}
