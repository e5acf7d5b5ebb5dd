package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"slipway/release"
	"slipway/release/ballot"
	"slipway/starter"
)

func TestEveryReleaseIsPairedWithEveryGateButNotOneThatNamesItsOwn(t *testing.T) {
	require.Equal(t, []place{{"a@1", ""}}, places([]string{"a@1"}, nil))
	require.Equal(t, []place{{"a@1", "plan"}, {"a@1", "build"}, {"b@1", "deploy:x"}, {"c@1", "plan"}, {"c@1", "build"}},
		places([]string{"a@1", "b@1/deploy:x", "c@1", "a@1/plan"}, []string{"plan", "build"}))
}

func TestAVoteWithoutAGateGoesToTheOneThatWaits(t *testing.T) {
	attend(t)
	hold(t, "nogate@1", release.GatePolicy{}, nil, "plan")
	hold(t, "nogate@2", release.GatePolicy{}, nil, "deploy:staging", "review")
	here(t, "authorize", "nogate@1").want(t, exitDone, "gate plan: 1 of 2 authorized\n", "")
	here(t, "authorize", "nogate@2").want(t, exitUsage, "", "more than one gate of nogate@2 waits for votes (deploy:staging, review): name it with --gate")
	here(t, "authorize", "nogate@2/review", "-o", "json").want(t, exitDone, "{\n  \"message\": \"gate review: 1 of 2 authorized\"\n}\n", "")
	here(t, "authorize", "nogate@2", "--gate", "plan").want(t, exitRefused, "", "refused: gate plan is not open")
}

func TestSeveralVotesAreAllTried(t *testing.T) {
	attend(t)
	hold(t, "several@1", release.GatePolicy{}, nil, "plan")
	hold(t, "several@2", release.GatePolicy{}, nil, "plan", "review")
	c := here(t, "authorize", "several@1", "several@3", "several@2/review", "several@2/build", "--by", "ana")
	c.want(t, exitRefused, "", "starter: 2 of 4 votes failed\n")
	require.Equal(t, `RELEASE    GATE    RESULT
several@1  plan    gate plan: 1 of 2 authorized
several@3  -       there is no release several@3 in namespace default; `+"`starter list`"+` shows what there is
several@2  review  gate review: 1 of 2 authorized
several@2  build   refused: gate build is not open
`, c.out.String())

	c = here(t, "authorize", "several@1", "several@2", "--gate", "plan", "--by", "ben", "--decision", "reject", "-o", "jsonl")
	c.want(t, exitDone, "", "")
	var first voted
	require.NoError(t, json.Unmarshal([]byte(strings.SplitAfter(c.out.String(), "\n")[0]), &first))
	require.Equal(t, voted{Release: "several@1", Gate: "plan", Counted: true, Message: "gate plan: 1 of 2 authorized"}, first)
	here(t, "authorize", "several@4", "several@5").want(t, exitFailed, "", "2 of 2 votes failed")
}

func TestASignedVoteCountsWhereOthersAreRefused(t *testing.T) {
	attend(t)
	file, key := keyFile(t, "")
	record := hold(t, "signed@1", release.GatePolicy{Signed: true}, []release.Key{key}, "plan")
	digest := record.Gates[0].Digest.Short()
	here(t, "authorize", "signed@1").want(t, exitRefused, "", "wants signed votes: make one with starter authorize signed@1 --gate plan --by ana --sign KEY")
	here(t, "authorize", "signed@1", "--sign", file, "--by", "ben").want(t, exitRefused, "", "the roster has no key of ben")
	other, _ := keyFile(t, "")
	here(t, "authorize", "signed@1", "--sign", other).want(t, exitRefused, "", "which is not one of ana on the roster: sign with SHA256:")
	here(t, "authorize", "signed@1", "--sign", file, "--digest", "3f9a0c1b7d22").
		want(t, exitRefused, "", "digest 3f9a0c1b7d22 is not what gate plan of signed@1 shows now: it shows "+digest)
	here(t, "authorize", "signed@1", "--sign", file, "--digest", digest, "--comment", "fine").
		want(t, exitDone, "gate plan: 1 of 2 authorized\n", "signing as ana: authorize gate plan of signed@1, digest "+digest+"; with key SHA256:")
	here(t, "authorize", "signed@1", "--sign", file).want(t, exitDone, "gate plan: 1 of 2 authorized\n", "")

	c := &call{env: []string{"TEMPORAL_ADDRESS=" + shared(t).FrontendHostPort(), "SLIPWAY_BY=ana", "SLIPWAY_SIGN=" + file}}
	c.run(t, "authorize", "signed@1", "--decision", "reject").want(t, exitDone, "gate plan: 0 of 2 authorized\n", "signing as ana: reject gate plan")
}

func TestPrintWritesTheSignalAndSendsNothing(t *testing.T) {
	attend(t)
	file, key := keyFile(t, "")
	record := hold(t, "print@1", release.GatePolicy{}, []release.Key{key}, "plan", "review")
	vote := func(line string) release.Authorization {
		t.Helper()
		message, err := release.DecodeMessage(release.ActAuthorize, []byte(line))
		require.NoError(t, err)
		m, ok := message.(*release.Authorization)
		require.True(t, ok)
		return *m
	}
	c := here(t, "authorize", "print@1/plan", "--print", "--comment", "<fine>")
	c.want(t, exitDone, "", "")
	require.Equal(t, `{"by":"ana","gate":"plan","decision":"authorize","comment":"<fine>","digest":"`+string(record.Gates[0].Digest)+`"}`+"\n", c.out.String())
	require.Equal(t, "<fine>", vote(c.out.String()).Comment)

	c = here(t, "authorize", "print@1", "print@2", "--gate", "plan", "--gate", "review", "--print", "--sign", file, "--valid", "2h", "-o", "json")
	c.want(t, exitFailed, "", "print@2 plan: there is no release print@2")
	c.want(t, exitFailed, "", "2 of 4 votes failed")
	lines := strings.SplitAfter(strings.TrimSuffix(c.out.String(), "\n"), "\n")
	require.Len(t, lines, 2)
	for i, line := range lines {
		m := vote(line)
		signed, err := ballot.Read(m.Signature)
		require.NoError(t, err)
		gate := record.Gates[i]
		require.NoError(t, signed.Ballot.Matches(ballot.Ballot{Release: "print@1", Gate: gate.Name, Digest: gate.Digest, Decision: release.Authorize, By: "ana"}))
		require.Equal(t, "2h0m0s", signed.Ballot.Expires.Sub(signed.Ballot.Issued).String())
		_, err = signed.Verify([]release.Key{key}, signed.Ballot.Issued)
		require.NoError(t, err)
	}

	client := starter.New(shared(t).Client(), "default", t.Name())
	now, err := client.Status(t.Context(), "print@1")
	require.NoError(t, err)
	require.Empty(t, now.Gate("plan").Votes)
	_, err = client.Authorize(t.Context(), "print@1", vote(lines[0]))
	require.NoError(t, err, "what was printed counts")
}
