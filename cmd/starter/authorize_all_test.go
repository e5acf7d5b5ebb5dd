package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"slipway/release"
	"slipway/starter"
)

// listedAt waits until the server lists so many releases at a gate: it does so a moment
// after they came there.
func listedAt(t *testing.T, gate string, n int) {
	t.Helper()
	require.Eventually(t, func() bool {
		c := here(t, "authorize", "--all", "--gate", gate, "--dry-run", "-o", "jsonl")
		return c.status == exitDone && strings.Count(c.out.String(), "\n") == n
	}, 20*time.Second, 50*time.Millisecond)
}

func TestAllThatWaitAtAGateAreVotedOnAtOnce(t *testing.T) {
	attend(t)
	const gate = "deploy:all"
	hold(t, "all@1", release.GatePolicy{}, nil, gate)
	hold(t, "all@2", release.GatePolicy{Signed: true}, nil, gate)
	hold(t, "all@3", release.GatePolicy{RequireDigest: true}, nil, gate)
	hold(t, "all@4", release.GatePolicy{}, nil, gate+"-others")
	listedAt(t, gate, 3)

	here(t, "__complete", "authorize", "--all", "--gate", "").want(t, exitDone, gate+"\n", "")
	c := here(t, "authorize", "--all", "--gate", gate, "--dry-run")
	c.want(t, exitDone, "1. all@1, gate deploy:all\n", "")
	require.NotContains(t, c.out.String(), "all@4")
	c = here(t, "authorize", "--all", "--gate", gate)
	c.want(t, exitUsage, "", "this would authorize gate deploy:all as ana: 3 releases: all@1, all@2, all@3; there is no terminal to ask")
	here(t, "authorize", "--all", "--gate", gate, "--model", "emergency", "--yes").want(t, exitDone, "No release waits at gate deploy:all.\n", "")

	c = here(t, "authorize", "--all", "--gate", gate, "--yes")
	c.want(t, exitRefused, "", "starter: 1 of 3 votes failed\n")
	require.Equal(t, `RELEASE  GATE        RESULT
all@2    deploy:all  refused: gate deploy:all wants signed votes: make one with starter authorize all@2 --gate deploy:all --by ana --sign KEY
2 authorized, 1 refused
`, c.out.String())

	c = here(t, "authorize", "--all", "--gate", gate, "--by", "ben", "--decision", "reject", "--yes", "-o", "jsonl")
	c.want(t, exitRefused, "", "2 rejected, 1 refused\n")
	counted := map[string]bool{}
	for line := range strings.Lines(c.out.String()) {
		var v voted
		require.NoError(t, json.Unmarshal([]byte(line), &v))
		counted[v.Release] = v.Counted
	}
	require.Equal(t, map[string]bool{"all@1": true, "all@2": false, "all@3": true}, counted)
}

func TestEachOfManyVotesIsSignedForItself(t *testing.T) {
	attend(t)
	file, key := keyFile(t, "")
	const gate = "deploy:signed"
	for _, id := range []string{"allsigned@1", "allsigned@2"} {
		hold(t, id, release.GatePolicy{Signed: true, RequireDigest: true}, []release.Key{key}, gate)
	}
	listedAt(t, gate, 2)
	c := here(t, "authorize", "--all", "--gate", gate, "--yes", "--sign", file, "-o", "json")
	c.want(t, exitDone, `"message": "gate deploy:signed: 1 of 2 authorized"`, "signing as ana, with key SHA256:")
	c.want(t, exitDone, "", "2 authorized\n")
	require.NotContains(t, c.errs.String(), "authorize gate", "nobody reads a line for each")
}

func TestVotesOnManyAreCastOnlyWhereSomebodyCanReceiveThem(t *testing.T) {
	const gate = "deploy:nobody"
	hold(t, "nobody@1", release.GatePolicy{}, nil, gate)
	listedAt(t, gate, 1)
	here(t, "authorize", "--all", "--gate", gate, "--yes").want(t, exitFailed, "1 not tried\n", "no worker polls task queue "+t.Name())
}

func TestSomeAreNamedAndTheRestIsCounted(t *testing.T) {
	many := make([]starter.AgendaItem, 1200)
	for i := range many {
		many[i].Release = "a@1"
	}
	require.Equal(t, "1 release: a@1", someOf(many[:1]))
	require.Equal(t, "1,200 releases:"+strings.Repeat(" a@1,", 9)+" a@1 and 1,190 more", someOf(many))
}
