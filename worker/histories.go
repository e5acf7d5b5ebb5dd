package worker

import (
	"context"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
)

// histories reads the histories of workflows from the server.
type histories struct{ client client.Client }

func (h histories) Events(ctx context.Context, workflowID, runID string, visit func(*history.HistoryEvent) error) error {
	events := h.client.GetWorkflowHistory(ctx, workflowID, runID, false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		if err != nil {
			return err
		}
		if err := visit(event); err != nil {
			return err
		}
	}
	return nil
}
