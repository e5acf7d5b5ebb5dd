package release

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Check says what is wrong with a definition by itself, without knowing the
// organization.
func (d Definition) Check() Problems {
	var problems Problems
	if !nameForm.MatchString(d.Service) {
		problems.add("service", "%q is not a name: use lower-case letters, digits, '.', '_' and '-'", d.Service)
	}
	if !versionForm.MatchString(d.Version) {
		problems.add("version", "%q is not a version: use letters, digits, '.', '_', '+' and '-', as in 2.26.0", d.Version)
	}
	for _, f := range []field{{"model", d.Model}, {"requester", d.Requester}, {"manager", d.Manager}} {
		if f.value == "" {
			problems.add(f.name, "it is missing")
		}
	}
	if d.Emergency != nil && strings.TrimSpace(d.Emergency.Reason) == "" {
		problems.add("emergency.reason", "an emergency needs a reason")
	}
	d.checkComponents(&problems)
	d.checkBuild(&problems)
	d.checkTest(&problems)
	d.checkSteps(&problems)
	d.checkEnvironments(&problems)
	d.checkReadiness(&problems)
	d.Verification.check("verification", &problems)
	d.checkSupport(&problems)
	d.checkOthers(&problems)
	d.checkAssets(&problems)
	unique(&problems, "schemaChanges", d.SchemaChanges, func(c SchemaChange) string { return c.Name })
	d.checkPapers(&problems)
	d.checkPerformance(&problems)
	checkStages("expected", d.Expected, &problems)
	return problems
}

func (d Definition) checkComponents(problems *Problems) {
	if len(d.Components) == 0 {
		problems.add("components", "a release needs at least one component")
	}
	unique(problems, "components", d.Components, func(c Component) string { return c.Name })
	for i, c := range d.Components {
		c.Source.check(fmt.Sprintf("components[%d].source", i), problems)
	}
}

func (d Definition) checkBuild(problems *Problems) {
	if len(d.Build.Steps) == 0 {
		problems.add("build.steps", "a build needs at least one step")
	}
	unique(problems, "build.steps", d.Build.Steps, func(s BuildStep) string { return s.Name })
	for i, s := range d.Build.Steps {
		at := fmt.Sprintf("build.steps[%d]", i)
		d.checkScript(problems, at, s.Run, s.Component, s.Secrets)
	}
	d.Build.checkOrder(problems)
	d.Build.checkCache(problems)
}

func (d Definition) checkScript(problems *Problems, at, run, component string, secrets map[string]string) {
	if strings.TrimSpace(run) == "" {
		problems.add(at+".run", "there is nothing to run")
	}
	if !slices.ContainsFunc(d.Components, func(c Component) bool { return c.Name == component }) {
		problems.add(at+".component", "there is no component %q: use %s", component,
			names(d.Components, func(c Component) string { return c.Name }))
	}
	checkSecrets(problems, at, secrets)
}

func checkSecrets(problems *Problems, at string, secrets map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(secrets)) {
		if !IsReference(secrets[name]) {
			problems.add(at+".secrets."+name, "write a reference, env:NAME or file:PATH, never the secret itself")
		}
	}
}

// IsReference tells whether a text refers to a secret on the worker, as "env:NAME" or
// "file:PATH".
func IsReference(text string) bool {
	kind, name, _ := strings.Cut(text, ":")
	return name != "" && (kind == "env" || kind == "file")
}

func (d Definition) checkSteps(problems *Problems) {
	if len(d.Steps) == 0 {
		problems.add("steps", "a release needs at least one step that deploys it")
	}
	unique(problems, "steps", d.Steps, func(s Step) string { return s.Name })
	for i, s := range d.Steps {
		at := fmt.Sprintf("steps[%d]", i)
		if !slices.Contains(StepKinds, s.Kind) {
			problems.add(at+".kind", "%q is not a kind of step: use %s", s.Kind, names(StepKinds, func(k StepKind) string { return string(k) }))
		}
		if !slices.Contains([]Per{"", Once, PerTarget}, s.Per) {
			problems.add(at+".per", "%q: use once or target", s.Per)
		}
		if s.Manual && s.Action != "" && s.Action != RunScript {
			problems.add(at+".manual", "%s is Slipway's own to do: leave out manual, or the action", s.Action)
		}
		switch s.Action {
		case "", RunScript:
			if strings.TrimSpace(s.Run) == "" {
				problems.add(at+".run", "there is nothing to run: give a script, or what a person has to do (manual), or an action (transfer, activate)")
			}
		case Transfer, Activate:
			if s.Per != PerTarget {
				problems.add(at+".per", "%s is done for each target: write per: target", s.Action)
			}
		default:
			problems.add(at+".action", "%q: use run, transfer or activate", s.Action)
		}
		if s.Retries < 0 || s.Retries > 100 {
			problems.add(at+".retries", "%d: use 0 to 100", s.Retries)
		}
		checkSecrets(problems, at, s.Secrets)
	}
}

func (d Definition) checkEnvironments(problems *Problems) {
	if len(d.Environments) == 0 {
		problems.add("environments", "a release needs at least one environment to go to")
	}
	unique(problems, "environments", d.Environments, func(e EnvironmentDefinition) string { return e.Name })
	for i, e := range d.Environments {
		at := fmt.Sprintf("environments[%d]", i)
		for j, size := range e.Waves {
			size.check(fmt.Sprintf("%s.waves[%d]", at, j), 1, problems)
		}
		e.MayFail.check(at+".mayFail", 0, problems)
		if e.Parallel < 0 || e.Parallel > maxParallel {
			problems.add(at+".parallel", "%d: use 1 to %d", e.Parallel, maxParallel)
		}
		if e.VerifyWaves && len(d.Verification.Probes) == 0 {
			problems.add(at+".verifyWaves", "there is nothing to verify a wave by: give verification.probes")
		}
	}
}

// maxParallel is how many targets may be worked on at the same time.
const maxParallel = 500

// checkStages notes planned durations of stages that do not exist.
func checkStages(at string, expected map[StageName]Duration, problems *Problems) {
	for _, name := range slices.Sorted(maps.Keys(expected)) {
		if stem, _ := name.Split(); !slices.Contains(Stages, stem) {
			problems.add(at+"."+string(name), "there is no stage %q: use %s, the later ones also with an environment, as in deploy:production", name,
				names(Stages, func(s StageName) string { return string(s) }))
		}
	}
}

// checkAgainst says what is wrong with a definition in this organization.
func (d Definition) checkAgainst(o Organization) Problems {
	var problems Problems
	for _, f := range []field{{"requester", d.Requester}, {"manager", d.Manager}, {"builder", d.Builder}} {
		if _, known := o.Person(f.value); f.value != "" && !known {
			problems.add(f.name, "%q is not on the roster: use %s", f.value, names(o.Roster, func(p Person) string { return p.ID }))
		}
	}
	for i, e := range d.Environments {
		env, known := o.Environment(e.Name)
		switch {
		case !known:
			problems.add(fmt.Sprintf("environments[%d].name", i), "there is no environment %q: use %s", e.Name,
				names(o.Environments, func(e Environment) string { return e.Name }))
		case len(selected(env.Targets, e.Select)) == 0:
			problems.add(fmt.Sprintf("environments[%d].select", i), "no target of %s has the labels %s: its targets have %s",
				e.Name, labels(e.Select), env.labels())
		}
	}
	d.checkSourcesAgainst(o, &problems)
	d.checkTestAgainst(o, &problems)
	d.checkReadinessAgainst(o, &problems)
	d.checkCustomers(o, &problems)
	return problems
}

// checkUnder notes what a model does not let a definition do.
func (d Definition) checkUnder(m Model, o Organization, problems *Problems) {
	if d.Emergency != nil && d.Emergency.OverrideFreeze != "" && !m.MayOverrideFreeze {
		problems.add("emergency.overrideFreeze", "model %s does not let a release override a freeze", m.Name)
	}
	d.checkSupportUnder(m, problems)
	d.checkRequirementsUnder(m, problems)
	d.checkReadinessUnder(m, o, problems)
	for _, e := range d.Environments {
		env, _ := o.Environment(e.Name)
		asked := func(action Action, in []string) {
			groups, restricted := m.May[action]
			able := func(p Person) bool { return p.In(groups...) }
			if restricted && slices.Contains(in, env.Purpose) && !slices.ContainsFunc(o.Roster, able) {
				problems.add("model", "model %s asks for %s in %s, but nobody on the roster may do it (groups: %s)",
					m.Name, action, e.Name, strings.Join(groups, ", "))
			}
		}
		asked(ActAccept, m.AcceptIn)
		asked(ActHandOver, m.HandOverIn)
	}
}
