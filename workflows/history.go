package workflows

import (
	"errors"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"slipway/activities"
	"slipway/release"
)

// historyPatience is how long a release that closes waits for its history to be
// exported.
const historyPatience = time.Hour

// keepHistories puts the histories of the release and its children beside the package,
// before the attestation that names them: its own up to here. That they cannot be had is
// an issue of the release, which it gives, and does not keep it open.
func (r *run) keepHistories(ctx workflow.Context) (issue string) {
	if !r.plan.Since(1) {
		return ""
	}
	var a *activities.Activities
	in := r.histories(ctx)
	var done activities.ExportHistoryResult
	err := workflow.ExecuteActivity(limited(ctx, historyPatience, "Keep the histories of "+in.Release), a.ExportHistory, in).Get(ctx, &done)
	if err != nil {
		done.Problem = causeOf(err)
	}
	r.record.Histories = done.Histories
	if len(done.Missing) > 0 {
		r.noHistories = "the server does not keep the histories any more of " + strings.Join(done.Missing, ", ")
	}
	if done.Problem != "" {
		r.noHistories = "the histories could not be exported: " + done.Problem
		return r.noHistories
	}
	return ""
}

// histories asks for the histories of the release and its children.
func (r *run) histories(ctx workflow.Context) activities.ExportHistoryInput {
	info := workflow.GetInfo(ctx)
	in := activities.ExportHistoryInput{Release: r.record.ID, FirstRun: info.FirstRunID, Until: int64(info.GetCurrentHistoryLength())}
	if r.record.Package != nil {
		in.Package = r.record.Package.Digest
	}
	return in
}

// causeOf says why an activity was given up, without Temporal's own names and numbers.
func causeOf(err error) string {
	var failed *temporal.ActivityError
	if errors.As(err, &failed) && !isCancelled(err) {
		return failed.Unwrap().Error()
	}
	return reasonOf(err)
}

// amiss adds an issue, if there is one, to how the release ended.
func (r *run) amiss(issue string) {
	if issue == "" {
		return
	}
	if r.record.Outcome == release.Completed {
		r.record.Outcome = release.CompletedWithIssues
	}
	r.record.Reason = strings.TrimPrefix(r.record.Reason+"; "+issue, "; ")
}
