package activities

import (
	"context"
	"fmt"

	"slipway/release"
	"slipway/release/audit"
	"slipway/release/report"
)

// SupportReportInput asks for the report of an early life support that has ended.
type SupportReportInput struct {
	Release string `json:"release"`
	// Package is what it is attached to, and Roster who people are.
	Package release.Digest        `json:"package"`
	Roster  []release.Person      `json:"roster,omitempty"`
	Status  release.SupportStatus `json:"status"`
}

// SupportReport writes the report of an early life support, and attaches it to the
// package. Writing the same again changes nothing.
func (a *Activities) SupportReport(ctx context.Context, in SupportReportInput) (Kept, error) {
	beater := beat(ctx, release.Progress{What: "support report of " + in.Status.Environment})
	defer beater.end()
	text := report.Support(in.Release, in.Roster, in.Status)
	name := fmt.Sprintf("support-%s.md", in.Status.Environment)
	return kept(a.Library.Attach(ctx, in.Package, audit.SupportReportType, name, []byte(text), audit.SupportReportAnnotations(in.Release, in.Status)))
}
