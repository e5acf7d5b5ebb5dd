package release

import "time"

// Incident is something that broke during early life support (ITIL: incident
// management).
type Incident struct {
	ID       string `json:"id"`
	Severity int    `json:"severity"`
	CI       string `json:"ci,omitempty"`
	Summary  string `json:"summary"`
	// Defect is what kind of fault it comes from, as far as that is known.
	Defect Defect    `json:"defect,omitempty"`
	By     string    `json:"by"`
	Opened time.Time `json:"opened"`
	// Unrelated tells that the release did not cause it.
	Unrelated  bool      `json:"unrelated,omitempty"`
	Resolved   time.Time `json:"resolved,omitzero"`
	ResolvedBy string    `json:"resolvedBy,omitempty"`
	Resolution string    `json:"resolution,omitempty"`
	Workaround string    `json:"workaround,omitempty"`
	Assignment
	// KnownError and RFC are the ids of what it led to.
	KnownError string `json:"knownError,omitempty"`
	RFC        string `json:"rfc,omitempty"`
}

// Open tells whether the incident is not resolved yet.
func (i Incident) Open() bool { return i.Resolved.IsZero() }

// Assignment says who looks after something, since when, and when that person was
// reminded last.
type Assignment struct {
	Assignee string    `json:"assignee,omitempty"`
	Assigned time.Time `json:"assigned,omitzero"`
	Reminded time.Time `json:"reminded,omitzero"`
}

// Defect is the kind of fault that an incident comes from (after the defect types of
// orthogonal defect classification, with those of releasing).
type Defect string

// The defect types.
const (
	DefectFunction      Defect = "function"
	DefectInterface     Defect = "interface"
	DefectData          Defect = "data"
	DefectPerformance   Defect = "performance"
	DefectSecurity      Defect = "security"
	DefectConfiguration Defect = "configuration"
	DefectPackaging     Defect = "packaging"
	DefectDeployment    Defect = "deployment"
	DefectEnvironment   Defect = "environment"
	DefectDocumentation Defect = "documentation"
	DefectOther         Defect = "other"
)

// Defects lists the defect types.
var Defects = []Defect{
	DefectFunction, DefectInterface, DefectData, DefectPerformance, DefectSecurity, DefectConfiguration,
	DefectPackaging, DefectDeployment, DefectEnvironment, DefectDocumentation, DefectOther,
}

// Call is a service desk call.
type Call struct {
	// ID is empty in older records.
	ID      string    `json:"id,omitempty"`
	At      time.Time `json:"at"`
	By      string    `json:"by"`
	CI      string    `json:"ci,omitempty"`
	Summary string    `json:"summary"`
	Assignment
	Resolved   time.Time `json:"resolved,omitzero"`
	ResolvedBy string    `json:"resolvedBy,omitempty"`
	Resolution string    `json:"resolution,omitempty"`
}

// FoundError is a known error that early life support found (ITIL: problem
// management), open until a release or a change ends it.
type FoundError struct {
	KnownError
	// Incident is the one that it was found by, if any.
	Incident string    `json:"incident,omitempty"`
	By       string    `json:"by"`
	At       time.Time `json:"at"`
	Assignment
	Resolved   time.Time `json:"resolved,omitzero"`
	ResolvedBy string    `json:"resolvedBy,omitempty"`
	Resolution string    `json:"resolution,omitempty"`
}

// RaisedRFC is a request for change that early life support led to.
type RaisedRFC struct {
	ID       string    `json:"id"`
	Title    string    `json:"title"`
	Reason   string    `json:"reason,omitempty"`
	Incident string    `json:"incident,omitempty"`
	CI       string    `json:"ci,omitempty"`
	By       string    `json:"by"`
	At       time.Time `json:"at"`
}
