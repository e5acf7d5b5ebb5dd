package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"slipway/activities"
	"slipway/release"
)

// reportPatience is how long a release that closes waits for its report to be kept.
const reportPatience = time.Hour

// reviewsWithoutPlan is the change by which a release that never got a plan, which
// would say so, is reviewed and reported, too.
const reviewsWithoutPlan = "review-without-plan"

// settleReview completes the review, however the release ended, and keeps its report:
// the record, the report and the figures are made of every outcome. That the report
// could not be kept is an issue of the release, and does not keep it open.
func (r *run) settleReview(ctx workflow.Context) {
	switch {
	case r.plan.Digest != "" && !r.plan.Since(2):
		return
	case r.plan.Digest == "" && workflow.GetVersion(ctx, reviewsWithoutPlan, workflow.DefaultVersion, 1) != 1:
		return
	}
	if r.record.Review == nil { // nobody was asked
		r.record.Review = &release.Review{Opened: r.record.Closed}
	}
	r.settled = true
	r.plan.LookBack(&r.record)
	r.writeWaits(ctx)
	if !r.conclude(ctx) {
		r.keepReport(ctx)
	}
	r.journal.add(ctx, "review", func(e *release.Entry) {
		e.Review = &release.ReviewEntry{
			Started: r.record.Started, Review: *r.record.Review, Stages: r.record.Stages,
			Live: release.LiveTimes(r.plan, r.record), Report: r.record.Report,
		}
	})
}

// conclude keeps the histories, the report and the attestation at once, as it goes most of
// the time. It gives false when the report has still to be kept, and then the attestation
// too: one after the other, as in older histories, each with its own patience.
func (r *run) conclude(ctx workflow.Context) bool {
	if !r.plan.Since(3) {
		return false
	}
	if r.journal.owesBallots() { // what is attested is what the CMS holds
		if err := r.journal.drain(ctx); err != nil {
			return false
		}
	}
	var a *activities.Activities
	var kept activities.Concluded
	in := activities.ConcludeInput{Histories: r.histories(ctx), Record: r.record, Plan: r.plan, Attestation: r.attestation()}
	done, err := r.swift(ctx, "Keep the histories and the report of "+r.record.ID+", and attest who authorized what", a.Conclude, in, &kept)
	if !done || err != nil {
		r.amiss(r.keepHistories(ctx))
		return false
	}
	r.record.Histories, r.record.Report, r.record.Attestation = kept.Histories, &kept.Report, &kept.Attestation
	return true
}

// keepReport keeps the report with the record as it is now: without what comes of
// keeping it.
func (r *run) keepReport(ctx workflow.Context) {
	var a *activities.Activities
	var done activities.Kept
	options := limited(ctx, reportPatience, "Keep the report of "+r.record.ID)
	err := workflow.ExecuteActivity(options, a.KeepReport, r.record, r.plan).Get(ctx, &done)
	if err != nil {
		done.Problem = causeOf(err)
	}
	r.record.Report = done.Blob
	if done.Problem != "" {
		r.amiss("the report could not be kept in the media library: " + done.Problem)
	}
}
