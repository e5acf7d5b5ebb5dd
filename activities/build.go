package activities

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"go.temporal.io/sdk/activity"

	"slipway/activities/driver/archive"
	"slipway/activities/driver/dml"
	"slipway/activities/driver/shell"
	"slipway/release"
	"slipway/release/audit"
)

// Build gets the components from their sources, builds them in a fresh workspace,
// and checks the package in to the DML with its build record. A build that fails
// is a record with a failure; it may always run again from the start.
func (a *Activities) Build(ctx context.Context, in BuildInput) (release.BuildRecord, error) {
	b := &build{a: a, in: in, record: release.BuildRecord{Number: in.Number, Started: time.Now().UTC(), Builder: a.Builder, Tools: a.Tools}}
	b.beater = beat(ctx, release.Progress{What: fmt.Sprintf("build %d", in.Number), Since: b.record.Started})
	defer b.beater.end()
	folder, remove, err := a.workspace("build")
	if err != nil {
		return b.record, err
	}
	defer remove()
	b.folder = folder
	err = b.carry(ctx)
	b.record.Elapsed = release.Duration(time.Since(b.record.Started).Round(time.Millisecond))
	return b.record, err
}

type build struct {
	a      *Activities
	in     BuildInput
	folder string
	record release.BuildRecord
	beater *beater[release.Progress]
}

func (b *build) sources() string { return filepath.Join(b.folder, "sources") }
func (b *build) out() string     { return filepath.Join(b.folder, "out") }

func (b *build) doing(what string, args ...any) {
	b.beater.set(func(p *release.Progress) { doing(p, fmt.Sprintf("build %d: ", b.in.Number)+fmt.Sprintf(what, args...)) })
}

func (b *build) carry(ctx context.Context) error {
	for _, folder := range []string{b.sources(), b.out()} {
		if err := os.Mkdir(folder, 0o755); err != nil {
			return fmt.Errorf("workspace: %w", err)
		}
	}
	for _, stage := range []func(context.Context) error{b.acquire, b.runSteps, b.checkIn} {
		if err := stage(ctx); err != nil || b.record.Failure != "" {
			return err
		}
	}
	return nil
}

func (b *build) acquire(ctx context.Context) error {
	for _, c := range b.in.Components {
		b.doing("get %s from %s", c.Name, c.Source)
		got, failure, err := b.a.fetch(ctx, c, b.in.Plan.Purposes(), b.sources())
		if err != nil || failure != "" {
			b.record.Failure = failure
			return err
		}
		b.record.Sources = append(b.record.Sources, got)
		if err := os.Mkdir(filepath.Join(b.out(), c.Name), 0o755); err != nil {
			return fmt.Errorf("workspace: %w", err)
		}
	}
	return nil
}

func (b *build) runSteps(ctx context.Context) error {
	d := b.in.Plan.Definition
	for _, s := range d.Build.Steps {
		b.doing("step %s", s.Name)
		told := map[string]string{
			"RELEASE": b.in.Plan.Release, "SERVICE": d.Service, "VERSION": d.Version,
			"BUILD": strconv.Itoa(b.in.Number), "SOURCES": b.sources(), "OUT": filepath.Join(b.out(), s.Component), "OUTS": b.out(),
		}
		done, _, err := b.a.run(ctx, shell.Command{
			Name: s.Name, Script: s.Run, Dir: filepath.Join(b.sources(), s.Component),
			Env: variables(told, s.Env), Secrets: s.Secrets, Timeout: s.Timeout.Std(),
		}, b.folder, fmt.Sprintf("%s build %d %s", b.in.Plan.Release, b.in.Number, s.Name), b.line)
		if errors.Is(err, shell.ErrSecret) {
			b.record.Failure = "step " + s.Name + ": " + err.Error()
			return nil
		}
		if err != nil {
			return err
		}
		b.record.Steps = append(b.record.Steps, done)
		if !done.OK() {
			b.record.Failure = "step " + s.Name + ": " + done.Problem()
			return nil
		}
	}
	return nil
}

func (b *build) line(line string) {
	b.beater.set(func(p *release.Progress) { p.Line = line })
}

// checkIn packs what the steps left in $OUT, with its documents.
func (b *build) checkIn(ctx context.Context) error {
	b.doing("check the package in")
	d := b.in.Plan.Definition
	documents, err := b.documents()
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
	return b.attachRecord(ctx, p)
}

// outputs are what the steps left for each component.
func (b *build) outputs() []dml.Output {
	outputs := make([]dml.Output, len(b.in.Components))
	for i, c := range b.in.Components {
		outputs[i] = dml.Output{Component: c.Name, Folder: filepath.Join(b.out(), c.Name)}
	}
	return outputs
}

func (b *build) attachRecord(ctx context.Context, p release.Package) error {
	record, err := json.Marshal(b.record)
	if err != nil {
		return fmt.Errorf("build record: %w", err)
	}
	blob, err := b.a.Library.Attach(ctx, p.Digest, audit.BuildRecordType, fmt.Sprintf("build-%d.json", b.in.Number), record, nil)
	b.record.Record = &blob
	return err
}

// documents are the package's papers: what the release is, what it contains, and
// what its users and operators have to know.
func (b *build) documents() (map[string][]byte, error) {
	d := b.in.Plan.Definition
	d.Components = b.in.Components // a rebuild may have other sources than the plan
	sbom, err := dml.SBOM(b.out(), d.Service, d.Version)
	if err != nil {
		return nil, err
	}
	documents := map[string][]byte{
		"sbom.cdx.json":    sbom,
		"release-notes.md": []byte(notes(d)),
	}
	for name, value := range map[string]any{
		"definition.json": d, "plan.json": b.in.Plan, "known-errors.json": d.KnownErrors,
	} {
		if documents[name], err = json.MarshalIndent(value, "", "  "); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return documents, nil
}

func notes(d release.Definition) string {
	var text strings.Builder
	fmt.Fprintf(&text, "# %s\n\n%s\n", d.Headline(), d.ReleaseNotes)
	if len(d.KnownErrors) > 0 {
		text.WriteString("\n## Known errors\n\n")
	}
	for _, k := range d.KnownErrors {
		fmt.Fprintf(&text, "- %s: %s. Workaround: %s\n", k.ID, k.Summary, k.Workaround)
	}
	return text.String()
}
