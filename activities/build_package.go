package activities

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"go.temporal.io/sdk/activity"

	"slipway/activities/driver/archive"
	"slipway/activities/driver/dml"
	"slipway/release"
	"slipway/release/audit"
)

// checkIn packs what the steps left in $OUT, with its documents.
func (b *build) checkIn(ctx context.Context) error {
	b.doing("check the package in")
	d := b.in.Plan.Definition
	documents, err := b.documents()
	if errors.Is(err, errMaterial) {
		b.record.Failure = err.Error()
		return nil
	}
	if err != nil {
		return err
	}
	in := dml.CheckIn{
		Release: b.in.Plan.Release, Service: d.Service, Version: d.Version, Build: b.in.Number, Outputs: b.outputs(), Files: documents,
	}
	p, err := b.a.Library.CheckIn(ctx, in)
	if errors.Is(err, dml.ErrTagTaken) {
		// An earlier run of the release had a build of this number.
		// Run ids begin with the time; what tells them apart is at the end.
		run := activity.GetInfo(ctx).WorkflowExecution.RunID
		in.Run = run[len(run)-8:]
		p, err = b.a.Library.CheckIn(ctx, in)
	}
	switch {
	case errors.Is(err, archive.ErrUnsafe):
		b.record.Failure = err.Error()
		return nil
	case err != nil:
		return err
	case p.Files == 0:
		b.record.Failure = "the steps left nothing in $OUT"
		return nil
	}
	b.record.Package = &p
	b.record.Elapsed = b.elapsed()
	if err := b.attachProvenance(ctx, p); err != nil {
		return err
	}
	return b.attachRecord(ctx, p)
}

// outputs are what the steps left for each component.
func (b *build) outputs() []dml.Output {
	outputs := make([]dml.Output, len(b.in.Components))
	for i, c := range b.in.Components {
		outputs[i] = dml.Output{Component: c.Name, Folder: b.outOf(c.Name)}
	}
	return outputs
}

// attachProvenance signs how the package came about, with the key of this worker.
func (b *build) attachProvenance(ctx context.Context, p release.Package) error {
	key, err := b.a.Attester.KeyID()
	if err != nil {
		return err
	}
	how := activity.GetInfo(ctx).WorkflowExecution
	made, err := release.ProvenanceOf(b.definition(), b.in.Plan, b.record, key, fmt.Sprintf("%s/%s/build/%d", how.ID, how.RunID, b.in.Number))
	if err != nil {
		return err
	}
	envelope, err := b.a.Attester.Provenance(ctx, p, made)
	if err != nil {
		return err
	}
	blob, err := b.a.Library.Attach(ctx, p.Digest, audit.EnvelopeType, audit.ProvenanceName(b.in.Number), envelope, audit.ProvenanceAnnotations(b.in.Plan.Release))
	b.record.Provenance = &blob
	return err
}

// attachRecord attaches the build record, which names the provenance.
func (b *build) attachRecord(ctx context.Context, p release.Package) error {
	record, err := json.Marshal(b.record)
	if err != nil {
		return fmt.Errorf("build record: %w", err)
	}
	blob, err := b.a.Library.Attach(ctx, p.Digest, audit.BuildRecordType, fmt.Sprintf("build-%d.json", b.in.Number), record, nil)
	b.record.Record = &blob
	return err
}
