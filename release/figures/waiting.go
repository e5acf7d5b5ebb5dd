package figures

import (
	"slices"

	"slipway/release"
)

// waiting is where releases lie still.
var waiting = []measure{
	{Definition{
		ID: "waiting", Title: "Time spent waiting", Meaning: "of all releases together", Unit: "hours", Better: Lower,
		Definition: "The sum of the hours of all waits of a second or longer that ended in the period; waits at the same time count each.",
		Source:     "waits",
		Improve:    "Begin with the kind that waits longest: gates are for people, windows and turns are for the calendar.",
	}, func(s *survey) result { return s.over(s.waits(nil), sum, byMonth, byKind("kind")) }},
	{Definition{
		ID: "waiting-gates", Title: "Waiting at gates", Meaning: "for each opening, mean", Unit: "hours", Better: Lower,
		Definition: "The mean of the hours of the waits at gates that ended in the period, by gate.",
		Source:     "waits",
		Improve:    "Name more voters or delegates, shorten the deadline with an escalation, or merge gates in the release model.",
	}, (*survey).gateWaits},
	{Definition{
		ID: "waiting-windows", Title: "Waiting for windows", Meaning: "and for its turn, mean", Unit: "hours", Better: Lower,
		Definition: "The mean of the hours of the waits for a change window, for the turn in an environment (lease) and for other releases (conflict)" +
			" that ended in the period, by environment and kind.",
		Source:  "waits",
		Improve: "Open more or longer windows in the environment that is waited for longest, and spread releases over them.",
	}, func(s *survey) result {
		return s.over(s.waits(windowKinds), mean, byMonth, byEnvironment.each())
	}},
	{Definition{
		ID: "waiting-people", Title: "Waiting for people", Meaning: "who ended the wait, mean", Unit: "hours", Better: Lower,
		Definition: "The mean of the hours of the waits that ended in the period and that people ended, once for each of those people.",
		Source:     "waits, wait_people",
		Improve:    "Let people vote in each other's place while they are away, and remind them: nobody is slow who was not asked in time.",
	}, (*survey).peopleWaits},
	{Definition{
		ID: "clashes", Title: "Clashes", Meaning: "waits for another release", Unit: "clashes", Better: Lower,
		Definition: "Waits for the turn in an environment that another deployment had (lease), and for another release to be closed or live (conflict)," +
			" that ended in the period, by environment. Nothing is known unless a deployment ended in the period.",
		Source:  "waits, deployments",
		Improve: "Plan the releases of an environment for windows of their own: the calendar shows who goes there when.",
	}, (*survey).clashes},
}

// windowKinds are the waits for the calendar and for others.
var (
	windowKinds = []string{release.WaitWindow, release.WaitLease, release.WaitConflict}
	clashKinds  = []string{release.WaitLease, release.WaitConflict}
)

// waits are those of some kinds, or all, that ended in the period.
func (s *survey) waits(kinds []string) []*sample {
	return s.collect(func(f *Fact, add func(sample)) {
		for _, w := range f.Waits {
			if s.within(w.Until) && (kinds == nil || slices.Contains(kinds, w.Kind)) {
				add(sample{at: w.Until, value: w.Until.Sub(w.Since).Hours(), environment: w.Environment, kind: w.Kind, name: w.Kind})
			}
		}
	})
}

func (s *survey) gateWaits() result {
	samples := s.collect(func(f *Fact, add func(sample)) {
		for _, w := range f.Waits {
			if s.within(w.Until) && w.Kind == release.WaitGate {
				add(sample{at: w.Until, value: w.Until.Sub(w.Since).Hours(), kind: w.Gate})
			}
		}
	})
	return s.over(samples, mean, byMonth, byKind("gate"), byService)
}

func (s *survey) peopleWaits() result {
	samples := s.collect(func(f *Fact, add func(sample)) {
		for _, w := range f.Waits {
			for _, person := range w.People {
				if s.within(w.Until) {
					add(sample{at: w.Until, value: w.Until.Sub(w.Since).Hours(), kind: person})
				}
			}
		}
	})
	return s.over(samples, mean, byMonth, byKind("person"))
}

func (s *survey) clashes() result {
	samples := s.waits(clashKinds)
	for i := range samples {
		samples[i].value = 1
	}
	return s.count(samples, s.known(s.deployed), byMonth, byEnvironment, byKind("kind"), byService)
}
