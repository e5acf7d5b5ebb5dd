package starter

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"go.temporal.io/api/common/v1"
	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/converter"

	"slipway/release"
)

// teller puts a workflow's history into words. What begins and ends later is one
// event: it is told where it began, with how it ended.
type teller struct {
	workflow string
	data     converter.DataConverter
	events   []Event
	children []*common.WorkflowExecution
	begun    map[int64]int // what began, by the number of its event
	phase    string
}

// tell adds an event; those of no interest to people are left out.
func (t *teller) tell(e *history.HistoryEvent) {
	switch e.GetEventType() {
	case enums.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED:
		t.begun = map[int64]int{}
		t.begin(e, "%s starts", e.GetWorkflowExecutionStartedEventAttributes().GetWorkflowType().GetName())
	case enums.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
		t.begin(e, "%s", t.summary(e, e.GetActivityTaskScheduledEventAttributes().GetActivityType().GetName()))
	case enums.EVENT_TYPE_TIMER_STARTED:
		a := e.GetTimerStartedEventAttributes()
		t.begin(e, "timer: %s", t.summary(e, release.Duration(a.GetStartToFireTimeout().AsDuration()).String()))
	case enums.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED:
		a := e.GetStartChildWorkflowExecutionInitiatedEventAttributes()
		t.begin(e, "%s", t.summary(e, a.GetWorkflowType().GetName()+" "+a.GetWorkflowId()))
	case enums.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_STARTED:
		t.children = append(t.children, e.GetChildWorkflowExecutionStartedEventAttributes().GetWorkflowExecution())
	case enums.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES:
		t.enter(e)
	case enums.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
		a := e.GetWorkflowExecutionSignaledEventAttributes()
		t.begin(e, "")
		t.act("signal", a.GetSignalName(), a.GetInput())
	case enums.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED:
		input := e.GetWorkflowExecutionUpdateAcceptedEventAttributes().GetAcceptedRequest().GetInput()
		t.begin(e, "")
		t.act("update", input.GetName(), input.GetArgs())
	case enums.EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED:
		t.begin(e, "cancellation requested")
		t.by(e.GetWorkflowExecutionCancelRequestedEventAttributes().GetIdentity())
	case enums.EVENT_TYPE_WORKFLOW_TASK_FAILED:
		a := e.GetWorkflowTaskFailedEventAttributes()
		t.begin(e, "the worker could not go on")
		t.last().Result = failed(a.GetFailure().GetMessage())
	case enums.EVENT_TYPE_MARKER_RECORDED:
		if summary := t.summary(e, ""); summary != "" {
			t.begin(e, "%s", summary)
		}
	default:
		t.end(e)
	}
}

// begin adds what happened or began.
func (t *teller) begin(e *history.HistoryEvent, format string, args ...any) {
	t.begun[e.GetEventId()] = len(t.events)
	t.events = append(t.events, Event{At: e.GetEventTime().AsTime(), Workflow: t.workflow, What: fmt.Sprintf(format, args...)})
}

func (t *teller) last() *Event { return &t.events[len(t.events)-1] }

func (t *teller) by(who string) { t.last().By = who }

// end says of what began earlier how it ended.
func (t *teller) end(e *history.HistoryEvent) {
	begun, result, found := ending(e)
	if !found {
		return
	}
	i, known := t.begun[begun]
	if !known {
		return
	}
	if e.GetEventType() == enums.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED {
		result = t.receipt(e)
	}
	event := &t.events[i]
	event.Result = result
	event.Took = release.Duration(e.GetEventTime().AsTime().Sub(event.At).Round(time.Millisecond))
}

// enter adds the phase that the release enters.
func (t *teller) enter(e *history.HistoryEvent) {
	attributes := e.GetUpsertWorkflowSearchAttributesEventAttributes().GetSearchAttributes()
	if phase := keyword(attributes, release.AttributePhase); phase != "" && phase != t.phase {
		t.phase = phase
		t.begin(e, "phase %s", phase)
	}
}

// act says of the action that was just added what was sent, and by whom.
func (t *teller) act(way, name string, input *common.Payloads) {
	event := t.last()
	event.What = way + " " + name
	action := release.Action(name)
	if !slices.Contains(release.Actions, action) || len(input.GetPayloads()) == 0 {
		return
	}
	message, _ := release.DecodeMessage(action, input.GetPayloads()[0].GetData())
	if message == nil {
		event.What += " that cannot be read"
		return
	}
	event.What, event.By = event.What+": "+message.Summary(), message.Who()
}

// receipt gives what an update was answered.
func (t *teller) receipt(e *history.HistoryEvent) string {
	outcome := e.GetWorkflowExecutionUpdateCompletedEventAttributes().GetOutcome()
	if f := outcome.GetFailure(); f != nil {
		return failed(f.GetMessage())
	}
	var receipt release.Receipt
	if t.data.FromPayloads(outcome.GetSuccess(), &receipt) != nil || receipt.Message == "" {
		return done
	}
	return receipt.Message
}

// summary gives the summary that the workflow gave the event.
func (t *teller) summary(e *history.HistoryEvent, otherwise string) string {
	var summary string
	payload := e.GetUserMetadata().GetSummary()
	if payload == nil || t.data.FromPayload(payload, &summary) != nil || strings.TrimSpace(summary) == "" {
		return otherwise
	}
	return summary
}
