package release

import (
	"fmt"
	"slices"
)

// Proof is what test suites proved of one requirement.
type Proof struct {
	Requirement
	// Suites are those that cover it.
	Suites []SuiteProof `json:"suites,omitempty"`
}

// SuiteProof is what one suite says of a requirement that it covers.
type SuiteProof struct {
	Suite  string `json:"suite"`
	Ran    bool   `json:"ran"`
	Passed bool   `json:"passed"`
	// Flaky tells that it passed only when it ran again, or says so of cases itself.
	Flaky bool `json:"flaky,omitempty"`
}

// ProofState says how far a requirement is proved.
type ProofState string

// How far a requirement is proved: by all suites that cover it, or not because one
// failed, one has not run yet, or none covers it.
const (
	Proved     ProofState = "proved"
	Disproved  ProofState = "failed"
	Untested   ProofState = "not tested"
	NotCovered ProofState = "not covered"
)

// Proofs lays the requirements against the suites that cover them, given the evidence
// about one package; of a suite that is in there more than once, the last counts.
func (d Definition) Proofs(evidence []Evidence) []Proof {
	proofs := make([]Proof, 0, len(d.Requirements))
	for _, requirement := range d.Requirements {
		proof := Proof{Requirement: requirement}
		for _, s := range d.covering(requirement.ID) {
			suite := SuiteProof{Suite: s.Name}
			for _, e := range evidence {
				if e.Suite == s.Name {
					suite.Ran, suite.Passed, suite.Flaky = true, e.Failure == "", len(e.Flaky) > 0
				}
			}
			proof.Suites = append(proof.Suites, suite)
		}
		proofs = append(proofs, proof)
	}
	return proofs
}

// Uncovered lists the requirements that no suite covers.
func (d Definition) Uncovered() []string { return NotCovered.in(d.Proofs(nil)) }

// State says how far the requirement is proved.
func (p Proof) State() ProofState {
	switch {
	case len(p.Suites) == 0:
		return NotCovered
	case slices.ContainsFunc(p.Suites, func(s SuiteProof) bool { return s.Ran && !s.Passed }):
		return Disproved
	case slices.ContainsFunc(p.Suites, func(s SuiteProof) bool { return !s.Ran }):
		return Untested
	}
	return Proved
}

// passed tells whether any suite that covers the requirement passed.
func (p Proof) passed() bool {
	return slices.ContainsFunc(p.Suites, func(s SuiteProof) bool { return s.Passed })
}

// Unproved says which requirements have no suite that passed; nothing when all have
// one.
func Unproved(proofs []Proof) string {
	var without []string
	for _, p := range proofs {
		if !p.passed() {
			without = append(without, fmt.Sprintf("%s (%s: %s)", p.ID, p.Text, p.State()))
		}
	}
	if len(without) == 0 {
		return ""
	}
	return "no test suite that passed covers " + list(without)
}

// in lists the requirements of a state.
func (s ProofState) in(proofs []Proof) []string {
	var ids []string
	for _, p := range proofs {
		if p.State() == s {
			ids = append(ids, p.ID)
		}
	}
	return ids
}
