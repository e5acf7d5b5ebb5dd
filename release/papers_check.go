package release

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// checkPapers says what is wrong with what the papers of the package are made of.
func (d Definition) checkPapers(problems *Problems) {
	files := map[string]int{}
	for i, t := range d.Training {
		at := fmt.Sprintf("training[%d].material", i)
		component, file := t.Source()
		first, twice := files[t.File()]
		switch {
		case t.Material == "":
			continue
		case !slices.ContainsFunc(d.Components, func(c Component) bool { return c.Name == component }):
			problems.add(at, "there is no component %q: write COMPONENT/PATH with one of %s", component,
				names(d.Components, func(c Component) string { return c.Name }))
		case !isPathWithin(file):
			problems.add(at, "%q is not the path of a file of the component: write it as in docs/guide.md, without '..'", file)
		case twice && d.Training[first].Material != t.Material:
			problems.add(at, "%s would have the name of the material of training[%d] in the package: give one of the files another name", t.Material, first)
		default:
			files[t.File()] = i
		}
	}
	for i, c := range d.Components {
		for j, part := range c.Dependencies {
			at := fmt.Sprintf("components[%d].dependencies[%d]", i, j)
			if strings.TrimSpace(part.Name) == "" {
				problems.add(at+".name", "it is missing")
			}
			if part.PURL != "" && !strings.HasPrefix(part.PURL, "pkg:") {
				problems.add(at+".purl", "%q is not a package URL: it starts with pkg:, as in pkg:npm/left-pad@1.3.0", part.PURL)
			}
		}
	}
}

// isPathWithin tells whether a path with slashes leads to something below where it
// begins.
func isPathWithin(file string) bool {
	return file == path.Clean(file) && filepath.IsLocal(file) && file != "." && !strings.ContainsAny(file, "\\\x00\n")
}
