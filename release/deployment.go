package release

import "time"

// EnvironmentState is how far an environment is in a release.
type EnvironmentState string

// The states of an environment in a release.
const (
	EnvPlanned   EnvironmentState = "planned"
	EnvWaiting   EnvironmentState = "waiting"
	EnvDeploying EnvironmentState = "deploying"
	EnvVerifying EnvironmentState = "verifying"
	EnvLive      EnvironmentState = "live"
	// EnvPartly: the deployment was stopped, and what policy leaves alone stays live.
	EnvPartly      EnvironmentState = "partly live"
	EnvSupported   EnvironmentState = "in early life support"
	EnvBackingOut  EnvironmentState = "backing out"
	EnvBackedOut   EnvironmentState = "backed out"
	EnvUndecided   EnvironmentState = "undecided"
	EnvNotDeployed EnvironmentState = "not deployed"
	// EnvReplaced: another release runs there by now, so that nothing was undone.
	EnvReplaced EnvironmentState = "replaced"
)

// Live tells whether the release runs there, at least on some targets.
func (s EnvironmentState) Live() bool { return s == EnvLive || s == EnvPartly || s == EnvSupported }

// TargetState is what a target holds, as far as the release knows.
type TargetState string

// The states of a target in a release.
const (
	TargetOld       TargetState = "old"
	TargetNew       TargetState = "new"
	TargetRestored  TargetState = "restored"
	TargetUndecided TargetState = "undecided"
	// TargetReplaced: another release was deployed there since.
	TargetReplaced TargetState = "replaced"
)

// TargetStatus is a target with what it holds.
type TargetStatus struct {
	Name    string      `json:"name"`
	State   TargetState `json:"state"`
	Version string      `json:"version,omitempty"`
	Message string      `json:"message,omitempty"`
}

// Count gives how many targets are in a state.
func (s DeploymentStatus) Count(state TargetState) (n int) {
	for _, t := range s.Targets {
		if t.State == state {
			n++
		}
	}
	return n
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
	// MayOverrideFreeze lets people override a freeze while the deployment waits.
	MayOverrideFreeze bool `json:"mayOverrideFreeze,omitempty"`
	// LookAgain asks to see, before anything begins, whether the environment is still
	// as it was authorized; Rollout is what its waves were made by (in orders of
	// before, only the sizes of its waves are known).
	LookAgain bool                  `json:"lookAgain,omitempty"`
	Rollout   EnvironmentDefinition `json:"rollout,omitzero"`
	WaveSizes []Share               `json:"waveSizes,omitempty"`
	// Blockers are looked at with it: what of other releases has to be over first.
	Blockers *Blockers `json:"blockers,omitempty"`
	// Readiness is what has to be there before it begins, with what people confirmed
	// early. Orders of older histories have none: there "done" about a check accepts
	// what it found.
	Readiness *Readiness `json:"readiness,omitempty"`
	// ValidUntil is when the authorization lapses if nothing has begun; zero when
	// it does not.
	ValidUntil time.Time `json:"validUntil,omitzero"`
	// Acceptance asks for people to accept after the probes passed.
	Acceptance bool          `json:"acceptance,omitempty"`
	BackOut    BackOutPolicy `json:"backOut"`
	Authority  Authority     `json:"authority"`
	// Edition is by which rules it is carried out, so that one that began under
	// earlier ones ends under them: see Since.
	Edition int `json:"edition,omitempty"`
	// Undo is set to undo what an earlier deployment did, instead of deploying.
	Undo *UndoStack `json:"undo,omitempty"`
	// Aside are, when something is undone, the targets that it never reached.
	Aside  []string `json:"aside,omitempty"`
	Reason string   `json:"reason,omitempty"`
}

// Edition is that of the orders that are given today.
const Edition = 3

// Since tells whether the deployment is carried out by the rules that came with an
// edition; docs/architecture.md lists them.
func (o DeploymentOrder) Since(edition int) bool { return o.Edition >= edition }

// Baseline is what runs in the environment from a time on, if all went as ordered.
func (o DeploymentOrder) Baseline(since time.Time) *Baseline {
	return &Baseline{
		Environment: o.In.Name, Service: o.Service, Release: o.Release, Version: o.Version, Package: o.Package, Since: since,
	}
}

// Runs says what runs in the environment after the deployment; nil when that did not
// change, as far as is known.
func (o DeploymentOrder) Runs(s DeploymentStatus) *BaselineEntry {
	if s.State != EnvLive || len(s.Stages) == 0 {
		return s.Baseline
	}
	live := o.Baseline(s.Stages[len(s.Stages)-1].Ended).After(o.In.Previous, s.Targets)
	return &BaselineEntry{Environment: o.In.Name, Service: o.Service, Baseline: live}
}

// Layout is how the order's steps and targets lie to each other.
func (o DeploymentOrder) Layout() Layout { return Layout{Steps: o.Steps, Waves: o.In.Waves} }

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
	Readiness   []Confirmation   `json:"readiness,omitempty"`
	Stages      []Stage          `json:"stages,omitempty"`
	Acts        []Act            `json:"acts,omitempty"`
	// Waits are those that are over.
	Waits []Waited  `json:"waits,omitempty"`
	Undo  UndoStack `json:"undo"`
	// Aside says of each target that the deployment went on without, why.
	Aside []string `json:"aside,omitempty"`
	// Override is who overrode freezes while the deployment waited, and why.
	Override *Act `json:"override,omitempty"`
	// Lapsed says why the authorization does not hold any more, when nothing had
	// begun yet.
	Lapsed string `json:"lapsed,omitempty"`
	// Lent tells that it had its environment until its end, which its release gives back.
	// Baseline is what runs there then when the deployment is not live: see Runs.
	Lent     bool           `json:"lent,omitempty"`
	Baseline *BaselineEntry `json:"baseline,omitempty"`
}

// Audit is a configuration audit: what each target was expected to hold, against
// what it really held.
type Audit struct {
	At   time.Time `json:"at"`
	When string    `json:"when"`
	// Discrepancies is empty when all targets hold what they should.
	Discrepancies []Discrepancy `json:"discrepancies,omitempty"`
	// Unlisted is how many more discrepancies there are than are listed.
	Unlisted int `json:"unlisted,omitempty"`
	Targets  int `json:"targets"`
	// Accepted is set when somebody accepted the discrepancies.
	Accepted *Acceptance `json:"accepted,omitempty"`
}

// Found is how many discrepancies there are, listed or not.
func (a Audit) Found() int { return len(a.Discrepancies) + a.Unlisted }

// Acceptance says who accepted that a check did not hold, why and when.
type Acceptance struct {
	By     string    `json:"by"`
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
}

// The occasions of audits.
const (
	AuditBefore       = "before"
	AuditAfter        = "after"
	AuditAfterBackOut = "after the back-out"
)

// Discrepancy is a target that does not hold what it should.
type Discrepancy struct {
	Target   string `json:"target"`
	Expected string `json:"expected"`
	Found    string `json:"found"`
}
