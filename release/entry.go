package release

import "time"

// Entry is one thing for the configuration management system to hold. Key makes
// it idempotent: writing the same key again changes nothing but what is newer.
// Exactly one of the parts is set.
type Entry struct {
	// Key is the workflow's id and the step that wrote it, as in
	// "httpbin@2.26.0/build/2".
	Key     string    `json:"key"`
	At      time.Time `json:"at"`
	Release string    `json:"release"`

	ReleaseState *State       `json:"releaseState,omitempty"`
	Build        *BuildRecord `json:"build,omitempty"`
	Evidence     *Evidence    `json:"evidence,omitempty"`
	Act          *Act         `json:"act,omitempty"`
	Ballot       *BallotEntry `json:"ballot,omitempty"`
	Notice       *Notice      `json:"notice,omitempty"`
	Gate         *Gate        `json:"gate,omitempty"`
	Deployment   *DeployState `json:"deployment,omitempty"`
	Step         *StepEntry   `json:"step,omitempty"`
	// Steps are results by reference; the CMS gets each as a Step.
	Steps     *StepsEntry     `json:"steps,omitempty"`
	Audit     *AuditEntry     `json:"audit,omitempty"`
	Readiness *ReadinessEntry `json:"readiness,omitempty"`
	Baseline  *BaselineEntry  `json:"baseline,omitempty"`
	Incident  *IncidentEntry  `json:"incident,omitempty"`
	Call      *CallEntry      `json:"call,omitempty"`
	Calendar  *CalendarEntry  `json:"calendar,omitempty"`
	Assets    *AssetsEntry    `json:"assets,omitempty"`
	Service   *ServiceEntry   `json:"service,omitempty"`

	Support    *SupportEntry    `json:"support,omitempty"`
	KnownError *KnownErrorEntry `json:"knownError,omitempty"`
	RFC        *RFCEntry        `json:"rfc,omitempty"`
	// Waited, Note, Rating, Effort and Review are of the start of the release that
	// they name.
	Waited *WaitedEntry `json:"waited,omitempty"`
	Note   *NoteEntry   `json:"note,omitempty"`
	Rating *RatingEntry `json:"rating,omitempty"`
	Effort *EffortEntry `json:"effort,omitempty"`
	Review *ReviewEntry `json:"review,omitempty"`
}

// State is a release as the CMS lists it.
type State struct {
	Service            string    `json:"service"`
	Version            string    `json:"version"`
	Title              string    `json:"title,omitempty"`
	Model              string    `json:"model"`
	Requester          string    `json:"requester"`
	Manager            string    `json:"manager"`
	Phase              StageName `json:"phase"`
	Outcome            Outcome   `json:"outcome,omitempty"`
	Reason             string    `json:"reason,omitempty"`
	Risk               int       `json:"risk"`
	PlanDigest         Digest    `json:"planDigest,omitempty"`
	Package            Digest    `json:"package,omitempty"`
	ConfigurationItems []string  `json:"configurationItems,omitempty"`
	Environments       []string  `json:"environments,omitempty"`
	RFCs               []string  `json:"rfcs,omitempty"`
	Emergency          bool      `json:"emergency,omitempty"`
	Started            time.Time `json:"started"`
	Closed             time.Time `json:"closed,omitzero"`
}

// DeployState is a deployment as the CMS lists it.
type DeployState struct {
	Environment string           `json:"environment"`
	State       EnvironmentState `json:"state"`
	Reason      string           `json:"reason,omitempty"`
	Targets     []TargetStatus   `json:"targets,omitempty"`
}

// BallotEntry is an entry of a release's ledger, which is told by the start of the
// release.
type BallotEntry struct {
	Started time.Time   `json:"started"`
	Entry   LedgerEntry `json:"entry"`
}

// StepEntry is a step's result in an environment.
type StepEntry struct {
	Environment string     `json:"environment"`
	Result      StepResult `json:"result"`
}

// StepsEntry is the results of a step on many targets: the DML holds them, as a JSON
// list of StepResult.
type StepsEntry struct {
	Environment string `json:"environment"`
	Report      Blob   `json:"report"`
}

// AuditEntry is a configuration audit of an environment.
type AuditEntry struct {
	Environment string `json:"environment"`
	Audit       Audit  `json:"audit"`
}

// ReadinessEntry is an item of readiness as it was confirmed for an environment.
type ReadinessEntry struct {
	Environment  string       `json:"environment"`
	Confirmation Confirmation `json:"confirmation"`
}

// BaselineEntry sets what runs in an environment from At on; a nil Baseline says
// that nothing does any more.
type BaselineEntry struct {
	Environment string    `json:"environment"`
	Service     string    `json:"service"`
	Baseline    *Baseline `json:"baseline"`
}

// IncidentEntry is an incident of an environment's early life support.
type IncidentEntry struct {
	Environment string   `json:"environment"`
	Incident    Incident `json:"incident"`
}

// CallEntry is a service desk call of an environment's early life support.
type CallEntry struct {
	Environment string `json:"environment"`
	Call        Call   `json:"call"`
}

// AssetsEntry is what a release introduced, changed and retired in an environment.
type AssetsEntry struct {
	Environment string      `json:"environment"`
	Package     Digest      `json:"package"`
	Report      AssetReport `json:"report"`
	// Declared are the assets that its definition declares.
	Declared []Asset `json:"declared,omitempty"`
}

// SupportEntry is an early life support as it is by now: its end, with what the probes
// measured, its exit criteria and extensions.
type SupportEntry struct {
	Environment string        `json:"environment"`
	Status      SupportStatus `json:"status"`
}

// KnownErrorEntry is a known error that early life support found.
type KnownErrorEntry struct {
	Environment string     `json:"environment"`
	Service     string     `json:"service"`
	Error       FoundError `json:"error"`
}

// RFCEntry is a request for change that early life support led to.
type RFCEntry struct {
	Environment string    `json:"environment"`
	RFC         RaisedRFC `json:"rfc"`
}

// WaitedEntry is a wait that is over.
type WaitedEntry struct {
	Started time.Time `json:"started"`
	Waited  Waited    `json:"waited"`
}

// NoteEntry is a lesson, risk, issue or improvement.
type NoteEntry struct {
	Started time.Time `json:"started"`
	Note    Note      `json:"note"`
}

// RatingEntry is how satisfied somebody is.
type RatingEntry struct {
	Started time.Time `json:"started"`
	Rating  Rating    `json:"rating"`
}

// EffortEntry is what somebody spent.
type EffortEntry struct {
	Started time.Time `json:"started"`
	Effort  Effort    `json:"effort"`
}

// ReviewEntry is what looking back found, with the stages that the release went
// through.
type ReviewEntry struct {
	Started time.Time `json:"started"`
	Review  Review    `json:"review"`
	Stages  []Stage   `json:"stages,omitempty"`
	// Live is when the release went live in each environment.
	Live []LiveSince `json:"live,omitempty"`
	// Report is where the DML has the report of the release.
	Report *Blob `json:"report,omitempty"`
}

// LiveSince is when a release was verified in an environment.
type LiveSince struct {
	Environment string    `json:"environment"`
	Purpose     string    `json:"purpose,omitempty"`
	At          time.Time `json:"at"`
	// Planned is when that was expected; zero when nobody said.
	Planned time.Time `json:"planned,omitzero"`
}
