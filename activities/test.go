package activities

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"slipway/activities/driver/results"
	"slipway/activities/driver/shell"
	"slipway/release"
	"slipway/release/audit"
)

// Test runs one suite on the package as the DML holds it, and attaches the
// evidence to the package. A suite that fails is evidence with a failure.
func (a *Activities) Test(ctx context.Context, in TestInput) (release.Evidence, error) {
	found := release.Evidence{
		Suite: in.Suite.Name, Kind: in.Suite.Kind, Covers: in.Suite.Covers, Package: in.Package.Digest, Build: in.Build,
	}
	beater := beat(ctx, release.Progress{What: "suite " + in.Suite.Name, Since: time.Now().UTC()})
	defer beater.end()
	folder, remove, err := a.workspace("test")
	if err != nil {
		return found, err
	}
	defer remove()
	if err := a.Library.Pull(ctx, in.Package.Digest, filepath.Join(folder, "package")); err != nil {
		return found, err
	}
	_, failure, err := a.fetch(ctx, in.Component, nil, filepath.Join(folder, "sources"))
	if err != nil || failure != "" {
		found.Failure = failure
		return found, err
	}
	err = a.runSuite(ctx, in, folder, &found, func(line string) {
		beater.set(func(p *release.Progress) { p.Line = line })
	})
	if err != nil {
		return found, err
	}
	if found.Failure == "" {
		found.Execution.Tail = "" // the counts say more than the last lines
	}
	return found, a.attachEvidence(ctx, in, found)
}

func (a *Activities) runSuite(ctx context.Context, in TestInput, folder string, found *release.Evidence, progress func(string)) error {
	work := filepath.Join(folder, "sources", in.Component.Name)
	told := map[string]string{
		"RELEASE": in.Release, "SERVICE": in.Service, "VERSION": in.Version, "BUILD": strconv.Itoa(in.Build),
		"PACKAGE": filepath.Join(folder, "package"),
	}
	done, log, err := a.run(ctx, shell.Command{
		Name: in.Suite.Name, Script: in.Suite.Run, Dir: work,
		Env: variables(told, in.Suite.Env), Secrets: in.Suite.Secrets, Timeout: in.Suite.Timeout.Std(),
	}, folder, fmt.Sprintf("%s build %d suite %s", in.Release, in.Build, in.Suite.Name), progress)
	if errors.Is(err, shell.ErrSecret) {
		found.Failure = err.Error()
		return nil
	}
	if err != nil {
		return err
	}
	found.Execution = done
	output, err := os.Open(log)
	if err != nil {
		return fmt.Errorf("results of suite %s: %w", in.Suite.Name, err)
	}
	defer func() { _ = output.Close() }()
	counts, err := results.Read(in.Suite.Results, output, work, done.Exit)
	if err != nil && !errors.Is(err, results.ErrUnreadable) {
		return err
	}
	found.Passed, found.Failed, found.Skipped, found.Failures = counts.Passed, counts.Failed, counts.Skipped, counts.Failures
	switch {
	case counts.Failed > 0:
		found.Failure = fmt.Sprintf("%d of %d cases failed, the first is %s", counts.Failed, counts.Total(), firstCase(counts.Failures))
	case !done.OK():
		found.Failure = done.Problem()
	case err != nil:
		found.Failure = err.Error()
	case counts.Total() == 0:
		found.Failure = "no test ran"
	}
	return nil
}

func firstCase(failures []release.CaseFailure) string {
	if len(failures) == 0 {
		return "unknown"
	}
	return failures[0].Case
}

func (a *Activities) attachEvidence(ctx context.Context, in TestInput, found release.Evidence) error {
	data, err := json.Marshal(found)
	if err != nil {
		return fmt.Errorf("evidence of suite %s: %w", in.Suite.Name, err)
	}
	_, err = a.Library.Attach(ctx, in.Package.Digest, audit.EvidenceType, "evidence-"+in.Suite.Name+".json", data, nil)
	return err
}
