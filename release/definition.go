package release

import (
	"maps"
	"slices"
)

// Definition is what an operator writes to ask for a release: what is to change,
// from which sources, how it is built, tested and deployed, and how to come back.
// The organization's rules are not in it; they come from the Model and the
// Organization.
type Definition struct {
	Service     string `json:"service"`
	Version     string `json:"version"`
	Title       string `json:"title,omitempty"`
	Description string `json:"description,omitempty"`
	// Model names the release model: standard, normal, emergency, or one of the
	// organization's own.
	Model string `json:"model"`
	// Requester asks for the release; Manager is its release manager. Both are
	// people of the roster.
	Requester string `json:"requester"`
	Manager   string `json:"manager"`
	// Builder is the packaging and build manager, when somebody else is.
	Builder   string     `json:"builder,omitempty"`
	Emergency *Emergency `json:"emergency,omitempty"`

	// Requires are services that have to be live where the release goes to, as in
	// "billing@>=3.1".
	Requires []string `json:"requires,omitempty"`
	// Supersedes are older releases of the service that this one makes pointless, as in
	// "httpbin@2.26.0".
	Supersedes []string `json:"supersedes,omitempty"`

	RFCs               []string      `json:"rfcs,omitempty"`
	ConfigurationItems []string      `json:"configurationItems,omitempty"`
	Requirements       []Requirement `json:"requirements,omitempty"`
	Documents          []Document    `json:"documents,omitempty"`
	Training           []Training    `json:"training,omitempty"`
	ReleaseNotes       string        `json:"releaseNotes,omitempty"`
	KnownErrors        []KnownError  `json:"knownErrors,omitempty"`
	// SchemaChanges are what the release does to data that outlives it.
	SchemaChanges []SchemaChange `json:"schemaChanges,omitempty"`
	// Assets are what the release introduces, changes or retires besides its
	// components and files: licences, devices, contracts.
	Assets []Asset `json:"assets,omitempty"`

	Components []Component `json:"components"`
	Build      Build       `json:"build"`
	Test       Test        `json:"test"`

	// Steps put the package into an environment, in their order; each
	// environment gets all of them.
	Steps        []Step                  `json:"steps"`
	Environments []EnvironmentDefinition `json:"environments"`
	// Readiness is what has to be there before a deployment begins.
	Readiness        []ReadinessItem `json:"readiness,omitempty"`
	Verification     Verification    `json:"verification"`
	EarlyLifeSupport Support         `json:"earlyLifeSupport"`
	// Performance is what the plan promises to reach; the review compares.
	Performance []PerformanceTarget `json:"performance,omitempty"`
	// Customers are people of the roster who are asked how satisfied they are.
	Customers []string `json:"customers,omitempty"`

	// Expected is how long the release manager plans for each stage, by stage
	// name; what is left out is taken from the model.
	Expected map[StageName]Duration `json:"expected,omitempty"`
}

// Emergency says why a release takes the emergency road, and whether a freeze
// is to be overridden.
type Emergency struct {
	Reason         string `json:"reason"`
	OverrideFreeze string `json:"overrideFreeze,omitempty"`
}

// Items are the configuration items that the release changes: the service first, each
// once.
func (d Definition) Items() []string {
	items := []string{d.Service}
	for _, ci := range d.ConfigurationItems {
		if !slices.Contains(items, ci) {
			items = append(items, ci)
		}
	}
	return items
}

// overridesFreeze tells whether the release may be deployed in spite of a freeze.
func (d Definition) overridesFreeze() bool {
	return d.Emergency != nil && d.Emergency.OverrideFreeze != ""
}

// Requirement is something that the release promises. Every requirement has to
// be covered by a test suite (ITIL: service validation and testing).
type Requirement struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// Document is something users, operations or support need to read.
type Document struct {
	Name     string `json:"name"`
	For      string `json:"for,omitempty"`
	Location string `json:"location,omitempty"`
}

// Training is who has to learn what before the release goes live.
type Training struct {
	Topic string `json:"topic"`
	For   string `json:"for"`
	// Material is a file of a component's source, COMPONENT/PATH, that goes into the
	// package.
	Material string `json:"material,omitempty"`
}

// KnownError is a fault that is shipped knowingly, with its workaround.
type KnownError struct {
	ID         string `json:"id"`
	Summary    string `json:"summary"`
	Workaround string `json:"workaround,omitempty"`
}

// SchemaChange is a change of how data is kept, which a back-out of the program
// alone does not undo.
type SchemaChange struct {
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	// Reversible tells that the old state can be had back without loss.
	Reversible bool `json:"reversible,omitempty"`
}

// EnvironmentDefinition asks for a deployment to one of the organization's
// environments, in waves of targets.
type EnvironmentDefinition struct {
	Name string `json:"name"`
	// Select takes only the targets that have all of these labels.
	Select map[string]string `json:"select,omitempty"`
	// Waves are sizes of consecutive groups of targets, in numbers or in parts of all
	// of them; the last one repeats until all targets are in. None means all targets
	// at once.
	Waves []Share `json:"waves,omitempty"`
	// Parallel is how many targets of a wave are worked on at the same time; zero
	// stands for 1.
	Parallel int `json:"parallel,omitempty"`
	// Pause is how long is waited after each wave, and VerifyWaves asks for the
	// probes on its targets before that.
	Pause       Duration `json:"pause,omitempty"`
	VerifyWaves bool     `json:"verifyWaves,omitempty"`
	// MayFail is how many targets may fail: each is backed out alone, and the
	// deployment goes on without it. One more stops it.
	MayFail Share `json:"mayFail,omitzero"`
	// EarlyLifeSupport, when given, is that of this environment, instead of the one of
	// the definition.
	EarlyLifeSupport *Support `json:"earlyLifeSupport,omitempty"`
}

// Verification proves that what was deployed works, before early life support.
type Verification struct {
	Probes []Probe `json:"probes,omitempty"`
	// Within is how long the probes may take until they first pass.
	Within Duration `json:"within,omitempty"`
	// Hold is how long they have to go on passing then; zero asks no more.
	Hold Duration `json:"hold,omitempty"`
	// Failures is how often a probe may fail on a target during Hold.
	Failures int `json:"failures,omitempty"`
}

// Support is the plan for early life support.
type Support struct {
	// Period is how long it lasts; zero means that there is none, which the release
	// model has to allow.
	Period Duration `json:"period"`
	Probe  *Probe   `json:"probe,omitempty"`
	// Interval is the time between two probes of a target.
	Interval Duration     `json:"interval,omitempty"`
	Exit     ExitCriteria `json:"exit,omitempty"`
	// Minimum is how long it lasts at least, whoever wants to end it.
	Minimum Duration `json:"minimum,omitempty"`
	// Window is the stretch of time for which latencies are given together; zero leaves
	// that to the length of the period.
	Window Duration `json:"window,omitempty"`
	// BackOut says when the release is backed out without anybody being asked, which
	// the release model has to allow.
	BackOut BackOutCondition `json:"backOut,omitzero"`
}

// BackOutCondition says what in early life support is reason enough to back out.
type BackOutCondition struct {
	// Severity is from which on an open incident of this release is; 1 is the worst,
	// zero stands for none.
	Severity int `json:"severity,omitempty"`
	// BudgetBurnt asks for it once the error budget or the downtime of the exit
	// criteria is used up.
	BudgetBurnt bool `json:"budgetBurnt,omitempty"`
}

// ExitCriteria say when early life support may end well.
type ExitCriteria struct {
	// OpenSeverity is the severity at or above which no incident of this release
	// may be open; 1 is the worst, 4 the mildest. Zero stands for 2.
	OpenSeverity int `json:"openSeverity,omitempty"`
	// MaxDowntime is the longest downtime of any target that is accepted; zero
	// does not look at downtime.
	MaxDowntime Duration `json:"maxDowntime,omitempty"`
	// ErrorBudget is how much of the time a target may be down, in percent of the
	// planned period; zero does not look at it.
	ErrorBudget float64 `json:"errorBudget,omitempty"`
	// CallsPerDay is how many service desk calls a day there may be on average, over
	// the last seven days; nil does not look at them.
	CallsPerDay *float64 `json:"callsPerDay,omitempty"`
	// Knowledge asks that somebody of service operations confirms that knowledge was
	// transferred: item "knowledge" of the action confirm.
	Knowledge bool `json:"knowledge,omitempty"`
}

// Replace gives the components with other sources for those that are named.
func Replace(components []Component, sources map[string]Source) ([]Component, error) {
	replaced := slices.Clone(components)
	for _, name := range slices.Sorted(maps.Keys(sources)) {
		i := slices.IndexFunc(replaced, func(c Component) bool { return c.Name == name })
		if i < 0 {
			return nil, Refusef("there is no component %q: use %s", name, names(components, func(c Component) string { return c.Name }))
		}
		var problems Problems
		if sources[name].check("source", &problems); len(problems) > 0 {
			return nil, Refusef("component %s: %s", name, problems.Error())
		}
		replaced[i].Source = sources[name]
	}
	return replaced, nil
}
