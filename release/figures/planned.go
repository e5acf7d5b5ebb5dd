package figures

import (
	"cmp"
	"slices"
	"time"

	"slipway/release"
)

// planned sets plan against actual.
var planned = []measure{
	{Definition{
		ID: "planned-deployments", Title: "Planned and done", Meaning: "environments gone live", Unit: "deployments", Better: Higher,
		Definition: "Of the releases that were closed in the period, in how many environments they went live (a deployment there ended live" +
			" or partly live), whatever became of it later; planned are the environments that they were to go to.",
		Source:  "releases, release_environments, deployments",
		Improve: "Look at what was planned and not done: releases that are rejected or expire late cost the most.",
	}, (*survey).plannedDeployments},
	{Definition{
		ID: "on-time", Title: "Live on time", Meaning: "of what had a date", Unit: "percent", Better: Higher,
		Definition: "Of the times that a closed or reviewed release was verified in an environment in the period, where it was planned when," +
			" the share that were not later than planned.",
		Source:  "went_live",
		Improve: "Plan with what the stages really take, and look at the stages that take longer than planned.",
	}, (*survey).onTime},
	{Definition{
		ID: "delay", Title: "Delay against plan", Meaning: "live after the planned date, mean", Unit: "hours", Better: Lower,
		Definition: "Of the same times, the mean of the hours from the planned time until the release was verified; negative where it was earlier.",
		Source:     "went_live",
		Improve:    "As for what is live on time.",
	}, (*survey).delay},
	{Definition{
		ID: "duration", Title: "Duration", Meaning: "from start to close, mean", Unit: "hours", Better: Lower,
		Definition: "Of the releases that were closed in the period, the mean of the hours from their start to their close. Planned is the mean" +
			" of the hours that their stages were expected to take, each stage once, over those releases of which anything was expected.",
		Source:  "releases, stages",
		Improve: "Compare the stages with their plan, and the time that is spent waiting.",
	}, (*survey).duration},
	{Definition{
		ID: "stages", Title: "Stages against plan", Meaning: "longer than planned, mean", Unit: "hours", Better: Lower,
		Definition: "Of the stages that releases closed in the period went through (each stage of a release once, also when it was entered again," +
			" in each environment), that were expected to take a time and ended, the mean of the hours that they took longer than expected." +
			" By stage: the mean hours planned and actual.",
		Source:  "releases, stages",
		Improve: "Correct the expected times of the release model where they are wrong, and mend the stage that is farthest from its plan.",
	}, (*survey).stages},
}

const (
	plannedName = "planned"
	actualName  = "actual"
)

func (s *survey) plannedDeployments() result {
	samples := s.collect(func(f *Fact, add func(sample)) {
		for _, name := range f.Environments {
			if !s.within(f.Closed) {
				return
			}
			add(sample{at: f.Closed, value: 1, environment: name, name: plannedName})
			if slices.ContainsFunc(f.Runs, func(r Run) bool { return r.Environment == name && live(r) }) {
				add(sample{at: f.Closed, value: 1, environment: name, name: actualName})
			}
		}
	})
	return s.against(samples, sum, byMonth.each(), byEnvironment.each()).orNone(len(samples) > 0)
}

// against makes the value of the actual samples, and series of both.
func (s *survey) against(samples []*sample, work aggregate, by ...grouping) result {
	r := s.over(pick(samples, actualName), work)
	for _, g := range by {
		r.series = append(r.series, s.series(samples, work, g)...)
	}
	return r
}

func pick(samples []*sample, name string) []*sample {
	return keep(samples, func(x *sample) bool { return x.name == name })
}

func (s *survey) onTime() result {
	return s.over(s.dates(func(l release.LiveSince) float64 { return yes(!l.At.After(l.Planned)) }), percent, byMonth, byEnvironment, byService)
}

func (s *survey) delay() result {
	return s.over(s.dates(func(l release.LiveSince) float64 { return l.At.Sub(l.Planned).Hours() }), mean, byMonth, byEnvironment, byService)
}

// dates are the times of going live that were planned.
func (s *survey) dates(value func(release.LiveSince) float64) []*sample {
	return s.collect(func(f *Fact, add func(sample)) {
		for _, l := range f.Live {
			if s.within(l.At) && !l.Planned.IsZero() {
				add(sample{at: l.At, value: value(l), environment: l.Environment})
			}
		}
	})
}

func (s *survey) duration() result {
	samples := s.collect(func(f *Fact, add func(sample)) {
		if !s.within(f.Closed) {
			return
		}
		add(sample{at: f.Closed, value: f.Closed.Sub(f.Started).Hours(), name: actualName})
		var expected time.Duration
		for _, c := range coursesOf(f) {
			expected += c.expected
		}
		if expected > 0 {
			add(sample{at: f.Closed, value: expected.Hours(), name: plannedName})
		}
	})
	return s.against(samples, mean, byMonth.each())
}

func (s *survey) stages() result {
	var over, both []*sample
	for _, f := range s.facts {
		if !s.within(f.Closed) {
			continue
		}
		for _, c := range coursesOf(f) {
			if c.expected == 0 || !c.ended {
				continue
			}
			over = append(over, &sample{of: f, at: f.Closed, value: (c.took - c.expected).Hours()})
			both = append(both,
				&sample{of: f, at: f.Closed, value: c.expected.Hours(), kind: c.kind, name: plannedName},
				&sample{of: f, at: f.Closed, value: c.took.Hours(), kind: c.kind, name: actualName})
		}
	}
	r := s.over(over, mean)
	r.series = s.series(both, mean, grouping{by: "stage", at: func(x *sample) string { return x.kind }, named: true, order: inProcess})
	return r
}

// course is a stage that a release went through, as often as it entered it.
type course struct {
	// name is that of the stage, kind the same without its environment.
	name           release.StageName
	kind           string
	expected, took time.Duration
	// ended tells that it was left each time that it was entered.
	ended bool
}

func coursesOf(f *Fact) []course {
	var all []course
	for _, stage := range f.Stages {
		i := slices.IndexFunc(all, func(c course) bool { return c.name == stage.Name })
		if i < 0 {
			kind, _ := stage.Name.Split()
			i, all = len(all), append(all, course{name: stage.Name, kind: string(kind), ended: true})
		}
		c := &all[i]
		c.expected = max(c.expected, stage.Expected.Std())
		if stage.Ended.IsZero() {
			c.ended = false
			continue
		}
		c.took += stage.Ended.Sub(stage.Started)
	}
	return all
}

// inProcess puts stages in the order of the process.
func inProcess(a, b Point) int {
	place := func(p Point) int {
		if i := slices.Index(release.Stages, release.StageName(p.At)); i >= 0 {
			return i
		}
		return len(release.Stages)
	}
	return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(a.At, b.At))
}
