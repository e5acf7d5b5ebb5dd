package release

import (
	"fmt"
	"slices"
)

// Branch is a branch of a git repository that a component comes from.
type Branch struct {
	Component string `json:"component"`
	// Source has the commit that was built, or that is there by now.
	Source Source `json:"source"`
}

// Branches lists the branches that components come from, with the commits that are
// built.
func Branches(components []Component) []Branch {
	var all []Branch
	for _, c := range components {
		if c.Source.Git != "" && c.Source.Branch != "" {
			all = append(all, Branch{Component: c.Name, Source: c.Source})
		}
	}
	return all
}

// Follow gives the components with newer commits of their branches, and says what
// changed: "app follows branch main: a1b2c3d4 → c3d4e5f6". A sum of the content is
// left out: it was that of the commit before.
func Follow(components []Component, newer []Branch) (followed []Component, said string) {
	followed = slices.Clone(components)
	var changes []string
	for i, c := range followed {
		for _, b := range newer {
			if was, is := c.Source.Commit, b.Source.Commit; b.Component == c.Name && was != is {
				changes = append(changes, fmt.Sprintf("%s follows branch %s: %s → %s", c.Name, c.Source.Branch, abbreviated(was), abbreviated(is)))
				followed[i].Source.Commit, followed[i].Source.Sum = is, ""
			}
		}
	}
	return followed, list(changes)
}

// String names the branch with its commit: "branch main of app (a1b2c3d4)".
func (b Branch) String() string {
	return fmt.Sprintf("branch %s of %s (%s)", b.Source.Branch, b.Component, abbreviated(b.Source.Commit))
}

// abbreviated gives as much of a commit's hash as people read.
func abbreviated(commit string) string {
	const enough = 8
	return commit[:min(len(commit), enough)]
}
