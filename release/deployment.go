package release

import (
	"slices"
	"time"
)

// Pass is one step for one wave of targets: what a single activity carries out.
// Targets is empty for a step that runs once.
type Pass struct {
	Step    Step     `json:"step"`
	Wave    int      `json:"wave"`
	Targets []Target `json:"targets,omitempty"`
}

// Passes lays the steps out over the waves: a run of consecutive per-target steps
// goes through wave after wave, a step that runs once stands by itself.
func Passes(steps []Step, waves [][]Target) []Pass {
	var passes []Pass
	for len(steps) > 0 {
		if steps[0].Per != PerTarget {
			passes = append(passes, Pass{Step: steps[0]})
			steps = steps[1:]
			continue
		}
		run := slices.IndexFunc(steps, func(s Step) bool { return s.Per != PerTarget })
		if run < 0 {
			run = len(steps)
		}
		for i, wave := range waves {
			for _, step := range steps[:run] {
				passes = append(passes, Pass{Step: step, Wave: i + 1, Targets: wave})
			}
		}
		steps = steps[run:]
	}
	return passes
}

// Places lists where the pass runs: the names of its targets, or "" for a step
// that runs once.
func (p Pass) Places() []string {
	if len(p.Targets) == 0 {
		return []string{""}
	}
	return targetNames(p.Targets)
}

// Fate is what became of a step in a place.
type Fate string

// The fates of a step, and of its back-out.
const (
	FateNotStarted Fate = "not-started"
	FateDone       Fate = "done"
	FateFailed     Fate = "failed"
	FateSkipped    Fate = "skipped"
	// FateUnknown: the worker was lost inside the step, so nobody can tell.
	FateUnknown      Fate = "unknown"
	FateUndone       Fate = "undone"
	FateBackOutStuck Fate = "back-out-failed"
)

// StepResult is what became of a step in one place.
type StepResult struct {
	Step string `json:"step"`
	// Target is empty for a step that runs once.
	Target    string     `json:"target,omitempty"`
	Wave      int        `json:"wave,omitempty"`
	Fate      Fate       `json:"fate"`
	Message   string     `json:"message,omitempty"`
	BackOut   bool       `json:"backOut,omitempty"`
	Started   time.Time  `json:"started,omitzero"`
	Elapsed   Duration   `json:"elapsed,omitempty"`
	Execution *Execution `json:"execution,omitempty"`
	// Outputs are what the step left for later ones.
	Outputs map[string]string `json:"outputs,omitempty"`
}

// UndoStack remembers what may have happened, to undo it last in first out. A
// pass is pushed before it is carried out, so that nothing that happened can be
// missing from the stack.
type UndoStack struct {
	Passes []Pass `json:"passes,omitempty"`
}

// Push notes a pass that is about to be carried out.
func (u *UndoStack) Push(p Pass) { u.Passes = append(u.Passes, p) }

// Pop takes the latest pass off; false when nothing is left.
func (u *UndoStack) Pop() (Pass, bool) {
	if len(u.Passes) == 0 {
		return Pass{}, false
	}
	last := u.Passes[len(u.Passes)-1]
	u.Passes = u.Passes[:len(u.Passes)-1]
	return last, true
}

// KeepStarted drops from the latest pass the targets on which the step certainly
// did not start: only what happened is undone.
func (u *UndoStack) KeepStarted(results []StepResult) {
	last, found := u.Pop()
	if !found {
		return
	}
	never := func(target string) bool {
		return slices.ContainsFunc(results, func(r StepResult) bool { return r.Target == target && r.Fate == FateNotStarted })
	}
	if len(last.Targets) == 0 {
		if !never("") {
			u.Push(last)
		}
		return
	}
	last.Targets = slices.DeleteFunc(slices.Clone(last.Targets), func(t Target) bool { return never(t.Name) })
	if len(last.Targets) > 0 {
		u.Push(last)
	}
}

// EnvironmentState is how far an environment is in a release.
type EnvironmentState string

// The states of an environment in a release.
const (
	EnvPlanned     EnvironmentState = "planned"
	EnvWaiting     EnvironmentState = "waiting"
	EnvDeploying   EnvironmentState = "deploying"
	EnvVerifying   EnvironmentState = "verifying"
	EnvLive        EnvironmentState = "live"
	EnvSupported   EnvironmentState = "in early life support"
	EnvBackingOut  EnvironmentState = "backing out"
	EnvBackedOut   EnvironmentState = "backed out"
	EnvUndecided   EnvironmentState = "undecided"
	EnvNotDeployed EnvironmentState = "not deployed"
)

// TargetState is what a target holds, as far as the release knows.
type TargetState string

// The states of a target in a release.
const (
	TargetOld       TargetState = "old"
	TargetNew       TargetState = "new"
	TargetRestored  TargetState = "restored"
	TargetUndecided TargetState = "undecided"
)

// TargetStatus is a target with what it holds.
type TargetStatus struct {
	Name    string      `json:"name"`
	State   TargetState `json:"state"`
	Version string      `json:"version,omitempty"`
	Message string      `json:"message,omitempty"`
}

// DeploymentOrder is what a deployment is asked to do: deploy a package to one
// environment, or, when Undo is set, undo an earlier deployment of it.
type DeploymentOrder struct {
	Release        string             `json:"release"`
	Service        string             `json:"service"`
	Version        string             `json:"version"`
	In             PlannedEnvironment `json:"in"`
	Package        Package            `json:"package"`
	Steps          []Step             `json:"steps"`
	Verification   Verification       `json:"verification"`
	Emergency      bool               `json:"emergency,omitempty"`
	OverrideFreeze bool               `json:"overrideFreeze,omitempty"`
	// LookAgain asks to see, before anything begins, whether the environment is still
	// as it was authorized; WaveSizes are what its waves were made by.
	LookAgain bool  `json:"lookAgain,omitempty"`
	WaveSizes []int `json:"waveSizes,omitempty"`
	// Blockers are looked at with it: what of other releases has to be over first.
	Blockers *Blockers `json:"blockers,omitempty"`
	// ValidUntil is when the authorization lapses if nothing has begun; zero when
	// it does not.
	ValidUntil time.Time `json:"validUntil,omitzero"`
	// Acceptance asks for people to accept after the probes passed.
	Acceptance bool          `json:"acceptance,omitempty"`
	BackOut    BackOutPolicy `json:"backOut"`
	Authority  Authority     `json:"authority"`
	// Undo is set to undo what an earlier deployment did, instead of deploying.
	Undo   *UndoStack `json:"undo,omitempty"`
	Reason string     `json:"reason,omitempty"`
}

// DeploymentStatus is what is known of a deployment, while it goes on and as its
// result.
type DeploymentStatus struct {
	ID          string           `json:"id"`
	Environment string           `json:"environment"`
	State       EnvironmentState `json:"state"`
	Reason      string           `json:"reason,omitempty"`
	Awaiting    []Awaiting       `json:"awaiting,omitempty"`
	Targets     []TargetStatus   `json:"targets"`
	Steps       []StepResult     `json:"steps,omitempty"`
	Audits      []Audit          `json:"audits,omitempty"`
	Stages      []Stage          `json:"stages,omitempty"`
	Acts        []Act            `json:"acts,omitempty"`
	Undo        UndoStack        `json:"undo"`
	// Lapsed says why the authorization does not hold any more, when nothing had
	// begun yet.
	Lapsed string `json:"lapsed,omitempty"`
}

// Audit is a configuration audit: what each target was expected to hold, against
// what it really held.
type Audit struct {
	At   time.Time `json:"at"`
	When string    `json:"when"`
	// Discrepancies is empty when all targets hold what they should.
	Discrepancies []Discrepancy `json:"discrepancies,omitempty"`
	Targets       int           `json:"targets"`
}

// Discrepancy is a target that does not hold what it should.
type Discrepancy struct {
	Target   string `json:"target"`
	Expected string `json:"expected"`
	Found    string `json:"found"`
}
