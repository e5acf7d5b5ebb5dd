package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"slipway/release"
	"slipway/starter/startertest"
)

// hold starts a release that waits at gates of a policy; ana and ben of the CAB are
// on its roster, ana with keys.
func hold(t *testing.T, id string, policy release.GatePolicy, keys []release.Key, gates ...string) release.Record {
	t.Helper()
	policy.Votes = map[string]int{"cab": 2}
	record := release.Record{ID: id, Title: "a test", Model: "normal", Phase: release.StagePlanGate}
	for _, name := range gates {
		content := release.GateContent{Release: id, Gate: name, Plan: release.DigestOfBytes([]byte(id))}
		gate, err := release.OpenGate(name, policy, content, nil, time.Now().Add(-time.Minute))
		require.NoError(t, err)
		record.Gates = append(record.Gates, gate)
		record.Awaiting = append(record.Awaiting, release.Awaiting{
			Kind: release.WaitGate, Gate: name, Digest: gate.Digest, Needs: "2 more of group cab (ana, ben)", Since: gate.Opened, Deadline: gate.Deadline,
			Action: release.ActAuthorize,
		})
	}
	startertest.Hold(t, shared(t).Client(), t.Name(), startertest.Waiting{Record: record, Roster: []release.Person{
		{ID: "ana", Groups: []string{"cab"}, Keys: keys}, {ID: "ben", Groups: []string{"cab"}},
	}})
	return record
}

// attend runs a worker that takes votes.
func attend(t *testing.T) {
	t.Helper()
	t.Cleanup(startertest.WorkOnGates(t, shared(t).Client(), t.Name()).Stop)
}
