package starter_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"slipway/release"
	"slipway/starter"
)

// agenda gives the gates of the releases of a service, as "version/gate", once
// there are as many as are wanted.
func agenda(t *testing.T, c *starter.Client, service string, f starter.AgendaFilter, want ...string) []starter.AgendaItem {
	t.Helper()
	var (
		items []starter.AgendaItem
		names []string
	)
	listed := func() bool {
		all, err := c.Agenda(t.Context(), f)
		ok(t, err)
		items, names = nil, nil
		for _, i := range all {
			if version, mine := strings.CutPrefix(i.Release, service+"@"); mine {
				items, names = append(items, i), append(names, version+"/"+i.Gate)
			}
		}
		return len(names) == len(want)
	}
	require.Eventually(t, listed, 20*time.Second, 100*time.Millisecond, "the agenda has %v, wanted %v", &names, want)
	if len(want) > 0 {
		require.Equal(t, want, names)
	}
	return items
}

func until(d time.Duration) release.GatePolicy {
	return release.GatePolicy{Deadline: release.Duration(d)}
}

func TestTheMostUrgentGateComesFirst(t *testing.T) {
	c := dial(t)
	attend(t)
	for version, gate := range map[string]struct {
		name   string
		opened time.Duration
		closes time.Duration
	}{
		"1": {"plan", time.Minute, time.Hour}, "2": {"deploy:production", time.Hour, 70 * time.Minute}, "3": {"build", time.Minute, 2 * time.Hour},
		"4": {"review", time.Minute, 0}, "5": {"review", time.Hour, 0},
	} {
		id := "urgent@" + version
		hold(t, id, opened(t, id, gate.name, gate.opened, until(gate.closes)))
	}
	items := agenda(t, c, "urgent", starter.AgendaFilter{}, "2/deploy:production", "1/plan", "3/build", "5/review", "4/review")
	first := items[0]
	require.Equal(t, "a test", first.Title)
	require.Equal(t, "normal", first.Model)
	require.Equal(t, 35, first.Risk)
	require.Equal(t, "medium", first.Level)
	require.Equal(t, "2 more of group cab (ana, ben)", first.Needs)
	require.Equal(t, "something", first.About)
	require.Len(t, first.Digest.Short(), 12)
	require.False(t, first.Deadline.IsZero() || first.Since.IsZero())
}

func TestAReleaseThatNobodyAnswersForIsOnTheAgenda(t *testing.T) {
	c := dial(t)
	id := "orphan@1"
	hold(t, id, opened(t, id, "plan", time.Minute, until(time.Hour)))
	items := agenda(t, c, "orphan", starter.AgendaFilter{Group: "cab", Person: "ana", Before: time.Now()}, "1/plan")
	require.Contains(t, items[0].Unknown, "no worker polls task queue "+t.Name())
	require.Equal(t, 35, items[0].Risk)
	require.Equal(t, "normal", items[0].Model)
}

func TestAnAgendaIsOfAGroupAPersonOrATime(t *testing.T) {
	c := dial(t)
	attend(t)
	ecab := release.GatePolicy{Votes: map[string]int{"ecab": 1}, Mandatory: []string{"manager"}}
	hold(t, "chosen@1", opened(t, "chosen@1", "plan", time.Minute, until(time.Hour)), opened(t, "chosen@1", "review", time.Minute, ecab))
	hold(t, "chosen@2", opened(t, "chosen@2", "plan", time.Minute, until(3*time.Hour)))
	voted := opened(t, "chosen@3", "plan", time.Minute, until(4*time.Hour))
	voted.Votes = []release.Vote{{By: "ana", Decision: release.Authorize, Seats: []release.Seat{{Person: "ana", Groups: []string{"cab"}}}}}
	hold(t, "chosen@3", voted)
	escalated := opened(t, "chosen@4", "plan", time.Hour, release.GatePolicy{
		Deadline: release.Duration(time.Minute), Escalate: &release.Escalation{To: "ecab", For: release.Duration(6 * time.Hour)},
	})
	escalated.Escalate(time.Now())
	hold(t, "chosen@4", escalated)

	agenda(t, c, "chosen", starter.AgendaFilter{}, "1/plan", "2/plan", "3/plan", "4/plan", "1/review")
	agenda(t, c, "chosen", starter.AgendaFilter{Group: "cab"}, "1/plan", "2/plan", "3/plan", "4/plan")
	agenda(t, c, "chosen", starter.AgendaFilter{Group: "ecab"}, "4/plan", "1/review")
	agenda(t, c, "chosen", starter.AgendaFilter{Group: "manager"}, "1/review")
	agenda(t, c, "chosen", starter.AgendaFilter{Person: "ana"}, "1/plan", "2/plan", "4/plan")
	agenda(t, c, "chosen", starter.AgendaFilter{Before: time.Now().Add(2 * time.Hour)}, "1/plan")
}

func TestOnlyGatesAreOnTheAgenda(t *testing.T) {
	c := dial(t)
	attend(t)
	id := "decided@1"
	hold(t, id, opened(t, id, "plan", time.Minute, release.GatePolicy{Votes: map[string]int{"cab": 1}}))
	agenda(t, c, "decided", starter.AgendaFilter{}, "1/plan")
	_, err := c.Authorize(t.Context(), id, release.Authorization{Sender: release.Sender{By: "ana"}, Gate: "plan", Decision: release.Authorize})
	ok(t, err)
	agenda(t, c, "decided", starter.AgendaFilter{})
}
