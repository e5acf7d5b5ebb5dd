package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/release"
)

// withReadiness is the sample that has to be ready for production: two items that
// people confirm, one that a script finds out.
func withReadiness(model string) release.Definition {
	d := definition(model)
	d.Readiness = []release.ReadinessItem{
		{Name: "desk", Kind: release.ReadyTraining, Text: "the service desk is trained", ConfirmedBy: []string{"service-operations"}, In: []string{"production"}},
		{Name: "guide", Kind: release.ReadyDocument, Text: "the guide is out", ConfirmedBy: []string{"uwe", "stan"}, In: []string{"production"}},
		{Name: "disk", Text: "there is room", Run: "df", In: []string{"production"}},
	}
	return d
}

// confirm says that an item is there, as starter does.
func (r *rig) confirm(item, by, environment string) *answer {
	return r.update(release.ActConfirm, release.Confirm{InEnvironment: in(by, environment), Item: item, Comment: "seen"})
}

// confirms answers the waits for readiness with who may.
func (r *rig) confirms() {
	who := map[string]string{"desk": "olga", "guide": "stan"}
	r.people[release.WaitReadiness] = func(a release.Awaiting) { r.confirm(a.Item, who[a.Item], a.Environment) }
}

// confirmed lists who confirmed what in an environment.
func confirmed(record release.Record, environment string) map[string]string {
	found := map[string]string{}
	for _, c := range record.Environment(environment).Readiness {
		found[c.Item] = c.By
	}
	return found
}

func TestADeploymentWaitsForWhatPeopleHaveToConfirm(t *testing.T) {
	r := newRig(t)
	var waits []release.Awaiting
	r.people[release.WaitReadiness] = func(a release.Awaiting) {
		waits = append(waits, a)
		if len(waits) < 2 {
			return
		}
		assert.Empty(t, r.world.holders["production"], "nobody else is kept from the environment meanwhile")
		for _, c := range []struct{ item, by, reason string }{
			{"desk", "zoe", "zoe is not on the roster"},
			{"desk", "uwe", "uwe may not confirm item desk: that is for group service-operations (olga)"},
			{"dsk", "olga", `there is no item "dsk" of readiness for production: there is desk, guide, disk`},
			{"disk", "olga", "item disk is found out by its script"},
		} {
			answered := r.confirm(c.item, c.by, "")
			r.after(time.Second, func() { r.assertRefused(answered, c.reason) })
		}
		first := r.confirm("desk", "olga", "")
		r.after(time.Hour, func() {
			require.NoError(t, first.failed)
			require.Len(t, r.status().Awaiting, 1, "the other item is still waited for")
			again := r.confirm("desk", "olga", "")
			r.after(time.Second, func() { r.assertRefused(again, "item desk was confirmed by olga already") })
			r.send(release.ActConfirm, raw(r.status().Awaiting[0].Payload))
		})
	}
	record := r.run(withReadiness("standard"))

	assert.Equal(t, release.Completed, record.Outcome)
	require.Len(t, waits, 2)
	assert.Equal(t, "training desk: the service desk is trained, confirmed by group service-operations (olga)", waits[0].Needs)
	assert.JSONEq(t, `{"by":"olga","environment":"production","item":"desk","comment":"WHAT YOU SAW"}`, waits[0].Payload)
	assert.Equal(t, map[string]string{"desk": "olga", "guide": "uwe", "disk": ""}, confirmed(record, "production"))
	assert.Empty(t, record.Environment("staging").Readiness)
	assert.Len(t, refusals(record, release.ActConfirm), 5)
	assert.Equal(t, []string{"item disk in production"}, r.world.done("item"))
	written := r.world.find(func(e release.Entry) bool { return e.Readiness != nil })
	assert.Len(t, written, 3)
}

func TestReadinessMayBeConfirmedBeforeTheDeploymentWaitsForIt(t *testing.T) {
	r := newRig(t)
	r.people[release.GatePlan] = func(a release.Awaiting) {
		early := r.confirm("desk", "olga", "")
		elsewhere := r.confirm("desk", "olga", "staging")
		nowhere := r.confirm("desk", "olga", "mars")
		r.confirm("guide", "uwe", "production")
		r.after(time.Minute, func() {
			require.NoError(t, early.failed)
			assert.Equal(t, release.Receipt{Message: "olga confirms desk for production"}, early.receipt)
			r.assertRefused(elsewhere, `there is no item "desk" of readiness for staging`)
			r.assertRefused(nowhere, `the release does not go to "mars"`)
			assert.Equal(t, map[string]string{"desk": "olga", "guide": "uwe"}, confirmed(r.status(), "production"))
			again := r.confirm("guide", "stan", "")
			r.after(time.Second, func() { r.assertRefused(again, "item guide was confirmed by uwe already") })
			r.authorize(a)
		})
	}
	record := r.run(withReadiness("normal"))

	assert.Equal(t, release.Completed, record.Outcome)
	assert.False(t, r.waited("readiness:production"))
	assert.Equal(t, map[string]string{"desk": "olga", "guide": "uwe", "disk": ""}, confirmed(record, "production"))
	assert.Len(t, r.world.find(func(e release.Entry) bool { return e.Readiness != nil }), 3)
}

func TestARevisionKeepsTheConfirmationsOfItemsThatStayTheSame(t *testing.T) {
	r := newRig(t)
	r.confirms()
	first := true
	r.people[release.GatePlan] = func(a release.Awaiting) {
		if !first {
			assert.Equal(t, map[string]string{"guide": "uwe"}, confirmed(r.status(), "production"))
			r.authorize(a)
			return
		}
		first = false
		r.confirm("desk", "olga", "")
		r.confirm("guide", "uwe", "")
		r.after(time.Minute, func() {
			d := withReadiness("normal")
			d.Readiness[0].Text = "the service desk is trained in French"
			r.revise(d)
		})
	}
	record := r.run(withReadiness("normal"))
	assert.Equal(t, release.Completed, record.Outcome)
	assert.Equal(t, map[string]string{"desk": "olga", "guide": "uwe", "disk": ""}, confirmed(record, "production"))
}

func TestWhatWasConfirmedStandsWhenTheAuthorizationLapsesMeanwhile(t *testing.T) {
	r := newRig(t)
	r.policy("normal", "deploy:production", func(p *release.GatePolicy) { p.Validity = release.Duration(time.Hour) })
	asked := 0
	r.people["readiness:production"] = func(a release.Awaiting) {
		asked++
		r.after(2*time.Hour, func() { r.send(release.ActConfirm, raw(a.Payload)) })
	}
	record := r.run(withReadiness("normal"))
	assert.Equal(t, release.Completed, record.Outcome)
	assert.Equal(t, 2, asked)
	lapsed := 0
	for _, g := range record.Gates {
		if g.Decision == release.LapsedGate {
			lapsed++
		}
	}
	assert.Equal(t, 1, lapsed, "it is asked for again, once")
}

func TestABackOutEndsTheWaitForReadiness(t *testing.T) {
	r := newRig(t)
	r.people["readiness:production"] = func(release.Awaiting) { r.askBackOut() }
	r.scope("standard", release.ScopeEnvironment)
	record := r.run(withReadiness("standard"))
	assert.Equal(t, release.Withdrawn, record.Outcome)
	assert.Equal(t, release.EnvNotDeployed, record.Environment("production").State)
}

func TestAScriptThatFindsSomethingMissingWaitsForADecision(t *testing.T) {
	for how, want := range map[release.Resolution]release.Confirmation{
		release.ResolveRetry: {},
		release.ResolveDone:  {},
		release.ResolveSkip:  {By: "dan", Comment: "looked at it", Failure: "exit status 1: 3 GB are free"},
	} {
		t.Run(string(how), func(t *testing.T) {
			r := newRig(t)
			r.confirms()
			r.world.goesWrong("item disk", fails)
			r.people["step:production"] = func(a release.Awaiting) {
				assert.Contains(t, a.Needs, "disk: exit status 1: 3 GB are free (retry and done look again, skip accepts it as it is)")
				r.resolve("readiness", "", how)
			}
			record := r.run(withReadiness("standard"))
			assert.Equal(t, release.Completed, record.Outcome)
			for _, c := range record.Environment("production").Readiness {
				if c.Item == "disk" {
					assert.Equal(t, want, release.Confirmation{By: c.By, Comment: c.Comment, Failure: c.Failure})
					require.NotNil(t, c.Execution)
				}
			}
			looked := 2
			if how == release.ResolveSkip {
				looked = 1
			}
			assert.Len(t, r.world.done("item disk"), looked)
		})
	}
}

func TestWhoAcceptsDiscrepanciesIsRecordedAndDoneLooksAgain(t *testing.T) {
	r := newRig(t)
	r.world.places["staging/s1"].content, r.world.places["staging/s1"].version = "sha256:other", "2.24.0"
	asked := 0
	r.people["step:staging"] = func(release.Awaiting) {
		asked++
		how := release.ResolveDone // though nothing was put right
		if asked > 1 {
			how = release.ResolveSkip
		}
		r.resolve("configuration-audit", "", how)
	}
	record := r.run(definition("standard"))

	assert.Equal(t, release.Completed, record.Outcome)
	assert.Equal(t, 2, asked)
	audits := record.Environment("staging").Audits
	require.Len(t, audits, 3)
	assert.Nil(t, audits[0].Accepted, "it was looked at again")
	require.NotNil(t, audits[1].Accepted)
	assert.Equal(t, "dan looked at it", audits[1].Accepted.By+" "+audits[1].Accepted.Reason)
	assert.Equal(t, release.Discrepancies{Before: 1, Accepted: 1}, record.Discrepancies())
	accepted := r.world.find(func(e release.Entry) bool { return e.Audit != nil && e.Audit.Audit.Accepted != nil })
	require.Len(t, accepted, 1)
	assert.Len(t, accepted[0].Audit.Audit.Discrepancies, 1)
}
