package release

import (
	"slices"
	"time"
)

// askedWithin is how long people have to rate a release when its model does not say.
const askedWithin = Duration(72 * time.Hour)

// within gives how long people have to rate a release.
func (p ReviewPolicy) within() Duration {
	if p.Within > 0 {
		return p.Within
	}
	return askedWithin
}

// Asked lists the people who are asked how satisfied they are: the customers of the
// definition, and those of the roster whom the model names, each once and in the order
// of the roster.
func (p *Plan) Asked() []string {
	var asked []string
	for _, person := range p.Roster {
		if slices.Contains(p.Definition.Customers, person.ID) || person.Seat().Is(p.Model.Review.Satisfaction...) {
			asked = append(asked, person.ID)
		}
	}
	return asked
}

// OpenReview begins to look back at a release.
func (p *Plan) OpenReview(now time.Time) *Review {
	review := &Review{Opened: now, Asked: p.Asked()}
	if len(review.Asked) > 0 {
		review.AskedUntil = now.Add(p.Model.Review.within().Std())
	}
	return review
}

// LookBack fills in what the record tells by now: performance, deviations, known errors
// to hand over, and cost.
func (p *Plan) LookBack(r *Record) {
	r.Review.Cost = CostOf(*r, p.Rates)
	r.Review.Performance = Reached(p.Definition.Performance, *r, p.Rates.Currency)
	r.Review.Deviations = Deviations(*p, *r)
	r.Review.KnownErrors = r.OpenErrors(r.KnownErrors)
	r.Review.Missing = nil
	if r.Touched() {
		r.Review.Missing = p.Model.Review.Lacking(*r)
	}
}

// Touched tells whether the release has begun to change anything in any environment.
func (r Record) Touched() bool {
	return slices.ContainsFunc(r.Environments, func(e EnvironmentRecord) bool { return len(e.Steps) > 0 })
}

// Unrated lists who was asked for a rating and has given none.
func (r Record) Unrated() []string {
	if r.Review == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(r.Review.Asked), func(id string) bool {
		return slices.ContainsFunc(r.Ratings, func(rating Rating) bool { return rating.By == id })
	})
}

// Rate takes a rating, in the place of an earlier one of the same person. It is refused
// from those who are not asked, and before and after they are.
func (r *Record) Rate(rating Rating, asked []string) error {
	switch {
	case len(asked) == 0:
		return Refusef("nobody is asked how satisfied they are with %s: note what you think with `note`", r.ID)
	case !slices.Contains(asked, rating.By):
		return Refusef("%s is not asked how satisfied they are with %s: asked are %s", rating.By, r.ID, list(asked))
	case r.Review == nil:
		return Refusef("ratings are asked when %s is in review: it is in %s", r.ID, r.Phase)
	case !rating.At.Before(r.Review.AskedUntil):
		return Refusef("ratings were asked until %s", r.Review.AskedUntil.Format(time.RFC3339))
	}
	r.Ratings = append(slices.DeleteFunc(r.Ratings, func(other Rating) bool { return other.By == rating.By }), rating)
	return nil
}

// MaxScore is how satisfied somebody can be.
const MaxScore = 5

// Owed lists what has still to be noted before the review can be closed.
func (p ReviewPolicy) Owed(r Record) []string {
	var owed []string
	for _, need := range []struct {
		kind  NoteKind
		least int
	}{{NoteLesson, p.Lessons}, {NoteImprovement, p.Improvements}} {
		have := 0
		for _, n := range r.Notes {
			if n.Kind == need.kind {
				have++
			}
		}
		if lacking := need.least - have; lacking > 0 {
			owed = append(owed, ManyOf(lacking, string(need.kind)))
		}
	}
	return owed
}

// Lacking lists what the model needs and nobody gave: notes, somebody who closes the
// review, and the ratings of those who were asked in vain.
func (p ReviewPolicy) Lacking(r Record) []string {
	lacking := p.Owed(r)
	if len(p.By) > 0 && (r.Review == nil || r.Review.Closed == nil) {
		lacking = append(lacking, "somebody of "+list(p.By)+" to close it")
	}
	for _, id := range r.Unrated() {
		lacking = append(lacking, "a rating by "+id)
	}
	return lacking
}

// Closers says who may close the review: "group release-managers (max)".
func (p ReviewPolicy) Closers(a Authority) string {
	return names(p.By, a.group)
}

// MayClose refuses somebody who may not close the review.
func (p ReviewPolicy) MayClose(a Authority, by string) error {
	person, known := a.Person(by)
	switch {
	case !known:
		return Refusef("%s is not on the roster", by)
	case !person.In(p.By...):
		return Refusef("%s may not close the review: model %s leaves it to %s", by, a.Model, p.Closers(a))
	}
	return nil
}

// Members lists the people who may close the review.
func (p ReviewPolicy) Members(a Authority) []string { return a.members(p.By...) }
