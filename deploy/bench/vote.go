package main

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/workflow"
	"golang.org/x/crypto/ssh"

	"slipway/release"
	"slipway/release/ballot"
)

// How long it takes from a signal to the start of the activity that it lets happen:
// in a bare workflow, and from a signed vote at a gate of a release. Both are read
// off the server's own clock, in the history.

// Signalled waits for a signal, then does one activity.
func Signalled(ctx workflow.Context) error {
	signals := workflow.GetSignalChannel(ctx, signalGo)
	if err := workflow.Await(ctx, func() bool { return signals.Len() > 0 }); err != nil {
		return err
	}
	signals.ReceiveAsync(nil)
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute})
	return workflow.ExecuteActivity(ctx, Run, Request{Command: "/bin/true"}).Get(ctx, nil)
}

// signal measures the bare workflow.
func (s *site) signal(ctx context.Context, id string) (time.Duration, error) {
	run, err := s.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: "signalled@" + id, TaskQueue: minimalQueue}, Signalled)
	if err != nil {
		return 0, err
	}
	if err := s.settled(ctx, run.GetID()); err != nil {
		return 0, err
	}
	if err := s.temporal.SignalWorkflow(ctx, run.GetID(), "", signalGo, nil); err != nil {
		return 0, err
	}
	if err := run.Get(ctx, nil); err != nil {
		return 0, err
	}
	return s.fromSignal(ctx, run.GetID())
}

// settled waits until a workflow has nothing to do but wait.
func (s *site) settled(ctx context.Context, id string) error {
	for {
		d, err := s.temporal.DescribeWorkflowExecution(ctx, id, "")
		switch {
		case err != nil:
			return err
		case atRest(d):
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(2 * time.Millisecond):
		}
	}
}

// atRest tells whether a workflow has nothing to do but wait, or has ended.
func atRest(d *workflowservice.DescribeWorkflowExecutionResponse) bool {
	return d.GetPendingWorkflowTask() == nil && len(d.GetPendingActivities()) == 0 && d.GetWorkflowExecutionInfo().GetHistoryLength() > 3
}

// voted is the model of a release that one signed vote lets go on.
var voted = release.Model{
	Name: "voted", MergeBuildGate: true,
	Gates: map[string]release.GatePolicy{release.GatePlan: {Votes: map[string]int{"cab": 1}, Signed: true}},
}

// vote measures a signed vote at the plan gate of a release; the build follows it.
func (s *site) vote(ctx context.Context, id string) (time.Duration, error) {
	d := s.definition("voted", id, 1, 0, 0)
	run, err := s.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: release.ID(d.Service, d.Version), TaskQueue: release.DefaultTaskQueue,
	}, release.WorkflowRelease, release.Request{Definition: d})
	if err != nil {
		return 0, err
	}
	gate, err := s.openGate(ctx, run.GetID())
	if err != nil {
		return 0, err
	}
	now := time.Now().UTC()
	signature, err := ballot.Sign(ballot.Ballot{
		Release: run.GetID(), Gate: gate.Name, Digest: gate.Digest, Decision: release.Authorize, By: "ana",
		Issued: now, Expires: now.Add(time.Hour),
	}, s.key)
	if err != nil {
		return 0, err
	}
	err = s.temporal.SignalWorkflow(ctx, run.GetID(), "", string(release.ActAuthorize), release.Authorization{
		Sender: release.Sender{By: "ana"}, Gate: gate.Name, Decision: release.Authorize, Digest: string(gate.Digest), Signature: signature,
	})
	if err != nil {
		return 0, err
	}
	if err := s.completed(ctx, run, patience); err != nil {
		return 0, err
	}
	return s.fromSignal(ctx, run.GetID())
}

// patience is how long a release to one target may take.
const patience = 30 * time.Second

// completed waits until a release has ended well, and says what it waits for when
// that takes too long.
func (s *site) completed(ctx context.Context, run client.WorkflowRun, patience time.Duration) error {
	var record release.Record
	within, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := run.Get(within, &record)
	if within.Err() != nil && ctx.Err() == nil {
		record, err = s.status(ctx, run.GetID())
	}
	switch {
	case err != nil:
		return err
	case record.Outcome == "":
		return fmt.Errorf("the release still waits for %+v after %s; what people did: %+v", record.Awaiting, patience, record.Acts)
	case record.Outcome != release.Completed:
		return fmt.Errorf("the release ended %s: %s", record.Outcome, record.Reason)
	}
	return nil
}

func (s *site) status(ctx context.Context, id string) (release.Record, error) {
	var record release.Record
	value, err := s.temporal.QueryWorkflow(ctx, id, "", release.QueryStatus)
	if err == nil {
		err = value.Get(&record)
	}
	return record, err
}

// openGate waits until the plan gate is open and nothing else is being done.
func (s *site) openGate(ctx context.Context, id string) (*release.Gate, error) {
	for {
		if err := s.settled(ctx, id); err != nil {
			return nil, err
		}
		record, err := s.status(ctx, id)
		if err != nil {
			return nil, err
		}
		if gate := record.Gate(release.GatePlan); gate != nil {
			return gate, nil
		}
	}
}

// fromSignal reads off a history how long after the first signal the next activity
// started.
func (s *site) fromSignal(ctx context.Context, id string) (time.Duration, error) {
	var signalled time.Time
	events := s.temporal.GetWorkflowHistory(ctx, id, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		if err != nil {
			return 0, err
		}
		switch event.GetEventType() {
		case enums.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
			if signalled.IsZero() {
				signalled = event.GetEventTime().AsTime()
			}
		case enums.EVENT_TYPE_ACTIVITY_TASK_STARTED:
			if !signalled.IsZero() {
				return event.GetEventTime().AsTime().Sub(signalled), nil
			}
		}
	}
	return 0, errors.New(id + ": no activity started after the signal")
}

// newKey makes the key by which votes are signed, and its line for the roster.
func newKey() (ssh.Signer, release.Key, error) {
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return nil, release.Key{}, err
	}
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		return nil, release.Key{}, err
	}
	return signer, release.Key{Line: string(ssh.MarshalAuthorizedKey(signer.PublicKey()))}, nil
}
