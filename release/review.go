package release

import "time"

// Review is what looking back at a release found (ITIL: post-implementation review).
type Review struct {
	Opened time.Time `json:"opened"`
	// Performance is each performance target of the plan against what was reached.
	Performance []Performance `json:"performance,omitempty"`
	// Deviations are what did not go as planned, found in the record.
	Deviations []Deviation `json:"deviations,omitempty"`
	// KnownErrors are those that service operations take over.
	KnownErrors []KnownError `json:"knownErrors,omitempty"`
	// Asked are the people who were asked how satisfied they are, until AskedUntil.
	Asked      []string  `json:"asked,omitempty"`
	AskedUntil time.Time `json:"askedUntil,omitzero"`
	Cost       *Cost     `json:"cost,omitempty"`
	// Closed is who closed the review, with what they said; nil when nobody has to.
	Closed *Act `json:"closed,omitempty"`
	// Missing is what the model needs and nobody gave in time.
	Missing []string `json:"missing,omitempty"`
}

// PerformanceTarget is something that the plan promises to reach.
type PerformanceTarget struct {
	Measure Measure `json:"measure"`
	// AtMost and AtLeast are in the unit of the measure; one of them is given, or both.
	AtMost  *float64 `json:"atMost,omitempty"`
	AtLeast *float64 `json:"atLeast,omitempty"`
}

// Measure is what of a release can be measured when it is reviewed.
type Measure string

// The measures, with their units.
const (
	MeasureDuration      Measure = "duration"      // hours from request to review
	MeasureLeadTime      Measure = "lead-time"     // hours from request to live in the last environment
	MeasureDeployment    Measure = "deployment"    // minutes of all deployments
	MeasureWaiting       Measure = "waiting"       // hours in gates, windows and for people
	MeasureDowntime      Measure = "downtime"      // minutes, the longest of any target
	MeasureIncidents     Measure = "incidents"     // that the release caused
	MeasureCalls         Measure = "calls"         // to the service desk
	MeasureBuilds        Measure = "builds"        // attempts
	MeasureDiscrepancies Measure = "discrepancies" // of configuration audits
	MeasureCost          Measure = "cost"          // in the organization's currency
	MeasureSatisfaction  Measure = "satisfaction"  // mean score, 1 to 5
)

// Performance is a performance target and what was reached; without an Actual nothing
// was measured.
type Performance struct {
	PerformanceTarget
	Unit   string   `json:"unit"`
	Actual *float64 `json:"actual,omitempty"`
	Met    bool     `json:"met"`
}

// Deviation is something that did not go as planned.
type Deviation struct {
	Kind DeviationKind `json:"kind"`
	Text string        `json:"text"`
}

// DeviationKind says what did not go as planned.
type DeviationKind string

// The kinds of deviation.
const (
	DeviationDuration      DeviationKind = "duration"      // a stage took longer
	DeviationAmendment     DeviationKind = "amendment"     // the plan changed by itself
	DeviationRebuild       DeviationKind = "rebuild"       // a build did not become the package
	DeviationStep          DeviationKind = "step"          // a step failed, was skipped, or nobody knows
	DeviationTarget        DeviationKind = "target"        // targets are not on the release
	DeviationDiscrepancy   DeviationKind = "discrepancy"   // of a configuration audit
	DeviationCriterion     DeviationKind = "criterion"     // of early life support
	DeviationAuthorization DeviationKind = "authorization" // one lapsed, or a freeze was overridden
)

// Note is what somebody noted about a release, at any time.
type Note struct {
	ID   string    `json:"id"`
	Kind NoteKind  `json:"kind"`
	Text string    `json:"text"`
	By   string    `json:"by"`
	At   time.Time `json:"at"`
	// Owner looks after it; an improvement always has one.
	Owner string `json:"owner,omitempty"`
}

// NoteKind says what a note is.
type NoteKind string

// The kinds of note.
const (
	NoteLesson      NoteKind = "lesson"
	NoteRisk        NoteKind = "risk"
	NoteIssue       NoteKind = "issue"
	NoteImprovement NoteKind = "improvement"
)

// NoteKinds lists them.
var NoteKinds = []NoteKind{NoteLesson, NoteRisk, NoteIssue, NoteImprovement}

// Rating is how satisfied somebody is with a release, from 1 (not at all) to 5 (very).
type Rating struct {
	By      string    `json:"by"`
	Score   int       `json:"score"`
	Comment string    `json:"comment,omitempty"`
	At      time.Time `json:"at"`
}

// Effort is what somebody spent on a release.
type Effort struct {
	By string `json:"by"`
	// Role is that of the rates by which it is paid for.
	Role  string  `json:"role"`
	Hours float64 `json:"hours,omitempty"`
	// Expense is money spent beside the hours, in the organization's currency.
	Expense float64   `json:"expense,omitempty"`
	Text    string    `json:"text,omitempty"`
	At      time.Time `json:"at"`
}

// Rates are what things cost, in one currency.
type Rates struct {
	Currency string `json:"currency,omitempty"`
	// Roles is what an hour of somebody in a role or group costs; "default" is for
	// everybody else.
	Roles map[string]float64 `json:"roles,omitempty"`
	// MachineHour is what an hour of building, testing and deploying costs.
	MachineHour float64 `json:"machineHour,omitempty"`
}

// Cost is what a release cost, as far as it was recorded.
type Cost struct {
	Currency     string  `json:"currency,omitempty"`
	MachineHours float64 `json:"machineHours"`
	Machines     float64 `json:"machines"`
	PeopleHours  float64 `json:"peopleHours"`
	People       float64 `json:"people"`
	Expenses     float64 `json:"expenses"`
	Total        float64 `json:"total"`
}

// ReviewPolicy says what a release model needs before a release is closed (ITIL:
// review and close).
type ReviewPolicy struct {
	// By are the groups of whom somebody has to close the review; none lets it be
	// closed by itself.
	By []string `json:"by,omitempty"`
	// Lessons and Improvements are how many notes of these kinds it needs at least.
	Lessons      int `json:"lessons,omitempty"`
	Improvements int `json:"improvements,omitempty"`
	// Satisfaction are the people, groups and roles who are asked for a rating, beside
	// the customers of the definition, and Within how long they have.
	Satisfaction []string `json:"satisfaction,omitempty"`
	Within       Duration `json:"within,omitempty"`
	// RemindEvery is how often who is still needed is reminded.
	RemindEvery Duration `json:"remindEvery,omitempty"`
}

// ProcedureReview is when the organization looked over its release procedures: the
// models, gates and rules of its configuration.
type ProcedureReview struct {
	On      time.Time `json:"on"`
	By      string    `json:"by"`
	Summary string    `json:"summary,omitempty"`
}

// Waited is a wait that is over: for whom or what, from when to when.
type Waited struct {
	Kind        string    `json:"kind"`
	Gate        string    `json:"gate,omitempty"`
	Environment string    `json:"environment,omitempty"`
	Needs       string    `json:"needs"`
	Since       time.Time `json:"since"`
	Until       time.Time `json:"until"`
	// People are those who ended it, when people did.
	People []string `json:"people,omitempty"`
}
