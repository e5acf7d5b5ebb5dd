package release_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/release"
)

func authority() release.Authority {
	a := electorate
	a.May = map[release.Action][]string{
		release.ActAccept: {"users"}, release.ActBackOut: {"cab"}, release.ActHandOver: {"users", "cab"}, release.ActIncident: {},
	}
	return a
}

func TestPeopleMayDoWhatTheModelLetsThem(t *testing.T) {
	for _, c := range []struct {
		name   string
		action release.Action
		by     string
		want   string
	}{
		{"stranger", release.ActServiceDeskCall, "zoe", "zoe is not on the roster"},
		{"nobody", release.ActServiceDeskCall, "", " is not on the roster"},
		{"what is not restricted, anybody of the roster may do", release.ActServiceDeskCall, "sam", ""},
		{"member of the group", release.ActAccept, "uwe", ""},
		{"not a member", release.ActAccept, "ana", "ana may not accept: model normal leaves it to group users (uwe)"},
		{"being requester does not help to accept", release.ActAccept, "rita", "rita may not accept: model normal leaves it to group users (uwe)"},
		{"one of two groups", release.ActHandOver, "ben", ""},
		{"in none of two groups", release.ActHandOver, "sam", "sam may not hand-over: model normal leaves it to group users (uwe) or group cab (rita, ana, ben, eva)"},
		{"requester steers", release.ActWithdraw, "rita", ""},
		{"release manager steers", release.ActResolveStep, "marc", ""},
		{"others steer only when the model says so", release.ActBackOut, "eva", ""},
		{"others do not steer", release.ActWithdraw, "ana", "ana may not withdraw: model normal leaves it to marc (release manager) or rita (requester)"},
		{"others do not steer what other groups may", release.ActBackOut, "uwe", "uwe may not back-out: model normal leaves it to marc (release manager) or rita (requester) or group cab (rita, ana, ben, eva)"},
		{"left to no group", release.ActIncident, "ana", "ana may not incident: model normal leaves it to nobody"},
	} {
		err := authority().Check(c.action, c.by)
		if c.want == "" {
			assert.NoError(t, err, c.name)
			continue
		}
		var refusal release.Refusal
		require.ErrorAs(t, err, &refusal, c.name)
		assert.Equal(t, c.want, refusal.Error(), c.name)
	}
}

func TestTheFirstWhoMayIsNamedInExamples(t *testing.T) {
	for action, want := range map[release.Action]string{
		release.ActAccept: "uwe", release.ActServiceDeskCall: "rita", release.ActHandOver: "rita", release.ActIncident: "", release.ActResolveStep: "rita",
	} {
		assert.Equal(t, want, authority().First(action), action)
	}
	assert.Equal(t, "anybody on the roster", authority().Who(release.ActServiceDeskCall))
}

// Who says what Check holds to.
func TestEverybodyWhoIsNamedMayAndNobodyElse(t *testing.T) {
	a := authority()
	for _, action := range release.Actions {
		who := a.Who(action)
		for _, p := range roster {
			named := who == "anybody on the roster" || containsWord(who, p.ID)
			assert.Equal(t, named, a.Check(action, p.ID) == nil, "%s by %s: %s", action, p.ID, who)
		}
	}
}
