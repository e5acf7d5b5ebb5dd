package release

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Pass is one step for one wave of targets. Targets is empty for a step that runs
// once.
type Pass struct {
	Step    Step     `json:"step"`
	Wave    int      `json:"wave"`
	Targets []Target `json:"targets,omitempty"`
	// All stands for all targets of the wave but for Except, where the targets are
	// too many to be listed again.
	All    bool     `json:"all,omitempty"`
	Except []string `json:"except,omitempty"`
}

// Places lists where the pass runs: the names of its targets, or "" for a step
// that runs once.
func (p Pass) Places() []string {
	if len(p.Targets) == 0 {
		return []string{""}
	}
	return TargetNames(p.Targets)
}

// Only gives the pass for some of its targets.
func (p Pass) Only(targets ...string) Pass {
	in := SetOf(targets)
	p.Targets = slices.DeleteFunc(slices.Clone(p.Targets), func(t Target) bool { return !in[t.Name] })
	return p
}

// Without gives the pass without some of its targets.
func (p Pass) Without(targets map[string]bool) Pass {
	if len(targets) > 0 {
		p.Targets = slices.DeleteFunc(slices.Clone(p.Targets), func(t Target) bool { return targets[t.Name] })
	}
	return p
}

// batchSize is how many targets one activity works on when they are few, mostInBatch how
// many at most, and batchParallel how many of them at the same time when there are
// several batches. Of many targets a batch is one of so many batches: its own cost, and
// what it may still begin after another one failed, stay a small share of the pass.
const (
	batchSize     = 100
	mostInBatch   = 500
	manyBatches   = 40
	batchParallel = 20
)

// BatchSize is how many targets of the pass one activity works on at most.
func (p Pass) BatchSize() int {
	return min(max(len(p.Targets)/manyBatches, batchSize), mostInBatch)
}

// Batches cuts a pass into what single activities carry out, so many of them at the
// same time, each working on so many targets at the same time. A size of zero is that of
// older histories.
func (p Pass) Batches(parallel, size int) (batches []Pass, atOnce, within int) {
	parallel = max(parallel, 1)
	size = cmp.Or(size, batchSize)
	if len(p.Targets) <= size {
		return []Pass{p}, 1, parallel
	}
	within = min(parallel, batchParallel)
	for targets := range slices.Chunk(p.Targets, size) {
		batch := p
		batch.Targets = targets
		batches = append(batches, batch)
	}
	return batches, (parallel + within - 1) / within, within
}

// Takes is how long a pass may take at most, when so many targets are worked on at
// the same time and a script takes so long.
func (p Pass) Takes(within int, script time.Duration) time.Duration {
	rounds := (max(len(p.Targets), 1) + max(within, 1) - 1) / max(within, 1)
	return time.Duration(rounds*(p.Step.Retries+1)) * script
}

// Layout is how the steps of a deployment and its waves of targets lie to each
// other.
type Layout struct {
	Steps []Step
	Waves [][]Target
}

// Leg is what a deployment does without a rest: all steps in a row for one wave, or
// one step that runs once, whose wave is 0.
type Leg struct {
	Wave   int
	Passes []Pass
}

// In tells whether any of these legs is for the same wave.
func (l Leg) In(others []Leg) bool {
	return slices.ContainsFunc(others, func(o Leg) bool { return o.Wave == l.Wave })
}

// Legs lays the steps out over the waves: a run of consecutive per-target steps
// goes through wave after wave, a step that runs once stands by itself.
func (l Layout) Legs() []Leg {
	var legs []Leg
	for steps := l.Steps; len(steps) > 0; {
		if steps[0].Per != PerTarget {
			legs = append(legs, Leg{Passes: []Pass{{Step: steps[0]}}})
			steps = steps[1:]
			continue
		}
		run := slices.IndexFunc(steps, func(s Step) bool { return s.Per != PerTarget })
		if run < 0 {
			run = len(steps)
		}
		for i, wave := range l.Waves {
			leg := Leg{Wave: i + 1}
			for _, step := range steps[:run] {
				leg.Passes = append(leg.Passes, Pass{Step: step, Wave: i + 1, Targets: wave})
			}
			legs = append(legs, leg)
		}
		steps = steps[run:]
	}
	return legs
}

// brief gives a pass as it is remembered: its step by name, and its targets by
// their wave.
func (l Layout) brief(p Pass) Pass {
	if slices.ContainsFunc(l.Steps, func(s Step) bool { return s.Name == p.Step.Name }) {
		p.Step = Step{Name: p.Step.Name}
	}
	if p.Wave < 1 || p.Wave > len(l.Waves) {
		return p
	}
	in := SetOf(TargetNames(p.Targets))
	var except []string
	for _, t := range l.Waves[p.Wave-1] {
		if !in[t.Name] {
			except = append(except, t.Name)
		}
	}
	if len(except) < len(p.Targets) {
		p.Targets, p.All, p.Except = nil, true, except
	}
	return p
}

// whole gives a pass that is remembered as it was.
func (l Layout) whole(p Pass) Pass {
	if i := slices.IndexFunc(l.Steps, func(s Step) bool { return s.Name == p.Step.Name }); i >= 0 {
		p.Step = l.Steps[i]
	}
	if p.All && p.Wave >= 1 && p.Wave <= len(l.Waves) {
		p.Targets = l.Waves[p.Wave-1]
		p = p.Without(SetOf(p.Except))
		p.All, p.Except = false, nil
	}
	return p
}

// SetOf gives names as a set.
func SetOf(names []string) map[string]bool {
	all := make(map[string]bool, len(names))
	for _, name := range names {
		all[name] = true
	}
	return all
}

// OutputVariable is the variable by which later steps read what a step left under a
// name: "MIGRATE_SCHEMA" for SCHEMA of step migrate.
func OutputVariable(step, name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, strings.ToUpper(step)) + "_" + name
}
