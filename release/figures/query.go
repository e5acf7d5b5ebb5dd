package figures

import "time"

// Query asks the CMS for facts: of the starts of releases that were under way, or
// audited, between Since and before Until, in the order of their starts. Other starts of a
// release that was audited may be among them.
type Query struct {
	Since time.Time
	Until time.Time
	Filter
	// After is the start after which to go on, and Limit how many starts to give at most;
	// zero for all.
	After Start
	Limit int
}

// Start names a start of a release.
type Start struct {
	Started time.Time `json:"started,omitzero"`
	Release string    `json:"release,omitempty"`
}
