package activities

import (
	"context"
	"errors"

	"slipway/release"
)

// ConcludeInput asks for all that is kept of a closed release: its histories, its report
// and the attestation. Record and Attestation do not name them yet.
type ConcludeInput struct {
	Histories   ExportHistoryInput  `json:"histories"`
	Record      release.Record      `json:"record"`
	Plan        release.Plan        `json:"plan"`
	Attestation release.Attestation `json:"attestation"`
}

// Concluded is where all of it is in the DML.
type Concluded struct {
	Histories   []release.ExportedHistory `json:"histories"`
	Report      release.Blob              `json:"report"`
	Attestation release.Blob              `json:"attestation"`
}

// errNotConcluded says that something of it cannot be had or kept: what, is found out by
// doing one after the other.
var errNotConcluded = errors.New("not all of the release could be kept")

// Conclude keeps the histories of a closed release, its report and the attestation, which
// names both, or fails as a whole. Doing the same again changes nothing.
func (a *Activities) Conclude(ctx context.Context, in ConcludeInput) (Concluded, error) {
	var done Concluded
	exported, err := a.ExportHistory(ctx, in.Histories)
	if err != nil || exported.Problem != "" || len(exported.Missing) > 0 {
		return done, errors.Join(errNotConcluded, err)
	}
	in.Record.Histories = exported.Histories
	report, err := a.KeepReport(ctx, in.Record, in.Plan)
	if err != nil || report.Blob == nil {
		return done, errors.Join(errNotConcluded, err)
	}
	in.Attestation.Histories, in.Attestation.Report = exported.Histories, report.Blob
	attested, err := a.Attest(ctx, AttestInput{Attestation: in.Attestation})
	if err != nil || attested.Blob == nil {
		return done, errors.Join(errNotConcluded, err)
	}
	return Concluded{Histories: exported.Histories, Report: *report.Blob, Attestation: *attested.Blob}, nil
}
