package cms

import (
	"time"

	"slipway/release"
	"slipway/release/figures"
)

func (r *factReader) ratings() error {
	var x release.Rating
	return r.each(`
		SELECT w.n, t.person, t.score, t.rated FROM wanted AS w JOIN ratings`+byStarted+` ORDER BY w.n, t.rated, t.person`,
		func(f *figures.Fact) { f.Ratings = append(f.Ratings, x) }, &x.By, &x.Score, stored{&x.At})
}

func (r *factReader) efforts() error {
	var x release.Effort
	return r.each(`
		SELECT w.n, t.person, t.role, t.hours, t.expense, t.logged
		FROM wanted AS w JOIN efforts`+byStarted+` ORDER BY w.n, t.logged, t.key`,
		func(f *figures.Fact) { f.Efforts = append(f.Efforts, x) }, &x.By, &x.Role, &x.Hours, &x.Expense, stored{&x.At})
}

func (r *factReader) performance() error {
	var x release.Performance
	return r.each(`
		SELECT w.n, t.measure, t.unit, t.actual, t.met
		FROM wanted AS w JOIN performance`+byStarted+` ORDER BY w.n, t.position`,
		func(f *figures.Fact) { f.Targets = append(f.Targets, x) }, &x.Measure, &x.Unit, &x.Actual, &x.Met)
}

func (r *factReader) stages() error {
	var (
		x        release.Stage
		expected time.Duration
	)
	return r.each(`
		SELECT w.n, t.stage, t.began, t.ended, t.expected_ms
		FROM wanted AS w JOIN stages`+byStarted+` ORDER BY w.n, t.position`,
		func(f *figures.Fact) {
			x.Expected = release.Duration(expected)
			f.Stages = append(f.Stages, x)
		}, &x.Name, stored{&x.Started}, stored{&x.Ended}, span{&expected})
}

func (r *factReader) live() error {
	var x release.LiveSince
	return r.each(`
		SELECT w.n, t.environment, coalesce(t.purpose, ''), t.live, t.planned
		FROM wanted AS w JOIN went_live`+byStarted+` ORDER BY w.n, t.position`,
		func(f *figures.Fact) { f.Live = append(f.Live, x) }, &x.Environment, &x.Purpose, stored{&x.At}, stored{&x.Planned})
}
