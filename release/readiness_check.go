package release

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

func (d Definition) checkReadiness(problems *Problems) {
	unique(problems, "readiness", d.Readiness, func(i ReadinessItem) string { return i.Name })
	for n, i := range d.Readiness {
		at := fmt.Sprintf("readiness[%d]", n)
		if strings.TrimSpace(i.Text) == "" {
			problems.add(at+".text", "it is missing: say what has to be there")
		}
		if !slices.Contains(ReadinessKinds, i.Is()) {
			problems.add(at+".kind", "%q is not a kind of readiness: use %s", i.Kind, names(ReadinessKinds, func(k ReadinessKind) string { return string(k) }))
		}
		byScript := strings.TrimSpace(i.Run) != ""
		switch {
		case byScript == (len(i.ConfirmedBy) > 0):
			problems.add(at, "give exactly one of confirmedBy (people or groups who confirm it) and run (a script that finds out)")
		case !byScript && len(i.Env)+len(i.Secrets)+int(i.Timeout) > 0:
			problems.add(at, "env, secrets and timeout are for a script: an item that people confirm has none")
		}
		checkSecrets(problems, at, i.Secrets)
	}
}

// checkReadinessAgainst notes people and places of readiness that the organization
// does not have.
func (d Definition) checkReadinessAgainst(o Organization, problems *Problems) {
	for n, i := range d.Readiness {
		at := fmt.Sprintf("readiness[%d]", n)
		for j, name := range i.ConfirmedBy {
			if !o.named(name) {
				problems.add(fmt.Sprintf("%s.confirmedBy[%d]", at, j), "there is no person %q on the roster, nor anybody in a group or role of that name", name)
			}
		}
		for j, place := range i.In {
			there := func(e Environment) bool { return e.Name == place || e.Purpose == place }
			if !slices.ContainsFunc(o.Environments, there) {
				problems.add(fmt.Sprintf("%s.in[%d]", at, j), "there is no environment, and none of purpose, %q: use %s", place,
					names(o.Environments, func(e Environment) string { return e.Name }))
			}
		}
	}
}

// checkReadinessUnder notes kinds of readiness that a model asks for and that no
// item is of.
func (d Definition) checkReadinessUnder(m Model, o Organization, problems *Problems) {
	for _, e := range d.Environments {
		env, _ := o.Environment(e.Name)
		items := d.ReadinessIn(e.Name, env.Purpose)
		for _, kind := range m.Readiness[env.Purpose] {
			if !slices.ContainsFunc(items, func(i ReadinessItem) bool { return i.Is() == kind }) {
				problems.add("readiness", "model %s asks for an item of kind %s before a deployment to %s: add one, as in "+
					"{name: NAME, kind: %s, text: WHAT HAS TO BE THERE, confirmedBy: [WHO], in: [%s]}", m.Name, kind, e.Name, kind, e.Name)
			}
		}
	}
}

// checkReadiness notes what a model asks for that is no kind of readiness.
func (m Model) checkReadiness(at string, problems *Problems) {
	for _, purpose := range slices.Sorted(maps.Keys(m.Readiness)) {
		for i, kind := range m.Readiness[purpose] {
			if !slices.Contains(ReadinessKinds, kind) {
				problems.add(fmt.Sprintf("%s.readiness.%s[%d]", at, purpose, i), "%q is not a kind of readiness: use %s", kind,
					names(ReadinessKinds, func(k ReadinessKind) string { return string(k) }))
			}
		}
	}
}
