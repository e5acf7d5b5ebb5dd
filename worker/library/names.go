package library

import (
	"slices"

	"slipway/activities/driver/dml"
)

// The segments of a library.
const (
	Packages = dml.Packages
	Sources  = dml.Sources
	Evidence = dml.Evidence
)

// Segments lists them.
func Segments() []string { return []string{Packages, Sources, Evidence} }

// Known is a name by which something can be asked for.
type Known struct{ Name, About string }

// Names lists the tags of packages and the ids of their releases.
func (c *Contents) Names() []Known {
	var names []Known
	for _, i := range packages(c.items) {
		of := dml.Describe(i.Artifact).Release
		if of != "" && !slices.ContainsFunc(names, func(k Known) bool { return k.Name == of }) {
			names = append(names, Known{of, "release"})
		}
		for _, tag := range i.Tags {
			names = append(names, Known{tag, "package of " + of})
		}
	}
	return names
}
