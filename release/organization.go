package release

import (
	"fmt"
	"slices"
)

// Organization is what the organization, not the requester, decides: who people
// are, which environments and targets exist, when they may be changed, and
// under which models releases run. It belongs to the worker's configuration.
type Organization struct {
	Roster []Person `json:"roster"`
	// Delegations say who votes in whose place, and when.
	Delegations []Delegation `json:"delegations,omitempty"`
	// Workers are those whose attestations are trusted.
	Workers []Signer `json:"workers,omitempty"`
	// Sources are the places from which components may be taken, and no others.
	Sources []SourcePlace `json:"sources,omitempty"`
	// Builds says where is built and tested.
	Builds       Builds        `json:"builds,omitzero"`
	Environments []Environment `json:"environments"`
	// Inventory names files, relative to the configuration, that list environments and
	// targets; whoever reads the configuration adds them to Environments.
	Inventory []string `json:"inventory,omitempty"`
	Freezes   []Freeze `json:"freezes,omitempty"`
	// Calendar says who may change windows and freezes while releases run.
	Calendar CalendarPolicy `json:"calendar,omitzero"`
	// Rates are what people and machines cost.
	Rates Rates `json:"rates,omitzero"`
	// ProcedureReviews are when these rules were looked over.
	ProcedureReviews []ProcedureReview `json:"procedureReviews,omitempty"`
	// Models come on top of the shipped ones and replace those of the same name.
	Models []Model `json:"models,omitempty"`
}

// Environment is where releases are deployed: a set of targets with a purpose
// and its change windows.
type Environment struct {
	Name string `json:"name"`
	// Purpose is one of the standard ones, or the organization's own word.
	Purpose string `json:"purpose,omitempty"`
	// TaskQueue is polled by the workers that reach the targets, say inside a
	// network zone; empty stands for the queue of all workers.
	TaskQueue string   `json:"taskQueue,omitempty"`
	Targets   []Target `json:"targets"`
	// Windows are when changes are allowed; none means at any time.
	Windows []Window `json:"windows,omitempty"`
}

// Target is a place that runs the service. It has either a Folder, on the machine
// of the worker that serves the environment, or an Address.
type Target struct {
	Name string `json:"name"`
	// Folder holds the target's releases and the link "current".
	Folder string `json:"folder,omitempty"`
	// Address is where else the target is: ssh://USER@HOST:PORT/FOLDER, or
	// http(s)://… of an outside deployer that acts for it.
	Address string `json:"address,omitempty"`
	// Labels are what definitions select targets by.
	Labels map[string]string `json:"labels,omitempty"`
	// URL is where the service on this target answers.
	URL string            `json:"url,omitempty"`
	Env map[string]string `json:"env,omitempty"`
}

// Person finds somebody by id.
func (o Organization) Person(id string) (Person, bool) {
	i := slices.IndexFunc(o.Roster, func(p Person) bool { return p.ID == id })
	if i < 0 {
		return Person{}, false
	}
	return o.Roster[i], true
}

// Environment finds an environment by name.
func (o Organization) Environment(name string) (Environment, bool) {
	i := slices.IndexFunc(o.Environments, func(e Environment) bool { return e.Name == name })
	if i < 0 {
		return Environment{}, false
	}
	return o.Environments[i], true
}

// EnvironmentNames lists the environments, in their order.
func (o Organization) EnvironmentNames() []string {
	all := make([]string, len(o.Environments))
	for i, e := range o.Environments {
		all[i] = e.Name
	}
	return all
}

// Model finds a release model by name.
func (o Organization) Model(name string) (Model, bool) {
	i := slices.IndexFunc(o.Models, func(m Model) bool { return m.Name == name })
	if i < 0 {
		return Model{}, false
	}
	return o.Models[i], true
}

// WithModels gives the organization with these models beside its own; its own
// win over those of the same name.
func (o Organization) WithModels(shipped []Model) Organization {
	models := slices.Clone(o.Models)
	for _, m := range shipped {
		if _, own := o.Model(m.Name); !own {
			models = append(models, m)
		}
	}
	o.Models = models
	return o
}

// Groups lists the groups that have members, sorted.
func (o Organization) Groups() []string {
	var groups []string
	for _, p := range o.Roster {
		groups = append(groups, p.Groups...)
	}
	slices.Sort(groups)
	return slices.Compact(groups)
}

// Check says what is wrong with the organization's configuration, or nil.
func (o Organization) Check() Problems {
	var problems Problems
	o.checkPeople(&problems)
	o.checkSources(&problems)
	unique(&problems, "environments", o.Environments, func(e Environment) string { return e.Name })
	unique(&problems, "models", o.Models, func(m Model) string { return m.Name })
	for i, e := range o.Environments {
		e.check(fmt.Sprintf("environments[%d]", i), &problems)
	}
	for i, f := range o.Freezes {
		if !f.From.Before(f.To) {
			problems.add(fmt.Sprintf("freezes[%d]", i), "it ends (%s) before it begins (%s)", f.To, f.From)
		}
	}
	o.Calendar.check(o, &problems)
	o.Rates.check(o, &problems)
	o.checkReviews(&problems)
	for i, m := range o.Models {
		m.check(fmt.Sprintf("models[%d]", i), o, &problems)
	}
	return problems
}

func (e Environment) check(at string, problems *Problems) {
	if meant := misspelledPurpose(e.Purpose); meant != "" {
		problems.add(at+".purpose", "%q looks like the purpose %q: write that, or a word that differs more", e.Purpose, meant)
	}
	if len(e.Targets) == 0 {
		problems.add(at+".targets", "an environment needs at least one target")
	}
	unique(problems, at+".targets", e.Targets, func(t Target) string { return t.Name })
	for i, t := range e.Targets {
		t.check(fmt.Sprintf("%s.targets[%d]", at, i), problems)
	}
	for i, w := range e.Windows {
		if err := w.check(); err != nil {
			problems.add(fmt.Sprintf("%s.windows[%d]", at, i), "%v", err)
		}
	}
}

// unique notes names that are not well formed or stand twice in a list.
func unique[T any](problems *Problems, at string, items []T, name func(T) string) {
	seen := map[string]int{}
	for i, item := range items {
		path, n := fmt.Sprintf("%s[%d]", at, i), name(item)
		if !nameForm.MatchString(n) {
			problems.add(path, "%q is not a name: use lower-case letters, digits, '.', '_' and '-'", n)
			continue
		}
		if first, twice := seen[n]; twice {
			problems.add(path, "%q is already used by %s[%d]", n, at, first)
			continue
		}
		seen[n] = i
	}
}
