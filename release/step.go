package release

// StepKind orders the work of a deployment as the process does (ISO/IEC 20000-1,
// ITIL "transfer, deploy, retire").
type StepKind string

// The kinds of step, in the order in which a plan carries them out.
const (
	FinancialAssets           StepKind = "financial-assets"
	BusinessAndOrganization   StepKind = "business-and-organization"
	ProcessAndMaterial        StepKind = "process-and-material"
	ServiceManagement         StepKind = "service-management-capability"
	ServiceTransfer           StepKind = "service-transfer"
	ServiceDeployment         StepKind = "service-deployment"
	DecommissionAndRetirement StepKind = "decommission-and-retirement"
	RemovalOfRedundantAssets  StepKind = "removal-of-redundant-assets"
)

// StepKinds lists the kinds in their order.
var StepKinds = []StepKind{
	FinancialAssets, BusinessAndOrganization, ProcessAndMaterial, ServiceManagement,
	ServiceTransfer, ServiceDeployment, DecommissionAndRetirement, RemovalOfRedundantAssets,
}

// Per says how often a step runs in an environment.
type Per string

// A step runs once for the environment, or for each target.
const (
	Once      Per = "once"
	PerTarget Per = "target"
)

// StepAction says what a step does.
type StepAction string

const (
	// RunScript runs the step's own script.
	RunScript StepAction = "run"
	// Transfer brings the package from the DML to the target and checks it there.
	// Its back-out removes it again.
	Transfer StepAction = "transfer"
	// Activate checks that what lies on the target is what was authorized, and
	// switches the target's current release to it in one atomic move. Its
	// back-out switches to what was current before.
	Activate StepAction = "activate"
)

// Step is one piece of a deployment, with its own way back.
type Step struct {
	Name   string     `json:"name"`
	Kind   StepKind   `json:"kind"`
	Per    Per        `json:"per,omitempty"`
	Action StepAction `json:"action,omitempty"`
	// Manual says that people do the step: Run and BackOut say in words what they
	// have to do, and it waits until somebody says that it is done.
	Manual bool `json:"manual,omitempty"`
	// Run and BackOut are POSIX shell scripts. BackOut has to be safe to run
	// when Run never happened. For Transfer and Activate, both run after the
	// action itself (say, to restart the service).
	Run     string            `json:"run,omitempty"`
	BackOut string            `json:"backOut,omitempty"`
	Env     map[string]string `json:"env,omitempty"`
	Secrets map[string]string `json:"secrets,omitempty"`
	Timeout Duration          `json:"timeout,omitempty"`
	// Retries is how often the step may run again when it failed or its fate is
	// unknown. Zero means that it runs at most once.
	Retries int `json:"retries,omitempty"`
}

// Irreversible tells that the step has no way back: a script without a back-out.
func (s Step) Irreversible() bool {
	return (s.Action == "" || s.Action == RunScript) && s.BackOut == ""
}
