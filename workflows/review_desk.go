package workflows

import (
	"strings"

	"go.temporal.io/sdk/workflow"

	"slipway/release"
)

// What people say about a release, at any time, and when it is reviewed.

// How much of what people say the record keeps; the CMS has all of it.
const (
	notesKept   = 100
	effortsKept = 500
	saidLength  = 500
)

// mayNote refuses who may say nothing about the release, and everybody once nothing is
// added to its review any more.
func (r *run) mayNote(action release.Action, by string) error {
	switch {
	case r.settled:
		return release.Refusef("the release is closed: nothing is added to its review any more")
	case r.plan.Digest != "":
		return r.plan.Authority().Check(action, by)
	}
	return r.mayActOn(action, by) // before there is a plan
}

// takeNote notes a lesson, risk, issue or improvement.
func (r *run) takeNote(ctx workflow.Context, m *release.TakeNote) (string, error) {
	if err := r.mayNote(release.ActNote, m.By); err != nil {
		return "", err
	}
	if _, known := r.plan.Authority().Person(m.Owner); m.Owner != "" && !known {
		return "", release.Refusef("%s is not on the roster, so they cannot look after it", m.Owner)
	}
	r.noted++
	note := release.Note{
		ID: summary("%s-%d", m.Kind, r.noted), Kind: m.Kind, Text: m.Text, By: m.By, At: workflow.Now(ctx).UTC(), Owner: m.Owner,
	}
	r.journal.add(ctx, "note/"+note.ID, func(e *release.Entry) {
		e.Note = &release.NoteEntry{Started: r.record.Started, Note: note}
	})
	note.Text = release.Cut(note.Text, saidLength)
	r.record.Notes = keep(append(r.record.Notes, note), notesKept)
	r.added(ctx)
	return note.ID + " is noted", nil
}

// logEffort records what somebody spent.
func (r *run) logEffort(ctx workflow.Context, m *release.LogEffort) (string, error) {
	if err := r.mayNote(release.ActLogEffort, m.By); err != nil {
		return "", err
	}
	if len(r.record.Efforts) >= effortsKept {
		return "", release.Refusef("there are %d efforts already: log the sum of several with the next release", effortsKept)
	}
	person, _ := r.plan.Authority().Person(m.By)
	role, err := r.plan.Rates.RoleFor(person, m.Role)
	if err != nil {
		return "", err
	}
	r.logged++
	effort := release.Effort{By: m.By, Role: role, Hours: m.Hours, Expense: m.Expense, Text: m.Text, At: workflow.Now(ctx).UTC()}
	r.journal.add(ctx, summary("effort/%d", r.logged), func(e *release.Entry) {
		e.Effort = &release.EffortEntry{Started: r.record.Started, Effort: effort}
	})
	effort.Text = release.Cut(effort.Text, saidLength)
	r.record.Efforts = append(r.record.Efforts, effort)
	r.added(ctx)
	return summary("%s %s as %s", m.By, m.Summary(), role), nil
}

// rate takes how satisfied somebody is, of those who are asked.
func (r *run) rate(ctx workflow.Context, m *release.Rate) (string, error) {
	if err := r.mayNote(release.ActRate, m.By); err != nil {
		return "", err
	}
	rating := release.Rating{By: m.By, Score: m.Score, Comment: release.Cut(m.Comment, saidLength), At: workflow.Now(ctx).UTC()}
	if err := r.record.Rate(rating, r.plan.Asked()); err != nil {
		return "", err
	}
	r.rated++
	r.journal.add(ctx, summary("rating/%d", r.rated), func(e *release.Entry) {
		e.Rating = &release.RatingEntry{Started: r.record.Started, Rating: rating}
	})
	r.added(ctx)
	return summary("%s rates %s with %d of %d", m.By, r.record.ID, m.Score, release.MaxScore), nil
}

// closeReview closes the review, and with it the release, once there is all that its
// model needs.
func (r *run) closeReview(ctx workflow.Context, m *release.CloseReview) (string, error) {
	policy := r.plan.Model.Review
	switch {
	case r.settled || r.closing && r.record.Phase != release.StageReview:
		return "", release.Refusef("the release ends already")
	case len(policy.By) == 0:
		return "", release.Refusef("nobody has to close the review of %s: it is closed by itself", r.record.ID)
	}
	if err := policy.MayClose(r.plan.Authority(), m.By); err != nil {
		return "", err
	}
	if r.record.Review != nil && r.record.Review.Closed != nil {
		return "", release.Refusef("%s closed the review already", r.record.Review.Closed.By)
	}
	if lacking := r.beforeClosing(ctx); len(lacking) > 0 {
		return "", release.Refusef("the review cannot be closed yet: it lacks %s", strings.Join(lacking, ", "))
	}
	r.record.Review.Closed = &release.Act{
		At: workflow.Now(ctx).UTC(), Action: release.ActCloseReview, By: m.By, Summary: m.Comment, Counted: true,
	}
	r.added(ctx)
	return m.By + " closes the review", nil
}

// beforeClosing lists all that the review still needs.
func (r *run) beforeClosing(ctx workflow.Context) []string {
	var lacking []string
	review := r.record.Review
	if r.record.Phase != release.StageReview || review == nil {
		lacking = append(lacking, "its beginning: the release is in "+string(r.record.Phase))
	}
	if _, asked := r.plan.Gate(release.GateReview); asked && !r.reviewed {
		lacking = append(lacking, "the decision of gate "+release.GateReview)
	}
	lacking = append(lacking, r.plan.Model.Review.Owed(r.record)...)
	if review != nil && workflow.Now(ctx).Before(review.AskedUntil) {
		for _, id := range r.record.Unrated() {
			lacking = append(lacking, "a rating by "+id+", asked until "+review.AskedUntil.Format("2006-01-02 15:04 UTC"))
		}
	}
	return lacking
}

// added works the review out again, and says what is needed now.
func (r *run) added(ctx workflow.Context) {
	if r.record.Review != nil {
		r.lookBack(ctx)
	}
	for i := range r.waits {
		now := r.waits[i]
		switch now.Kind {
		case release.WaitRating:
			now = r.ratingWait()
		case release.WaitReview:
			now = r.closingWait()
		}
		r.waits[i].Needs, r.waits[i].Payload = now.Needs, now.Payload
	}
	r.show(ctx)
}
