package release

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
)

// named compares things that have names, such as components and steps.
type named[T any] struct {
	kind ChangeKind
	name func(T) string
	// describe says what it is, for what comes and goes.
	describe func(T) string
	// differ lists what is different; nil compares the descriptions.
	differ func(noun string, was, is T) []Change
	// ordered tells that the order matters too.
	ordered bool
}

// compare lists what is new or different in its order, then what is gone.
func (n named[T]) compare(was, is []T) []Change {
	var changes []Change
	for _, item := range is {
		noun, now := n.noun(item), n.describe(item)
		i := slices.IndexFunc(was, func(other T) bool { return n.name(other) == n.name(item) })
		switch {
		case i < 0:
			changes = append(changes, Change{Kind: n.kind, What: noun, Is: cmp.Or(shown(now), "-")})
		case n.differ != nil:
			changes = append(changes, n.differ(noun, was[i], item)...)
		case n.describe(was[i]) != now:
			changes = append(changes, changed(n.kind, noun, n.describe(was[i]), now))
		}
	}
	for _, item := range was {
		if !slices.ContainsFunc(is, func(other T) bool { return n.name(other) == n.name(item) }) {
			changes = append(changes, Change{Kind: n.kind, What: n.noun(item), Was: cmp.Or(shown(n.describe(item)), "-")})
		}
	}
	if n.ordered {
		changes = append(changes, n.compareOrder(was, is)...)
	}
	return changes
}

func (n named[T]) noun(item T) string { return string(n.kind) + " " + n.name(item) }

// compareOrder looks at the order of what is in both lists.
func (n named[T]) compareOrder(was, is []T) []Change {
	a, b := n.common(was, is), n.common(is, was)
	for len(a) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	if len(a) == 0 {
		return nil
	}
	return []Change{changed(n.kind, "order of "+string(n.kind)+"s", list(a), list(b))}
}

func (n named[T]) common(of, with []T) []string {
	there := make(map[string]bool, len(with))
	for _, other := range with {
		there[n.name(other)] = true
	}
	var names []string
	for _, item := range of {
		if there[n.name(item)] {
			names = append(names, n.name(item))
		}
	}
	return names
}

var (
	namedComponents = named[Component]{
		kind: ChangeComponent,
		name: func(c Component) string { return c.Name }, describe: func(c Component) string { return c.Source.String() },
		differ: func(noun string, was, is Component) []Change {
			changes := compareSources(noun, was.Source, is.Source)
			was.Source, is.Source = Source{}, Source{}
			return append(changes, compareFields(ChangeComponent, noun, was, is)...)
		},
	}
	namedBuildSteps = named[BuildStep]{
		kind: ChangeBuild, ordered: true,
		name: func(s BuildStep) string { return s.Name }, describe: func(s BuildStep) string { return "in " + s.Component },
		differ: func(noun string, was, is BuildStep) []Change { return compareFields(ChangeBuild, noun, was, is) },
	}
	namedSuites = named[Suite]{
		kind: ChangeSuite,
		name: func(s Suite) string { return s.Name }, describe: func(s Suite) string { return list(append([]string{"in " + s.Component}, s.Covers...)) },
		differ: func(noun string, was, is Suite) []Change { return compareFields(ChangeSuite, noun, was, is) },
	}
	namedSteps = named[Step]{
		kind: ChangeStep, ordered: true,
		name: func(s Step) string { return s.Name }, describe: func(s Step) string { return string(s.Kind) },
		differ: func(noun string, was, is Step) []Change {
			was.BackOut, is.BackOut = "", "" // they are listed by themselves
			return compareFields(ChangeStep, noun, was, is)
		},
	}
	namedReadiness = named[ReadinessItem]{
		kind: ChangeReadiness,
		name: func(i ReadinessItem) string { return i.Name }, describe: ReadinessItem.String,
		differ: func(noun string, was, is ReadinessItem) []Change {
			return compareFields(ChangeReadiness, noun, was, is)
		},
	}
	namedKnownErrors = named[KnownError]{
		kind: ChangeKnownError,
		name: func(e KnownError) string { return e.ID }, describe: func(e KnownError) string { return e.Summary },
	}
	namedRequirements = named[Requirement]{
		kind: ChangeRequirement,
		name: func(r Requirement) string { return r.ID }, describe: func(r Requirement) string { return r.Text },
	}
)

// compareSources says only the versions where a component is the same module, the
// revisions where it is of the same repository, and so on. What its name does not
// tell, such as a sum without another version, is told by field.
func compareSources(noun string, was, is Source) []Change {
	if was.String() == is.String() {
		return compareFields(ChangeComponent, noun, was, is)
	}
	before, now := was.String(), is.String()
	if where, version := was.split(); where != "" {
		if place, another := is.split(); place == where {
			before, now = version, another
		}
	}
	return []Change{changed(ChangeComponent, noun, before, now)}
}

// split tells what of a source is likely to stay from one version to the next, and
// what is not. What stays is empty when that cannot be told.
func (s Source) split() (stays, version string) {
	switch s.Kind() {
	case SourceModule:
		return "module " + s.Module, s.Version
	case SourceGit:
		return "git " + s.Git, s.revision()
	case SourceArchive:
		folder, file := path.Split(s.Archive)
		return "archive " + folder, file
	case SourceOCI:
		name, digest, _ := strings.Cut(s.OCI, "@")
		return "oci " + name, Digest(digest).Short()
	}
	return "", ""
}

// compareBackOuts lists how the way back of a step changes; a new step without one
// has none.
func compareBackOuts(was, is []Step) []Change {
	var changes []Change
	for _, step := range is {
		var before Step
		i := slices.IndexFunc(was, func(s Step) bool { return s.Name == step.Name })
		if i >= 0 {
			before = was[i]
		}
		what := "back-out of step " + step.Name
		switch {
		case step.Irreversible() && (i < 0 || !before.Irreversible()):
			changes = append(changes, Change{Kind: ChangeBackOut, What: what, Was: describeScript(before.BackOut), Is: "missing: there is no way back"})
		case i >= 0 && step.BackOut != before.BackOut:
			changes = append(changes, compareScripts(ChangeBackOut, what, before.BackOut, step.BackOut))
		}
	}
	return changes
}

// compareSchemas lists the schema changes that did not come with what runs. One
// that is not declared any more was made then, and is no change now.
func compareSchemas(was, is []SchemaChange) []Change {
	var changes []Change
	for _, c := range is {
		if !slices.Contains(was, c) {
			changes = append(changes, Change{Kind: ChangeSchema, What: "schema change " + c.Name, Is: shown(c.String())})
		}
	}
	return changes
}

// String says what the change does, and whether it can be undone.
func (c SchemaChange) String() string {
	undone := "cannot be undone"
	if c.Reversible {
		undone = "can be undone"
	}
	return join(undone, c.Description)
}

// compareModels says by name which model it is, or else what of its rules changed.
func compareModels(was, is Model) []Change {
	switch {
	case was.Name != is.Name:
		return []Change{{Kind: ChangeModel, What: "model", Was: was.Name, Is: is.Name}}
	case Same(was, is):
		return nil
	}
	parts := map[string]bool{}
	for _, c := range compareFields(ChangeModel, "", was, is) {
		part, _, _ := strings.Cut(c.What, " ")
		parts[part] = true
	}
	return []Change{{Kind: ChangeModel, What: fmt.Sprintf("model %s has other rules: %s", is.Name, list(sortedKeys(parts)))}}
}
