package library

import (
	"slices"

	"slipway/activities/driver/dml"
	"slipway/release"
	"slipway/release/audit"
)

// The kinds of artifacts, in words.
const (
	KindPackage     = "package"
	KindSource      = "master copy"
	KindLogs        = "logs"
	KindBuildRecord = "build record"
	KindProvenance  = "provenance"
	KindEvidence    = "test evidence"
	KindAttestation = "attestation"
	KindHistory     = "history"
	KindSupport     = "support report"
	KindReport      = "report"
)

// Kind says what an artifact is; of those that others made it is the media type.
func Kind(a audit.Artifact) string {
	switch a.Type {
	case audit.PackageType:
		return KindPackage
	case dml.SourceType:
		return KindSource
	case dml.LogType:
		return KindLogs
	case audit.BuildRecordType:
		return KindBuildRecord
	case audit.EvidenceType:
		return KindEvidence
	case audit.HistoryType:
		return KindHistory
	case audit.SupportReportType:
		return KindSupport
	case audit.ReportType:
		return KindReport
	case audit.EnvelopeType:
		switch dml.Describe(a).Predicate {
		case release.AttestationType:
			return KindAttestation
		case release.ProvenanceType:
			return KindProvenance
		}
	}
	return a.Type
}

// kinds are in the order in which people read them.
var kinds = []string{KindBuildRecord, KindProvenance, KindEvidence, KindSupport, KindAttestation, KindHistory, KindReport}

// Count is how many of a kind there are.
type Count struct {
	Kind  string `json:"kind"`
	Count int    `json:"count"`
}

// count counts artifacts by kind; kinds that nobody knows come last.
func count(items []*Item) []Count {
	var list []Count
	for _, kind := range kinds {
		list = append(list, Count{Kind: kind})
	}
	for _, i := range items {
		kind := Kind(i.Artifact)
		at := slices.IndexFunc(list, func(c Count) bool { return c.Kind == kind })
		if at < 0 {
			at = len(list)
			list = append(list, Count{Kind: kind})
		}
		list[at].Count++
	}
	return slices.DeleteFunc(list, func(c Count) bool { return c.Count == 0 })
}
