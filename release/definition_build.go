package release

// Build turns the components into the release package: everything that the
// steps of a component leave in $OUT.
type Build struct {
	Steps []BuildStep `json:"steps"`
	// Cache names a folder that all builds of the service on a worker share, as $CACHE;
	// without it, nothing of an earlier build can reach a later one.
	Cache string `json:"cache,omitempty"`
}

// BuildStep is a POSIX shell script run in the folder of one component.
type BuildStep struct {
	Name      string `json:"name"`
	Component string `json:"component"`
	// Needs are the steps that have to be done before; they may run beside all others.
	// When it is not given at all, that is the step before; an empty list needs none.
	Needs []string          `json:"needs,omitzero"`
	Run   string            `json:"run"`
	Env   map[string]string `json:"env,omitempty"`
	// Secrets are references, "env:NAME" or "file:PATH" on the worker, by the
	// variable that the script reads.
	Secrets map[string]string `json:"secrets,omitempty"`
	Timeout Duration          `json:"timeout,omitempty"`
}

// Test is how the package from the DML is validated before a deployment gate.
type Test struct {
	Suites []Suite `json:"suites"`
	// Environment is leased while the suites run, like for a deployment; empty for none.
	Environment string `json:"environment,omitempty"`
	// Parallel is how many suites may run at the same time; zero does not limit them.
	Parallel int `json:"parallel,omitempty"`
	// Follow looks that often, after a build that failed, for a new commit on the
	// branches of the components, and builds again from it; zero does not.
	Follow Duration `json:"follow,omitempty"`
}

// The kinds of a suite (ITIL: service validation and testing).
const (
	SuiteUnit        = "unit"
	SuiteIntegration = "integration"
	SuiteAcceptance  = "acceptance"
	SuiteBackOut     = "back-out-rehearsal"
	SuiteReadiness   = "readiness"
	SuiteSecurity    = "security"
)

// SuiteKinds are the kinds of a suite.
var SuiteKinds = []string{SuiteUnit, SuiteIntegration, SuiteAcceptance, SuiteBackOut, SuiteReadiness, SuiteSecurity}

// Suite is a script that tests the package ($PACKAGE), in the folder of a
// component's source.
type Suite struct {
	Name string `json:"name"`
	// Kind is one of SuiteKinds; empty says nothing.
	Kind      string `json:"kind,omitempty"`
	Component string `json:"component"`
	Run       string `json:"run"`
	// Results says how the outcome is read: "exit" (the default), "go-test-json" or
	// "tap" from the output, or "junit:PATH" from a file that the suite writes.
	Results string `json:"results,omitempty"`
	// Reruns is how often a suite that failed may run again: what passes then was
	// flaky.
	Reruns int `json:"reruns,omitempty"`
	// Alone keeps other suites from running at the same time.
	Alone   bool              `json:"alone,omitempty"`
	Covers  []string          `json:"covers,omitempty"`
	Env     map[string]string `json:"env,omitempty"`
	Secrets map[string]string `json:"secrets,omitempty"`
	Timeout Duration          `json:"timeout,omitempty"`
}
