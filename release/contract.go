package release

// The names that people and scripts rely on: what they find in the Temporal Web
// UI and send with its CLI. Changing one breaks somebody.

// DefaultTaskQueue is polled by workers that are not told otherwise.
const DefaultTaskQueue = "slipway"

// Workflow types.
const (
	WorkflowRelease    = "Release"
	WorkflowDeployment = "Deployment"
	// WorkflowWave carries one step out on the many targets of a wave.
	WorkflowWave        = "Wave"
	WorkflowSupport     = "EarlyLifeSupport"
	WorkflowEnvironment = "Environment"
	// WorkflowPlanning checks a definition and gives its plan, and does nothing
	// else: what "starter plan" runs.
	WorkflowPlanning = "Planning"
	// WorkflowCalendar holds the windows and freezes that people add, and
	// WorkflowCalendarView gives the whole calendar, and does nothing else.
	WorkflowCalendar     = "Calendar"
	WorkflowCalendarView = "CalendarView"
	// WorkflowCatalogue gives the service catalogue, and does nothing else.
	WorkflowCatalogue = "Catalogue"
	// WorkflowPortfolio gives the figures of the releases of a period, and
	// WorkflowPortfolioReleases a page of these releases with their own; neither does
	// anything else.
	WorkflowPortfolio         = "Portfolio"
	WorkflowPortfolioReleases = "PortfolioReleases"
	// WorkflowRecords answers a question about what the CMS holds, and does nothing else.
	WorkflowRecords = "Records"
	// WorkflowAudit compares what the targets of an environment hold with what should run
	// there, on demand.
	WorkflowAudit = "ConfigurationAudit"
)

// Queries of a release. QueryStatus is also answered by deployments, early life
// support and environments, each with its own document.
const (
	QueryStatus         = "status"
	QueryPlan           = "plan"
	QueryAuthorizations = "authorizations"
)

// Search attributes, by which releases are listed and filtered.
const (
	AttributeService     = "ReleaseService"
	AttributeVersion     = "ReleaseVersion"
	AttributeType        = "ReleaseType"
	AttributePhase       = "ReleasePhase"
	AttributeEnvironment = "ReleaseEnvironment"
	AttributeAwaiting    = "ReleaseAwaiting"
	AttributeOutcome     = "ReleaseOutcome"
	AttributeRisk        = "ReleaseRisk" // the only Int; the others are Keywords
)

// Error types that cross from a worker to a client. They are final: trying the
// same again cannot help.
const (
	// ErrorRefused is the type of a human action that did not count; its message
	// is the reason.
	ErrorRefused = "Refused"
	// ErrorInvalidDefinition carries Problems as its details.
	ErrorInvalidDefinition = "InvalidDefinition"
)

// Request starts a release.
type Request struct {
	Definition Definition `json:"definition"`
}
