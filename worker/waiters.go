package worker

import (
	"context"
	"errors"
	"fmt"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"slipway/release"
	"slipway/workflows"
)

// waiters tells the deployments that run that the calendar changed.
type waiters struct{ client client.Client }

// CalendarChanged tells all, whether they wait just now or not: who waits looks
// again, and the others look anyway before they begin a wave.
func (w waiters) CalendarChanged(ctx context.Context) (int, error) {
	told := 0
	request := &workflowservice.ListWorkflowExecutionsRequest{
		Query: "WorkflowType = '" + release.WorkflowDeployment + "' AND ExecutionStatus = 'Running'",
	}
	for {
		page, err := w.client.ListWorkflow(ctx, request)
		if err != nil {
			return told, fmt.Errorf("which deployments run: %w", err)
		}
		for _, info := range page.GetExecutions() {
			execution := info.GetExecution()
			err := w.client.SignalWorkflow(ctx, execution.GetWorkflowId(), execution.GetRunId(), workflows.SignalLookAgain, nil)
			var gone *serviceerror.NotFound
			switch {
			case err == nil:
				told++
			case !errors.As(err, &gone):
				return told, fmt.Errorf("tell %s: %w", execution.GetWorkflowId(), err)
			}
		}
		request.NextPageToken = page.GetNextPageToken()
		if len(request.NextPageToken) == 0 {
			return told, nil
		}
	}
}
