package audit

import "slipway/release"

// SupportReportType is the media type of a report of an early life support, in Markdown.
const SupportReportType = "application/vnd.slipway.support-report.v1"

// AnnotationSupport says in one line how the early life support ended.
const AnnotationSupport = "vnd.slipway.support"

// SupportReportAnnotations are those with which the report of an early life support is
// stored.
func SupportReportAnnotations(releaseID string, s release.SupportStatus) map[string]string {
	return map[string]string{AnnotationRelease: releaseID, AnnotationWorkflow: s.ID, AnnotationSupport: s.Says()}
}
