package release_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"slipway/release"
)

// daily is an order whose people are reminded every day.
func daily() release.SupportOrder {
	o := supportOrder()
	o.Policy.RemindEvery = release.Duration(24 * time.Hour)
	return o
}

// reminded gives who is reminded of which ids.
func reminded(all []release.Reminder) map[string][]string {
	who := map[string][]string{}
	for _, r := range all {
		who[r.To] = namesOfMatters(r.Of)
	}
	return who
}

func namesOfMatters(all []release.Matter) []string {
	var ids []string
	for _, m := range all {
		ids = append(ids, m.ID)
	}
	return ids
}

func TestWhoLooksAfterSomethingIsRemindedEachTimeThatThePeriodHasPassed(t *testing.T) {
	s, o := supported(), daily()
	hour := func(n int) time.Time { return noon.Add(time.Duration(n) * time.Hour) }
	assert.Zero(t, s.NextReminder(o), "nothing is open")
	_, err := s.Report(o, release.ReportIncident{InEnvironment: from("uwe"), Severity: 2, Text: "it is slow", Assignee: "ben"}, noon)
	require.NoError(t, err)
	assert.Equal(t, hour(24), s.NextReminder(o))
	assert.Empty(t, s.Remind(o, hour(23)))
	assert.Equal(t, map[string][]string{"ben": {"INC-1"}}, reminded(s.Remind(o, hour(24))))
	assert.Empty(t, s.Remind(o, hour(24)), "once")
	assert.Equal(t, hour(48), s.NextReminder(o))

	_, err = s.UpdateIncident(o, release.UpdateIncident{InEnvironment: from("ben"), Incident: "INC-1", Assignee: "sam"}, hour(40))
	require.NoError(t, err)
	assert.Equal(t, hour(64), s.NextReminder(o), "it counts from the assignment")
	_, err = s.Resolve(release.ResolveIncident{InEnvironment: from("sam"), Incident: "INC-1", Resolution: "memory"}, hour(50))
	require.NoError(t, err)
	assert.Zero(t, s.NextReminder(o))
	assert.Empty(t, s.Remind(o, hour(64)))
}

func TestPeopleAreRemindedOfAllThatIsDueAtOnce(t *testing.T) {
	s, o := supported(), daily()
	report(t, s, 3)
	s.Call(release.ServiceDeskCall{InEnvironment: from("uwe"), Text: "how?"}, noon)
	s.Call(release.ServiceDeskCall{InEnvironment: from("uwe"), Text: "thanks"}, noon)
	_, err := s.UpdateCall(o, release.UpdateCall{InEnvironment: from("uwe"), Call: "CALL-1", Assignee: "sam"}, noon.Add(time.Hour))
	require.NoError(t, err)
	_, _, err = s.NoteKnownError(o, release.NoteKnownError{InEnvironment: from("ben"), Text: "images", Assignee: "sam"}, noon.Add(2*time.Hour))
	require.NoError(t, err)
	_, err = s.Report(o, release.ReportIncident{InEnvironment: from("uwe"), Severity: 1, Text: "down", Assignee: "sam"}, noon.Add(20*time.Hour))
	require.NoError(t, err)

	at := s.NextReminder(o)
	assert.Equal(t, noon.Add(24*time.Hour), at)
	all := s.Remind(o, at)
	assert.Equal(t, map[string][]string{
		"marc": {"INC-1"},          // nobody looks after it, so the release manager is reminded
		"sam":  {"CALL-1", "KE-2"}, // INC-2 is too fresh
	}, reminded(all))
	assert.Equal(t, `web@2.30 in production has open what you look after:
- CALL-1 (service desk call since 2026-03-01T12:00:00Z): how?
- KE-2 (known error since 2026-03-01T14:00:00Z): images
When it is resolved, say how with starter incident resolve, call update or known-error; who else should look after it, with --assignee.`,
		all[1].Text(o))
	assert.Equal(t, noon.Add(44*time.Hour), s.NextReminder(o), "that of INC-2")
	assert.Equal(t, map[string][]string{"sam": {"INC-2", "CALL-1", "KE-2"}, "marc": {"INC-1"}}, reminded(s.Remind(o, noon.Add(44*time.Hour))))
}

func TestNobodyIsRemindedWhenTheModelSaysNothing(t *testing.T) {
	s := supported()
	report(t, s, 1)
	assert.Zero(t, s.NextReminder(supportOrder()))
	assert.Empty(t, s.Remind(supportOrder(), noon.AddDate(1, 0, 0)))
}

// However things are reported and assigned, nothing stays unmentioned for longer than
// the period, nobody is reminded of it again within half of it, and people are told at
// most twice in a period.
func TestRemindersKeepToTheirPeriod(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, o := supported(), daily()
		every := o.Policy.RemindEvery.Std()
		now, rounds, told := noon, 0, map[string]time.Time{}
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			next := now.Add(time.Duration(rapid.IntRange(1, 40).Draw(t, "hours")) * time.Hour)
			for due := s.NextReminder(o); !due.IsZero() && !due.After(next); due = s.NextReminder(o) {
				require.True(t, due.After(now) || due.Equal(now))
				now = due
				rounds++
				for _, r := range s.Remind(o, now) {
					for _, m := range r.Of {
						require.GreaterOrEqual(t, now.Sub(told[m.ID]), every/2)
						require.LessOrEqual(t, now.Sub(told[m.ID]), every)
						told[m.ID] = now
					}
				}
			}
			now = next
			m := release.ReportIncident{InEnvironment: from("uwe"), Severity: 3, Text: "slow", Assignee: rapid.SampledFrom([]string{"", "ben", "sam"}).Draw(t, "for")}
			i, err := s.Report(o, m, now)
			require.NoError(t, err)
			told[i.ID] = now
			if rapid.Bool().Draw(t, "resolve") {
				_, err := s.Resolve(release.ResolveIncident{InEnvironment: from("ben"), Incident: i.ID, Resolution: "memory"}, now)
				require.NoError(t, err)
			}
		}
		require.LessOrEqual(t, rounds, 2*int(now.Sub(noon)/every)+2)
	})
}
