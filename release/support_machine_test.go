package release_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"slipway/release"
)

// deskMachine sends an early life support whatever people may send, and counts along.
type deskMachine struct {
	s   *release.SupportStatus
	o   release.SupportOrder
	now time.Time
	// counts are how many of each kind counted, resolved what was resolved.
	counts   map[string]int
	resolved map[string]string
	ids      map[string]bool
}

// some draws a text that is there or empty.
func some(t *rapid.T, label string, values ...string) string {
	return rapid.SampledFrom(append(values, "")).Draw(t, label)
}

func anID(t *rapid.T, kind string) string {
	return some(t, "id", fmt.Sprintf("%s-%d", kind, rapid.IntRange(1, 4).Draw(t, "n")))
}

func aPerson(t *rapid.T) string { return some(t, "person", "ben", "sam", "zoe") }

func (m *deskMachine) add(t *rapid.T, kind, id string, err error) {
	if err != nil {
		return
	}
	require.False(t, m.ids[id], "%s is given twice", id)
	m.ids[id] = true
	m.counts[kind]++
}

func (m *deskMachine) report(t *rapid.T) {
	i, err := m.s.Report(m.o, release.ReportIncident{InEnvironment: from("uwe"), Severity: 2, Text: "slow", Assignee: aPerson(t)}, m.now)
	m.add(t, "incident", i.ID, err)
}

func (m *deskMachine) update(t *rapid.T) {
	unrelated := rapid.Bool().Draw(t, "unrelated")
	_, err := m.s.UpdateIncident(m.o, release.UpdateIncident{
		InEnvironment: from("ben"), Incident: anID(t, "INC"), Assignee: aPerson(t), Severity: rapid.IntRange(0, 4).Draw(t, "severity"), Unrelated: &unrelated,
	}, m.now)
	refusedOrNot(t, err)
}

func (m *deskMachine) resolve(t *rapid.T) {
	_, err := m.s.Resolve(release.ResolveIncident{InEnvironment: from("ben"), Incident: anID(t, "INC"), Resolution: "memory", Workaround: some(t, "workaround", "wait")}, m.now)
	refusedOrNot(t, err)
}

func (m *deskMachine) call(t *rapid.T) {
	m.add(t, "call", m.s.Call(release.ServiceDeskCall{InEnvironment: from("uwe"), Text: "how?"}, m.now).ID, nil)
}

func (m *deskMachine) updateCall(t *rapid.T) {
	_, err := m.s.UpdateCall(m.o, release.UpdateCall{InEnvironment: from("ben"), Call: anID(t, "CALL"), Assignee: aPerson(t), Resolution: some(t, "how", "told")}, m.now)
	refusedOrNot(t, err)
}

func (m *deskMachine) knownError(t *rapid.T) {
	before := len(m.s.KnownErrors)
	k, carrier, err := m.s.NoteKnownError(m.o, release.NoteKnownError{
		InEnvironment: from("ben"), KnownError: anID(t, "KE"), Text: some(t, "text", "slow"), Incident: anID(t, "INC"),
		Assignee: aPerson(t), Resolution: some(t, "how", "fixed"),
	}, m.now)
	refusedOrNot(t, err)
	if len(m.s.KnownErrors) > before {
		m.add(t, "known error", k.ID, err)
	}
	require.True(t, carrier == nil || carrier.KnownError == k.ID)
}

func (m *deskMachine) raise(t *rapid.T) {
	r, carrier, err := m.s.RaiseRFC(m.o, release.RaiseRFC{InEnvironment: from("ben"), RFC: anID(t, "RFC"), Title: "memory", Incident: anID(t, "INC")}, m.now)
	refusedOrNot(t, err)
	m.add(t, "rfc", r.ID, err)
	require.True(t, carrier == nil || carrier.RFC == r.ID)
}

func (m *deskMachine) remind(*rapid.T) { m.s.Remind(m.o, m.now) }

// refusedOrNot wants every error to be a refusal with a reason.
func refusedOrNot(t *rapid.T, err error) {
	if err != nil {
		var refusal release.Refusal
		require.ErrorAs(t, err, &refusal)
		require.NotEmpty(t, refusal)
	}
}

// check holds after whatever was sent.
func (m *deskMachine) check(t *rapid.T) {
	m.now = m.now.Add(time.Hour)
	require.Equal(t, []int{m.counts["incident"], m.counts["call"], m.counts["known error"], m.counts["rfc"]},
		[]int{len(m.s.Incidents), m.s.CallCount(), len(m.s.KnownErrors), len(m.s.RFCs)})
	for _, i := range m.s.Incidents {
		i.KnownError, i.RFC = "", "" // what came of it may be found out later
		m.stays(t, i.ID, i.Open(), i)
	}
	for _, c := range m.s.Calls {
		m.stays(t, c.ID, c.Resolved.IsZero(), c)
	}
	for _, k := range m.s.KnownErrors {
		m.stays(t, k.ID, k.Resolved.IsZero(), k)
	}
	for _, matter := range m.s.Matters() {
		require.Empty(t, m.resolved[matter.ID], "what is resolved is not open")
		_, known := m.o.Authority.Person(matter.Assignee)
		require.True(t, known || matter.Assignee == "")
	}
}

// stays wants what is resolved to be as it was then.
func (m *deskMachine) stays(t *rapid.T, id string, open bool, now any) {
	text := fmt.Sprintf("%+v", now)
	was, done := m.resolved[id]
	if done {
		require.Equal(t, was, text, "what is resolved stays as it is")
	}
	if !open {
		m.resolved[id] = text
	}
}

func TestWhateverIsSentEarlyLifeSupportKeepsItsBooks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &deskMachine{s: supported(), o: daily(), now: noon, counts: map[string]int{}, resolved: map[string]string{}, ids: map[string]bool{}}
		t.Repeat(map[string]func(*rapid.T){
			"report": m.report, "update": m.update, "resolve": m.resolve, "call": m.call, "update call": m.updateCall,
			"known error": m.knownError, "raise": m.raise, "remind": m.remind, "": m.check,
		})
	})
}
