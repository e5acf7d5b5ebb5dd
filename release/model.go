package release

import (
	"maps"
	"slices"
	"strings"
)

// Model is a release model: the organization's template and policy for one type
// of release (ITIL: change models for standard, normal and emergency changes).
type Model struct {
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	// Gates by name: plan, build, review, and deploy, deploy:PURPOSE or
	// deploy:ENVIRONMENT. A gate that is not there is authorized beforehand by the
	// model.
	Gates map[string]GatePolicy `json:"gates,omitempty"`
	// MergeBuildGate lets the authorization of the plan authorize the build too.
	MergeBuildGate bool `json:"mergeBuildGate,omitempty"`
	// BuildLimit is how many builds may fail before a person has to say "rebuild".
	// Zero stands for 1.
	BuildLimit int `json:"buildLimit,omitempty"`
	// May says which groups may do an action. The requester and the release
	// manager may revise, rebuild, withdraw and back out in any case.
	May map[Action][]string `json:"may,omitempty"`
	// AcceptIn names the purposes of environments that need an acceptance by
	// people after the probes passed.
	AcceptIn []string `json:"acceptIn,omitempty"`
	// HandOverIn names the purposes of environments whose release is handed over
	// to service operations.
	HandOverIn []string `json:"handOverIn,omitempty"`
	// Readiness names the kinds of readiness of which a definition needs an item, by
	// the purpose of the environment.
	Readiness map[string][]ReadinessKind `json:"readiness,omitempty"`
	// RequireSupport asks for early life support in every environment.
	RequireSupport bool `json:"requireSupport,omitempty"`
	// Support says what happens at the end of early life support, and Review what
	// closing needs.
	Support SupportPolicy `json:"support,omitzero"`
	Review  ReviewPolicy  `json:"review,omitzero"`
	BackOut BackOutPolicy `json:"backOut,omitempty"`
	// Requirements says when a requirement without a suite that passed fails: "prepare"
	// (the default), before anything is built, or "gate", before the first deployment.
	Requirements string `json:"requirements,omitempty"`
	// Conflicts says what each kind of conflict with other releases does: warn (the
	// default), or block, so that the deployment waits.
	Conflicts map[ConflictKind]Effect `json:"conflicts,omitempty"`
	// MayOverrideFreeze lets a definition override a freeze with a reason, and the
	// groups that may override-freeze a deployment that waits for one to end.
	MayOverrideFreeze bool `json:"mayOverrideFreeze,omitempty"`
	// Expected is how long each stage is planned to take.
	Expected map[StageName]Duration `json:"expected,omitempty"`
}

// BackOutPolicy says how far a back-out reaches and what to do when it cannot be
// told whether a step happened.
type BackOutPolicy struct {
	// Scope is what is backed out when a step fails: "target", those that failed and
	// what is not wholly new yet; "wave", the whole wave with them; "environment" (the
	// default); or "release", all environments in which this release is live.
	Scope string `json:"scope,omitempty"`
	// Unknown is "ask" (the default) or "back-out".
	Unknown string `json:"unknown,omitempty"`
}

// SupportPolicy says what a model lets early life support do.
type SupportPolicy struct {
	// ExtendBy is how much longer it lasts when the exit criteria do not hold at its
	// end, at most Extensions times; then, or when it is zero, a person decides.
	ExtendBy   Duration `json:"extendBy,omitempty"`
	Extensions int      `json:"extensions,omitempty"`
	// AutoBackOut lets the conditions of a definition back the release out.
	AutoBackOut bool `json:"autoBackOut,omitempty"`
	// RemindEvery is how often those are reminded who look after something open.
	RemindEvery Duration `json:"remindEvery,omitempty"`
}

// The words of a BackOutPolicy.
const (
	ScopeTarget      = "target"
	ScopeWave        = "wave"
	ScopeEnvironment = "environment"
	ScopeRelease     = "release"
	UnknownAsk       = "ask"
	UnknownBackOut   = "back-out"
)

// When a requirement that no suite proves stops a release.
const (
	RequirementsAtPrepare = "prepare"
	RequirementsAtGate    = "gate"
)

// Gate gives the policy of a gate as the model has it; one that asks nobody when
// it has none. The gate of an environment is looked up by its name, "deploy:emea",
// then by its purpose, "deploy:production", then as "deploy".
func (m Model) Gate(name, purpose string) GatePolicy {
	stem, _, _ := strings.Cut(name, ":")
	for _, key := range []string{name, stem + ":" + purpose, stem} {
		if policy, found := m.Gates[key]; found {
			return policy
		}
	}
	return GatePolicy{}
}

// check notes what is wrong with a model, given the organization's people.
func (m Model) check(at string, o Organization, problems *Problems) {
	groups := o.Groups()
	if !nameForm.MatchString(m.Name) {
		problems.add(at+".name", "%q is not a name: use lower-case letters, digits, '.', '_' and '-'", m.Name)
	}
	known := func(path, group string) {
		if !slices.Contains(groups, group) {
			problems.add(path, "nobody on the roster is in group %q", group)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(m.Gates)) {
		policy, path := m.Gates[name], at+".gates."+name
		stem, _, _ := strings.Cut(name, ":")
		if !slices.Contains([]string{GatePlan, GateBuild, GateReview, gateDeploy}, stem) {
			problems.add(path, "there is no such gate: plan, build, review, deploy or deploy:ENVIRONMENT")
		}
		policy.check(path, name, groups, o.named, problems)
	}
	for _, action := range slices.Sorted(maps.Keys(m.May)) {
		path := at + ".may." + string(action)
		if !slices.Contains(Actions, action) {
			problems.add(path, "there is no such action")
		}
		for _, group := range m.May[action] {
			known(path, group)
		}
	}
	m.checkReadiness(at, problems)
	m.checkRequirements(at, problems)
	m.Review.check(at+".review", o, problems)
	if len(m.May[ActOverrideFreeze]) > 0 && !m.MayOverrideFreeze {
		problems.add(at+".may."+string(ActOverrideFreeze), "the model lets nobody override a freeze: set mayOverrideFreeze, or leave this out")
	}
	for _, kind := range slices.Sorted(maps.Keys(m.Conflicts)) {
		path, effect := at+".conflicts."+string(kind), m.Conflicts[kind]
		if !slices.Contains(ConflictKinds, kind) {
			problems.add(path, "there is no such kind of conflict: use ci, environment, window or dependency")
		}
		if effect != Warn && effect != Block {
			problems.add(path, "%q: use warn or block", effect)
		}
	}
	checkStages(at+".expected", m.Expected, problems)
	m.Support.check(at+".support", problems)
	if s := m.BackOut.Scope; !slices.Contains([]string{"", ScopeTarget, ScopeWave, ScopeEnvironment, ScopeRelease}, s) {
		problems.add(at+".backOut.scope", "%q: use target, wave, environment or release", s)
	}
	if u := m.BackOut.Unknown; u != "" && u != UnknownAsk && u != UnknownBackOut {
		problems.add(at+".backOut.unknown", "%q: use ask or back-out", u)
	}
}
