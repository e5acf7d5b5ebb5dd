package release

import (
	"fmt"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"
)

// Dependency is a service that has to be live where a release goes to, in a version
// within a range, or in exactly one.
type Dependency struct {
	Service string
	// Range is what has to hold for its version, as in ">=2.26.0 <3"; one without an
	// operator is the version itself.
	Range string
}

// ParseDependency reads "billing@>=3.1", or "billing@3.1" for that version alone.
func ParseDependency(text string) (Dependency, error) {
	service, constraint, found := strings.Cut(text, "@")
	d := Dependency{Service: service, Range: strings.TrimSpace(constraint)}
	if !found || !nameForm.MatchString(service) || d.Range == "" {
		return d, fmt.Errorf("%q is not a dependency: write SERVICE@RANGE, as in billing@>=3.1 or billing@3.1", text)
	}
	if d.exact() {
		return d, nil
	}
	if _, err := semver.NewConstraint(d.Range); err != nil {
		return d, fmt.Errorf("%q is not a range of versions: write it with =, !=, >, >=, <, <=, ~ or ^, as in >=3.1 <4", d.Range)
	}
	return d, nil
}

func (d Dependency) exact() bool { return versionForm.MatchString(d.Range) }

// String gives "billing>=3.1", or "billing 3.1".
func (d Dependency) String() string {
	if d.exact() {
		return d.Service + " " + d.Range
	}
	return d.Service + d.Range
}

// MetBy tells whether a version is within the range. One that is no semantic version
// can only be the very one that is asked for.
func (d Dependency) MetBy(version string) bool {
	if d.exact() {
		return version == d.Range
	}
	within, err := semver.NewConstraint(d.Range)
	if err != nil {
		return false // the definition is checked for it
	}
	v, err := semver.NewVersion(version)
	return err == nil && within.Check(v)
}

// unmet lists the dependencies that are not live in an environment, each with an
// open release that brings it there.
func (f Facts) unmet(requires []string, environment string, blocks bool) []Conflict {
	var found []Conflict
	for _, text := range requires {
		d, err := ParseDependency(text)
		if err != nil {
			continue // the definition is checked for it
		}
		runs := "nothing of it"
		i := slices.IndexFunc(f.Required, func(b Baseline) bool { return b.Environment == environment && b.Service == d.Service })
		if i >= 0 {
			runs = f.Required[i].Version
		}
		if i >= 0 && d.MetBy(runs) {
			continue
		}
		c := Conflict{
			Kind: ConflictDependency, Environment: environment, Blocks: blocks,
			Reason: fmt.Sprintf("requires %s in %s, which runs %s", d, environment, runs),
		}
		brings := func(r OpenRelease) bool {
			service, version, err := ParseID(r.ID)
			return err == nil && service == d.Service && d.MetBy(version) && slices.Contains(r.Environments, environment)
		}
		if i := slices.IndexFunc(f.Open, brings); i >= 0 {
			c.Release = f.Open[i].ID
			c.Reason += "; " + c.Release + " is being released"
		}
		found = append(found, c)
	}
	return found
}

// checkOthers notes what is wrong with the releases and services that a definition
// names beside its own.
func (d Definition) checkOthers(problems *Problems) {
	for i, text := range d.Requires {
		if _, err := ParseDependency(text); err != nil {
			problems.add(fmt.Sprintf("requires[%d]", i), "%v", err)
		}
	}
	for i, id := range d.Supersedes {
		at := fmt.Sprintf("supersedes[%d]", i)
		switch service, version, err := ParseID(id); {
		case err != nil:
			problems.add(at, "%v", err)
		case service != d.Service:
			problems.add(at, "%s is of another service: a release supersedes only releases of %s", id, d.Service)
		case version == d.Version:
			problems.add(at, "a release cannot supersede itself: name another version")
		}
	}
}
