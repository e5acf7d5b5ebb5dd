package cms

import (
	"time"

	"slipway/release"
	"slipway/release/figures"
)

func (r *factReader) builds() error {
	var b figures.Build
	return r.each(`
		SELECT w.n, coalesce(t.started, t.at), t.elapsed_ms, t.failure IS NOT NULL
		FROM wanted AS w JOIN builds`+byTime+` ORDER BY w.n, t.number`,
		func(f *figures.Fact) { f.Builds = append(f.Builds, b) }, stored{&b.At}, span{&b.Took}, &b.Failed)
}

func (r *factReader) tests() error {
	var x figures.Test
	return r.each(`
		SELECT w.n, coalesce(t.started, t.at), t.suite, t.elapsed_ms, t.failure IS NOT NULL
		FROM wanted AS w JOIN tests`+byTime+` ORDER BY w.n, t.at, t.key`,
		func(f *figures.Fact) { f.Tests = append(f.Tests, x) }, stored{&x.At}, &x.Suite, span{&x.Took}, &x.Failed)
}

func (r *factReader) steps() error {
	var x figures.StepTime
	return r.each(`
		SELECT w.n, t.environment, sum(t.elapsed_ms)
		FROM wanted AS w JOIN steps`+byTime+` GROUP BY w.n, t.environment ORDER BY w.n, t.environment`,
		func(f *figures.Fact) { f.Steps = append(f.Steps, x) }, &x.Environment, span{&x.Took})
}

// runs reads the deployments that ended, each with its first step: those of its steps were
// noted after the deployment there before. Then it reads those that go on.
func (r *factReader) runs() error {
	var x figures.Run
	keep := func(f *figures.Fact) {
		if x.From.IsZero() {
			x.From = x.To
		}
		f.Runs = append(f.Runs, x)
	}
	err := r.each(`, ended AS (
			SELECT key, at, release, environment, state,
				LAG(at) OVER (PARTITION BY release, environment ORDER BY at, key) AS previous
			FROM deployments
		)
		SELECT w.n, t.environment, t.state, min(s.started), t.at
		FROM wanted AS w JOIN ended`+byTime+`
		LEFT JOIN steps AS s ON s.release = t.release AND s.environment = t.environment
			AND s.at <= t.at AND (t.previous IS NULL OR s.at > t.previous)
		GROUP BY w.n, t.environment, t.state, t.at, t.key ORDER BY w.n, t.at, t.key`,
		keep, &x.Environment, &x.State, stored{&x.From}, stored{&x.To})
	if err != nil {
		return err
	}
	x.State, x.To = "", time.Time{}
	return r.each(`, last AS (SELECT release, environment, max(at) AS at FROM deployments GROUP BY release, environment)
		SELECT w.n, t.environment, min(t.started)
		FROM wanted AS w JOIN steps`+byTime+`
		LEFT JOIN last AS l ON l.release = t.release AND l.environment = t.environment
		WHERE w.closed IS NULL AND t.started IS NOT NULL AND (l.at IS NULL OR t.at > l.at)
		GROUP BY w.n, t.environment ORDER BY w.n, t.environment`,
		keep, &x.Environment, stored{&x.From})
}

// waits reads each wait with those who ended it, a row a person.
func (r *factReader) waits() error {
	var (
		x                 release.Waited
		key, last, person string
	)
	return r.each(`
		SELECT w.n, t.key, t.kind, coalesce(t.gate, ''), coalesce(t.environment, ''), t.needs, t.waited_from, t.waited_to, coalesce(p.person, '')
		FROM wanted AS w JOIN waits`+byStarted+` LEFT JOIN wait_people AS p ON p.key = t.key
		ORDER BY w.n, t.waited_from, t.key, p.position`,
		func(f *figures.Fact) {
			if key != last {
				f.Waits = append(f.Waits, x)
			}
			if last = key; person != "" {
				wait := &f.Waits[len(f.Waits)-1]
				wait.People = append(wait.People, person)
			}
		},
		&key, &x.Kind, &x.Gate, &x.Environment, &x.Needs, stored{&x.Since}, stored{&x.Until}, &person)
}
