package release

import (
	"fmt"
	"slices"
)

// Branch is a branch of a git repository that a component comes from.
type Branch struct {
	Component string `json:"component"`
	Git       string `json:"git"`
	Branch    string `json:"branch"`
	// Commit is what was built from it, or what is there by now.
	Commit string `json:"commit"`
}

// Branches lists the branches that components come from, with the commits that are
// built.
func Branches(components []Component) []Branch {
	var all []Branch
	for _, c := range components {
		if s := c.Source; s.Git != "" && s.Branch != "" {
			all = append(all, Branch{Component: c.Name, Git: s.Git, Branch: s.Branch, Commit: s.Commit})
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
			if b.Component == c.Name && b.Commit != c.Source.Commit {
				changes = append(changes, fmt.Sprintf("%s follows branch %s: %s → %s", c.Name, b.Branch, abbreviated(c.Source.Commit), abbreviated(b.Commit)))
				followed[i].Source.Commit, followed[i].Source.Sum = b.Commit, ""
			}
		}
	}
	return followed, list(changes)
}

// String names the branch with its commit: "branch main of app (a1b2c3d4)".
func (b Branch) String() string {
	return fmt.Sprintf("branch %s of %s (%s)", b.Branch, b.Component, abbreviated(b.Commit))
}

// abbreviated gives as much of a commit's hash as people read.
func abbreviated(commit string) string {
	const enough = 8
	return commit[:min(len(commit), enough)]
}
