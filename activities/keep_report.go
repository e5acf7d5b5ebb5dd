package activities

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"

	"slipway/activities/driver/dml"
	"slipway/release"
	"slipway/release/report"
)

// Kept is where something is in the DML, or why it cannot be there; to try again would
// not help then.
type Kept struct {
	Blob    *release.Blob `json:"blob,omitempty"`
	Problem string        `json:"problem,omitempty"`
}

// kept tells what came of keeping something beside its package, which may not be there.
func kept(blob release.Blob, err error) (Kept, error) {
	if errors.Is(err, dml.ErrNotFound) {
		return Kept{Problem: err.Error()}, nil
	}
	return Kept{Blob: &blob}, err
}

// KeepReport writes what became of a closed release, and keeps that with its record in
// the DML. The record does not name the report yet: nothing can tell its own digest.
// Record and plan are two payloads, because the server limits the size of each. Keeping
// the same again changes nothing.
func (a *Activities) KeepReport(ctx context.Context, record release.Record, plan release.Plan) (Kept, error) {
	beater := beat(ctx, release.Progress{What: "keep the report of " + record.ID})
	defer beater.end()
	var page bytes.Buffer
	if err := report.HTML(&page, record, plan); err != nil {
		return Kept{Problem: err.Error()}, nil
	}
	source, err := json.MarshalIndent(record, "", "  ")
	if err != nil {
		return Kept{Problem: err.Error()}, nil
	}
	return kept(a.Library.KeepReport(ctx, dml.Report{
		Record: record, Page: page.Bytes(), Markdown: []byte(report.Markdown(record, plan)), Source: append(source, '\n'),
	}))
}
