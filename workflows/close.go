package workflows

import (
	"errors"
	"strings"

	"go.temporal.io/sdk/workflow"

	"slipway/release"
)

// close ends the release: it undoes what has to be undone, records the outcome,
// and lets everything that runs finish.
func (r *run) close(ctx workflow.Context, err error) (release.Conclusion, error) {
	detached, _ := workflow.NewDisconnectedContext(ctx)
	r.closing = true
	outcome, reason, broken := r.outcome(err)
	if undone := r.undoAll(detached, outcome); undone != nil {
		broken = errors.Join(broken, undone)
	}
	reason = r.owedReview(ctx, outcome, reason)
	if undecided := r.undecided(); len(undecided) > 0 && outcome != release.Failed {
		outcome, reason = release.Failed, strings.Join(append(undecided, reason), "; ")
	}
	r.recatalogue(detached)
	issue := ""
	if !r.plan.Since(3) { // since then it is kept with the report
		issue = r.keepHistories(detached)
	}
	now := workflow.Now(ctx).UTC()
	r.leave(now)
	r.record.Phase, r.record.Outcome, r.record.Reason, r.record.Closed = release.StageClosed, outcome, reason, now
	r.waits = nil
	r.amiss(issue)
	r.settleReview(detached)
	if err := r.attest(detached); err != nil {
		broken = errors.Join(broken, err)
	}
	r.show(detached)
	r.publish(detached)
	r.note(detached)
	if err := workflow.Await(detached, func() bool { return r.telling == 0 }); err != nil {
		return r.record.Conclude(), err
	}
	if err := r.journal.drain(detached); err != nil {
		return r.record.Conclude(), err
	}
	r.tellNews(detached, news{Closed: outcome})
	if err := workflow.Await(detached, func() bool { return r.telling == 0 && workflow.AllHandlersFinished(detached) }); err != nil {
		return r.record.Conclude(), err
	}
	return r.record.Conclude(), broken
}

// outcome says how the release ended. The error is kept for what Slipway itself
// could not do.
func (r *run) outcome(err error) (outcome release.Outcome, reason string, broken error) {
	var ended *ending
	switch {
	case err == nil && len(r.issues()) > 0:
		return release.CompletedWithIssues, strings.Join(r.issues(), "; "), nil
	case err == nil:
		return release.Completed, "", nil
	case errors.As(err, &ended):
		return ended.outcome, ended.reason, nil
	case isCancelled(err):
		return release.Cancelled, "the workflow was cancelled", nil
	}
	return release.Failed, err.Error(), err
}

// issues lists what did not go as planned though the release is complete.
func (r *run) issues() []string {
	var issues []string
	for _, e := range r.record.Environments {
		if len(e.Aside) > 0 {
			issues = append(issues, e.Name+": "+first(e.Aside))
		}
		if e.Support == nil {
			continue
		}
		for _, unmet := range e.Support.Unmet {
			issues = append(issues, e.Name+": "+unmet)
		}
		if e.Support.Undocumented != "" {
			issues = append(issues, e.Name+": "+e.Support.Undocumented)
		}
	}
	return issues
}

// undecided lists the environments of which nobody knows what they hold.
func (r *run) undecided() []string {
	var undecided []string
	for _, e := range r.record.Environments {
		if e.State == release.EnvUndecided {
			undecided = append(undecided, e.Name+" is undecided: "+e.Reason)
		}
	}
	return undecided
}

// undoAll brings the old state back where the outcome asks for it: everywhere for
// a cancelled release; for one that was backed out, in the environment in question
// or in all of them, as the model's policy says. The latest goes first.
func (r *run) undoAll(ctx workflow.Context, outcome release.Outcome) error {
	if outcome != release.Cancelled && outcome != release.BackedOut {
		return nil
	}
	everywhere := outcome == release.Cancelled || r.plan.Model.BackOut.Scope == release.ScopeRelease
	for i := len(r.plan.Environments) - 1; i >= 0; i-- {
		name := r.plan.Environments[i].Name
		order, live := r.undo[name]
		if !live {
			is := r.record.Environment(name).State
			if !everywhere && (is == release.EnvBackedOut || is == release.EnvPartly) {
				return nil
			}
			continue
		}
		order.Reason = "the release is " + string(outcome)
		if _, err := r.runDeployment(ctx, order, release.StageBackOut); err != nil {
			return err
		}
		delete(r.undo, name)
		if !everywhere {
			return nil
		}
	}
	return nil
}
