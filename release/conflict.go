package release

import (
	"slices"
	"strings"
	"time"
)

// Conflict is another open release that gets into the way of this one, or a
// dependency that is not live.
type Conflict struct {
	// Kind is empty in plans of older histories, which knew only the first kind.
	Kind ConflictKind `json:"kind,omitempty"`
	// Release is the other one; empty for a dependency that no open release brings.
	Release string `json:"release"`
	// Environment is where; empty for a conflict that holds everywhere.
	Environment string `json:"environment,omitempty"`
	Reason      string `json:"reason"`
	// Blocks tells that the deployment waits as long as it holds.
	Blocks bool `json:"blocks,omitempty"`
	// Over is when the other release was closed.
	Over time.Time `json:"over,omitzero"`
}

// ConflictKind says by what releases get into each other's way.
type ConflictKind string

// The kinds of conflict.
const (
	// ConflictCI: both change the same configuration item.
	ConflictCI ConflictKind = "ci"
	// ConflictEnvironment: both go to the same environment.
	ConflictEnvironment ConflictKind = "environment"
	// ConflictWindow: both are planned there for the same time.
	ConflictWindow ConflictKind = "window"
	// ConflictDependency: what the release requires is not live there.
	ConflictDependency ConflictKind = "dependency"
)

// ConflictKinds lists them.
var ConflictKinds = []ConflictKind{ConflictCI, ConflictEnvironment, ConflictWindow, ConflictDependency}

// Effect is what a conflict does to a release.
type Effect string

// The effects of conflicts: people are told, or the deployment waits too.
const (
	Warn  Effect = "warn"
	Block Effect = "block"
)

// With names the other release for a title: " with billing@3.1", or nothing.
func (c Conflict) With() string { return when(c.Release != "", " with "+c.Release) }

// Text says what the conflict is and what it does.
func (c Conflict) Text() string {
	text := c.Reason + when(c.Blocks, "; the deployment waits until this is over")
	return text + when(!c.Over.IsZero(), "; over since "+clock(c.Over))
}

// OpenRelease is a release of the CMS that has not been closed.
type OpenRelease struct {
	ID                 string    `json:"id"`
	Started            time.Time `json:"started,omitzero"`
	ConfigurationItems []string  `json:"configurationItems,omitempty"`
	Environments       []string  `json:"environments,omitempty"`
	// Slots are when it is planned to deploy, as far as that is known.
	Slots []Slot `json:"slots,omitempty"`
}

// Touches tells whether an open release has anything to do with a definition.
func (r OpenRelease) Touches(d Definition) bool {
	return r.sameItem(d) != "" || slices.ContainsFunc(d.Environments, func(e EnvironmentDefinition) bool {
		return slices.Contains(r.Environments, e.Name)
	})
}

// sameItem gives a configuration item that both change, or "".
func (r OpenRelease) sameItem(d Definition) string {
	mine := d.Items()
	i := slices.IndexFunc(r.ConfigurationItems, func(ci string) bool { return slices.Contains(mine, ci) })
	if i < 0 {
		return ""
	}
	return r.ConfigurationItems[i]
}

// Slot is when a deployment to an environment is planned.
type Slot struct {
	Environment string    `json:"environment"`
	From        time.Time `json:"from"`
	Until       time.Time `json:"until"`
}

// Slots are when the deployments are planned, seen from the planning, as far as that
// can be told: in the next opening, once the stages before have taken as long as
// they are expected to.
func (p *Plan) Slots() []Slot {
	var slots []Slot
	for _, e := range p.Environments {
		from, until := p.Compiled, e.Opening.Until
		if e.Opening.At.IsZero() {
			continue
		}
		var takes Duration
		for _, s := range p.Stages {
			switch s.Name {
			case StageIn(StageReady, e.Name), StageIn(StageDeploy, e.Name), StageIn(StageVerify, e.Name):
				takes += s.Expected
			default:
				if takes == 0 {
					from = from.Add(s.Expected.Std())
				}
			}
		}
		if from.Before(e.Opening.At) {
			from = e.Opening.At
		}
		if until.IsZero() {
			until = from.Add(takes.Std())
		}
		if from.Before(until) { // else the opening is over by then
			slots = append(slots, Slot{Environment: e.Name, From: from, Until: until})
		}
	}
	return slots
}

// conflicts lists what gets into the way of a plan. Among open releases only the
// one that was there first may block: two never wait for each other.
func conflicts(p Plan, f Facts) []Conflict {
	var found []Conflict
	slots := p.Slots()
	for _, other := range f.Open {
		if other.ID != p.Release {
			found = append(found, p.conflictsWith(other, slots, f.earlier(other, p.Release))...)
		}
	}
	for _, e := range p.Environments {
		found = append(found, f.unmet(p.Definition.Requires, e.Name, p.blocks(ConflictDependency))...)
	}
	return found
}

func (p *Plan) conflictsWith(other OpenRelease, slots []Slot, earlier bool) []Conflict {
	var found []Conflict
	add := func(kind ConflictKind, environment, reason string) {
		found = append(found, Conflict{
			Kind: kind, Release: other.ID, Environment: environment, Reason: reason, Blocks: earlier && p.blocks(kind),
		})
	}
	if ci := other.sameItem(p.Definition); ci != "" {
		add(ConflictCI, "", "it changes the same configuration item "+ci)
	}
	for _, e := range p.Environments {
		if !slices.Contains(other.Environments, e.Name) {
			continue
		}
		add(ConflictEnvironment, e.Name, "it goes to "+e.Name+" too")
		for _, mine := range slots {
			for _, its := range other.Slots {
				if mine.Environment == e.Name && its.Environment == e.Name && mine.From.Before(its.Until) && its.From.Before(mine.Until) {
					add(ConflictWindow, e.Name, "it is planned for "+e.Name+" at the same time")
				}
			}
		}
	}
	return found
}

func (p *Plan) blocks(kind ConflictKind) bool { return p.Model.Conflicts[kind] == Block }

// earlier tells whether an open release was started before the one of an id, which
// the CMS may not know yet.
func (f Facts) earlier(other OpenRelease, id string) bool {
	for _, r := range slices.Backward(f.Open) {
		if r.ID == id {
			return other.Started.Before(r.Started)
		}
	}
	return true
}

// Rivals lists the other releases that conflicts are with, each once.
func Rivals(all []Conflict) []string {
	var ids []string
	for _, c := range all {
		if c.Release != "" && !slices.Contains(ids, c.Release) {
			ids = append(ids, c.Release)
		}
	}
	return ids
}

// Mirror gives the conflicts of a plan with another release as that one sees them.
// It gives nothing of plans of older histories, which tell nobody.
func (p *Plan) Mirror(other string) []Conflict {
	var seen []Conflict
	for _, c := range p.Conflicts {
		if c.Release != other || c.Kind == "" {
			continue
		}
		if c.Kind == ConflictDependency {
			c.Reason = "it depends on this release: " + c.Reason
		}
		c.Release, c.Blocks = p.Release, false
		seen = append(seen, c)
	}
	return seen
}

// Blockers is what a deployment looks after before it begins.
type Blockers struct {
	// Requires are the dependencies that have to be live.
	Requires []string `json:"requires,omitempty"`
	// Behind are conflicts with releases that have to be closed first.
	Behind []Conflict `json:"behind,omitempty"`
}

// Blockers gives what keeps the deployment to an environment waiting as long as it
// holds; nil when nothing may.
func (p *Plan) Blockers(environment string) *Blockers {
	var b Blockers
	if p.blocks(ConflictDependency) {
		b.Requires = p.Definition.Requires
	}
	for _, c := range p.Conflicts {
		if c.Blocks && c.Kind != ConflictDependency && (c.Environment == "" || c.Environment == environment) {
			b.Behind = append(b.Behind, c)
		}
	}
	if len(b.Requires)+len(b.Behind) == 0 {
		return nil
	}
	return &b
}

// Holding gives those blockers that still hold in an environment.
func (b Blockers) Holding(environment string, f Facts) []Conflict {
	holding := f.unmet(b.Requires, environment, true)
	for _, c := range b.Behind {
		if slices.ContainsFunc(f.Open, func(r OpenRelease) bool { return r.ID == c.Release }) {
			holding = append(holding, c)
		}
	}
	return holding
}

// Waits says in one line what conflicts keep somebody waiting for.
func Waits(holding []Conflict) string {
	var lines []string
	for _, c := range holding {
		line := c.Reason
		if c.Kind != ConflictDependency {
			line = c.Release + " to be closed: " + line
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return strings.Join(slices.Compact(lines), "; ")
}
