package workflows_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"slipway/activities"
	"slipway/release"
	"slipway/release/report"
)

// fakes stands in for activities.Activities, under the same names, and acts on the
// world. Each keeps the promises that the real one makes.
type fakes struct {
	world *world
	env   *testsuite.TestWorkflowEnvironment
}

var errDown = errors.New("it is down")

// described fills targets in that are known by their names only, as those of a large
// environment are.
func (f *fakes) described(inventory release.Digest, targets []release.Target) []release.Target {
	if inventory == "" {
		return targets
	}
	known := map[string]release.Target{}
	for _, e := range f.world.org.Environments {
		for _, t := range e.Targets {
			known[t.Name] = t
		}
	}
	full := make([]release.Target, len(targets))
	for i, t := range targets {
		full[i] = known[t.Name]
	}
	return full
}

func (f *fakes) Plan(ctx context.Context, in activities.PlanInput) (release.Plan, error) {
	if f.world.next(ctx, "plan") != "" {
		return release.Plan{}, errDown
	}
	f.world.mu.Lock()
	defer f.world.mu.Unlock()
	var environments []string
	for _, e := range in.Definition.Environments {
		environments = append(environments, e.Name)
	}
	facts := f.facts(environments...)
	f.others(&facts)
	plan, problems := release.Compile(in.Definition, f.world.org, facts, in.Revision)
	if len(problems) > 0 {
		return release.Plan{}, temporal.NewNonRetryableApplicationError(problems.Error(), release.ErrorInvalidDefinition, nil, problems)
	}
	f.world.plans[plan.Digest] = plan
	return plan, nil
}

func (f *fakes) Opening(ctx context.Context, in activities.OpeningInput) (activities.OpeningResult, error) {
	f.world.next(ctx, "opening "+in.Environment)
	f.world.mu.Lock()
	defer f.world.mu.Unlock()
	opening, err := f.world.org.Opening(in.Environment, in.Now, in.OverrideFreeze)
	found := activities.OpeningResult{Opening: opening}
	if err != nil || in.Planned == nil {
		return found, err
	}
	facts := f.facts(in.Environment)
	f.others(&facts)
	_, found.Changed, err = f.world.org.Changed(in.Service, *in.Planned, in.Rollout, facts)
	if in.Blockers != nil {
		found.Blocked = in.Blockers.Holding(in.Environment, facts)
	}
	return found, err
}

// others adds what the CMS knows of other releases and services.
func (f *fakes) others(facts *release.Facts) {
	facts.Open = append(facts.Open, f.world.open...)
	facts.Required = append(facts.Required, f.world.required...)
}

// facts is what the CMS knows of environments.
func (f *fakes) facts(environments ...string) release.Facts {
	facts := release.Facts{Now: f.env.Now()}
	for _, name := range environments {
		if b, runs := f.world.baselines[name]; runs {
			facts.Baselines = append(facts.Baselines, b)
		}
	}
	return facts
}

func (f *fakes) Prepare(ctx context.Context, _ activities.PrepareInput) (activities.ReadyResult, error) {
	if f.world.next(ctx, "prepare") == fails {
		return activities.ReadyResult{Missing: []string{"no compiler"}}, nil
	}
	return activities.ReadyResult{Checked: []string{"workspace"}}, nil
}

func (f *fakes) Build(ctx context.Context, in activities.BuildInput) (release.BuildRecord, error) {
	if in.Prepare {
		ready, err := f.Prepare(ctx, activities.PrepareInput{Components: in.Components})
		if err != nil || len(ready.Missing) > 0 {
			return release.BuildRecord{Number: in.Number, Missing: ready.Missing}, err
		}
	}
	f.world.note("build %d", in.Number)
	f.world.change(func(w *world) {
		if in.Of != nil {
			in.Plan = w.plans[in.Of.Digest]
		}
		w.builds = append(w.builds, in)
	})
	record := release.BuildRecord{Number: in.Number, Builder: "fake"}
	if f.world.next(ctx, fmt.Sprintf("build %d", in.Number)) == fails {
		record.Failure = "does not compile"
		return record, nil
	}
	p := pack(in.Plan.Definition.Version, in.Number)
	record.Package = &p
	return record, nil
}

func (f *fakes) Test(ctx context.Context, in activities.TestInput) (release.Evidence, error) {
	what := fmt.Sprintf("suite %s of build %d", in.Suite.Name, in.Build)
	f.world.note("%s", what)
	defer f.world.note("end of %s", what)
	f.world.change(func(w *world) { w.checkTestEnvironment(in) })
	found := release.Evidence{Suite: in.Suite.Name, Covers: in.Suite.Covers, Package: in.Package.Digest, Build: in.Build, Passed: 7}
	if f.world.next(ctx, what) == fails {
		found.Passed, found.Failed, found.Failure = 6, 1, "1 of 7 cases failed"
	}
	return found, nil
}

// Follow finds a new commit when the test lets one come, and looks until then.
func (f *fakes) Follow(ctx context.Context, in activities.FollowInput) (activities.FollowResult, error) {
	f.world.note("follow %s every %s", in.Branches[0], in.Every)
	if f.world.next(ctx, "follow") == fails {
		return activities.FollowResult{Failure: "there is no such branch"}, nil
	}
	info := activity.GetInfo(ctx)
	f.env.RegisterDelayedCallback(func() {
		in.Branches[0].Source.Commit = "b" + in.Branches[0].Source.Commit[1:]
		_ = f.env.CompleteActivity(info.TaskToken, activities.FollowResult{Newer: in.Branches}, nil)
	}, f.world.commits)
	return activities.FollowResult{}, activity.ErrResultPending
}

func (f *fakes) RunPass(ctx context.Context, in activities.PassInput) (activities.PassResult, error) {
	w, token := f.world, string(activity.GetInfo(ctx).TaskToken)
	w.mu.Lock()
	results := w.checkpoints[token]
	w.mu.Unlock()
	stopped, failed := false, 0
	targets := f.described(in.Inventory, in.Pass.Targets)
	if len(targets) == 0 {
		targets = []release.Target{{Folder: "/" + in.Environment + "/"}}
	}
	for _, t := range targets {
		if slices.ContainsFunc(results, func(r release.StepResult) bool { return r.Target == t.Name }) {
			continue
		}
		r := release.StepResult{Step: in.Pass.Step.Name, Target: t.Name, Wave: in.Pass.Wave, BackOut: in.BackOut, Fate: release.FateNotStarted}
		if !stopped {
			fate, err := f.step(ctx, in, placeOf(t), results)
			if errors.Is(err, errDown) && !in.BackOut && in.Pass.Step.Retries == 0 {
				fate, err = release.FateUnknown, nil // as the activity does with what may not run again
			}
			if err != nil {
				return activities.PassResult{}, err
			}
			r.Fate = fate
		}
		if r.Fate == release.FateFailed {
			failed++
		}
		stopped = stopped || failed > in.Budget || r.Fate == release.FateUnknown
		results = append(results, r)
		w.change(func(w *world) { w.checkpoints[token] = results })
		if w.isStopped(ctx) {
			return activities.PassResult{}, temporal.NewCanceledError()
		}
	}
	return f.report(in, results), nil
}

// report keeps the results of many places back, but for those that did not go well.
func (f *fakes) report(in activities.PassInput, results []release.StepResult) activities.PassResult {
	const few = 50
	if len(results) <= few {
		return activities.PassResult{Results: results}
	}
	of := fmt.Sprintf("%s %s %v", in.Attempt, in.Pass.Places()[0], in.BackOut)
	found := activities.PassResult{Report: &release.Blob{Digest: release.DigestOfBytes([]byte(of)), Size: int64(len(results))}}
	f.world.change(func(w *world) { w.reports[found.Report.Digest] = results })
	for _, r := range results {
		if r.Fate == release.FateDone || r.Fate == release.FateUndone {
			found.Well++
		} else {
			found.Results = append(found.Results, r)
		}
	}
	return found
}

func (f *fakes) Baseline(_ context.Context, in activities.BaselineInput) (activities.BaselineResult, error) {
	f.world.mu.Lock()
	defer f.world.mu.Unlock()
	b, runs := f.world.baselines[in.Environment]
	if !runs || b.Service != in.Service {
		return activities.BaselineResult{}, nil
	}
	return activities.BaselineResult{Baseline: &b}, nil
}

// Settle looks at the world: a step took effect in a place, or it did not.
func (f *fakes) Settle(_ context.Context, in activities.SettleInput) (activities.SettleResult, error) {
	var found activities.SettleResult
	for _, name := range in.Places {
		at := "/" + in.Environment + "/"
		for _, t := range f.described(in.Inventory, in.Pass.Targets) {
			if t.Name == name {
				at = t.Folder
			}
		}
		at = placeOf(release.Target{Folder: at})
		r := release.StepResult{Step: in.Pass.Step.Name, Target: name, Wave: in.Pass.Wave, BackOut: in.BackOut, Fate: release.FateNotStarted}
		there := slices.Contains(f.world.held(at).steps, in.Pass.Step.Name)
		switch {
		case f.world.blind:
			r.Fate = release.FateUnknown
		case in.BackOut && !there:
			r.Fate = release.FateUndone
		case !in.BackOut && there:
			r.Fate = release.FateDone
		}
		found.Results = append(found.Results, r)
	}
	return found, nil
}

// step does a step in one place, as often as it may be tried.
func (f *fakes) step(ctx context.Context, in activities.PassInput, at string, before []release.StepResult) (release.Fate, error) {
	good, bad, doing := release.FateDone, release.FateFailed, in.Pass.Step.Name+" "+at
	if in.BackOut {
		good, bad, doing = release.FateUndone, release.FateBackOutStuck, "undo "+doing
	}
	for attempt := 0; ; attempt++ {
		how := f.world.next(ctx, doing)
		if f.world.isStopped(ctx) {
			return "", temporal.NewCanceledError()
		}
		if how == "" || how == lostLate || how == failsLate {
			f.world.do(in, at)
		}
		f.world.next(ctx, "after "+doing)
		switch how {
		case "":
			return good, nil
		case lost, lostLate:
			return "", temporal.NewHeartbeatTimeoutError(activities.PassCheckpoint{Results: before})
		case breaks:
			return "", errDown
		}
		if attempt >= in.Pass.Step.Retries {
			return bad, nil
		}
	}
}

func (f *fakes) Audit(_ context.Context, in activities.AuditInput) (activities.AuditResult, error) {
	in.Targets = f.described(in.Inventory, in.Targets)
	f.world.note("audit %s %s", environmentOf(in.Targets), in.When)
	found := release.Audit{When: in.When, At: f.env.Now().UTC(), Targets: len(in.Targets)}
	should := (&release.Baseline{Version: in.Version, Package: release.Package{Content: in.Content}, Others: in.Others}).Lookup()
	for _, t := range in.Targets {
		version, pkg := should(t.Name)
		if p := f.world.held(placeOf(t)); p.content != pkg.Content {
			found.Discrepancies = append(found.Discrepancies, release.Discrepancy{Target: t.Name, Expected: version, Found: p.version})
		}
	}
	return activities.AuditResult{Audit: found}, nil
}

// Here answers when a worker is there; lost ones come when the test lets them.
func (f *fakes) Here(ctx context.Context) error {
	info := activity.GetInfo(ctx)
	if f.world.next(ctx, "here "+info.TaskQueue) != lost {
		return nil
	}
	f.world.change(func(w *world) {
		w.workerComes = func() {
			_ = f.env.CompleteActivity(info.TaskToken, nil, nil)
			_ = f.env.SignalWorkflowByID(info.WorkflowExecution.ID, "wake", nil)
		}
	})
	return activity.ErrResultPending
}

func (f *fakes) Ready(ctx context.Context, in activities.ReadyInput) (activities.ReadyResult, error) {
	if len(in.Targets) == 0 { // the people alone
		return activities.ReadyResult{}, nil
	}
	if f.world.next(ctx, "ready "+environmentOf(f.described(in.Inventory, in.Targets))) == fails {
		return activities.ReadyResult{Missing: []string{"nobody is trained"}}, nil
	}
	return activities.ReadyResult{}, nil
}

func (f *fakes) AssessReadiness(ctx context.Context, in activities.ReadinessInput) (activities.ReadinessResult, error) {
	var found activities.ReadinessResult
	for _, item := range in.Items {
		f.world.note("item %s in %s", item.Name, in.Environment)
		c := item.Confirmation(f.env.Now(), "", "")
		c.Execution = &release.Execution{Name: item.Name}
		if f.world.next(ctx, "item "+item.Name) == fails {
			c.Execution.Exit, c.Failure = 1, "exit status 1: 3 GB are free"
		}
		found.Confirmed = append(found.Confirmed, c)
	}
	return found, nil
}

func (f *fakes) Verify(ctx context.Context, in activities.VerifyInput) (activities.VerifyResult, error) {
	what := "verify " + environmentOf(f.described(in.Inventory, in.Targets)) + " " + in.Version
	f.world.note("%s", what)
	if f.world.next(ctx, what) == fails {
		return activities.VerifyResult{Failures: []string{"status 503"}}, nil
	}
	return activities.VerifyResult{Probes: len(in.Targets)}, nil
}

// Watch watches until its time, or until it is stopped. A target that "fails" is down all
// the while, and the watch ends at once when that is over its limit.
func (f *fakes) Watch(ctx context.Context, in activities.WatchInput) (activities.WatchResult, error) {
	what := "watch " + environmentOf(f.described(in.Inventory, in.Targets))
	f.world.note("%s", what)
	info := activity.GetInfo(ctx)
	from := in.From
	if from.IsZero() {
		from = f.env.Now()
	}
	wrong, until := f.world.next(ctx, what) == fails, in.Until
	if over := from.Add(in.Limit.Std() + time.Second); wrong && in.Limit > 0 && len(in.Carried) == 0 && over.Before(until) {
		until = over
	}
	var found activities.WatchResult
	var seen []release.Availability
	for i, t := range in.Targets {
		a := release.Availability{Target: t.Name, Since: from, Last: until, Probes: 100, MeanLatency: 1000, MaxLatency: 2000}
		if wrong && i == 0 {
			a.Failed, a.Failing, a.Down = 100, true, []release.Interval{{From: from, To: until, Reason: "refused"}}
		}
		seen = append(seen, a)
	}
	found.Sight = release.SightOf(seen, nil)
	found.Latency = release.LatencyWindow{From: from, To: until, Probes: 100 * len(in.Targets), Mean: 1000, Max: 2000}
	f.env.RegisterDelayedCallback(func() {
		_ = f.env.CompleteActivity(info.TaskToken, found, nil)
		// The environment only wakes the workflow that it executes by itself.
		_ = f.env.SignalWorkflowByID(info.WorkflowExecution.ID, "wake", nil)
	}, until.Sub(f.env.Now()))
	return activities.WatchResult{}, activity.ErrResultPending
}

func (f *fakes) SupportReport(ctx context.Context, in activities.SupportReportInput) (activities.Kept, error) {
	if f.world.next(ctx, "support report") == breaks {
		return activities.Kept{}, errDown
	}
	text := report.Support(in.Release, in.Roster, in.Status)
	f.world.change(func(w *world) { w.supportReports = append(w.supportReports, text) })
	return activities.Kept{Blob: &release.Blob{Digest: release.DigestOfBytes([]byte(text)), Size: int64(len(text))}}, nil
}

func (f *fakes) CountAssets(ctx context.Context, in activities.CountAssetsInput) (release.AssetReport, error) {
	if f.world.next(ctx, "count "+in.Environment) == breaks {
		return release.AssetReport{}, errDown
	}
	return release.AssetReport{
		Against: in.Before, Components: &release.AssetCount{Changed: 1}, Files: &release.AssetCount{Introduced: 3},
		Declared: release.CountDeclared(in.Declared), InService: release.InService(nil, in.Declared, in.Release),
	}, nil
}

func (f *fakes) ExportHistory(ctx context.Context, _ activities.ExportHistoryInput) (activities.ExportHistoryResult, error) {
	if f.world.next(ctx, "history") == breaks {
		return activities.ExportHistoryResult{}, errDown
	}
	info := activity.GetInfo(ctx)
	return activities.ExportHistoryResult{Histories: []release.ExportedHistory{{
		Workflow: info.WorkflowExecution.ID, Run: info.WorkflowExecution.RunID, Type: release.WorkflowRelease, Events: 7,
		Blob: release.Blob{Digest: release.DigestOfBytes([]byte("history")), Size: 7},
	}}}, nil
}

// Conclude does the three of them, unless one of them goes wrong.
func (f *fakes) Conclude(ctx context.Context, in activities.ConcludeInput) (done activities.Concluded, err error) {
	if f.world.next(ctx, "conclude") != "" {
		return done, errDown
	}
	exported, err := f.ExportHistory(ctx, in.Histories)
	if err != nil {
		return done, err
	}
	in.Record.Histories, in.Attestation.Histories = exported.Histories, exported.Histories
	report, err := f.KeepReport(ctx, in.Record, in.Plan)
	if err != nil {
		return done, err
	}
	in.Attestation.Report = report.Blob
	attested, err := f.Attest(ctx, activities.AttestInput{Attestation: in.Attestation})
	if err != nil || attested.Blob == nil {
		return done, errors.Join(err, errors.New(attested.Problem))
	}
	return activities.Concluded{Histories: exported.Histories, Report: *report.Blob, Attestation: *attested.Blob}, nil
}

// KeepReport keeps the record of a release, when the DML is there.
func (f *fakes) KeepReport(ctx context.Context, record release.Record, _ release.Plan) (activities.Kept, error) {
	if f.world.next(ctx, "report") != "" {
		return activities.Kept{}, errDown
	}
	digest, err := release.DigestOf(record)
	f.world.change(func(w *world) { w.reported = append(w.reported, record) })
	return activities.Kept{Blob: &release.Blob{Digest: digest, Size: 1}}, err
}

func (f *fakes) Record(ctx context.Context, in activities.RecordInput) error {
	if f.world.next(ctx, "record") != "" {
		return errDown
	}
	if slices.ContainsFunc(in.Entries, func(e release.Entry) bool { return e.Call != nil && e.Call.Call.Summary == "unfit" }) {
		return temporal.NewNonRetryableApplicationError("invalid entry", "Unfit", nil)
	}
	info := activity.GetInfo(ctx)
	f.world.change(func(w *world) {
		w.batches++
		for _, e := range w.expanded(in.Entries) {
			w.entries = append(w.entries, entry{
				Entry: e, run: info.WorkflowExecution.RunID, batch: w.batches, at: f.env.Now(), early: info.IsLocalActivity && !w.grown,
			})
			if b := e.Baseline; b != nil && b.Baseline == nil {
				delete(w.baselines, b.Environment)
			} else if b != nil {
				w.baselines[b.Environment] = *b.Baseline
			}
		}
	})
	return nil
}

// expanded gives entries with each report as the results that are in it.
func (w *world) expanded(entries []release.Entry) []release.Entry {
	var all []release.Entry
	for _, e := range entries {
		if e.Steps == nil {
			all = append(all, e)
			continue
		}
		for _, r := range w.reports[e.Steps.Report.Digest] {
			all = append(all, release.Entry{
				Key: e.Key + "/" + r.Target, At: e.At, Release: e.Release,
				Step: &release.StepEntry{Environment: e.Steps.Environment, Result: r},
			})
		}
	}
	return all
}
