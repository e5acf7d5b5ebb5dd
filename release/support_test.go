package release_test

import (
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"slipway/release"
)

// containsWord tells whether a word stands in a text by itself.
func containsWord(text, word string) bool {
	return regexp.MustCompile(`\b` + regexp.QuoteMeta(word) + `\b`).MatchString(text)
}

func incident(id string, severity int, open bool) release.Incident {
	i := release.Incident{ID: id, Severity: severity, Summary: "it is slow", By: "uwe", Opened: noon}
	if !open {
		i.Resolved = noon.Add(time.Hour)
	}
	return i
}

// downFor is the availability of a target that was down so long, in seconds.
func downFor(target string, seconds float64) release.Availability {
	return release.Availability{Target: target, Down: []release.Interval{lasting(0, seconds, "refused")}}
}

func TestEarlyLifeSupportEndsWellWhenItsExitCriteriaHold(t *testing.T) {
	for _, c := range []struct {
		name     string
		criteria release.ExitCriteria
		status   release.SupportStatus
		unmet    []string
	}{
		{"nothing happened", release.ExitCriteria{}, release.SupportStatus{}, nil},
		{
			"severity 2 is the limit by default",
			release.ExitCriteria{},
			release.SupportStatus{Incidents: []release.Incident{incident("INC-1", 2, true), incident("INC-2", 3, true), incident("INC-3", 1, true)}},
			[]string{"incident INC-1 of severity 2 is open: it is slow; incident INC-3 of severity 1 is open: it is slow (wanted: no open incident of severity 2 or worse)"},
		},
		{
			"a limit of its own",
			release.ExitCriteria{OpenSeverity: 4},
			release.SupportStatus{Incidents: []release.Incident{incident("INC-1", 4, true)}},
			[]string{"incident INC-1 of severity 4 is open: it is slow (wanted: no open incident of severity 4 or worse)"},
		},
		{
			"resolved incidents do not count",
			release.ExitCriteria{},
			release.SupportStatus{Incidents: []release.Incident{incident("INC-1", 1, false)}},
			nil,
		},
		{
			"downtime is not looked at by default",
			release.ExitCriteria{},
			release.SupportStatus{Availability: []release.Availability{downFor("p1", 3600)}},
			nil,
		},
		{
			"as much downtime as accepted",
			release.ExitCriteria{MaxDowntime: release.Duration(5 * time.Second)},
			release.SupportStatus{Availability: []release.Availability{downFor("p1", 5)}},
			nil,
		},
		{
			"more downtime than accepted, of each target by itself",
			release.ExitCriteria{MaxDowntime: release.Duration(5 * time.Second)},
			release.SupportStatus{Availability: []release.Availability{downFor("p1", 3), downFor("p2", 5.5), downFor("p3", 4)}},
			[]string{"p2 was down for 5.5s (wanted: at most 5s)"},
		},
	} {
		assert.Equal(t, c.unmet, release.Unmet(release.Support{Exit: c.criteria}.Evaluate(c.status, noon)), c.name)
	}
}

func TestTheDowntimeOfARecordIsThatOfItsWorstTarget(t *testing.T) {
	staging := &release.SupportStatus{Availability: []release.Availability{downFor("s1", 2)}}
	production := &release.SupportStatus{Availability: []release.Availability{downFor("p1", 1), downFor("p2", 7)}}
	r := release.Record{Environments: []release.EnvironmentRecord{{Support: staging}, {Support: production}, {}}}
	assert.Equal(t, release.Duration(7*time.Second), r.Downtime())
	assert.Zero(t, (&release.Record{}).Downtime())
}

func TestARecordGivesTheLatestGateOfAName(t *testing.T) {
	r := release.Record{Gates: []release.Gate{{Name: "plan", Digest: "a"}, {Name: "plan", Digest: "b"}, {Name: "deploy:p"}}}
	assert.Equal(t, release.Digest("b"), r.Gate("plan").Digest)
	assert.Nil(t, r.Gate("review"))
	r.Gate("plan").Decision = release.Reject
	assert.Equal(t, release.Reject, r.Gates[1].Decision, "it is the record's own")
}

func TestAWaitIsNamedByItsGateOrItsKindAndPlace(t *testing.T) {
	for want, a := range map[string]release.Awaiting{
		"deploy:production":   {Kind: release.WaitGate, Gate: "deploy:production", Environment: "production"},
		"hand-over:staging":   {Kind: release.WaitHandOver, Environment: "staging"},
		"rebuild":             {Kind: release.WaitRebuild},
		"acceptance:apac-one": {Kind: release.WaitAcceptance, Environment: "apac-one"},
	} {
		assert.Equal(t, want, a.Key())
	}
}
