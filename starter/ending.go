package starter

import (
	"strings"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
)

const done = "done"

// ending tells which earlier event of a history an event ends, and how.
func ending(e *history.HistoryEvent) (begun int64, result string, found bool) {
	found = true
	switch e.GetEventType() {
	case enums.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
		begun, result = e.GetActivityTaskCompletedEventAttributes().GetScheduledEventId(), done
	case enums.EVENT_TYPE_ACTIVITY_TASK_FAILED:
		a := e.GetActivityTaskFailedEventAttributes()
		begun, result = a.GetScheduledEventId(), failed(a.GetFailure().GetMessage())
	case enums.EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT:
		a := e.GetActivityTaskTimedOutEventAttributes()
		begun, result = a.GetScheduledEventId(), failed(a.GetFailure().GetMessage())
	case enums.EVENT_TYPE_ACTIVITY_TASK_CANCELED:
		begun, result = e.GetActivityTaskCanceledEventAttributes().GetScheduledEventId(), "cancelled"
	case enums.EVENT_TYPE_TIMER_FIRED:
		begun, result = e.GetTimerFiredEventAttributes().GetStartedEventId(), "over"
	case enums.EVENT_TYPE_TIMER_CANCELED:
		begun, result = e.GetTimerCanceledEventAttributes().GetStartedEventId(), "no longer needed"
	case enums.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED:
		begun, result = e.GetWorkflowExecutionUpdateCompletedEventAttributes().GetAcceptedEventId(), done
	default:
		if begun, result, found = endingOfChild(e); !found {
			begun, result, found = endingOfWorkflow(e)
		}
	}
	return begun, result, found
}

func endingOfChild(e *history.HistoryEvent) (begun int64, result string, found bool) {
	found = true
	switch e.GetEventType() {
	case enums.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_COMPLETED:
		begun, result = e.GetChildWorkflowExecutionCompletedEventAttributes().GetInitiatedEventId(), done
	case enums.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_FAILED:
		a := e.GetChildWorkflowExecutionFailedEventAttributes()
		begun, result = a.GetInitiatedEventId(), failed(a.GetFailure().GetMessage())
	case enums.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_CANCELED:
		begun, result = e.GetChildWorkflowExecutionCanceledEventAttributes().GetInitiatedEventId(), "cancelled"
	case enums.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_TIMED_OUT:
		begun, result = e.GetChildWorkflowExecutionTimedOutEventAttributes().GetInitiatedEventId(), "ran out of time"
	case enums.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_TERMINATED:
		begun, result = e.GetChildWorkflowExecutionTerminatedEventAttributes().GetInitiatedEventId(), "terminated"
	case enums.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_FAILED:
		a := e.GetStartChildWorkflowExecutionFailedEventAttributes()
		begun, result = a.GetInitiatedEventId(), failed(a.GetCause().String())
	default:
		found = false
	}
	return begun, result, found
}

// endingOfWorkflow is about the workflow itself, which began with event 1.
func endingOfWorkflow(e *history.HistoryEvent) (begun int64, result string, found bool) {
	switch e.GetEventType() {
	case enums.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED:
		return 1, done, true
	case enums.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED:
		return 1, failed(e.GetWorkflowExecutionFailedEventAttributes().GetFailure().GetMessage()), true
	case enums.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED:
		return 1, "cancelled", true
	case enums.EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT:
		return 1, "ran out of time", true
	case enums.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED:
		return 1, "terminated: " + e.GetWorkflowExecutionTerminatedEventAttributes().GetReason(), true
	case enums.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW:
		return 1, "continued as a new run", true
	}
	return 0, "", false
}

// failed gives the first line of a failure.
func failed(message string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(message), "\n")
	return "failed: " + line
}
