package release

import "time"

// SupportOrder is what an early life support is asked to do.
type SupportOrder struct {
	Release     string    `json:"release"`
	Version     string    `json:"version"`
	Environment string    `json:"environment"`
	TaskQueue   string    `json:"taskQueue,omitempty"`
	Targets     []Target  `json:"targets"`
	Inventory   Digest    `json:"inventory,omitempty"`
	Plan        Support   `json:"plan"`
	Authority   Authority `json:"authority"`
	// Policy is that of the release model, which says what may happen when it
	// should end.
	Policy SupportPolicy `json:"policy,omitzero"`
	// Reachable are the people who can be reminded.
	Reachable []string `json:"reachable,omitempty"`
	// KnownErrors are those that the release is shipped with.
	KnownErrors []KnownError `json:"knownErrors,omitempty"`
	// Package is what the support report is attached to.
	Package *Package `json:"package,omitempty"`
	// Edition is by which rules it is carried out; zero in older histories.
	Edition int `json:"edition,omitempty"`
	// Before is what was known when the support went on in a new run, Watched until when
	// its probes had looked, and Acts how many actions had been recorded.
	Before  *SupportStatus `json:"before,omitempty"`
	Watched time.Time      `json:"watched,omitzero"`
	Acts    int            `json:"acts,omitempty"`
}

// SupportEdition is that of the orders that are given today.
const SupportEdition = 1

// Since tells whether the support is carried out by the rules that came with an edition.
func (o SupportOrder) Since(edition int) bool { return o.Edition >= edition }

// SupportStatus is what is known of an early life support, while it goes on and
// as its result.
type SupportStatus struct {
	ID          string    `json:"id"`
	Environment string    `json:"environment"`
	Started     time.Time `json:"started"`
	Until       time.Time `json:"until"`
	Ended       time.Time `json:"ended,omitzero"`
	// Availability is measured by the probes: one row a target; of many targets only
	// those that were seen down, or not looked at while others were. Others sums up
	// those without a row.
	Availability []Availability `json:"availability,omitempty"`
	Others       *Others        `json:"others,omitempty"`
	Incidents    []Incident     `json:"incidents,omitempty"`
	Calls        []Call         `json:"calls,omitempty"`
	// EarlierCalls counts those that only the CMS has by now.
	EarlierCalls int        `json:"earlierCalls,omitempty"`
	Acts         []Act      `json:"acts,omitempty"`
	Awaiting     []Awaiting `json:"awaiting,omitempty"`
	// Unmet lists the exit criteria that do not hold (yet).
	Unmet []string `json:"unmet,omitempty"`

	// Minimum is before when it cannot be ended, and Extensions why it lasts longer
	// than planned.
	Minimum    time.Time   `json:"minimum,omitzero"`
	Extensions []Extension `json:"extensions,omitempty"`
	// Criteria are all exit criteria, with what there is of each by now.
	Criteria    []Criterion  `json:"criteria,omitempty"`
	KnownErrors []FoundError `json:"knownErrors,omitempty"`
	RFCs        []RaisedRFC  `json:"rfcs,omitempty"`
	// Knowledge is who confirmed that knowledge was transferred.
	Knowledge *Act `json:"knowledge,omitempty"`
	// EndedBy is who ended it before its time, or in spite of criteria that do not hold.
	EndedBy *Act `json:"endedBy,omitempty"`
	// BackOut says why the release is to be backed out; empty when it is not.
	BackOut string `json:"backOut,omitempty"`
	// Latency are the windows of time with what the probes measured in each, of all
	// targets together.
	Latency []LatencyWindow `json:"latency,omitempty"`
	// Document is the support report in the DML; Undocumented says why there is none.
	Document     *Blob  `json:"document,omitempty"`
	Undocumented string `json:"undocumented,omitempty"`
}

// Extension is a later end than planned.
type Extension struct {
	At    time.Time `json:"at"`
	From  time.Time `json:"from"`
	Until time.Time `json:"until"`
	// By is empty when the model's policy extended it.
	By     string `json:"by,omitempty"`
	Reason string `json:"reason"`
}

// Criterion is an exit criterion, with what there is by now.
type Criterion struct {
	Name   string `json:"name"`
	Wanted string `json:"wanted"`
	Actual string `json:"actual"`
	Met    bool   `json:"met"`
}

// Sight is what the probes have seen of all targets by now.
func (s SupportStatus) Sight() Sight { return Sight{Availability: s.Availability, Others: s.Others} }

// Saw takes in what another watch has seen.
func (s *SupportStatus) Saw(seen Sight, tolerance Duration) {
	joined := s.Sight().Join(seen, tolerance)
	s.Availability, s.Others = joined.Availability, joined.Others
	if seen.Latency.Probes > 0 {
		s.Latency = append(s.Latency, seen.Latency)
	}
}

// Downtime is the longest downtime of any target.
func (s SupportStatus) Downtime() Duration {
	_, downtime := s.Sight().Worst()
	return downtime
}
