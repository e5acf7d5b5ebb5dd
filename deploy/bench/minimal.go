package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

const (
	minimalQueue = "minimal"
	steps        = 10
)

// script is the ten steps as a shell would do them, each a process of its own.
func script(ctx context.Context, _ string) error {
	return exec.CommandContext(ctx, "/bin/sh", "-euc", strings.Repeat("/bin/true\n", steps)).Run()
}

// Minimal is the least that Temporal asks for the same: ten activities, one after the
// other, and in the middle a signal that lets it go on. It is written as Temporal's own
// guides advise: a struct goes into each activity and one comes out, and each says in
// its summary what it is for.
//
// The signal comes the moment it is waited for: neither does the workflow wait for a
// client that looks whether it is wanted, nor is it there before, which would spare the
// workflow task that a decision from outside always costs.
func (m *minimalWorkflows) Minimal(ctx workflow.Context, request Request) (Result, error) {
	var last Result
	for i := range steps {
		if i == steps/2 {
			m.await(ctx)
		}
		options := workflow.ActivityOptions{StartToCloseTimeout: time.Minute, Summary: fmt.Sprintf("step %d of %d", i+1, steps)}
		step := Request{Step: fmt.Sprintf("step-%d", i+1), Command: request.Command}
		err := workflow.ExecuteActivity(workflow.WithActivityOptions(ctx, options), Run, step).Get(ctx, &last)
		if err != nil {
			return last, err
		}
	}
	return last, nil
}

// Request says what an activity runs, Result how that ended.
type (
	Request struct {
		Step    string `json:"step,omitempty"`
		Command string `json:"command"`
	}
	Result struct {
		Exit   int           `json:"exit"`
		Output string        `json:"output"`
		Took   time.Duration `json:"took"`
	}
)

// Run runs a command.
func Run(ctx context.Context, request Request) (Result, error) {
	began := time.Now()
	output, err := exec.CommandContext(ctx, request.Command).Output()
	result := Result{Output: string(output), Took: time.Since(began)}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		result.Exit, err = exit.ExitCode(), nil
	}
	return result, err
}

// minimalWorkflows say when they wait for their signal.
type minimalWorkflows struct{ say io.Writer }

const signalGo = "go"

// await waits for the signal, and asks the bench for it: a line with the workflow's id.
func (m *minimalWorkflows) await(ctx workflow.Context) {
	if !workflow.IsReplaying(ctx) {
		fmt.Fprintln(m.say, workflow.GetInfo(ctx).WorkflowExecution.ID)
	}
	workflow.GetSignalChannel(ctx, signalGo).Receive(ctx, nil)
}

// serveMinimal is the worker of the minimal workflow and of the others that Slipway is
// compared with.
func serveMinimal(ctx context.Context, _ string, say io.Writer) error {
	k, err := givenKnobs()
	if err != nil {
		return err
	}
	polling := worker.Options{MaxConcurrentWorkflowTaskPollers: 8, MaxConcurrentActivityTaskPollers: 8}
	connection, err := connect(ctx, func(server *client.Options) { k.turn(server, &polling) })
	if err != nil {
		return err
	}
	defer connection.Close()
	return attend(ctx, minimalWorker(connection, minimalQueue, polling, say))
}

func minimalWorker(connection client.Client, queue string, polling worker.Options, say io.Writer) worker.Worker {
	w := worker.New(connection, queue, polling)
	w.RegisterWorkflow((&minimalWorkflows{say}).Minimal)
	w.RegisterWorkflow(Signalled)
	w.RegisterWorkflow(Singles)
	w.RegisterActivity(Run)
	w.RegisterActivity(Nothing)
	return w
}

func minimalID(id string) string { return "minimal@" + id }

func (s *site) minimal(ctx context.Context, id string) error {
	return s.minimalWith(ctx, client.StartWorkflowOptions{ID: minimalID(id), TaskQueue: minimalQueue})
}

func (s *site) minimalWith(ctx context.Context, options client.StartWorkflowOptions) error {
	run, err := s.temporal.ExecuteWorkflow(ctx, options, "Minimal", Request{Command: "/bin/true"})
	if err != nil {
		return err
	}
	return run.Get(ctx, nil)
}

// letGo signals the workflow that says it waits.
func (s *site) letGo(id string) {
	if err := s.temporal.SignalWorkflow(context.Background(), id, "", signalGo, nil); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
	}
}
