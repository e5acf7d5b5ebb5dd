package activities

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/activity"
	"google.golang.org/protobuf/encoding/protojson"

	"slipway/activities/driver/dml"
	"slipway/release"
	"slipway/release/audit"
)

// Histories reads the histories of workflows.
type Histories interface {
	// Events gives the events of a run in their order, as they come from the server.
	Events(ctx context.Context, workflowID, runID string, visit func(*history.HistoryEvent) error) error
}

// ExportHistoryInput asks for the history of the release that asks, up to an event, and
// for those of all workflows that it started.
type ExportHistoryInput struct {
	Release  string `json:"release"`
	FirstRun string `json:"firstRun"`
	// Until is the last event of the run that asks: more come while it is exported.
	Until int64 `json:"until"`
	// Package is what they are attached to; empty when there is none.
	Package release.Digest `json:"package,omitempty"`
}

// ExportHistoryResult is where the histories are in the DML.
type ExportHistoryResult struct {
	Histories []release.ExportedHistory `json:"histories,omitempty"`
	// Missing are the workflows whose histories the server does not keep any more.
	Missing []string `json:"missing,omitempty"`
	// Problem says why there are none; to try again would not help then.
	Problem string `json:"problem,omitempty"`
}

// ExportHistory attaches the histories of a release and of its children to the package.
// Exporting the same again changes nothing.
func (a *Activities) ExportHistory(ctx context.Context, in ExportHistoryInput) (ExportHistoryResult, error) {
	asking := activity.GetInfo(ctx).WorkflowExecution
	e := exporter{a: a, in: in, asking: asking.RunID}
	e.beater = beat(ctx, release.Progress{What: "export the histories of " + in.Release})
	defer e.beater.end()
	folder, remove, err := a.workspace("history")
	if err != nil {
		return e.found, err
	}
	defer remove()
	e.folder = folder
	e.open = []*common.WorkflowExecution{{WorkflowId: asking.ID, RunId: in.FirstRun}}
	for ; len(e.open) > 0; e.open = e.open[1:] {
		err := e.export(ctx, e.open[0])
		var gone *serviceerror.NotFound
		switch {
		case errors.As(err, &gone):
			e.found.Missing = append(e.found.Missing, e.open[0].GetWorkflowId())
		case err != nil:
			return e.found, fmt.Errorf("history of %s: %w", e.open[0].GetWorkflowId(), err)
		}
	}
	if err := e.attach(ctx); err != nil {
		if errors.Is(err, dml.ErrNotFound) {
			return ExportHistoryResult{Problem: err.Error()}, nil
		}
		return e.found, fmt.Errorf("histories: %w", err)
	}
	return e.found, nil
}

type exporter struct {
	a      *Activities
	in     ExportHistoryInput
	asking string
	folder string
	beater *beater[release.Progress]
	// open are the runs that are still to be exported.
	open  []*common.WorkflowExecution
	found ExportHistoryResult
	// files are the histories that are still to be attached.
	files []dml.Attachment
}

// export writes the history of one run into a file, and notes the runs that it names.
func (e *exporter) export(ctx context.Context, run *common.WorkflowExecution) error {
	e.beater.set(func(p *release.Progress) { doing(p, "export the history of "+run.GetWorkflowId()) })
	h := release.ExportedHistory{Workflow: run.GetWorkflowId(), Run: run.GetRunId()}
	path := filepath.Join(e.folder, fmt.Sprintf("%d.json", len(e.found.Histories)))
	var next []*common.WorkflowExecution
	err := writeHistory(path, func(write func(*history.HistoryEvent) error) error {
		return e.a.Histories.Events(ctx, run.GetWorkflowId(), run.GetRunId(), func(event *history.HistoryEvent) error {
			if run.GetRunId() == e.asking && event.GetEventId() > e.in.Until {
				return nil
			}
			if started := event.GetWorkflowExecutionStartedEventAttributes(); started != nil {
				h.Type = started.GetWorkflowType().GetName()
			}
			next = append(next, follows(run, event)...)
			h.Events++
			return write(event)
		})
	})
	if err != nil {
		return err
	}
	e.files = append(e.files, dml.Attachment{
		Type: audit.HistoryType, Name: fmt.Sprintf("history-%s-%s.json", h.Type, h.Run), Path: path,
		Annotations: audit.HistoryAnnotations(e.in.Release, h),
	})
	e.found.Histories = append(e.found.Histories, h)
	e.open = append(e.open, next...)
	return nil
}

// attach puts all of them into the DML.
func (e *exporter) attach(ctx context.Context) error {
	if len(e.files) == 0 {
		return nil
	}
	blobs, err := e.a.Library.AttachAll(ctx, e.in.Package, e.files)
	for i, blob := range blobs {
		e.found.Histories[i].Blob = blob
	}
	return err
}

// follows gives the runs that an event names: a child that started, or the run as which
// this one was continued.
func follows(run *common.WorkflowExecution, event *history.HistoryEvent) []*common.WorkflowExecution {
	if child := event.GetChildWorkflowExecutionStartedEventAttributes(); child != nil {
		return []*common.WorkflowExecution{child.GetWorkflowExecution()}
	}
	if continued := event.GetWorkflowExecutionContinuedAsNewEventAttributes(); continued != nil {
		return []*common.WorkflowExecution{{WorkflowId: run.GetWorkflowId(), RunId: continued.GetNewExecutionRunId()}}
	}
	return nil
}

// writeHistory writes events into a file, one a line, as Temporal's replayer and its
// tools read them.
func writeHistory(path string, each func(write func(*history.HistoryEvent) error) error) (err error) {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	out, before := bufio.NewWriter(file), `{"events":[`+"\n"
	err = each(func(event *history.HistoryEvent) error {
		text, err := protojson.Marshal(event)
		if err != nil {
			return err
		}
		var line bytes.Buffer
		if err := json.Compact(&line, text); err != nil { // protojson varies its spaces from program to program
			return err
		}
		_, err = out.WriteString(before + line.String())
		before = ",\n"
		return err
	})
	if err != nil {
		return err
	}
	if _, err := out.WriteString("\n]}\n"); err != nil {
		return err
	}
	return out.Flush()
}
