package activities_test

import (
	"context"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/api/serviceerror"
	"google.golang.org/protobuf/encoding/protojson"

	"slipway/activities"
	"slipway/release"
	"slipway/release/audit"
)

// told is a server that tells these histories, by the ids of their runs.
type told map[string][]*history.HistoryEvent

func (h told) Events(_ context.Context, _, runID string, visit func(*history.HistoryEvent) error) error {
	events, found := h[runID]
	if !found {
		return serviceerror.NewNotFound("workflow execution not found")
	}
	for _, e := range events {
		if err := visit(e); err != nil {
			return err
		}
	}
	return nil
}

func started(workflowType string) *history.HistoryEvent {
	return &history.HistoryEvent{EventId: 1, Attributes: &history.HistoryEvent_WorkflowExecutionStartedEventAttributes{
		WorkflowExecutionStartedEventAttributes: &history.WorkflowExecutionStartedEventAttributes{WorkflowType: &common.WorkflowType{Name: workflowType}},
	}}
}

func child(event int64, workflow, run string) *history.HistoryEvent {
	return &history.HistoryEvent{EventId: event, Attributes: &history.HistoryEvent_ChildWorkflowExecutionStartedEventAttributes{
		ChildWorkflowExecutionStartedEventAttributes: &history.ChildWorkflowExecutionStartedEventAttributes{
			WorkflowExecution: &common.WorkflowExecution{WorkflowId: workflow, RunId: run},
		},
	}}
}

func continued(event int64, run string) *history.HistoryEvent {
	return &history.HistoryEvent{EventId: event, Attributes: &history.HistoryEvent_WorkflowExecutionContinuedAsNewEventAttributes{
		WorkflowExecutionContinuedAsNewEventAttributes: &history.WorkflowExecutionContinuedAsNewEventAttributes{NewExecutionRunId: run},
	}}
}

func (g *ground) export(in activities.ExportHistoryInput) activities.ExportHistoryResult {
	g.t.Helper()
	value, err := g.env.ExecuteActivity(g.a.ExportHistory, in)
	require.NoError(g.t, err)
	var found activities.ExportHistoryResult
	require.NoError(g.t, value.Get(&found))
	return found
}

func TestTheHistoriesOfAReleaseAndAllThatItStartedAreKeptBesideThePackage(t *testing.T) {
	g := newGround(t, 0)
	// The environment of the tests calls the run that asks so.
	const asking = "default-test-run-id"
	g.a.Histories = told{
		asking:   {started("Release"), child(2, "shop@1:p", "deploy"), child(3, "shop@1:q", "gone"), {EventId: 4}, {EventId: 5}},
		"deploy": {started("Deployment"), child(2, "shop@1:p:wave", "wave"), continued(3, "again")},
		"again":  {started("Deployment")},
		"wave":   {started("Wave"), {EventId: 2}},
	}
	p := g.release("1", "h1:1", map[string]string{"VERSION": "1"}, true)
	in := activities.ExportHistoryInput{Release: "shop@1", FirstRun: asking, Until: 4, Package: p}
	found := g.export(in)
	var runs []string
	for _, h := range found.Histories {
		runs = append(runs, h.Type+" "+h.Run)
	}
	require.Equal(t, []string{"Release " + asking, "Deployment deploy", "Wave wave", "Deployment again"}, runs)
	require.Equal(t, []string{"shop@1:q"}, found.Missing, "what the server does not keep any more")
	require.Equal(t, 4, found.Histories[0].Events, "it has come on since it was asked for")
	require.Equal(t, found, g.export(in), "the same again is the same")

	text, err := g.a.Library.OpenBlob(t.Context(), found.Histories[2].Digest)
	require.NoError(t, err)
	defer text.Close()
	data, err := io.ReadAll(text)
	require.NoError(t, err)
	require.Equal(t, 4, strings.Count(string(data), "\n"), "one event a line")
	var read history.History
	require.NoError(t, protojson.Unmarshal(data, &read))
	require.Len(t, read.Events, 2)

	gone := g.export(activities.ExportHistoryInput{Release: "shop@1", FirstRun: asking, Until: 4, Package: release.DigestOfBytes([]byte("gone"))})
	require.Contains(t, gone.Problem, "not in the media library")
	without := g.export(activities.ExportHistoryInput{Release: "shop@1", FirstRun: asking, Until: 4})
	require.Equal(t, found.Histories, without.Histories, "a release without a package keeps them all the same")
	require.NotEmpty(t, audit.HistoryAnnotations("shop@1", found.Histories[0]))
}
