package release

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Plan is the release management plan: the definition under its model, with what
// was looked up in the organization and the CMS. Its digest is what the plan gate
// authorizes.
type Plan struct {
	Release    string     `json:"release"`
	Revision   int        `json:"revision"`
	Compiled   time.Time  `json:"compiled"`
	Definition Definition `json:"definition"`
	Model      Model      `json:"model"`
	// Gates are the policies of the gates that ask somebody, with the rules of the
	// model applied. Plans of older histories have none: there the model counts.
	Gates map[string]GatePolicy `json:"gates,omitzero"`
	// Roster is everybody who may act on the release, as known at planning, and
	// Reachable who of them has a contact.
	Roster       []Person             `json:"roster"`
	Reachable    []string             `json:"reachable,omitempty"`
	Environments []PlannedEnvironment `json:"environments"`
	Risk         Risk                 `json:"risk"`
	Conflicts    []Conflict           `json:"conflicts,omitempty"`
	// TestEnvironment is leased while suites run; nil for none.
	TestEnvironment *TestEnvironment `json:"testEnvironment,omitempty"`
	// Rates are what people and machines cost, as known at planning.
	Rates Rates `json:"rates,omitzero"`
	// BuildQueue is the task queue of those who build and test; empty stands for that
	// of all workers.
	BuildQueue string `json:"buildQueue,omitempty"`
	// Edition counts what releases have learned to do since the plan was made; zero in
	// older histories.
	Edition int            `json:"edition,omitempty"`
	Stages  []PlannedStage `json:"stages"`
	Digest  Digest         `json:"digest"`
}

// PlannedEnvironment is a deployment as planned.
type PlannedEnvironment struct {
	Name    string `json:"name"`
	Purpose string `json:"purpose,omitempty"`
	// TaskQueue is that of the workers who reach the targets; empty stands for that
	// of all workers.
	TaskQueue string `json:"taskQueue,omitempty"`
	// Waves are the targets in the order in which they are deployed. Those of a large
	// environment have names only: Inventory is the digest of all of them, as the DML
	// holds them.
	Waves     [][]Target `json:"waves"`
	Inventory Digest     `json:"inventory,omitempty"`
	// Parallel is how many targets are worked on at the same time, Pause how long is
	// waited after each wave, and MayFail how many targets may fail.
	Parallel    int      `json:"parallel,omitempty"`
	Pause       Duration `json:"pause,omitempty"`
	VerifyWaves bool     `json:"verifyWaves,omitempty"`
	MayFail     int      `json:"mayFail,omitempty"`
	// Windows are when changes are allowed there; none means at any time.
	Windows []Window `json:"windows,omitempty"`
	// Previous is what runs there now; nil for a first deployment.
	Previous *Baseline `json:"previous,omitempty"`
	// Changes are what the release changes against what runs there.
	Changes []Change `json:"changes,omitempty"`
	// Opening is when the environment could be changed, seen from the planning.
	Opening Opening `json:"opening"`

	// described are the targets in full, where whoever made this had them.
	described []Target
}

// Targets lists all targets, in the order of the waves.
func (e PlannedEnvironment) Targets() []Target { return slices.Concat(e.Waves...) }

// TargetNames lists their names in the same order.
func (e PlannedEnvironment) TargetNames() []string { return TargetNames(e.Targets()) }

// TargetNames lists the names of targets, in their order.
func TargetNames(targets []Target) []string {
	names := make([]string, len(targets))
	for i, t := range targets {
		names[i] = t.Name
	}
	return names
}

// PlannedStage is a stage with how long it is planned to take; zero means that
// nobody said.
type PlannedStage struct {
	Name     StageName `json:"name"`
	Expected Duration  `json:"expected,omitempty"`
}

// Baseline is what the CMS holds as running in an environment.
type Baseline struct {
	Environment string    `json:"environment"`
	Service     string    `json:"service"`
	Release     string    `json:"release"`
	Version     string    `json:"version"`
	Package     Package   `json:"package"`
	Since       time.Time `json:"since"`
	// Others are the targets that hold something else.
	Others []Holding `json:"others,omitempty"`
}

// Facts is what planning needs to know from outside the definition.
type Facts struct {
	Now       time.Time     `json:"now"`
	Baselines []Baseline    `json:"baselines,omitempty"`
	Open      []OpenRelease `json:"open,omitempty"`
	// Required is what runs of the services that the definition requires.
	Required []Baseline `json:"required,omitempty"`
	// Ended are the outcomes of the service's latest releases, newest first.
	Ended []Outcome `json:"ended,omitempty"`
	// Running are the plans of the packages of the baselines, by the digest of the
	// package; one that cannot be had is not there.
	Running map[Digest]Plan `json:"running,omitempty"`
}

// planEdition is that of the plans that are made today.
const planEdition = 3

// Since tells whether a release under this plan does what was added with an edition
// of plans; the histories of older ones have to go on without.
func (p *Plan) Since(edition int) bool { return p.Edition >= edition }

// Authority says who may act on the release.
func (p *Plan) Authority() Authority {
	return Authority{
		Model: p.Model.Name, Requester: p.Definition.Requester, Manager: p.Definition.Manager,
		Roster: p.Roster, May: p.Model.May,
	}
}

// Gate gives the policy of a gate of this release, and whether anybody is asked.
func (p *Plan) Gate(name string) (GatePolicy, bool) {
	if p.Gates != nil {
		policy, asked := p.Gates[name]
		return policy, asked
	}
	policy := p.Model.Gate(name, p.purpose(name))
	return policy, policy.Asks()
}

// Purposes lists what the environments of the plan are for.
func (p *Plan) Purposes() []string {
	var purposes []string
	for _, e := range p.Environments {
		purposes = append(purposes, e.Purpose)
	}
	return purposes
}

// purpose is that of the environment of a deployment gate.
func (p *Plan) purpose(gate string) string {
	i := slices.IndexFunc(p.Environments, func(e PlannedEnvironment) bool { return DeployGate(e.Name) == gate })
	if i < 0 {
		return ""
	}
	return p.Environments[i].Purpose
}

// Excluded lists who never counts at a gate of this release (ISO/IEC 20000-1 and
// ITIL: segregation of duties).
func (p *Plan) Excluded() []Exclusion {
	excluded := []Exclusion{{Person: p.Definition.Requester, Why: "requested the release and cannot authorize it"}}
	if p.Gates == nil {
		return excluded // as it was when the plan was made
	}
	if p.Definition.Manager != p.Definition.Requester {
		excluded = append(excluded, Exclusion{Person: p.Definition.Manager, Why: "manages the release and cannot authorize it"})
	}
	if b := p.Definition.Builder; b != "" && b != p.Definition.Manager && b != p.Definition.Requester {
		excluded = append(excluded, Exclusion{Person: b, Why: "builds the release and cannot authorize it"})
	}
	return excluded
}

// Environment finds a planned environment by name.
func (p *Plan) Environment(name string) (PlannedEnvironment, bool) {
	i := slices.IndexFunc(p.Environments, func(e PlannedEnvironment) bool { return e.Name == name })
	if i < 0 {
		return PlannedEnvironment{}, false
	}
	return p.Environments[i], true
}

// Compile merges a definition with its model, the organization and the facts into
// a plan, or says everything that is wrong with it. It is the same for the same
// arguments.
func Compile(d Definition, o Organization, f Facts, revision int) (Plan, Problems) {
	problems := d.Check()
	model, found := o.Model(d.Model)
	if !found {
		problems.add("model", "there is no release model %q: use %s", d.Model, names(o.Models, func(m Model) string { return m.Name }))
	}
	problems = append(problems, d.checkAgainst(o)...)
	if found {
		d.checkUnder(model, o, &problems)
	}
	if len(problems) > 0 {
		return Plan{}, problems
	}
	p := Plan{
		Release: ID(d.Service, d.Version), Revision: revision, Compiled: f.Now,
		Definition: d, Model: model, Roster: o.people(), Reachable: o.reachable(),
		TestEnvironment: o.testEnvironment(d.Test.Environment),
		BuildQueue:      o.Builds.TaskQueue, Rates: o.Rates, Edition: planEdition,
	}
	p.Definition.Steps = slices.Clone(d.Steps)
	slices.SortStableFunc(p.Definition.Steps, func(a, b Step) int {
		return slices.Index(StepKinds, a.Kind) - slices.Index(StepKinds, b.Kind)
	})
	for _, e := range d.Environments {
		planned, err := o.planEnvironment(d.Service, e, f)
		if err != nil {
			problems.add("environments", "%v", err)
			return Plan{}, problems
		}
		if planned.Opening, err = o.Opening(e.Name, f.Now, d.overridesFreeze()); err != nil {
			problems.add("environments", "%v", err)
			return Plan{}, problems
		}
		planned.Changes = Compare(f.running(planned.Previous), p, planned)
		p.Environments = append(p.Environments, planned)
	}
	p.Stages = p.stages()
	p.Conflicts = conflicts(p, f)
	p.Risk = assess(p, f)
	if err := p.resolveGates(); err != nil {
		problems.add("model", "%v", err)
		return Plan{}, problems
	}
	if p.checkGates(o, &problems); len(problems) > 0 {
		return Plan{}, problems
	}
	digest, err := p.Content()
	if err != nil {
		problems.add("", "%v", err)
		return Plan{}, problems
	}
	p.Digest = digest
	return p, nil
}

// Content is the digest of everything that an authorization of the plan is about;
// when it was compiled, as which revision, what window was next and what an hour
// costs is not.
func (p Plan) Content() (Digest, error) {
	p.Compiled, p.Revision, p.Digest, p.Roster, p.Reachable, p.Rates = time.Time{}, 0, "", nil, nil, Rates{}
	p.Environments = slices.Clone(p.Environments)
	for i := range p.Environments {
		p.Environments[i].Opening = Opening{}
	}
	return DigestOf(p)
}

// planEnvironment gives a deployment as the organization and the facts would have
// it.
func (o Organization) planEnvironment(service string, e EnvironmentDefinition, f Facts) (PlannedEnvironment, error) {
	env, found := o.Environment(e.Name)
	if !found {
		return PlannedEnvironment{}, fmt.Errorf("there is no environment %q any more: put it back, or withdraw the release", e.Name)
	}
	targets := selected(env.Targets, e.Select)
	planned := PlannedEnvironment{
		Name: e.Name, Purpose: env.Purpose, TaskQueue: env.TaskQueue, Windows: env.Windows,
		Parallel: e.Parallel, Pause: e.Pause, VerifyWaves: e.VerifyWaves, MayFail: e.MayFail.Within(len(targets)),
	}
	if err := planned.of(targets, e.Waves); err != nil {
		return PlannedEnvironment{}, err
	}
	i := slices.IndexFunc(f.Baselines, func(b Baseline) bool { return b.Environment == e.Name && b.Service == service })
	if i >= 0 {
		planned.Previous = &f.Baselines[i]
	}
	return planned, nil
}

func names[T any](items []T, name func(T) string) string {
	list := make([]string, len(items))
	for i, item := range items {
		list[i] = name(item)
	}
	if len(list) == 0 {
		return "(there are none)"
	}
	return strings.Join(list, ", ")
}

// Headline says what the release is, on one line.
func (d Definition) Headline() string {
	headline := fmt.Sprintf("%s %s", d.Service, d.Version)
	if d.Title != "" {
		headline += ": " + d.Title
	}
	return headline
}
