package activities

import (
	"time"

	"slipway/release"
)

// PlanInput asks for the plan of a definition.
type PlanInput struct {
	Definition release.Definition `json:"definition"`
	Revision   int                `json:"revision"`
	// Known tells that the plan need not repeat a definition that is not changed by it.
	Known bool `json:"known,omitempty"`
}

// OpeningInput asks when an environment may be changed.
type OpeningInput struct {
	Environment    string    `json:"environment"`
	Now            time.Time `json:"now"`
	OverrideFreeze bool      `json:"overrideFreeze,omitempty"`
	// Planned, with its service and what it was planned by, asks too whether the
	// environment is still as planned; nil when that does not matter any more.
	Planned *release.PlannedEnvironment   `json:"planned,omitempty"`
	Service string                        `json:"service,omitempty"`
	Rollout release.EnvironmentDefinition `json:"rollout,omitzero"`
	// Blockers asks too what of other releases is in the way; nil when nothing may be.
	Blockers *release.Blockers `json:"blockers,omitempty"`
}

// OpeningResult is when it may be changed, and what is not as planned.
type OpeningResult struct {
	release.Opening
	Changed string `json:"changed,omitempty"`
	// Blocked is what has to be over first.
	Blocked []release.Conflict `json:"blocked,omitempty"`
}

// Clear tells whether nothing keeps the environment from being changed.
func (r OpeningResult) Clear() bool { return r.Open && r.Changed == "" && len(r.Blocked) == 0 }

// BuildInput asks for build Number of a plan, from these components. The plan is named by
// Of, or is there as a whole: for builders of a task queue of their own, which may not be
// able to ask the release, and in older histories.
type BuildInput struct {
	Plan release.Plan `json:"plan,omitzero"`
	Of   *PlanRef     `json:"of,omitempty"`
	// Prepare asks to check first whether this worker can build.
	Prepare    bool                `json:"prepare,omitempty"`
	Number     int                 `json:"number"`
	Components []release.Component `json:"components"`
}

// PrepareInput asks whether this worker can build these components.
type PrepareInput struct {
	Components []release.Component `json:"components"`
}

// TestInput asks for the evidence of one suite about a package.
type TestInput struct {
	Release   string            `json:"release"`
	Service   string            `json:"service"`
	Version   string            `json:"version"`
	Build     int               `json:"build"`
	Package   release.Package   `json:"package"`
	Suite     release.Suite     `json:"suite"`
	Component release.Component `json:"component"`
	// Environment is the one that is leased meanwhile, if any.
	Environment *release.TestEnvironment `json:"environment,omitempty"`
}

// FollowInput asks to be told when one of the branches has another commit, looking
// that often.
type FollowInput struct {
	Branches []release.Branch `json:"branches"`
	Every    release.Duration `json:"every"`
}

// FollowResult is which of them have another commit, with that; or else why they
// cannot be followed.
type FollowResult struct {
	Newer   []release.Branch `json:"newer,omitempty"`
	Failure string           `json:"failure,omitempty"`
}

// PassInput asks for one step on one wave of targets, or for its back-out there.
type PassInput struct {
	Release     string          `json:"release"`
	Service     string          `json:"service"`
	Version     string          `json:"version"`
	Environment string          `json:"environment"`
	Previous    string          `json:"previous,omitempty"`
	Package     release.Package `json:"package"`
	Pass        release.Pass    `json:"pass"`
	BackOut     bool            `json:"backOut,omitempty"`
	// Attempt names this try of the step: the key of the marks that it leaves on the
	// targets.
	Attempt string `json:"attempt,omitempty"`
	// Parallel is how many targets it works on at the same time; zero stands for 1.
	Parallel int `json:"parallel,omitempty"`
	// Budget is how many targets may fail before the others are left alone.
	Budget int `json:"budget,omitempty"`
	// Inventory is where the DML describes the targets, when the pass has no more
	// than their names.
	Inventory release.Digest `json:"inventory,omitempty"`
	// Outputs are what earlier steps left, as variables by target; those of steps
	// that run once are by "".
	Outputs map[string]map[string]string `json:"outputs,omitempty"`
}

// PassResult is what became of the step in each place of the wave. When those are
// many, Report is where the DML has all that is known of each: then Results are
// those only of which there is more to say than that it went well, and Well is how
// many went well.
type PassResult struct {
	Results []release.StepResult `json:"results,omitempty"`
	Report  *release.Blob        `json:"report,omitempty"`
	Well    int                  `json:"well,omitempty"`
	// Left are targets that were not begun, because the wave was stopped before them.
	Left []string `json:"left,omitempty"`
}

// SettleInput asks what became of a pass in those places of it whose fate is
// unknown; "" is that of a step that runs once.
type SettleInput struct {
	PassInput
	Places []string `json:"places"`
	// Host is the worker that was lost, when that is known.
	Host string `json:"host,omitempty"`
}

// SettleResult is what could be seen: done, failed or not started where that is
// certain, else still unknown.
type SettleResult struct {
	Results []release.StepResult `json:"results"`
}

// PassCheckpoint is what a pass tells in its heartbeats, so that a lost worker
// leaves behind what is known for certain.
type PassCheckpoint struct {
	release.Progress
	// Host is the machine and state folder of the worker that carries it out.
	Host    string               `json:"host,omitempty"`
	Results []release.StepResult `json:"results,omitempty"`
	// Tries is how often a step that may run again was begun, by target.
	Tries map[string]int `json:"tries,omitempty"`
}

// Estate is the targets that something is asked of.
type Estate struct {
	Targets []release.Target `json:"targets"`
	// Inventory is where the DML describes the targets, when there are no more than
	// their names.
	Inventory release.Digest `json:"inventory,omitempty"`
}

// AuditInput asks what targets hold, against what they should hold.
type AuditInput struct {
	When string `json:"when"`
	Estate
	// Version and Content are what every target should hold; empty for nothing.
	Version string         `json:"version,omitempty"`
	Content release.Digest `json:"content,omitempty"`
	// Others are the targets that should hold something else.
	Others []release.Holding `json:"others,omitempty"`
	// Apart gives targets that cannot be looked at on their own, instead of as
	// discrepancies.
	Apart bool `json:"apart,omitempty"`
	// About says in heartbeats what is audited; "audit" with When otherwise.
	About string `json:"about,omitempty"`
}

// AuditResult is a configuration audit.
type AuditResult struct {
	Audit release.Audit `json:"audit"`
	// Unread are the first targets that could not be looked at, MoreUnread how many more
	// there are; they are none of the audit.
	Unread     []release.Unread `json:"unread,omitempty"`
	MoreUnread int              `json:"moreUnread,omitempty"`
}

// VerifyInput asks whether targets serve a version.
type VerifyInput struct {
	Estate
	Verification release.Verification `json:"verification"`
	Version      string               `json:"version"`
	Environment  string               `json:"environment,omitempty"`
}

// VerifyResult lists what does not work; nothing when all is well.
type VerifyResult struct {
	Failures []string `json:"failures,omitempty"`
	Probes   int      `json:"probes"`
}

// WatchInput asks for the probes of early life support.
type WatchInput struct {
	Estate
	Probe   release.Probe `json:"probe"`
	Version string        `json:"version"`
	// Environment is told to probes that are scripts or queries.
	Environment string           `json:"environment,omitempty"`
	Interval    release.Duration `json:"interval"`
	// From is until when the watch before this one has looked. Older histories do not
	// say: there it is one for all the time.
	From  time.Time `json:"from,omitzero"`
	Until time.Time `json:"until"`
	// Carried is what the watch before leaves to this one, and Limit the downtime of a
	// target that is to be told at once; zero stands for none.
	Carried []release.Carried `json:"carried,omitempty"`
	Limit   release.Duration  `json:"limit,omitempty"`
}

// WatchResult is what the probes found.
type WatchResult struct{ release.Sight }

// RecordInput is a batch for the configuration management system.
type RecordInput struct {
	Entries []release.Entry `json:"entries"`
}

// ReadyInput asks whether a deployment is ready to begin.
type ReadyInput struct {
	Estate
	Package release.Package `json:"package"`
	// Roles are groups of which at least one has to have members.
	Roles map[release.Action][]string `json:"roles,omitempty"`
}

// ReadyResult lists what is missing; nothing when all is ready.
type ReadyResult struct {
	Missing []string `json:"missing,omitempty"`
	Checked []string `json:"checked,omitempty"`
}

// ReadinessInput asks what the scripts of items of readiness find in an environment.
type ReadinessInput struct {
	Release     string                  `json:"release"`
	Service     string                  `json:"service"`
	Version     string                  `json:"version"`
	Environment string                  `json:"environment"`
	Previous    string                  `json:"previous,omitempty"`
	Package     release.Package         `json:"package"`
	Items       []release.ReadinessItem `json:"items"`
}

// ReadinessResult is what each of them found.
type ReadinessResult struct {
	Confirmed []release.Confirmation `json:"confirmed"`
}

// LeaseRequest asks an environment to lend itself to a deployment, or gives it
// back.
type LeaseRequest struct {
	Environment string `json:"environment"`
	Holder      string `json:"holder"`
	RunID       string `json:"runId"`
	// Emergency goes before everybody who waits.
	Emergency bool `json:"emergency,omitempty"`
	// Token tells apart the requests of a holder that asks more than once; the
	// environment says it when it grants one. Deployments have none.
	Token string `json:"token,omitempty"`
	// Asked is when it was asked for. Those of older histories do not say, and their
	// holder is not looked after before the next poll.
	Asked time.Time `json:"asked,omitzero"`
	// Baselines are what runs in the environment from then on, when it is given back.
	Baselines []release.BaselineEntry `json:"baselines,omitempty"`
}

// HolderInput asks whether the holder of a lease is still there.
type HolderInput struct {
	Holder string `json:"holder"`
	RunID  string `json:"runId"`
}

// HolderResult tells whether it is.
type HolderResult struct {
	Running bool `json:"running"`
}

// LentInput asks who has an environment.
type LentInput struct {
	Environment string `json:"environment"`
}

// LentResult is who has it; empty when it is free.
type LentResult struct {
	Holder string `json:"holder,omitempty"`
}
