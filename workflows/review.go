package workflows

import (
	"errors"
	"strings"
	"time"

	"go.temporal.io/sdk/workflow"

	"slipway/release"
)

// review looks back before the release is closed (ITIL: post-implementation review):
// what was authorized in haste, what was reached and what not, how satisfied people
// are, and what the release model wants to be learned from it. It gives how the
// release ends when that is not what it seemed.
func (r *run) review(ctx workflow.Context) error {
	r.enter(ctx, release.StageReview)
	if !r.plan.Since(2) {
		return r.retrospect(ctx)
	}
	r.lookBack(ctx)
	verdict := r.retrospect(ctx)
	if verdict != nil && !r.reviewed {
		return verdict
	}
	if err := r.awaitRatings(ctx); err != nil {
		return err
	}
	if err := r.awaitClosing(ctx); err != nil {
		return err
	}
	r.lookedBack = true
	return verdict
}

// retrospect lets the CAB review what was authorized in haste: emergencies owe that.
func (r *run) retrospect(ctx workflow.Context) error {
	policy, owed := r.plan.Gate(release.GateReview)
	if !owed || r.reviewed {
		return nil
	}
	policy.Deadline, policy.Escalate = 0, nil // it is owed however long it takes
	err := r.ask(ctx, release.GateReview, policy, true, release.GateContent{Plan: r.plan.Digest, Package: r.record.Package.Digest})
	r.reviewed = err == nil
	var ended *ending
	if errors.As(err, &ended) && ended.outcome == release.Rejected {
		r.reviewed = true
		return end(release.CompletedWithIssues, "the retrospective review did not approve: "+ended.reason)
	}
	return err
}

// lookBack works out what the record tells by now.
func (r *run) lookBack(ctx workflow.Context) {
	if r.record.Review == nil {
		r.record.Review = r.plan.OpenReview(workflow.Now(ctx).UTC())
	}
	r.plan.LookBack(&r.record)
	r.show(ctx)
}

// awaitRatings asks the customers, and those whom the model names, how satisfied they
// are, and waits until all have said so or their time is over.
func (r *run) awaitRatings(ctx workflow.Context) error {
	until := r.record.Review.AskedUntil
	unrated := func() []string { return r.record.Unrated() }
	if len(unrated()) == 0 || !workflow.Now(ctx).Before(until) {
		return nil
	}
	ask := func(kind release.NoticeKind) {
		r.tell(ctx, kind, "", unrated(), summary("How satisfied are you with %s (%s), from 1 (not at all) to 5 (very)? Say so until %s, with: starter rate %s --score N --by YOU",
			r.record.ID, r.definition.Headline(), until.Format(time.RFC3339), r.record.ID))
	}
	ask(release.NoticeRating)
	defer r.announce(ctx, r.ratingWait())()
	return r.reminding(ctx, until, "Waiting for ratings", func() bool { return len(unrated()) == 0 }, func() { ask(release.NoticeRating) })
}

func (r *run) ratingWait() release.Awaiting {
	who := r.record.Unrated()
	wait := release.Awaiting{
		Kind: release.WaitRating, Action: release.ActRate, Deadline: r.record.Review.AskedUntil,
		Needs: "a rating, from 1 (not at all satisfied) to 5 (very), by " + strings.Join(who, ", "),
	}
	if len(who) > 0 {
		wait.Payload = release.Example(release.Rate{Sender: release.Sender{By: who[0]}, Score: 4, Comment: "WHY"})
	}
	return wait
}

// awaitClosing waits until one of those whom the model names closes the review.
func (r *run) awaitClosing(ctx workflow.Context) error {
	policy := r.plan.Model.Review
	if len(policy.By) == 0 || r.record.Review.Closed != nil {
		return nil
	}
	r.lookBack(ctx)
	closers := policy.Members(r.plan.Authority())
	ask := func() {
		r.tell(ctx, release.NoticeReview, "", closers, summary("%s (%s) waits for %s. Read it with: starter report %s",
			r.record.ID, r.definition.Headline(), r.closingWait().Needs, r.record.ID))
	}
	ask()
	defer r.announce(ctx, r.closingWait())()
	return r.reminding(ctx, time.Time{}, "Waiting for the review to be closed", func() bool { return r.record.Review.Closed != nil }, ask)
}

func (r *run) closingWait() release.Awaiting {
	policy, authority := r.plan.Model.Review, r.plan.Authority()
	wait := release.Awaiting{
		Kind: release.WaitReview, Action: release.ActCloseReview,
		Needs: "the review to be closed by " + policy.Closers(authority),
	}
	if owed := policy.Owed(r.record); len(owed) > 0 {
		wait.Needs += ", once there is " + strings.Join(owed, " and ") + " (starter note)"
	}
	if closers := policy.Members(authority); len(closers) > 0 {
		wait.Payload = release.Example(release.CloseReview{Sender: release.Sender{By: closers[0]}, Comment: "WHAT YOU MAKE OF IT"})
	}
	return wait
}

// reminding waits until a condition holds or a deadline passes (zero never does), and
// reminds people as often as the model says.
func (r *run) reminding(ctx workflow.Context, deadline time.Time, summary string, done func() bool, remind func()) error {
	for {
		wake := deadline
		if every := r.plan.Model.Review.RemindEvery.Std(); every > 0 {
			if next := workflow.Now(ctx).Add(every); wake.IsZero() || next.Before(wake) {
				wake = next
			}
		}
		met, err := r.rest(ctx, wake, summary, done)
		if met || err != nil || (!deadline.IsZero() && !workflow.Now(ctx).Before(deadline)) {
			return err
		}
		remind()
	}
}

// owedReview holds the review of a release that ended otherwise than it was meant to,
// but had deployed something. It gives the reason of the outcome, with what the review
// said. Who cancels the workflow wants it to end.
func (r *run) owedReview(ctx workflow.Context, outcome release.Outcome, reason string) string {
	if !r.owesReview() || !r.record.Touched() || outcome == release.Cancelled || outcome == release.Failed {
		return reason
	}
	r.interrupt = nil
	var ended *ending
	switch err := r.review(ctx); {
	case errors.As(err, &ended):
		return reason + "; " + ended.reason
	case err != nil:
		return reason + "; the review was not held: " + reasonOf(err)
	}
	return reason
}

// owesReview tells whether anybody has still to review the release.
func (r *run) owesReview() bool {
	_, asked := r.plan.Gate(release.GateReview)
	inRetrospect := r.bound() && asked && !r.reviewed
	if !r.plan.Since(2) {
		return inRetrospect
	}
	return !r.lookedBack && (inRetrospect || len(r.plan.Model.Review.By) > 0 || len(r.plan.Asked()) > 0)
}

// reviewNeeds says in words what ends the review.
func (r *run) reviewNeeds() string {
	for _, wait := range r.waits {
		switch wait.Kind {
		case release.WaitGate:
			return "vote at gate " + wait.Gate
		case release.WaitRating, release.WaitReview:
			return "it waits for " + wait.Needs
		}
	}
	return "it is about to end"
}
