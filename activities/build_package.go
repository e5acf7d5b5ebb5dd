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
	return b.attach(ctx, p)
}

// outputs are what the steps left for each component.
func (b *build) outputs() []dml.Output {
	outputs := make([]dml.Output, len(b.in.Components))
	for i, c := range b.in.Components {
		outputs[i] = dml.Output{Component: c.Name, Folder: b.outOf(c.Name)}
	}
	return outputs
}

// attach attaches how the package came about, signed with the key of this worker, and the
// build record, which names that.
func (b *build) attach(ctx context.Context, p release.Package) error {
	envelope, err := b.provenance(ctx, p)
	if err != nil {
		return err
	}
	b.record.Provenance = &release.Blob{Digest: release.DigestOfBytes(envelope), Size: int64(len(envelope))}
	record, err := json.Marshal(b.record)
	if err != nil {
		return fmt.Errorf("build record: %w", err)
	}
	blobs, err := b.a.Library.AttachAll(ctx, p.Digest, []dml.Attachment{
		{Type: audit.EnvelopeType, Name: audit.ProvenanceName(b.in.Number), Data: envelope, Annotations: audit.ProvenanceAnnotations(b.in.Plan.Release)},
		{Type: audit.BuildRecordType, Name: fmt.Sprintf("build-%d.json", b.in.Number), Data: record},
	})
	if err == nil {
		b.record.Record = &blobs[1]
	}
	return err
}

func (b *build) provenance(ctx context.Context, p release.Package) ([]byte, error) {
	key, err := b.a.Attester.KeyID()
	if err != nil {
		return nil, err
	}
	how := activity.GetInfo(ctx).WorkflowExecution
	made, err := release.ProvenanceOf(b.definition(), b.in.Plan, b.record, key, fmt.Sprintf("%s/%s/build/%d", how.ID, how.RunID, b.in.Number))
	if err != nil {
		return nil, err
	}
	return b.a.Attester.Provenance(ctx, p, made)
}
