package workflows_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"slipway/release"
)

// assertRefused checks that the sender of an update was told why it did not count.
func (r *rig) assertRefused(a *answer, reason string) {
	r.t.Helper()
	require.True(r.t, a.complete)
	err := errors.Join(a.rejected, a.failed)
	require.Error(r.t, err)
	var application *temporal.ApplicationError
	require.ErrorAs(r.t, err, &application)
	assert.Equal(r.t, release.ErrorRefused, application.Type())
	assert.True(r.t, application.NonRetryable())
	assert.Contains(r.t, application.Message(), reason)
}

// votes that do not count, at the plan gate of a normal release.
var badVotes = []struct {
	name     string
	payload  any
	by       string
	reason   string
	readable bool
}{
	{"of a stranger", vote("zoe", "plan", "authorize", ""), "zoe", "zoe is not on the roster", true},
	{"of the requester", vote("rita", "plan", "authorize", ""), "rita", "rita requested the release and cannot authorize it (separation of duties)", true},
	{"of somebody outside the group", vote("stan", "plan", "authorize", ""), "stan", "stan is none of those whom gate plan asks: 2 of group cab", true},
	{"at an unknown gate", vote("ana", "moon", "authorize", ""), "ana", "gate moon is not open: gate plan is", true},
	{"at a gate that is not open yet", vote("ana", "deploy:production", "authorize", ""), "ana", "gate plan is", true},
	{"on a stale digest", vote("ana", "plan", "authorize", "sha256:000000000000"), "ana", "is not what gate plan shows now", true},
	{"with a digest that is too short", vote("ana", "plan", "authorize", "sha"), "ana", "is not what gate plan shows now", true},
	{"with an unknown decision", vote("ana", "plan", "yes", ""), "ana", `"yes" is not a decision`, true},
	{"without a name", vote("", "plan", "authorize", ""), "", `"by" is missing`, true},
	{"without a gate", vote("ana", "", "authorize", ""), "ana", `"gate" is missing`, true},
	{"that is a text", "authorize", "", "cannot be read", false},
	{"that is a number", 42, "", "cannot be read", false},
	{"that is a list", []string{"ana", "authorize"}, "", "cannot be read", false},
	{"that is null", raw("null"), "", "cannot be read", false},
	{"that is nothing", nil, "", "cannot be read", false},
	{"that is an empty text", raw(""), "", "cannot be read", false},
	{"that is half an object", raw(`{"by":"ana","gate":`), "", "cannot be read", false},
	{"with something behind it", raw(`{"by":"ana","gate":"plan","decision":"authorize"} {}`), "", "cannot be read", false},
	{"with an unknown field", raw(`{"by":"ana","gate":"plan","decision":"authorize","twice":true}`), "", "cannot be read", false},
	{"with a field of the wrong type", raw(`{"by":["ana"],"gate":"plan","decision":"authorize"}`), "", "cannot be read", false},
	{"that is huge", raw(`{"by":"ana","comment":"` + strings.Repeat("x", 600<<10) + `"}`), "", "bytes; at most", false},
}

func vote(by, gate string, d release.Decision, digest string) release.Authorization {
	return release.Authorization{Sender: sender(by), Gate: gate, Decision: d, Digest: digest}
}

func TestAVoteThatDoesNotCountIsRecordedAndTheReleaseWaitsOn(t *testing.T) {
	for _, c := range badVotes {
		t.Run("by signal/"+c.name, func(t *testing.T) {
			record := runWithVote(t, func(r *rig) { r.send(release.ActAuthorize, c.payload) })
			var refused []release.Act
			for _, a := range record.Acts {
				if !a.Counted {
					refused = append(refused, a)
				}
			}
			require.Len(t, refused, 1)
			assert.Equal(t, c.by, refused[0].By)
			assert.Contains(t, refused[0].Refusal, c.reason)
			assert.Less(t, len(refused[0].Summary), 300)
		})
		t.Run("by update/"+c.name, func(t *testing.T) {
			var r *rig
			record := runWithVote(t, func(its *rig) {
				r = its
				r.update(release.ActAuthorize, c.payload)
			})
			r.assertRefused(r.answers[0], c.reason)
			// What cannot be read is turned away before it comes into the history.
			assert.Equal(t, c.readable, len(refusals(record, release.ActAuthorize)) == 1)
			assert.Equal(t, c.readable, r.answers[0].failed != nil)
		})
	}
}

// runWithVote runs a release at whose plan gate something is sent before one of the
// CAB votes, much later, and is heard.
func runWithVote(t *testing.T, send func(r *rig)) release.Record {
	t.Helper()
	r := newRig(t)
	r.people[release.GatePlan] = func(a release.Awaiting) {
		send(r)
		r.after(24*time.Hour, func() {
			now := r.status()
			assert.Equal(t, release.StagePlanGate, now.Phase)
			assert.Empty(t, now.Gate(release.GatePlan).Votes)
			r.vote("ben", a.Gate, release.Reject)
		})
	}
	record := r.run(definition("normal"))
	assert.Equal(t, release.Rejected, record.Outcome)
	return record
}

func TestTheRequesterCannotAuthorizeEvenInTheGroup(t *testing.T) {
	r := newRig(t)
	r.people[release.GatePlan] = func(a release.Awaiting) {
		r.vote("ana", a.Gate, release.Authorize)
		r.vote("ben", a.Gate, release.Authorize)
		r.vote("eva", a.Gate, release.Authorize)
	}
	r.people[release.WaitGate] = func(a release.Awaiting) {
		r.vote("ben", a.Gate, release.Authorize)
		r.vote("eva", a.Gate, release.Authorize)
	}
	d := definition("normal")
	d.Requester = "ana"
	record := r.run(d)
	assert.Equal(t, release.Completed, record.Outcome)
	assert.Contains(t, refusals(record, release.ActAuthorize)[0], "separation of duties")
	assert.Len(t, record.Gates[0].Votes, 2)
}

func TestAVoteByUpdateIsAnsweredWithWhatItCameTo(t *testing.T) {
	r := newRig(t)
	r.people[release.GatePlan] = func(a release.Awaiting) {
		r.update(release.ActAuthorize, vote("ana", a.Gate, release.Authorize, a.Digest.Short()))
		r.after(time.Minute, func() { r.update(release.ActAuthorize, vote("ben", a.Gate, release.Authorize, string(a.Digest))) })
		r.after(time.Hour, func() { r.update(release.ActAuthorize, vote("eva", a.Gate, release.Authorize, "")) })
	}
	record := r.run(definition("normal"))
	require.Len(t, r.answers, 3)
	assert.Equal(t, release.Receipt{Message: "gate plan: 1 of 2 authorized"}, r.answers[0].receipt)
	assert.Equal(t, release.Receipt{Message: "gate plan is decided: authorize"}, r.answers[1].receipt)
	r.assertRefused(r.answers[2], "gate plan is not open")
	assert.Equal(t, release.Completed, record.Outcome)
}

func TestOneWhoChangesTheirMindCountsOnce(t *testing.T) {
	r := newRig(t)
	r.people[release.GatePlan] = func(a release.Awaiting) {
		r.vote("ana", a.Gate, release.Authorize)
		r.vote("ana", a.Gate, release.Authorize)
		r.after(time.Hour, func() {
			now := r.status()
			assert.Equal(t, release.StagePlanGate, now.Phase)
			assert.Contains(t, now.Awaiting[0].Needs, "1 more of group cab (ben, eva)")
			r.vote("ana", a.Gate, release.Reject)
		})
	}
	record := r.run(definition("normal"))
	assert.Equal(t, release.Rejected, record.Outcome)
	require.Len(t, record.Gates[0].Votes, 1)
}

func TestAGateThatIsNotDecidedInTimeExpires(t *testing.T) {
	r := newRig(t)
	r.people[release.GatePlan] = func(a release.Awaiting) { r.vote("ana", a.Gate, release.Authorize) }
	record := r.run(definition("normal"))
	assert.Equal(t, release.Expired, record.Outcome)
	assert.Contains(t, record.Reason, "1 of 2 authorized")
	assert.Equal(t, release.ExpiredGate, record.Gates[0].Decision)
	assert.Equal(t, 72*time.Hour, record.Closed.Sub(monday))
	assert.Empty(t, r.world.did)
}

func TestWhatIsLiveStaysWhenALaterGateRejectsOrExpires(t *testing.T) {
	for outcome, answer := range map[release.Outcome]func(r *rig){
		release.Rejected: func(r *rig) { r.vote("ben", "deploy:production", release.Reject) },
		release.Expired:  func(*rig) {},
		release.Withdrawn: func(r *rig) {
			r.withdraw()
		},
	} {
		t.Run(string(outcome), func(t *testing.T) {
			r := newRig(t)
			r.people["deploy:production"] = func(release.Awaiting) { answer(r) }
			record := r.run(definition("normal"))
			assert.Equal(t, outcome, record.Outcome)
			assert.Equal(t, release.EnvLive, record.Environment("staging").State)
			assert.Equal(t, release.EnvPlanned, record.Environment("production").State)
			r.assertNew("staging")
			r.assertOld("production")
			assert.Empty(t, r.world.done("undo"))
			assert.Equal(t, newVersion, r.world.baselines["staging"].Version)
		})
	}
}

func TestEveryActionThatCannotBeReadIsRecorded(t *testing.T) {
	for _, action := range release.Actions {
		t.Run(string(action), func(t *testing.T) {
			record := runWithVote(t, func(r *rig) {
				r.send(action, "nonsense")
				r.send(action, struct{}{})
			})
			assert.Len(t, refusals(record, action), 2)
		})
	}
}
