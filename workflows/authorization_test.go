package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/release"
)

// policy changes a gate of a model of the world.
func (r *rig) policy(model, gate string, how func(p *release.GatePolicy)) {
	r.world.change(func(w *world) {
		m, found := w.org.Model(model)
		require.True(r.t, found)
		p := m.Gates[gate]
		how(&p)
		m.Gates[gate] = p
	})
}

// reachable gives everybody a contact.
func (r *rig) reachable() {
	r.world.change(func(w *world) {
		for i := range w.org.Roster {
			w.org.Roster[i].Contact = "logger://"
		}
	})
}

// person changes somebody on the roster of the world.
func (r *rig) person(id string, how func(p *release.Person)) {
	r.world.change(func(w *world) {
		for i := range w.org.Roster {
			if w.org.Roster[i].ID == id {
				how(&w.org.Roster[i])
			}
		}
	})
}

// notices lists the notices of a kind.
func notices(record release.Record, kind release.NoticeKind) []release.Notice {
	var found []release.Notice
	for _, n := range record.Notices {
		if n.Kind == kind {
			found = append(found, n)
		}
	}
	return found
}

func TestAGateRemindsEveryDayEscalatesAfter72HoursAndThenExpires(t *testing.T) {
	r := newRig(t)
	r.reachable()
	r.policy("normal", release.GatePlan, func(p *release.GatePolicy) {
		p.Escalate = &release.Escalation{To: "ecab", For: days(1)}
	})
	r.people[release.GatePlan] = func(release.Awaiting) { r.vote("ana", release.GatePlan, release.Authorize) }
	record := r.run(definition("normal"))

	assert.Equal(t, release.Expired, record.Outcome)
	assert.Equal(t, "gate plan was not decided in time: 1 of 2 authorized", record.Reason)
	gate := record.Gates[0]
	assert.Equal(t, 72*time.Hour, gate.Escalated.Sub(gate.Opened))
	assert.Equal(t, 96*time.Hour, gate.Decided.Sub(gate.Opened))
	var when []time.Duration
	for _, n := range notices(record, release.NoticeReminder) {
		when = append(when, n.At.Sub(gate.Opened))
		assert.Equal(t, []string{"ben", "eva"}, n.To, "ana has voted")
	}
	assert.Equal(t, []time.Duration{24 * time.Hour, 48 * time.Hour}, when)
	escalated := notices(record, release.NoticeEscalated)
	require.Len(t, escalated, 1)
	assert.Contains(t, escalated[0].Text, "group ecab (eva), to whom it was escalated")
	assert.Equal(t, []string{"rita", "max"}, notices(record, release.NoticeExpired)[0].To)
	assert.Contains(t, r.world.told, "ben: httpbin@2.26.0: gate plan, reminder")
	assert.Contains(t, r.world.told, "max: httpbin@2.26.0: gate plan, expired")
}

func TestTheGroupOfTheEscalationStandsInForWhoeverIsMissing(t *testing.T) {
	r := newRig(t)
	r.person("olga", func(p *release.Person) { p.Groups = append(p.Groups, "directors") })
	r.policy("normal", release.GatePlan, func(p *release.GatePolicy) {
		p.Escalate = &release.Escalation{To: "directors", For: days(1)}
	})
	r.people[release.GatePlan] = func(release.Awaiting) {
		r.vote("ana", release.GatePlan, release.Authorize)
		r.vote("olga", release.GatePlan, release.Authorize) // too early: she is not asked yet
		r.after(73*time.Hour, func() { r.vote("olga", release.GatePlan, release.Authorize) })
	}
	record := r.run(definition("normal"))
	assert.Equal(t, release.Completed, record.Outcome)
	assert.Equal(t, release.Authorize, record.Gates[0].Decision)
	assert.Equal(t, []string{"olga is none of those whom gate plan asks: 2 of group cab"}, refusals(record, release.ActAuthorize))
}

func TestAContentChangeVoidsTheVotesAndTellsThoseWhoHadVoted(t *testing.T) {
	r := newRig(t)
	r.reachable()
	rounds := 0
	r.people["deploy:staging"] = func(a release.Awaiting) {
		if rounds++; rounds > 1 {
			r.authorize(a)
			return
		}
		r.policy("normal", "deploy", func(p *release.GatePolicy) { p.Votes = map[string]int{"cab": 2} })
		r.update(release.ActRebuild, release.Rebuild{Sender: sender("bob"), Reason: "a newer compiler"})
	}
	r.people[release.GatePlan] = func(release.Awaiting) {
		r.vote("ana", release.GatePlan, release.Authorize)
		r.after(time.Minute, func() { r.revise(retitled("normal", "better")) })
		r.people[release.GatePlan] = r.authorize
	}
	record := r.run(definition("normal"))
	assert.Equal(t, release.Completed, record.Outcome)
	voided := notices(record, release.NoticeVoided)
	require.Len(t, voided, 1, "nobody had voted at the gate that the rebuild voided")
	assert.Equal(t, []string{"ana"}, voided[0].To)
	assert.Equal(t, "Your vote at gate plan is void: rita revised the release: as asked. It is asked for again.", voided[0].Text)
	assert.Equal(t, "rita revised the release: as asked", record.Gates[0].Reason)
	assert.Contains(t, r.world.told, "ana: httpbin@2.26.0: gate plan, voided")
}

func TestWhoRevisedOrRebuiltTheReleaseCannotAuthorizeIt(t *testing.T) {
	r := newRig(t)
	r.person("ana", func(p *release.Person) { p.Groups = append(p.Groups, "build") })
	r.people["deploy:staging"] = func(release.Awaiting) {
		r.people["deploy:staging"] = func(a release.Awaiting) {
			r.vote("ana", a.Gate, release.Authorize)
			r.vote("ben", a.Gate, release.Authorize)
		}
		r.people["deploy:production"] = func(a release.Awaiting) {
			r.vote("ana", a.Gate, release.Authorize)
			r.vote("ben", a.Gate, release.Authorize)
			r.vote("eva", a.Gate, release.Authorize)
		}
		r.update(release.ActRebuild, release.Rebuild{Sender: sender("ana"), Reason: "a newer compiler"})
	}
	record := r.run(definition("normal"))
	assert.Equal(t, release.Completed, record.Outcome)
	assert.Equal(t, []string{
		"ana asked for another build and cannot authorize it (separation of duties)",
		"ana asked for another build and cannot authorize it (separation of duties)",
	}, refusals(record, release.ActAuthorize))
}

func TestAVoteIsJudgedByTheRosterOfItsMoment(t *testing.T) {
	r := newRig(t)
	r.people[release.GatePlan] = func(release.Awaiting) {
		r.person("ana", func(p *release.Person) { p.Groups = nil })              // left the CAB since the planning
		r.person("stan", func(p *release.Person) { p.Groups = []string{"cab"} }) // joined it
		for _, by := range []string{"ana", "stan", "ben"} {
			r.vote(by, release.GatePlan, release.Authorize)
		}
	}
	record := r.run(definition("normal"))
	assert.Equal(t, release.Completed, record.Outcome)
	assert.Equal(t, "ana is none of those whom gate plan asks: 2 of group cab", refusals(record, release.ActAuthorize)[0])
	assert.Len(t, record.Gates[0].Votes, 2)
}

func TestADelegateIsToldAndVotesInAnothersPlace(t *testing.T) {
	r := newRig(t)
	r.reachable()
	r.world.change(func(w *world) {
		w.org.Delegations = []release.Delegation{{From: "ana", To: "stan", Start: monday.Add(-time.Hour), End: monday.Add(24 * time.Hour)}}
	})
	r.people[release.GatePlan] = func(release.Awaiting) {
		r.vote("stan", release.GatePlan, release.Authorize)
		r.vote("ben", release.GatePlan, release.Authorize)
	}
	record := r.run(definition("normal"))
	assert.Equal(t, release.Completed, record.Outcome)
	assert.Equal(t, []string{"ana", "ben", "eva", "stan"}, notices(record, release.NoticeAsked)[0].To)
	assert.Equal(t, []release.Seat{{Person: "stan"}, {Person: "ana", Groups: []string{"cab"}}}, record.Gates[0].Votes[0].Seats)
}

func TestAnUnsignedVoteDoesNotCountWhereSignedOnesAreAsked(t *testing.T) {
	r := newRig(t)
	r.people["deploy:production"] = func(a release.Awaiting) {
		assert.Empty(t, a.Payload)
		assert.Contains(t, a.Command, "--sign")
		unsigned := release.Authorization{Sender: sender("ana"), Gate: a.Gate, Decision: release.Authorize}
		r.send(release.ActAuthorize, unsigned)
		unsigned.Signature = signatureOf("ben") // somebody else's
		r.send(release.ActAuthorize, unsigned)
		r.authorize(a)
	}
	record := r.run(definition("normal"))
	assert.Equal(t, release.Completed, record.Outcome)
	require.Len(t, refusals(record, release.ActAuthorize), 2)
	assert.Contains(t, refusals(record, release.ActAuthorize)[0], "gate deploy:production wants signed votes")
	assert.Empty(t, record.Notices, "nobody has a contact, so nobody is said to have been told")
	assert.Contains(t, refusals(record, release.ActAuthorize)[1], "the signature is by no key of ana")
}

func TestTargetsThatChangedBeforeAVoteAskThePlanGateAgain(t *testing.T) {
	r := newRig(t)
	r.people["deploy:production"] = r.authorize
	r.people["deploy:staging"] = func(a release.Awaiting) {
		r.people["deploy:staging"] = r.authorize
		r.world.change(func(w *world) {
			staging := &w.org.Environments[0]
			staging.Targets = append(staging.Targets, release.Target{Name: "s2", Folder: "/staging/s2", URL: "http://s2"})
			w.places["staging/s2"] = &place{holding: holding{oldVersion, pack(oldVersion, 1).Content}}
		})
		r.vote("ana", a.Gate, release.Authorize)
	}
	record := r.run(definition("normal"))

	assert.Equal(t, release.Completed, record.Outcome)
	require.Len(t, refusals(record, release.ActAuthorize), 1)
	assert.Contains(t, refusals(record, release.ActAuthorize)[0], "what gate deploy:staging shows is not so any more: the targets of staging were s1 and are s1, s2")
	assert.Equal(t, []string{"plan", "deploy:staging", "plan", "deploy:staging", "deploy:production"}, gateNames(record))
	assert.Equal(t, release.VoidedGate, record.Gates[1].Decision)
	assert.Equal(t, []string{"s1", "s2"}, record.Gates[3].Content.Targets)
	assert.Len(t, record.Builds, 1, "the package does not depend on where it goes")
	assert.Len(t, record.Environment("staging").Targets, 2)
	require.Len(t, record.Amendments, 1)
	assert.Equal(t, record.Gates[0].Content.Plan, record.Amendments[0].From)
	assert.Equal(t, record.Gates[2].Content.Plan, record.Amendments[0].To)
}

func gateNames(record release.Record) []string {
	var names []string
	for _, g := range record.Gates {
		names = append(names, g.Name)
	}
	return names
}

func TestABaselineThatChangedAfterTheAuthorizationAsksOnlyThatGateAgainOnceSomethingIsLive(t *testing.T) {
	r := newRig(t)
	other := pack("2.25.1", 1)
	r.people["deploy:production"] = func(a release.Awaiting) {
		r.people["deploy:production"] = r.authorize
		// Another release gets in between the vote and the deployment.
		r.world.change(func(w *world) {
			b := w.baselines["production"]
			b.Release, b.Version, b.Package = "httpbin@2.25.1", "2.25.1", other
			for _, t := range []string{"p1", "p2", "p3"} {
				w.places["production/"+t].holding = holding{"2.25.1", other.Content}
			}
			w.hooks["opening production"] = func(context.Context) { w.change(func(w *world) { w.baselines["production"] = b }) }
		})
		r.authorize(a)
	}
	record := r.run(definition("normal"))

	assert.Equal(t, release.Completed, record.Outcome)
	assert.Equal(t, []string{"plan", "deploy:staging", "deploy:production", "deploy:production"}, gateNames(record))
	lapsed, again := record.Gates[2], record.Gates[3]
	assert.Equal(t, release.LapsedGate, lapsed.Decision)
	assert.Contains(t, lapsed.Reason, "production ran 2.25.0")
	assert.Contains(t, lapsed.Reason, "and runs 2.25.1")
	assert.NotEqual(t, lapsed.Digest, again.Digest)
	assert.Equal(t, "2.25.1", record.Environment("production").Previous)
}

func TestAnAuthorizationLapsesWhenTheWindowComesLater(t *testing.T) {
	r := newRig(t)
	r.reachable()
	r.policy("normal", "deploy:production", func(p *release.GatePolicy) { p.Validity = days(2) })
	r.world.change(func(w *world) {
		w.org.Freezes = []release.Freeze{{Reason: "quarter end", From: monday, To: monday.Add(6 * 24 * time.Hour), Environments: []string{"production"}}}
	})
	record := r.run(definition("normal"))

	assert.Equal(t, release.Completed, record.Outcome)
	lapsed := record.Gate("deploy:production")
	assert.Equal(t, release.Authorize, lapsed.Decision)
	var decisions []release.Decision
	for _, g := range record.Gates[2:] {
		decisions = append(decisions, g.Decision)
	}
	assert.Equal(t, []release.Decision{release.LapsedGate, release.LapsedGate, release.Authorize}, decisions)
	assert.Contains(t, record.Gates[2].Reason, "the deployment could not begin before: frozen until")
	assert.Equal(t, 48*time.Hour, record.Gates[3].Opened.Sub(record.Gates[2].Opened).Truncate(time.Hour))
	require.NotEmpty(t, notices(record, release.NoticeVoided))
	assert.Equal(t, []string{"ana", "ben"}, notices(record, release.NoticeVoided)[0].To)
}

func TestARejectionAtThePlanGateSendsBackWhereThePolicySaysSo(t *testing.T) {
	r := newRig(t)
	r.policy("normal", release.GatePlan, func(p *release.GatePolicy) { p.OnReject = release.OnRejectRevise })
	r.people[release.GatePlan] = func(release.Awaiting) {
		r.people[release.GatePlan] = r.authorize
		r.vote("ben", release.GatePlan, release.Reject)
	}
	r.people[release.WaitRevision] = func(a release.Awaiting) {
		assert.Contains(t, a.Needs, "ben (seen)")
		r.revise(retitled("normal", "better"))
	}
	record := r.run(definition("normal"))
	assert.Equal(t, release.Completed, record.Outcome)
	assert.Equal(t, release.Reject, record.Gates[0].Decision)
}

func TestARejectedDeploymentLeavesWhatIsLiveAndSaysSo(t *testing.T) {
	r := newRig(t)
	r.people["deploy:production"] = func(a release.Awaiting) { r.vote("ben", a.Gate, release.Reject) }
	record := r.run(definition("normal"))
	assert.Equal(t, release.Rejected, record.Outcome)
	assert.Equal(t, "gate deploy:production was rejected by ben (seen); 2.26.0 stays live in staging", record.Reason)
	assert.Equal(t, release.EnvLive, record.Environment("staging").State)
	assert.Equal(t, release.EnvPlanned, record.Environment("production").State)
	assert.Empty(t, r.world.done("undo "))
}

func TestAnEmergencyThatWasBackedOutOwesItsReviewToo(t *testing.T) {
	r := newRig(t)
	r.reachable()
	r.world.goesWrong("activate production/p2", fails)
	r.people[release.GateReview] = func(a release.Awaiting) {
		r.after(9*24*time.Hour, func() { r.authorize(a) })
	}
	record := r.run(emergency())
	assert.Equal(t, release.BackedOut, record.Outcome)
	assert.True(t, r.waited(release.GateReview))
	assert.Equal(t, release.Authorize, record.Gate(release.GateReview).Decision)
	assert.NotEmpty(t, notices(record, release.NoticeReminder), "it is owed, and people are reminded")
}

func TestNobodyGetsRoundTheReviewByWithdrawing(t *testing.T) {
	r := newRig(t)
	withdrawn := &answer{}
	r.people[release.GateReview] = func(a release.Awaiting) {
		withdrawn = r.update(release.ActWithdraw, release.Withdraw{Sender: sender("max"), Reason: "never mind"})
		r.after(time.Hour, func() { r.authorize(a) })
	}
	record := r.run(emergency())
	assert.Equal(t, release.Completed, record.Outcome)
	require.Error(t, withdrawn.failed)
	assert.Contains(t, withdrawn.failed.Error(), "review, which has to be held before the release is closed")
}

func TestALowRiskStandardReleaseAsksNobodyAndARiskyOneTheCAB(t *testing.T) {
	r := newRig(t)
	assert.Equal(t, release.PreAuthorized, r.run(definition("standard")).Gates[0].Decision)

	r = newRig(t)
	d := definition("standard")
	for _, name := range []string{"a", "b", "c"} { // nothing takes these back
		d.Steps = append(d.Steps, release.Step{Name: name, Kind: release.ServiceDeployment, Run: "true"})
	}
	record := r.run(d)
	assert.Equal(t, release.Completed, record.Outcome)
	assert.Equal(t, release.Authorize, record.Gates[0].Decision)
	assert.GreaterOrEqual(t, record.Risk.Score, 30)
}

func TestEveryVoteIsInTheLedgerWithItsSignatureAndTheReleaseIsAttested(t *testing.T) {
	r := newRig(t)
	r.people[release.GatePlan] = func(a release.Awaiting) {
		r.send(release.ActAuthorize, raw(`{"by":`))
		r.vote("zoe", a.Gate, release.Authorize)
		r.authorize(a)
	}
	record := r.run(definition("normal"))
	require.Len(t, r.world.attested, 1)
	attested := r.world.attested[0]
	require.Len(t, attested.Entries, 7)
	assert.NoError(t, record.Ledger.Check(attested.Entries))
	assert.Equal(t, `{"by":`, attested.Entries[0].Payload)
	assert.Contains(t, attested.Entries[1].Refusal, "zoe is not on the roster")
	assert.Equal(t, "SHA256:ana", attested.Entries[2].Key)
	assert.Equal(t, record.Gates[0].Digest, attested.Entries[2].Shown)
	assert.Equal(t, record.Package.Digest, attested.Package.Digest)
	assert.NotNil(t, record.Attestation)
}

func TestATrailThatWasChangedInTheCMSIsAnIssueOfTheRelease(t *testing.T) {
	r := newRig(t)
	r.world.goesWrong("attest", fails, fails)
	record := r.run(definition("normal"))
	assert.Equal(t, release.CompletedWithIssues, record.Outcome)
	assert.Equal(t, "the authorizations could not be attested: entry 1 of the ledger was changed", record.Reason)
	assert.Nil(t, record.Attestation)
}

func TestVotesCountAgainWhenWhoVouchesIsBack(t *testing.T) {
	r := newRig(t)
	r.world.goesWrong("vouch", breaks, breaks, breaks, breaks)
	record := r.run(definition("normal"))
	assert.Equal(t, release.Completed, record.Outcome)
}
