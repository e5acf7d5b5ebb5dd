package release

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// The papers of a package tell people in Markdown what they have to know of a release.
// They depend on the definition alone, so that the same release has the same ones.

// Notes are the release notes: what the release is, what is new, and the known errors
// with their workarounds.
func (d Definition) Notes() string {
	var text strings.Builder
	fmt.Fprintf(&text, "# %s\n", d.Headline())
	for _, part := range []string{d.Description, d.ReleaseNotes} {
		if part = strings.TrimSpace(part); part != "" {
			fmt.Fprintf(&text, "\n%s\n", part)
		}
	}
	if len(d.KnownErrors) > 0 {
		text.WriteString("\n## Known errors\n\n")
	}
	for _, k := range d.KnownErrors {
		fmt.Fprintf(&text, "- %s: %s.", k.ID, strings.TrimSuffix(k.Summary, "."))
		if k.Workaround != "" {
			fmt.Fprintf(&text, " Workaround: %s.", strings.TrimSuffix(k.Workaround, "."))
		}
		text.WriteString("\n")
	}
	return text.String()
}

// TrainingPaper lists who has to learn what, and by which file of the package.
func (d Definition) TrainingPaper() string {
	var text strings.Builder
	fmt.Fprintf(&text, "# Training for %s\n\n", d.Headline())
	if len(d.Training) == 0 {
		text.WriteString("Nobody has to be trained for this release.\n")
	}
	for _, t := range d.Training {
		fmt.Fprintf(&text, "- %s. For: %s.", strings.TrimSuffix(t.Topic, "."), t.For)
		if file := t.File(); file != "" {
			fmt.Fprintf(&text, " Material: [%s](%s).", path.Base(file), file)
		}
		text.WriteString("\n")
	}
	return text.String()
}

// trainingFolder is where the material is in the package.
const trainingFolder = "training/"

// File is the name of the material among the documents of the package; empty when there
// is none.
func (t Training) File() string {
	if t.Material == "" {
		return ""
	}
	return trainingFolder + path.Base(t.Material)
}

// Source gives the component that has the material, and the path of the file in it.
func (t Training) Source() (component, file string) {
	component, file, _ = strings.Cut(t.Material, "/")
	return component, file
}

// BackOutPaper says how the release is taken back, step by step, for people who may
// have to do it by hand, and what cannot be taken back.
func (d Definition) BackOutPaper() string {
	var text strings.Builder
	id := ID(d.Service, d.Version)
	fmt.Fprintf(&text, `# Back-out of %s

Slipway does this when a deployment fails and the policy says so, or when somebody asks:

    starter back-out %s --by NAME --reason WHY

Only what happened is undone, in the reverse order of the deployment. Who has to do it
by hand goes through these steps from the top. Each of them is safe to do where nothing
happened.
`, d.Headline(), id)
	var lasting []string
	for i, s := range slices.Backward(d.Steps) {
		fmt.Fprintf(&text, "\n## %d. %s\n\n%s, %s.\n", len(d.Steps)-i, s.Name, s.Kind, s.often())
		for _, line := range s.wayBack() {
			fmt.Fprintf(&text, "\n%s\n", line)
		}
		if s.Irreversible() {
			lasting = append(lasting, "step "+s.Name+": it has no back-out")
		}
	}
	if len(d.SchemaChanges) > 0 {
		text.WriteString("\n## Changes of how data is kept\n\n")
	}
	for _, c := range d.SchemaChanges {
		state := "can be had back without loss"
		if !c.Reversible {
			state = "cannot be had back"
			lasting = append(lasting, "schema change "+c.Name+": the old state of the data is gone")
		}
		fmt.Fprintf(&text, "- %s: the old state %s.", c.Name, state)
		if c.Description != "" {
			fmt.Fprintf(&text, " %s", strings.TrimSpace(c.Description))
		}
		text.WriteString("\n")
	}
	text.WriteString("\n## What cannot be undone\n\n")
	if len(lasting) == 0 {
		text.WriteString("Nothing: every step has its way back.\n")
	}
	for _, what := range lasting {
		fmt.Fprintf(&text, "- %s\n", what)
	}
	return text.String()
}

// often says how often a step is done in an environment.
func (s Step) often() string {
	if s.Per == PerTarget {
		return "for each target"
	}
	return "once for the environment"
}

// wayBack says in paragraphs what is done to undo a step.
func (s Step) wayBack() []string {
	var parts []string
	switch s.Action {
	case Transfer:
		parts = append(parts, "Remove the release from the target again.")
	case Activate:
		parts = append(parts, "Switch the target back to what was current before, which its link `current` points to then.")
	}
	switch {
	case s.BackOut == "" && s.Irreversible():
		return append(parts, "There is no back-out: what this step did stays.")
	case s.BackOut == "":
		return parts
	case s.Manual:
		return append(parts, "By hand:", quoted(s.BackOut))
	}
	parts = append(parts, "Run:", indented(s.BackOut))
	if names := append(sortedKeys(s.Env), sortedKeys(s.Secrets)...); len(names) > 0 {
		parts = append(parts, "It reads "+strings.Join(names, ", ")+" besides what Slipway tells every step.")
	}
	return parts
}

func quoted(text string) string { return prefixed("> ", text) }

func indented(text string) string { return prefixed("    ", text) }

func prefixed(with, text string) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(with+line, " ")
	}
	return strings.Join(lines, "\n")
}
