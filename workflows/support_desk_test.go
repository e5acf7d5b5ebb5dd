package workflows_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/release"
)

// keptFor lasts for days, with who looks after something open reminded every day.
func (r *rig) keptFor(n int) release.Definition {
	r.world.change(func(w *world) {
		for i := range w.org.Models {
			w.org.Models[i].Support.RemindEvery = days(1)
		}
	})
	d := inStaging("standard")
	d.EarlyLifeSupport = release.Support{Period: days(n), Probe: &release.Probe{Path: "/"}}
	return d
}

// hours does things at hours of early life support in staging.
func (r *rig) hours(do map[int]func()) {
	r.world.when("watch staging", func(context.Context) {
		for _, hour := range slices.Sorted(maps.Keys(do)) {
			r.after(time.Duration(hour)*time.Hour, do[hour])
		}
	})
}

// told lists who was told what of early life support, and how long after it began.
func (r *rig) told(record release.Record) []string {
	var all []string
	began := record.Environment("staging").Support.Started
	for _, e := range r.world.find(func(e release.Entry) bool { return e.Notice != nil && e.Notice.Gate == "" }) {
		ids := idForm(e.Notice.Text)
		all = append(all, e.Notice.At.Sub(began).String()+" "+string(e.Notice.Kind)+" "+strings.Join(e.Notice.To, ",")+" "+strings.Join(ids, ","))
	}
	return all
}

// idForm gives the ids that a notice lists.
func idForm(text string) []string {
	var ids []string
	for line := range strings.Lines(text) {
		if id, listed := strings.CutPrefix(line, "- "); listed {
			ids = append(ids, strings.Fields(id)[0])
		}
	}
	return ids
}

func TestWhoLooksAfterSomethingIsToldAtOnceAndRemindedEveryDay(t *testing.T) {
	r := newRig(t)
	r.reachable()
	d := r.keptFor(4)
	r.hours(map[int]func(){
		1: func() {
			r.update(release.ActIncident, release.ReportIncident{InEnvironment: in("stan", "staging"), Severity: 3, Text: "slow", Assignee: "dan"})
			r.incident(4, "ugly")
			r.send(release.ActServiceDeskCall, release.ServiceDeskCall{InEnvironment: in("uwe", ""), Text: "how?"})
		},
		2: func() {
			r.send(release.ActUpdateCall, release.UpdateCall{InEnvironment: in("stan", ""), Call: "CALL-1", Assignee: "dan"})
		},
		30: func() {
			r.send(release.ActUpdateCall, release.UpdateCall{InEnvironment: in("dan", ""), Call: "CALL-1", Resolution: "told them"})
			r.send(release.ActUpdateIncident, release.UpdateIncident{InEnvironment: in("stan", ""), Incident: "INC-1", Assignee: "bob"})
			r.send(release.ActUpdateIncident, release.UpdateIncident{InEnvironment: in("olga", ""), Incident: "INC-2", Assignee: "olga"})
		},
		60: func() { r.resolveIncident("INC-1"); r.resolveIncident("INC-2") },
	})
	record := r.run(d)

	require.Equal(t, release.Completed, record.Outcome)
	assert.Equal(t, []string{
		"1h0m0s assigned dan INC-1",
		"2h0m0s assigned dan CALL-1",
		"25h0m0s reminder dan INC-1,CALL-1", // CALL-1 goes with it, an hour early
		"25h0m0s reminder max INC-2",        // nobody looks after it: the release manager
		"30h0m0s assigned bob INC-1",        // olga gave INC-2 to herself
		"54h0m0s reminder bob INC-1",
		"54h0m0s reminder olga INC-2",
	}, r.told(record))
	assert.Contains(t, r.world.told, "dan: httpbin@2.26.0 in staging: assigned INC-1")
	assert.Contains(t, r.world.told, "max: httpbin@2.26.0 in staging: reminder INC-2")
}

func TestNobodyWhoCannotBeToldIsReminded(t *testing.T) {
	r := newRig(t)
	r.person("max", func(p *release.Person) { p.Contact = "logger://" })
	d := r.keptFor(3)
	r.during(time.Hour, func() {
		r.update(release.ActIncident, release.ReportIncident{InEnvironment: in("stan", "staging"), Severity: 3, Text: "slow", Assignee: "dan"})
	})
	record := r.run(d)
	assert.Empty(t, r.told(record))
	assert.Equal(t, "dan", record.Environment("staging").Support.Incidents[0].Assignee)
}

func TestAllThatEarlyLifeSupportFindsIsRecorded(t *testing.T) {
	r := newRig(t)
	d := inStaging("standard")
	related := false
	r.hours(map[int]func(){
		1: func() {
			r.send(release.ActIncident, release.ReportIncident{InEnvironment: in("stan", ""), Severity: 3, CI: "httpbin", Text: "no images", Unrelated: true})
			r.send(release.ActServiceDeskCall, release.ServiceDeskCall{InEnvironment: in("uwe", ""), Text: "where are they?"})
		},
		2: func() {
			r.update(release.ActUpdateIncident, release.UpdateIncident{
				InEnvironment: in("olga", "staging"), Incident: "INC-1", Severity: 2, Defect: release.DefectConfiguration, Unrelated: &related, Assignee: "dan",
			})
			r.update(release.ActUpdateCall, release.UpdateCall{InEnvironment: in("olga", "staging"), Call: "CALL-1", Assignee: "stan", Resolution: "told them to wait"})
			r.update(release.ActKnownError, release.NoteKnownError{InEnvironment: in("olga", "staging"), Text: "no images after a restart", Workaround: "use PNG", Incident: "INC-1"})
			r.update(release.ActRaiseRFC, release.RaiseRFC{InEnvironment: in("olga", "staging"), Title: "mount the images", Incident: "INC-1"})
		},
		3: func() {
			r.resolveIncident("INC-1")
			r.send(release.ActKnownError, release.NoteKnownError{InEnvironment: in("olga", ""), KnownError: "KE-1", Resolution: "it starts quickly"})
		},
	})
	record := r.run(d)

	require.Equal(t, release.Completed, record.Outcome)
	s := record.Environment("staging").Support
	require.Len(t, s.Incidents, 1)
	i := s.Incidents[0]
	assert.Equal(t, []any{2, release.DefectConfiguration, false, "dan", "KE-2", "RFC-1", "olga"},
		[]any{i.Severity, i.Defect, i.Unrelated, i.Assignee, i.KnownError, i.RFC, i.ResolvedBy})
	assert.Equal(t, []string{"stan", "olga"}, []string{s.Calls[0].Assignee, s.Calls[0].ResolvedBy})
	require.Len(t, s.KnownErrors, 2)
	assert.Equal(t, []string{"KE-2", "INC-1", "KE-1", "it starts quickly"},
		[]string{s.KnownErrors[0].ID, s.KnownErrors[0].Incident, s.KnownErrors[1].ID, s.KnownErrors[1].Resolution})
	assert.Equal(t, "httpbin", s.RFCs[0].CI)

	last := func(is func(e release.Entry) bool) release.Entry {
		found := r.world.find(is)
		require.NotEmpty(t, found)
		return found[len(found)-1]
	}
	assert.Equal(t, i, last(func(e release.Entry) bool { return e.Incident != nil }).Incident.Incident)
	assert.Equal(t, s.Calls[0], last(func(e release.Entry) bool { return e.Call != nil }).Call.Call)
	assert.Equal(t, release.KnownErrorEntry{Environment: "staging", Service: "httpbin", Error: s.KnownErrors[1]},
		*last(func(e release.Entry) bool { return e.KnownError != nil }).KnownError)
	assert.Equal(t, s.RFCs[0], last(func(e release.Entry) bool { return e.RFC != nil }).RFC.RFC)
	service := last(func(e release.Entry) bool { return e.Service != nil }).Service
	assert.Equal(t, []release.KnownError{{ID: "KE-2", Summary: "no images after a restart", Workaround: "use PNG"}}, service.KnownErrors,
		"the catalogue has what is still wrong")
}

func TestWhatEarlyLifeSupportDoesNotHaveIsRefused(t *testing.T) {
	r := newRig(t)
	env := in("olga", "staging")
	r.during(time.Hour, func() {
		r.incident(3, "slow")
		r.resolveIncident("INC-1")
		r.resolveIncident("INC-1")
		r.update(release.ActUpdateIncident, release.UpdateIncident{InEnvironment: env, Incident: "INC-1", Severity: 9})
		r.update(release.ActUpdateIncident, release.UpdateIncident{InEnvironment: in("olga", "production"), Incident: "INC-1", Severity: 1})
		r.update(release.ActUpdateIncident, release.UpdateIncident{InEnvironment: env, Incident: "INC-9", Severity: 1})
		r.update(release.ActIncident, release.ReportIncident{InEnvironment: env, Severity: 2, Text: "x", Assignee: "zoe"})
		r.update(release.ActUpdateCall, release.UpdateCall{InEnvironment: env, Call: "CALL-1", Resolution: "x"})
		r.update(release.ActKnownError, release.NoteKnownError{InEnvironment: env, KnownError: "KE-9", Text: "x"})
		r.update(release.ActRaiseRFC, release.RaiseRFC{InEnvironment: env, Title: "x", Incident: "INC-2"})
	})
	record := r.run(inStaging("standard"))
	require.Equal(t, release.Completed, record.Outcome)
	r.assertRefused(r.answers[3], "severity 9: use 1 (worst) to 4 (mildest)")
	r.assertRefused(r.answers[4], "no environment is in early life support")
	var refused []string
	for _, e := range r.world.find(func(e release.Entry) bool { return e.Act != nil && !e.Act.Counted }) {
		refused = append(refused, e.Act.Refusal)
	}
	for _, want := range []string{
		"incident INC-1 was resolved by olga at ", "there is no incident INC-9 in httpbin@2.26.0:staging:els: it has INC-1",
		"zoe is not on the roster and cannot look after it: use rita, ", "there is no service desk call CALL-1 in ",
		"there is no known error KE-9 in httpbin@2.26.0:staging:els: it has KE-1; ", "there is no incident INC-2 in ",
	} {
		assert.True(t, slices.ContainsFunc(refused, func(text string) bool { return strings.HasPrefix(text, want) }), "%s\n%s", want, strings.Join(refused, "\n"))
	}
	assert.Len(t, refused, 8)
	s := record.Environment("staging").Support
	assert.Len(t, s.Incidents, 1)
	assert.Empty(t, s.KnownErrors)
	assert.Empty(t, s.RFCs)
}

func TestWhatComesAfterTheEndOfEarlyLifeSupportIsRefused(t *testing.T) {
	r := newRig(t)
	r.world.when("support report", r.meanwhile(func() { r.incident(1, "too late") }))
	record := r.run(inStaging("standard"))
	require.Equal(t, release.Completed, record.Outcome)
	require.Empty(t, record.Environment("staging").Support.Incidents)
	late := r.world.find(func(e release.Entry) bool { return e.Act != nil && !e.Act.Counted })
	require.Len(t, late, 1)
	require.Contains(t, late[0].Act.Refusal, "early life support in staging ended at ")
}
