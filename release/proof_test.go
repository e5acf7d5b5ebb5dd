package release_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"slipway/release"
)

func TestARequirementIsProvedOnlyByAllSuitesThatCoverIt(t *testing.T) {
	d := release.Definition{
		Requirements: []release.Requirement{{ID: "R1"}, {ID: "R2"}, {ID: "R3"}, {ID: "R4"}, {ID: "R5", Text: "fast"}},
		Test: release.Test{Suites: []release.Suite{
			{Name: "a", Covers: []string{"R1", "R2", "R4"}}, {Name: "b", Covers: []string{"R2", "R3"}}, {Name: "c", Covers: []string{"R4"}},
		}},
	}
	proofs := d.Proofs([]release.Evidence{
		{Suite: "a", Failure: "an earlier try"}, {Suite: "a", Flaky: []string{"TestA"}}, {Suite: "b", Failure: "1 of 2 cases failed"},
	})
	var states []release.ProofState
	for _, p := range proofs {
		states = append(states, p.State())
	}
	assert.Equal(t, []release.ProofState{release.Proved, release.Disproved, release.Disproved, release.Untested, release.NotCovered}, states)
	assert.Equal(t, []release.SuiteProof{{Suite: "a", Ran: true, Passed: true, Flaky: true}}, proofs[0].Suites)
	assert.Equal(t, "no test suite that passed covers R3 (: failed), R5 (fast: not covered)", release.Unproved(proofs))
	assert.Empty(t, release.Unproved(proofs[:2]))
}

func TestWhatFailedBeforeASuitePassedIsFlaky(t *testing.T) {
	failing := func(cases ...string) release.Evidence {
		e := release.Evidence{Suite: "unit", Failed: len(cases), Failure: fmt.Sprint(len(cases), " failed"), Execution: release.Execution{Exit: 1, Tail: "long"}}
		for _, name := range cases {
			e.Failures = append(e.Failures, release.CaseFailure{Case: name})
		}
		return e
	}
	passed := release.Evidence{Suite: "unit", Passed: 3, Flaky: []string{"z"}}
	assert.Equal(t, "passed; flaky: z", passed.HowPassed())
	assert.Equal(t, passed, release.Rerun([]release.Evidence{passed}), "one run says all by itself")

	e := release.Rerun([]release.Evidence{failing("b", "a"), failing("a"), passed})
	assert.Equal(t, []string{"a", "b", "z"}, e.Flaky)
	assert.Equal(t, 3, e.Runs)
	assert.Empty(t, e.Failure)
	assert.Equal(t, []release.EarlierRun{
		{Failed: 2, Failure: "2 failed", Execution: release.Execution{Exit: 1}},
		{Failed: 1, Failure: "1 failed", Execution: release.Execution{Exit: 1}},
	}, e.Earlier)
	assert.Equal(t, "passed on run 3; flaky: a, b, z", e.Again())

	e = release.Rerun([]release.Evidence{failing("a"), failing("b", "c")})
	assert.Equal(t, "2 failed", e.Failure)
	assert.Empty(t, e.Flaky, "nothing says that it would pass")
	assert.Equal(t, "failed in all 2 runs", e.Again())
}

func TestABranchIsFollowedToItsNewCommit(t *testing.T) {
	components := []release.Component{
		{Name: "app", Source: release.Source{Git: "https://git.example.org/app", Branch: "main", Commit: "a1b2c3d4e5", Sum: "h1:old"}},
		{Name: "pinned", Source: release.Source{Git: "https://git.example.org/lib", Commit: "0000000000"}},
		{Name: "module", Source: release.Source{Module: "example.org/m", Version: "v1"}},
	}
	branches := release.Branches(components)
	assert.Equal(t, []release.Branch{{Component: "app", Source: components[0].Source}}, branches)
	same, said := release.Follow(components, branches)
	assert.Equal(t, components, same)
	assert.Empty(t, said)

	assert.Equal(t, "branch main of app (a1b2c3d4)", branches[0].String())
	branches[0].Source.Commit = "c3d4e5f6a7"
	newer, said := release.Follow(components, branches)
	assert.Equal(t, "app follows branch main: a1b2c3d4 → c3d4e5f6", said)
	assert.Equal(t, release.Source{Git: "https://git.example.org/app", Branch: "main", Commit: "c3d4e5f6a7"}, newer[0].Source)
	assert.Equal(t, "a1b2c3d4e5", components[0].Source.Commit, "what was given stays")
}
