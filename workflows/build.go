package workflows

import (
	"strings"
	"time"

	"go.temporal.io/sdk/workflow"

	"slipway/activities"
	"slipway/release"
)

// buildAndTest brings about a package that passes all suites: build N+1 after a
// failure, up to the model's limit, then when a person says so.
func (r *run) buildAndTest(ctx workflow.Context) error {
	for r.record.Package == nil {
		if err := r.authorizeBuild(ctx); err != nil {
			return err
		}
		failure, err := r.buildOnce(ctx)
		if err != nil {
			return err
		}
		if failure == "" {
			return nil
		}
		r.failedBuilds++
		if r.failedBuilds >= max(r.plan.Model.BuildLimit, 1) {
			return r.awaitRebuild(ctx, failure)
		}
		if err := r.follow(ctx, failure); err != nil {
			return err
		}
	}
	return nil
}

// prove waits before the first deployment gate opens when the model leaves it until
// then to prove the requirements, and not all are.
func (r *run) prove(ctx workflow.Context) error {
	if r.plan.Model.Requirements != release.RequirementsAtGate {
		return nil
	}
	if failure := release.Unproved(r.definition.Proofs(r.currentEvidence())); failure != "" {
		return r.awaitRebuild(ctx, failure)
	}
	return nil
}

// authorizeBuild asks the CAB once for each plan, unless the model merges this
// gate with that of the plan.
func (r *run) authorizeBuild(ctx workflow.Context) error {
	if r.plan.Model.MergeBuildGate || r.buildGate == r.plan.Digest {
		return nil
	}
	r.enter(ctx, release.StageBuildGate)
	if err := r.gate(ctx, release.GateBuild, release.GateContent{Plan: r.plan.Digest}); err != nil {
		return err
	}
	r.buildGate = r.plan.Digest
	return nil
}

// buildOnce builds, packages and tests once. It gives what failed, or nothing.
func (r *run) buildOnce(ctx workflow.Context) (failure string, err error) {
	r.enter(ctx, release.StageBuild)
	if err := r.awaitBuilders(ctx); err != nil {
		return "", err
	}
	built, err := r.build(ctx)
	if err != nil || built.Failure != "" {
		return built.Failure, err
	}
	r.enter(ctx, release.StageTest)
	if err := r.awaitBuilders(ctx); err != nil {
		return "", err
	}
	failure, err = r.test(ctx, built)
	if err != nil || failure != "" {
		return failure, err
	}
	r.record.Package = built.Package
	r.note(ctx)
	r.show(ctx)
	return "", nil
}

func (r *run) build(ctx workflow.Context) (release.BuildRecord, error) {
	var a *activities.Activities
	number := len(r.record.Builds) + 1
	timeout := margin
	for _, s := range r.definition.Build.Steps {
		timeout += scriptTime(s.Timeout)
	}
	var built release.BuildRecord
	err := r.settle(ctx, func(ctx workflow.Context) workflow.Future {
		ctx = repeatable(ctx, timeout, summary("Build %d of %s: get the sources, build, check the package in", number, r.record.ID))
		return workflow.ExecuteActivity(r.atBuilders(ctx), a.Build, r.buildInput(number))
	}, &built)
	if err != nil {
		return built, err
	}
	if r.unchecked {
		if err := r.checked(ctx, built.Prepared, built.Missing); err != nil {
			return built, err
		}
		r.unchecked, built.Prepared = false, nil // the record has it with the release
	}
	r.record.Builds = append(r.record.Builds, built)
	r.journal.add(ctx, summary("build/%d", number), func(e *release.Entry) { e.Build = &built })
	r.show(ctx)
	return built, nil
}

func (r *run) buildInput(number int) activities.BuildInput {
	in := activities.BuildInput{Number: number, Components: r.components, Prepare: r.unchecked}
	if ref := activities.RefOf(r.plan); r.plan.BuildQueue == "" {
		in.Of = &ref
	} else {
		in.Plan = r.plan
	}
	return in
}

// test runs all suites on the package from the DML, in the test environment if there
// is one.
func (r *run) test(ctx workflow.Context, built release.BuildRecord) (failure string, err error) {
	suites := r.definition.Test.Suites
	found := make([]release.Evidence, len(suites))
	for i := range suites {
		found[i].Suite = suites[i].Name
	}
	err = r.inTestEnvironment(ctx, built.Number, func() error {
		return r.settle(ctx, func(ctx workflow.Context) workflow.Future { return r.runSuites(ctx, built, found) }, nil)
	})
	if err != nil {
		return "", err
	}
	var failures []string
	for _, e := range found {
		r.record.Evidence = append(r.record.Evidence, e)
		r.journal.add(ctx, summary("evidence/%d/%s", built.Number, e.Suite), func(entry *release.Entry) { entry.Evidence = &e })
		if e.Failure != "" {
			failures = append(failures, "suite "+e.Suite+": "+e.Failure)
		}
	}
	r.record.Requirements = r.definition.Proofs(found)
	r.show(ctx)
	return strings.Join(failures, "; "), nil
}

func (r *run) runSuite(ctx workflow.Context, built release.BuildRecord, suite release.Suite) workflow.Future {
	var a *activities.Activities
	in := activities.TestInput{
		Release: r.record.ID, Service: r.record.Service, Version: r.record.Version,
		Build: built.Number, Package: *built.Package, Suite: suite, Environment: r.plan.TestEnvironment,
	}
	for _, c := range r.components {
		if c.Name == suite.Component {
			in.Component = c
		}
	}
	ctx = repeatable(ctx, margin+time.Duration(suite.Reruns+1)*scriptTime(suite.Timeout), summary("Test build %d with suite %s", built.Number, suite.Name))
	return workflow.ExecuteActivity(r.atBuilders(ctx), a.Test, in)
}

// awaitRebuild waits until a person asks for another build, or steers otherwise.
func (r *run) awaitRebuild(ctx workflow.Context, failure string) error {
	_, err := r.waitFor(ctx, r.rebuildWait(failure), func() bool { return false })
	return err
}

func (r *run) rebuildWait(failure string) release.Awaiting {
	example := release.Rebuild{Sender: release.Sender{By: r.record.Manager}, Reason: "WHY"}
	return release.Awaiting{
		Kind: release.WaitRebuild, Action: release.ActRebuild, Payload: release.Example(example),
		Needs: "rebuild, revise or withdraw from " + r.plan.Authority().Who(release.ActRebuild) + ", because " + failure,
	}
}

// currentEvidence is the evidence about the package of the release.
func (r *run) currentEvidence() []release.Evidence {
	var current []release.Evidence
	for _, e := range r.record.Evidence {
		if r.record.Package != nil && e.Package == r.record.Package.Digest {
			current = append(current, e)
		}
	}
	return current
}

func scriptTime(timeout release.Duration) time.Duration {
	if timeout > 0 {
		return timeout.Std()
	}
	return scriptTimeout
}
