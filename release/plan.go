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
	// Roster is everybody who may act on the release, as known at planning.
	Roster       []Person             `json:"roster"`
	Environments []PlannedEnvironment `json:"environments"`
	Risk         Risk                 `json:"risk"`
	Conflicts    []Conflict           `json:"conflicts,omitempty"`
	Stages       []PlannedStage       `json:"stages"`
	Digest       Digest               `json:"digest"`
}

// PlannedEnvironment is a deployment as planned.
type PlannedEnvironment struct {
	Name    string `json:"name"`
	Purpose string `json:"purpose,omitempty"`
	// Waves are the targets in the order in which they are deployed.
	Waves [][]Target `json:"waves"`
	// Previous is what runs there now; nil for a first deployment.
	Previous *Baseline `json:"previous,omitempty"`
	// Opening is when the environment could be changed, seen from the planning.
	Opening Opening `json:"opening"`
}

// Targets lists all targets, in the order of the waves.
func (e PlannedEnvironment) Targets() []Target { return slices.Concat(e.Waves...) }

// TargetNames lists their names in the same order.
func (e PlannedEnvironment) TargetNames() []string { return targetNames(e.Targets()) }

func targetNames(targets []Target) []string {
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
}

// Conflict is another open release that touches the same thing.
type Conflict struct {
	Release string `json:"release"`
	Reason  string `json:"reason"`
}

// OpenRelease is a release of the CMS that has not been closed.
type OpenRelease struct {
	ID                 string   `json:"id"`
	ConfigurationItems []string `json:"configurationItems,omitempty"`
	Environments       []string `json:"environments,omitempty"`
}

// Facts is what planning needs to know from outside the definition.
type Facts struct {
	Now       time.Time     `json:"now"`
	Baselines []Baseline    `json:"baselines,omitempty"`
	Open      []OpenRelease `json:"open,omitempty"`
	// Ended are the outcomes of the service's latest releases, newest first.
	Ended []Outcome `json:"ended,omitempty"`
}

// Authority says who may act on the release.
func (p Plan) Authority() Authority {
	return Authority{
		Model: p.Model.Name, Requester: p.Definition.Requester, Manager: p.Definition.Manager,
		Roster: p.Roster, May: p.Model.May,
	}
}

// Gate gives the policy of a gate of this release, and whether anybody is asked.
func (p Plan) Gate(name string) (GatePolicy, bool) {
	purpose := ""
	for _, e := range p.Environments {
		if DeployGate(e.Name) == name {
			purpose = e.Purpose
		}
	}
	return p.Model.Gate(name, purpose)
}

// Environment finds a planned environment by name.
func (p Plan) Environment(name string) (PlannedEnvironment, bool) {
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
		Definition: d, Model: model, Roster: o.Roster,
	}
	p.Definition.Steps = slices.Clone(d.Steps)
	slices.SortStableFunc(p.Definition.Steps, func(a, b Step) int {
		return slices.Index(StepKinds, a.Kind) - slices.Index(StepKinds, b.Kind)
	})
	for _, e := range d.Environments {
		planned, err := planEnvironment(e, d, o, f)
		if err != nil {
			problems.add("environments", "%v", err)
			return Plan{}, problems
		}
		p.Environments = append(p.Environments, planned)
	}
	p.Conflicts = conflicts(p, f)
	p.Risk = assess(p, f)
	p.Stages = p.stages()
	digest, err := p.content()
	if err != nil {
		problems.add("", "%v", err)
		return Plan{}, problems
	}
	p.Digest = digest
	return p, nil
}

// content is the digest of everything that an authorization of the plan is about;
// when it was compiled, as which revision, and what window was next is not.
func (p Plan) content() (Digest, error) {
	p.Compiled, p.Revision, p.Digest, p.Roster = time.Time{}, 0, "", nil
	p.Environments = slices.Clone(p.Environments)
	for i := range p.Environments {
		p.Environments[i].Opening = Opening{}
	}
	return DigestOf(p)
}

func planEnvironment(e EnvironmentDefinition, d Definition, o Organization, f Facts) (PlannedEnvironment, error) {
	env, _ := o.Environment(e.Name)
	override := d.Emergency != nil && d.Emergency.OverrideFreeze != ""
	opening, err := o.Opening(e.Name, f.Now, override)
	if err != nil {
		return PlannedEnvironment{}, err
	}
	planned := PlannedEnvironment{Name: e.Name, Purpose: env.Purpose, Waves: waves(env.Targets, e.Waves), Opening: opening}
	i := slices.IndexFunc(f.Baselines, func(b Baseline) bool { return b.Environment == e.Name && b.Service == d.Service })
	if i >= 0 {
		planned.Previous = &f.Baselines[i]
	}
	return planned, nil
}

// waves cuts the targets into groups of the given sizes, repeating the last size.
func waves(targets []Target, sizes []int) [][]Target {
	var cut [][]Target
	for i := 0; len(targets) > 0; i++ {
		size := len(targets)
		if len(sizes) > 0 {
			size = min(sizes[min(i, len(sizes)-1)], size)
		}
		cut, targets = append(cut, targets[:size]), targets[size:]
	}
	return cut
}

func conflicts(p Plan, f Facts) []Conflict {
	var found []Conflict
	mine := append([]string{p.Definition.Service}, p.Definition.ConfigurationItems...)
	for _, other := range f.Open {
		if other.ID == p.Release {
			continue
		}
		for _, ci := range other.ConfigurationItems {
			if slices.Contains(mine, ci) {
				found = append(found, Conflict{Release: other.ID, Reason: "it changes the same configuration item " + ci})
				break
			}
		}
	}
	return found
}

// stages lists what the release will go through, with the planned durations.
func (p Plan) stages() []PlannedStage {
	list := []StageName{StagePlan, StagePlanGate, StagePrepare}
	if !p.Model.MergeBuildGate {
		list = append(list, StageBuildGate)
	}
	list = append(list, StageBuild, StageTest)
	for _, e := range p.Environments {
		in := []StageName{StageDeployGate, StageReady, StageDeploy, StageVerify}
		if p.Definition.EarlyLifeSupport.Period > 0 {
			in = append(in, StageSupport)
		}
		if slices.Contains(p.Model.HandOverIn, e.Purpose) {
			in = append(in, StageHandOver)
		}
		for _, stage := range in {
			list = append(list, StageIn(stage, e.Name))
		}
	}
	list = append(list, StageReview)
	planned := make([]PlannedStage, len(list))
	for i, name := range list {
		planned[i] = PlannedStage{Name: name, Expected: p.expected(name)}
	}
	return planned
}

// expected is how long a stage is planned to take: as the definition says, or else
// the model; early life support takes its period.
func (p Plan) expected(name StageName) Duration {
	if d, said := p.Definition.Expected[name]; said {
		return d
	}
	stem, _, _ := strings.Cut(string(name), ":")
	if d, said := p.Model.Expected[StageName(stem)]; said {
		return d
	}
	if StageName(stem) == StageSupport {
		return p.Definition.EarlyLifeSupport.Period
	}
	return 0
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
