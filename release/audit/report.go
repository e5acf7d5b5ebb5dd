package audit

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"slipway/release"
)

// ReportType is the media type of the report of a closed release: an artifact with the
// report for a browser and as Markdown, and the record that it is of.
const ReportType = "application/vnd.slipway.report.v1"

// The documents of a report, by their names.
const (
	ReportPage     = "report.html"
	ReportMarkdown = "report.md"
	ReportRecord   = "record.json"
)

// AnnotationOutcome says how the release of a report ended.
const AnnotationOutcome = "vnd.slipway.outcome"

// ReportAnnotations are those with which a report is stored.
func ReportAnnotations(r release.Record) map[string]string {
	return map[string]string{
		AnnotationRelease: r.ID, annotationStarted: r.Started.UTC().Format(time.RFC3339Nano), AnnotationOutcome: string(r.Outcome),
	}
}

// report checks that the report that was attested is there, whole.
func (v *verification) report() (string, error) {
	switch {
	case v.a.Report == nil && v.a.Plan.Since(2):
		return "none is attested: it could not be kept when the release was closed", nil
	case v.a.Report == nil:
		return "none is attested: the release is from before they were kept", nil
	}
	at := slices.IndexFunc(v.all, func(a Artifact) bool { return a.Type == ReportType && a.Digest == v.a.Report.Digest })
	if at < 0 {
		return "", errors.New("it is not in the library as it was attested: it was taken out, or replaced")
	}
	stored := v.all[at]
	if of := stored.Annotations[AnnotationRelease]; of != v.release {
		return "", fmt.Errorf("it is stored as that of %q", of)
	}
	var names []string
	for _, layer := range stored.Layers {
		if err := v.whole(layer.Blob); err != nil {
			return "", fmt.Errorf("%s: %w", layer.Name, err)
		}
		names = append(names, layer.Name)
	}
	return strings.Join(names, ", ") + " are what was attested", nil
}
