package main

import (
	"context"
	"os/exec"
	"strings"
	"time"

	"go.temporal.io/sdk/client"
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

// Minimal is the least that Temporal asks for the same: ten activities, one after
// the other.
func Minimal(ctx workflow.Context) error {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute})
	for range steps {
		if err := workflow.ExecuteActivity(ctx, True).Get(ctx, nil); err != nil {
			return err
		}
	}
	return nil
}

// True runs a process that does nothing.
func True(ctx context.Context) error { return exec.CommandContext(ctx, "/bin/true").Run() }

func minimalID(id string) string { return "minimal@" + id }

func (s *site) minimal(ctx context.Context, id string) error {
	run, err := s.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: minimalID(id), TaskQueue: minimalQueue}, Minimal)
	if err != nil {
		return err
	}
	return run.Get(ctx, nil)
}
