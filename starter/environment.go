package starter

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"go.temporal.io/api/workflowservice/v1"

	"slipway/release"
)

// Environment is an environment as its workflow knows it. One that was never lent
// has no workflow.
type Environment struct {
	release.EnvironmentStatus
	// Unknown says why the environment could not be asked; then there is nothing but
	// its name.
	Unknown string `json:"unknown,omitempty"`
}

// Environments gives every environment that was ever lent, by name: who has it, who
// waits for it, and what runs there.
func (c *Client) Environments(ctx context.Context) ([]Environment, error) {
	names, err := c.environmentNames(ctx)
	if err != nil {
		return nil, err
	}
	list, failed := make([]Environment, len(names)), make([]error, len(names))
	free := make(chan struct{}, besides)
	var asked sync.WaitGroup
	for i, name := range names {
		asked.Go(func() {
			free <- struct{}{}
			defer func() { <-free }()
			list[i], failed[i] = c.environment(ctx, name)
		})
	}
	asked.Wait()
	return list, errors.Join(failed...)
}

// environment asks one environment; the error is of the server.
func (c *Client) environment(ctx context.Context, name string) (Environment, error) {
	e := Environment{EnvironmentStatus: release.EnvironmentStatus{Name: name}}
	err := c.ask(ctx, release.EnvironmentID(name), release.QueryStatus, &e.EnvironmentStatus)
	if code := CodeOf(err); ctx.Err() == nil && (code == NoWorker || code == Unavailable) {
		e.Unknown, err = err.Error(), nil
	}
	return e, err
}

func (c *Client) environmentNames(ctx context.Context) ([]string, error) {
	const page = 200
	var names []string
	request := &workflowservice.ListWorkflowExecutionsRequest{
		Query:    "WorkflowType = " + quote(release.WorkflowEnvironment) + " AND ExecutionStatus = 'Running'",
		PageSize: page,
	}
	for {
		answer, err := c.temporal.ListWorkflow(ctx, request)
		if err != nil {
			return nil, c.explain(ctx, "", err)
		}
		for _, info := range answer.GetExecutions() {
			names = append(names, strings.TrimPrefix(info.GetExecution().GetWorkflowId(), release.EnvironmentID("")))
		}
		request.NextPageToken = answer.GetNextPageToken()
		if len(request.NextPageToken) == 0 {
			slices.Sort(names)
			return names, nil
		}
	}
}
