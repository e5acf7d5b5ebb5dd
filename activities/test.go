package activities

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"go.temporal.io/sdk/activity"

	"slipway/activities/driver/results"
	"slipway/activities/driver/shell"
	"slipway/release"
	"slipway/release/audit"
)

// Test runs one suite on the package as the DML holds it, again if it fails and may,
// and attaches the evidence to the package. A suite that fails is evidence with a
// failure.
func (a *Activities) Test(ctx context.Context, in TestInput) (release.Evidence, error) {
	t := &test{a: a, in: in, beater: beat(ctx, release.Progress{What: "suite " + in.Suite.Name, Since: time.Now().UTC()})}
	defer t.beater.end()
	var runs []release.Evidence
	for again := true; again; {
		found, err := t.run(ctx, len(runs)+1)
		if forGood(err, activity.GetInfo(ctx).Attempt) {
			found.Failure, err = err.Error(), nil
		}
		if err != nil {
			return found, err
		}
		runs = append(runs, found)
		ran := !found.Execution.Started.IsZero()
		again = ran && found.Failure != "" && len(runs) <= in.Suite.Reruns
	}
	found := release.Rerun(runs)
	if found.Failure == "" {
		found.Execution.Tail = "" // the counts say more than the last lines
	}
	return found, a.attachEvidence(ctx, in, found)
}

// test is a suite that is run.
type test struct {
	a      *Activities
	in     TestInput
	beater *beater[release.Progress]
}

// run runs the suite once, in a folder of its own with a fresh copy of the package
// and the sources.
func (t *test) run(ctx context.Context, number int) (release.Evidence, error) {
	suite := t.in.Suite
	found := release.Evidence{Suite: suite.Name, Kind: suite.Kind, Covers: suite.Covers, Package: t.in.Package.Digest, Build: t.in.Build}
	name := "suite " + suite.Name
	if number > 1 {
		name += fmt.Sprintf(" run %d", number)
	}
	t.beater.set(func(p *release.Progress) { doing(p, name) })
	if t.in.Environment != nil {
		found.Environment = t.in.Environment.Name
	}
	folder, remove, err := t.a.workspace("test")
	if err != nil {
		return found, err
	}
	defer remove()
	if err := t.a.Library.Pull(ctx, t.in.Package.Digest, filepath.Join(folder, "package")); err != nil {
		return found, err
	}
	_, found.Failure, err = t.a.fetch(ctx, t.in.Component, nil, filepath.Join(folder, "sources"))
	if err != nil || found.Failure != "" {
		return found, err
	}
	err = t.runSuite(ctx, folder, fmt.Sprintf("%s build %d %s", t.in.Release, t.in.Build, name), &found)
	return found, err
}

func (t *test) runSuite(ctx context.Context, folder, logName string, found *release.Evidence) error {
	suite := t.in.Suite
	work := filepath.Join(folder, "sources", t.in.Component.Name)
	done, log, err := t.a.run(ctx, shell.Command{
		Name: suite.Name, Script: suite.Run, Dir: work,
		Env: variables(t.told(folder), suite.Env), Secrets: suite.Secrets, Timeout: suite.Timeout.Std(),
	}, folder, logName, func(line string) { t.beater.set(func(p *release.Progress) { p.Line = line }) })
	if errors.Is(err, shell.ErrSecret) {
		found.Failure = err.Error()
		return nil
	}
	if err != nil {
		return err
	}
	found.Execution = done
	output, err := openPrinted(log)
	if err != nil {
		return fmt.Errorf("results of suite %s: %w", suite.Name, err)
	}
	defer func() { _ = output.Close() }()
	counts, err := results.Read(suite.Results, output, work, done.Exit)
	if err != nil && !errors.Is(err, results.ErrUnreadable) {
		return err
	}
	found.Passed, found.Failed, found.Skipped = counts.Passed, counts.Failed, counts.Skipped
	found.Failures, found.Flaky = counts.Failures, counts.Flaky
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

// told is what every suite knows.
func (t *test) told(folder string) map[string]string {
	told := map[string]string{
		"RELEASE": t.in.Release, "SERVICE": t.in.Service, "VERSION": t.in.Version, "BUILD": strconv.Itoa(t.in.Build),
		"PACKAGE": filepath.Join(folder, "package"),
	}
	if env := t.in.Environment; env != nil {
		var targets, urls []string
		for _, target := range env.Targets {
			targets = append(targets, target.Name)
			if target.URL != "" {
				urls = append(urls, target.URL)
			}
		}
		told["ENVIRONMENT"], told["TARGETS"], told["TARGET_URLS"] = env.Name, strings.Join(targets, " "), strings.Join(urls, " ")
	}
	return told
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
