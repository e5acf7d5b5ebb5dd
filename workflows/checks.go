package workflows

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.temporal.io/sdk/workflow"

	"slipway/activities"
	"slipway/release"
)

// The checks that stand beside the steps of a deployment. When one does not hold,
// it waits for a decision under its name, like a step.
const (
	checkReadiness = "readiness"
	checkAudit     = "configuration-audit"
)

// assessReadiness asks again, just before the deployment, whether all is there:
// what people and scripts confirm, the package, the targets, the people.
func (d *deployment) assessReadiness(ctx workflow.Context) error {
	if err := d.assessPeople(ctx); err != nil {
		return err
	}
	accepted, err := d.untilAccepted(ctx, checkReadiness, func() (string, error) {
		missing, err := d.missing(ctx)
		if err != nil {
			return "", err
		}
		problems, err := d.assessScripts(ctx)
		return strings.Join(append(missing, problems...), "; "), err
	})
	if accepted != nil {
		d.acceptScripts(ctx, *accepted)
	}
	return err
}

// missing lists what is not there: of the targets and the package those workers tell
// that reach the targets; of the people those that have the roster.
func (d *deployment) missing(ctx workflow.Context) ([]string, error) {
	people := map[release.Action][]string{release.ActBackOut: d.order.Authority.May[release.ActBackOut]}
	in := activities.ReadyInput{Estate: d.estate(d.order.In.Targets()), Package: d.order.Package, Roles: people}
	if d.order.In.TaskQueue == "" {
		return d.ready(ctx, in)
	}
	in.Roles = nil
	missing, err := d.ready(there(ctx, d.order.In.TaskQueue), in)
	if err != nil {
		return nil, err
	}
	nobody, err := d.ready(ctx, activities.ReadyInput{Roles: people})
	return append(missing, nobody...), err
}

func (d *deployment) ready(ctx workflow.Context, in activities.ReadyInput) ([]string, error) {
	var a *activities.Activities
	var found activities.ReadyResult
	what := "Is " + d.order.In.Name + " ready for the deployment?"
	if d.small(ctx) {
		if done, err := swift(ctx, what, a.Ready, in, &found); done {
			return found.Missing, err
		}
	}
	err := workflow.ExecuteActivity(repeatable(ctx, auditTimeout, what), a.Ready, in).Get(ctx, &found)
	return found.Missing, err
}

// small tells whether this worker sees in no time whether all is there, the targets being
// few and its own, and the package small, and nobody waits for an answer meanwhile.
func (d *deployment) small(ctx workflow.Context) bool {
	const bytes, targets = 16 << 20, 10
	return d.order.Since(3) && !d.desk.answers(ctx) && d.order.In.TaskQueue == "" && d.order.Package.Size <= bytes && len(d.status.Targets) <= targets
}

// estate is some targets of the environment as activities are asked about them.
func (d *deployment) estate(targets []release.Target) activities.Estate {
	return activities.Estate{Targets: targets, Inventory: d.order.In.Inventory}
}

// auditBefore compares what the targets hold with the baseline of the CMS.
func (d *deployment) auditBefore(ctx workflow.Context) error {
	accepted, err := d.untilAccepted(ctx, checkAudit, func() (string, error) {
		audit, err := d.audit(ctx, release.AuditBefore, d.order.In.Previous)
		return discrepancies(audit), err
	})
	if accepted != nil {
		d.acceptAudit(ctx, *accepted)
	}
	return err
}

// auditAfter compares what the targets hold with what was authorized.
func (d *deployment) auditAfter(ctx workflow.Context) error {
	if !d.activates() {
		return nil
	}
	audit, err := d.audit(ctx, release.AuditAfter, d.newBaseline(ctx).After(d.order.In.Previous, d.asMeant()))
	if err == nil && len(audit.Discrepancies) > 0 {
		err = errors.New("the configuration audit failed: " + discrepancies(audit))
	}
	return err
}

// verify asks the targets over the network whether they serve a version.
func (d *deployment) verify(ctx workflow.Context, targets []release.Target, version string) error {
	if len(d.order.Verification.Probes) == 0 || version == "" || len(targets) == 0 {
		return nil
	}
	var a *activities.Activities
	var found activities.VerifyResult
	ctx = there(repeatable(ctx, (d.order.Verification.Within+d.order.Verification.Hold).Std()+margin, summary("Verify that %s answers in %s", version, d.order.In.Name)), d.order.In.TaskQueue)
	err := workflow.ExecuteActivity(ctx, a.Verify, activities.VerifyInput{
		Estate: d.estate(targets), Verification: d.order.Verification, Version: version, Environment: d.order.In.Name,
	}).Get(ctx, &found)
	if err != nil {
		return err
	}
	if len(found.Failures) > 0 {
		return errors.New("verification failed: " + found.Failures[0])
	}
	return nil
}

// untilAccepted repeats a check until it holds, or a person accepts that it does
// not; then it gives who did. Who says that it was put right is not believed: it is
// looked at again.
func (d *deployment) untilAccepted(
	ctx workflow.Context, name string, check func() (problem string, err error),
) (accepted *release.ResolveStep, err error) {
	looksAgain := d.order.Readiness != nil
	for {
		problem, err := check()
		if err != nil || problem == "" {
			return nil, err
		}
		if looksAgain {
			problem += " (retry and done look again, skip accepts it as it is)"
		}
		decided, err := d.decide(ctx, place{step: name}, problem)
		switch {
		case err != nil:
			return nil, err
		case decided.Action == release.ResolveBackOut:
			return nil, fmt.Errorf("%s decided so about the %s: %s", decided.By, name, decided.Reason)
		case !looksAgain && decided.Action != release.ResolveRetry:
			return nil, nil // as it was when the deployment began
		case decided.Action == release.ResolveSkip:
			return &decided, nil
		}
	}
}

// acceptAudit notes who accepted the discrepancies that the latest audit found.
func (d *deployment) acceptAudit(ctx workflow.Context, by release.ResolveStep) {
	audit := &d.status.Audits[len(d.status.Audits)-1]
	audit.Accepted = &release.Acceptance{By: by.By, Reason: by.Reason, At: workflow.Now(ctx).UTC()}
	d.noteAudit(ctx, *audit)
}

// noteAudit writes the latest audit into the CMS.
func (d *deployment) noteAudit(ctx workflow.Context, audit release.Audit) {
	d.journal.add(ctx, summary("audit/%d", len(d.status.Audits)), func(e *release.Entry) {
		e.Audit = &release.AuditEntry{Environment: d.order.In.Name, Audit: audit}
	})
}

// audit reads what each target really holds, against what it should hold; nil
// means nothing.
func (d *deployment) audit(ctx workflow.Context, when string, should *release.Baseline) (release.Audit, error) {
	if !d.activates() {
		return release.Audit{When: when, At: workflow.Now(ctx).UTC()}, nil
	}
	var a *activities.Activities
	in := activities.AuditInput{When: when, Estate: d.estate(d.order.In.Targets())}
	if should != nil {
		in.Version, in.Content, in.Others = should.Version, should.Package.Content, should.Others
	}
	var found activities.AuditResult
	ctx = there(repeatable(ctx, auditTimeout, summary("Configuration audit of %s %s", d.order.In.Name, when)), d.order.In.TaskQueue)
	if err := workflow.ExecuteActivity(ctx, a.Audit, in).Get(ctx, &found); err != nil {
		return found.Audit, err
	}
	d.status.Audits = append(d.status.Audits, found.Audit)
	d.noteAudit(ctx, found.Audit)
	return found.Audit, nil
}

// activates tells whether Slipway itself switches the targets; if only scripts do,
// it cannot know what they hold.
func (d *deployment) activates() bool {
	return slices.ContainsFunc(d.order.Steps, func(s release.Step) bool { return s.Action == release.Activate })
}

func discrepancies(audit release.Audit) string {
	var list []string
	for _, x := range audit.Discrepancies {
		list = append(list, fmt.Sprintf("%s holds %s, expected %s", x.Target, x.Found, x.Expected))
	}
	return strings.Join(list, "; ")
}

// newBaseline is what runs in the environment once the deployment is done.
func (d *deployment) newBaseline(ctx workflow.Context) *release.Baseline {
	return d.order.Baseline(workflow.Now(ctx).UTC())
}

// setBaseline tells the CMS, and with the lease the environment, what runs there
// now; nil is nothing.
func (d *deployment) setBaseline(ctx workflow.Context, baseline *release.Baseline) {
	d.baseline = &release.BaselineEntry{Environment: d.order.In.Name, Service: d.order.Service, Baseline: baseline}
	d.journal.add(ctx, "baseline", func(e *release.Entry) { e.Baseline = d.baseline })
}
