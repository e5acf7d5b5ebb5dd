package audit

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"slipway/release"
)

// HistoryType is the media type of an exported workflow history.
const HistoryType = "application/vnd.slipway.history.v1+json"

// The annotations that tell which run a history is of.
const (
	AnnotationWorkflow     = "vnd.slipway.workflow"
	annotationRun          = "vnd.slipway.run"
	annotationWorkflowType = "vnd.slipway.workflow-type"
)

// HistoryAnnotations are those with which the history of a run is stored.
func HistoryAnnotations(releaseID string, h release.ExportedHistory) map[string]string {
	return map[string]string{
		AnnotationRelease: releaseID, AnnotationWorkflow: h.Workflow, annotationRun: h.Run, annotationWorkflowType: h.Type,
	}
}

// histories checks that the workflow histories that were attested are there, whole, and
// of the runs that they are said to be of.
func (v *verification) histories() (string, error) {
	switch none := len(v.a.Histories) == 0; {
	case none && v.a.NoHistories != "":
		return "none is attested: " + v.a.NoHistories, nil
	case none && v.a.Plan.Since(1):
		return "", errors.New("neither histories are attested nor why there are none")
	case none:
		return "none is attested: the release is from before they were exported", nil
	}
	events := 0
	for _, h := range v.a.Histories {
		if err := v.history(h); err != nil {
			return "", fmt.Errorf("history of %s, run %s: %w", h.Workflow, h.Run, err)
		}
		events += h.Events
	}
	found := fmt.Sprintf("%s of workflows up to the close of the release, with %s, are what was attested",
		counted(len(v.a.Histories), "history", "histories"), release.ManyOf(events, "event"))
	if v.a.NoHistories != "" {
		found += "; " + v.a.NoHistories
	}
	return found, nil
}

func (v *verification) history(h release.ExportedHistory) error {
	var about release.Digest
	if v.a.Package != nil {
		about = v.a.Package.Digest
	}
	stored := slices.ContainsFunc(v.all, func(a Artifact) bool {
		return a.Type == HistoryType && a.Subject == about && len(a.Layers) == 1 && a.Layers[0].Blob == h.Blob &&
			a.Annotations[AnnotationWorkflow] == h.Workflow && a.Annotations[annotationRun] == h.Run
	})
	if !stored {
		return errors.New("it is not in the library as it was attested: it was taken out, or replaced")
	}
	if err := v.whole(h.Blob); err != nil {
		return err
	}
	return v.follows(h)
}

// follows checks that the events follow each other from the first one on, and that the
// first one starts the workflow.
func (v *verification) follows(h release.ExportedHistory) error {
	text, err := v.lib.OpenBlob(v.ctx, h.Digest)
	if err != nil {
		return err
	}
	defer func() { _ = text.Close() }() // it was read to its end before
	decoder := json.NewDecoder(text)
	for _, want := range []json.Token{json.Delim('{'), "events", json.Delim('[')} {
		if got, err := decoder.Token(); err != nil || got != want {
			return errors.Join(fmt.Errorf("it is no history: there is %v, expected %v", got, want), err)
		}
	}
	events := 0
	for decoder.More() {
		var e struct {
			ID      int `json:"eventId,string"`
			Started *struct {
				Type struct {
					Name string `json:"name"`
				} `json:"workflowType"`
			} `json:"workflowExecutionStartedEventAttributes"`
		}
		if err := decoder.Decode(&e); err != nil {
			return fmt.Errorf("event %d cannot be read: %w", events+1, err)
		}
		events++
		switch {
		case e.ID != events:
			return fmt.Errorf("event %d stands where event %d is expected", e.ID, events)
		case events == 1 && (e.Started == nil || e.Started.Type.Name != h.Type):
			return fmt.Errorf("its first event does not start a %s", h.Type)
		}
	}
	if events != h.Events {
		return fmt.Errorf("it has %s, %d were attested", release.ManyOf(events, "event"), h.Events)
	}
	return nil
}

// counted writes a number with its noun where that has a plural of its own.
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
