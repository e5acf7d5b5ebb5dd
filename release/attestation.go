package release

import "time"

// AttestationType is the predicate type of the in-toto statement in which a closed
// release keeps its authorizations beside the package in the DML.
const AttestationType = "https://slipway.dev/attestation/authorizations/v1"

// Attestation is all that an auditor needs to check who authorized what: the plan,
// the gates with what they were about, and every vote.
type Attestation struct {
	Release string    `json:"release"`
	Started time.Time `json:"started"`
	Closed  time.Time `json:"closed"`
	Outcome Outcome   `json:"outcome"`
	Reason  string    `json:"reason,omitempty"`
	// Plan is the plan as it was in the end, and Amendments are what the
	// organization's inventory, calendar and baselines did to it on the way.
	Plan       Plan        `json:"plan"`
	Amendments []Amendment `json:"amendments,omitempty"`
	Package    *Package    `json:"package,omitempty"`
	// Evidence is the test evidence about the package, in the order in which its
	// digest is made.
	Evidence     []Evidence            `json:"evidence,omitempty"`
	Gates        []Gate                `json:"gates"`
	Environments []AttestedEnvironment `json:"environments,omitempty"`
	Ledger       Ledger                `json:"ledger"`
	// Histories are those of the release's workflows up to its close, as they are beside
	// the package; NoHistories says why some are not.
	Histories   []ExportedHistory `json:"histories,omitempty"`
	NoHistories string            `json:"noHistories,omitempty"`
	// Report is the manifest of the release's report; nil when there is none.
	Report  *Blob         `json:"report,omitempty"`
	Entries []LedgerEntry `json:"entries,omitempty"`
}

// AttestedEnvironment is what came of the release in an environment.
type AttestedEnvironment struct {
	Name  string           `json:"name"`
	State EnvironmentState `json:"state"`
	// Deployed is the package that was switched on there; empty when none was.
	Deployed Digest `json:"deployed,omitempty"`
}
