package figures

import (
	"slices"
	"time"
)

// quality is how well releases are made, and how well what runs is known.
var quality = []measure{
	{Definition{
		ID: "rework", Title: "Rework", Meaning: "build attempts per release", Unit: "builds", Better: Lower,
		Definition: "Of the releases whose first build began in the period, the mean of how often they were built, whether it failed or not.",
		Source:     "builds",
		Improve:    "Run the suites that fail most before the release is started, and pin components to revisions that were tested.",
	}, (*survey).rework},
	{Definition{
		ID: "failing-suites", Title: "Failing test runs", Meaning: "runs of suites that failed", Unit: "percent", Better: Lower,
		Definition: "Of the runs of test suites that began in the period, the share that failed.",
		Source:     "tests",
		Improve:    "Look at the suite that fails most: either it finds what should be found earlier, or it is not reliable.",
	}, (*survey).failingSuites},
	{Definition{
		ID: "targets-met", Title: "Performance targets met", Meaning: "of those that were measured", Unit: "percent", Better: Higher,
		Definition: "Of the performance targets in the plans of the releases that were closed in the period, where something was measured," +
			" the share that were met.",
		Source:  "performance",
		Improve: "Promise what was reached before, and look at the measure that is missed most.",
	}, (*survey).targetsMet},
	{Definition{
		ID: "discrepancies", Title: "Audit discrepancies", Meaning: "found in configuration audits", Unit: "discrepancies", Better: Lower,
		Definition: "What configuration audits of the releases found in the period: targets that did not hold what they should, each once for a release," +
			" an environment and an occasion, however often they were looked at, and the largest number of unlisted ones with them." +
			" Nothing is known unless there was an audit in the period.",
		Source:  "audits, discrepancies",
		Improve: "Find out who changes targets past Slipway, and audit environments between releases.",
	}, (*survey).discrepancies},
	{Definition{
		ID: "assets", Title: "Assets touched", Meaning: "introduced, changed and retired", Unit: "assets",
		Definition: "Components, files and declared assets that releases introduced, changed and retired, as counted in the period when the release went live;" +
			" each release once, by the environment in which it was counted last. Kinds that could not be counted are left out.",
		Source:  "asset_reports, asset_counts",
		Improve: "Neither more nor fewer is better by itself: releases that touch much carry more risk.",
	}, (*survey).assets},
}

func (s *survey) rework() result {
	samples := s.collect(func(f *Fact, add func(sample)) {
		var first time.Time
		for _, b := range f.Builds {
			if first.IsZero() || b.At.Before(first) {
				first = b.At
			}
		}
		if s.within(first) {
			add(sample{at: first, value: float64(len(f.Builds))})
		}
	})
	return s.over(samples, mean, byMonth, byService)
}

func (s *survey) failingSuites() result {
	samples := s.collect(func(f *Fact, add func(sample)) {
		for _, t := range f.Tests {
			if s.within(t.At) {
				add(sample{at: t.At, value: yes(t.Failed), kind: t.Suite})
			}
		}
	})
	return s.over(samples, percent, byMonth, byKind("suite"), byService)
}

func (s *survey) targetsMet() result {
	samples := s.collect(func(f *Fact, add func(sample)) {
		for _, t := range f.Targets {
			if s.within(f.Closed) && t.Actual != nil {
				add(sample{at: f.Closed, value: yes(t.Met), kind: string(t.Measure)})
			}
		}
	})
	return s.over(samples, percent, byMonth, byKind("measure"), byService)
}

func (s *survey) discrepancies() result {
	samples := s.collect(func(f *Fact, add func(sample)) {
		type occasion struct{ environment, on string }
		seen, unlisted := map[[3]string]bool{}, map[occasion]int{}
		for _, a := range f.Audits {
			if !s.within(a.At) {
				continue
			}
			found := sample{at: a.At, value: 1, environment: a.Environment, kind: a.Occasion}
			for _, target := range a.Targets {
				if place := [3]string{a.Environment, a.Occasion, target}; !seen[place] {
					seen[place] = true
					add(found)
				}
			}
			on := occasion{a.Environment, a.Occasion}
			for range a.Unlisted - unlisted[on] {
				add(found)
			}
			unlisted[on] = max(unlisted[on], a.Unlisted)
		}
	})
	return s.count(samples, s.known(s.audited), byMonth, byKind("occasion"), byEnvironment, byService)
}

func (s *survey) assets() result {
	samples := s.collect(func(f *Fact, add func(sample)) {
		counted := keep(f.Assets, func(a AssetCount) bool { return s.within(a.At) })
		if len(counted) == 0 {
			return
		}
		last := slices.MaxFunc(counted, func(a, b AssetCount) int { return a.At.Compare(b.At) })
		for _, a := range counted {
			if a.Environment != last.Environment || !a.At.Equal(last.At) {
				continue
			}
			for name, n := range map[string]int{"introduced": a.Introduced, "changed": a.Changed, "retired": a.Retired} {
				if n > 0 {
					add(sample{at: a.At, value: float64(n), kind: a.Kind, name: name})
				}
			}
		}
	})
	counted := s.known(func(f *Fact) bool {
		return slices.ContainsFunc(f.Assets, func(a AssetCount) bool { return s.within(a.At) })
	})
	return s.count(samples, counted, byMonth.each(), byKind("kind").each())
}
