package starter_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"slipway/release"
	"slipway/starter/startertest"
)

// opened is a gate that asks the CAB since some minutes, and closes after a while.
func opened(t *testing.T, id, name string, ago time.Duration, policy release.GatePolicy) release.Gate {
	t.Helper()
	if policy.Votes == nil {
		policy.Votes = map[string]int{"cab": 2}
	}
	content := release.GateContent{Release: id, Gate: name, Plan: release.DigestOfBytes([]byte(id))}
	gate, err := release.OpenGate(name, policy, content, nil, time.Now().Add(-ago))
	require.NoError(t, err)
	return gate
}

// hold starts a release that waits at these gates.
func hold(t *testing.T, id string, gates ...release.Gate) {
	t.Helper()
	roster := []release.Person{{ID: "ana", Groups: []string{"cab"}}, {ID: "ben", Groups: []string{"cab"}}, {ID: "eva", Groups: []string{"ecab"}}}
	plan := release.Plan{Release: id, Roster: roster}
	record := release.Record{ID: id, Title: "a test", Model: "normal", Risk: release.Risk{Score: 35}, Phase: release.StagePlanGate, Gates: gates}
	for _, g := range gates {
		record.Awaiting = append(record.Awaiting, release.Awaiting{
			Kind: release.WaitGate, Gate: g.Name, Digest: g.Digest, About: "something", Needs: g.Needs(plan.Authority()),
			Since: g.Opened, Deadline: g.Deadline, Action: release.ActAuthorize,
		})
	}
	startertest.Hold(t, shared(t).Client(), t.Name(), startertest.Waiting{Record: record, Plan: plan, Roster: roster})
}

// attend runs a worker that takes votes.
func attend(t *testing.T) {
	t.Helper()
	t.Cleanup(startertest.WorkOnGates(t, shared(t).Client(), t.Name()).Stop)
}
