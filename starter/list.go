package starter

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.temporal.io/api/common/v1"
	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/converter"

	"slipway/release"
)

// Filter says which releases to list; what is left empty does not matter.
type Filter struct {
	Service     string
	Model       string
	Environment string
	// Phase and Awaiting also match when an environment follows: "deploy" finds
	// "deploy:production".
	Phase    string
	Awaiting string
	Outcome  release.Outcome
	// Open leaves out what has ended.
	Open bool
	// Limit is how many to give at most, the latest first; 0 gives all.
	Limit int
}

// Listed is a release as a list shows it.
type Listed struct {
	ID          string          `json:"id"`
	RunID       string          `json:"runId"`
	Service     string          `json:"service,omitempty"`
	Version     string          `json:"version,omitempty"`
	Model       string          `json:"model,omitempty"`
	Phase       string          `json:"phase,omitempty"`
	Environment string          `json:"environment,omitempty"`
	Awaiting    string          `json:"awaiting,omitempty"`
	Risk        int             `json:"risk"`
	Outcome     release.Outcome `json:"outcome,omitempty"`
	Started     time.Time       `json:"started"`
	Closed      time.Time       `json:"closed,omitzero"`

	taskQueue string
}

// List gives the releases that the server knows, the latest first. A release that
// was started again is listed once for each time.
func (c *Client) List(ctx context.Context, f Filter) ([]Listed, error) {
	const page = 1000
	list := []Listed{}
	request := &workflowservice.ListWorkflowExecutionsRequest{Query: f.query(), PageSize: page}
	for {
		answer, err := c.temporal.ListWorkflow(ctx, request)
		if err != nil {
			return nil, c.explainList(ctx, err)
		}
		for _, info := range answer.GetExecutions() {
			list = append(list, listed(info))
			if len(list) == f.Limit {
				return list, nil
			}
		}
		request.NextPageToken = answer.GetNextPageToken()
		if len(request.NextPageToken) == 0 {
			return list, nil
		}
	}
}

// explainList tells a namespace that never saw a worker from other errors: it is
// the worker that registers what is filtered by.
func (c *Client) explainList(ctx context.Context, err error) error {
	var invalid *serviceerror.InvalidArgument
	if errors.As(err, &invalid) && strings.Contains(invalid.Message, "search attribute") {
		return failure(NoWorker, err, "namespace %s does not know yet what releases are filtered by: start a worker (bin/worker), which registers it", c.namespace)
	}
	return c.explain(ctx, "", err)
}

// query is the filter in the server's own words.
func (f Filter) query() string {
	terms := []string{"WorkflowType = " + quote(release.WorkflowRelease)}
	equal := func(attribute, value string) {
		if value != "" {
			terms = append(terms, attribute+" = "+quote(value))
		}
	}
	stem := func(attribute, value string) {
		if value != "" {
			terms = append(terms, fmt.Sprintf("(%s = %s OR %s STARTS_WITH %s)", attribute, quote(value), attribute, quote(value+":")))
		}
	}
	equal(release.AttributeService, f.Service)
	equal(release.AttributeType, f.Model)
	equal(release.AttributeEnvironment, f.Environment)
	stem(release.AttributePhase, f.Phase)
	stem(release.AttributeAwaiting, f.Awaiting)
	equal(release.AttributeOutcome, string(f.Outcome))
	if f.Open {
		equal("ExecutionStatus", "Running")
	}
	return strings.Join(terms, " AND ")
}

func quote(value string) string { return "'" + strings.ReplaceAll(value, "'", "''") + "'" }

func listed(info *workflow.WorkflowExecutionInfo) Listed {
	attributes := info.GetSearchAttributes()
	id := info.GetExecution().GetWorkflowId()
	service, version, _ := strings.Cut(id, "@")
	l := Listed{
		ID: id, RunID: info.GetExecution().GetRunId(), Service: service, Version: version,
		Model:       keyword(attributes, release.AttributeType),
		Phase:       keyword(attributes, release.AttributePhase),
		Environment: keyword(attributes, release.AttributeEnvironment),
		Awaiting:    keyword(attributes, release.AttributeAwaiting),
		Outcome:     release.Outcome(keyword(attributes, release.AttributeOutcome)),
		Started:     info.GetStartTime().AsTime(),
		taskQueue:   info.GetTaskQueue(),
	}
	decode(attributes, release.AttributeRisk, &l.Risk)
	if end := info.GetCloseTime(); end != nil {
		l.Closed = end.AsTime()
	}
	// A workflow that did not end by itself could not say how.
	switch status := info.GetStatus(); status {
	case enums.WORKFLOW_EXECUTION_STATUS_RUNNING, enums.WORKFLOW_EXECUTION_STATUS_COMPLETED:
	default:
		if l.Outcome == "" {
			l.Outcome = release.Outcome(strings.ToLower(status.String()))
		}
	}
	return l
}

// keyword reads a search attribute; several values come out separated by commas.
func keyword(attributes *common.SearchAttributes, name string) string {
	var one string
	if decode(attributes, name, &one) {
		return one
	}
	var several []string
	decode(attributes, name, &several)
	return strings.Join(several, ", ")
}

func decode(attributes *common.SearchAttributes, name string, value any) bool {
	payload, found := attributes.GetIndexedFields()[name]
	return found && converter.GetDefaultDataConverter().FromPayload(payload, value) == nil
}
