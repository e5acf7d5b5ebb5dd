package workflows

import (
	"errors"
	"time"

	"go.temporal.io/sdk/workflow"

	"slipway/activities"
	"slipway/release"
)

// vote takes an authorization at an open gate.
func (r *run) vote(ctx workflow.Context, m *release.Authorization) (string, error) {
	at := workflow.Now(ctx).UTC().Truncate(time.Microsecond)
	g, err := r.votable(m)
	if err != nil {
		return "", err
	}
	shown, opened := g.Digest, g.Opened
	voter, err := r.vouch(ctx, m, g)
	if err != nil {
		return "", err
	}
	// Finding out took a while: it may be another gate by now.
	if g, err = r.votable(m); err != nil {
		return "", err
	}
	if g.Digest != shown || !g.Opened.Equal(opened) {
		return "", release.Refusef("gate %s was opened again and shows %s by now, not %s: read what changed and vote on that", g.Name, g.Digest.Short(), shown.Short())
	}
	if err := g.Cast(*m, voter, at); err != nil {
		return "", err
	}
	r.updateWait(g)
	if g.Decision != release.Pending {
		return "gate " + g.Name + " is decided: " + string(g.Decision), nil
	}
	return "gate " + g.Name + ": " + g.Progress(), nil
}

// votable gives the open gate that a vote is for.
func (r *run) votable(m *release.Authorization) (*release.Gate, error) {
	g := r.record.Gate(m.Gate)
	if g == nil || g.Decision != release.Pending {
		return nil, release.Refusef("gate %s is not open: %s", m.Gate, r.openGates())
	}
	if m.Decision == release.ReviseIt && (r.begun() || g.Name == release.GateReview) {
		return nil, release.Refusef("a deployment has begun, so the plan cannot be revised any more: reject, or back out and start a new version")
	}
	return g, nil
}

// vouch finds out who votes, as the roster has it now. When what is voted on is not
// as planned any more, the plan is amended, the gate is asked again, and the vote
// is refused.
func (r *run) vouch(ctx workflow.Context, m *release.Authorization, g *release.Gate) (release.Voter, error) {
	if !r.bound() {
		return r.vouchAsPlanned(m), nil
	}
	in := activities.VouchInput{
		Vote: *m, Release: r.record.ID, Shown: g.Digest, At: workflow.Now(ctx).UTC(), Service: r.record.Service,
		Rollouts: map[string]release.EnvironmentDefinition{},
	}
	for _, name := range r.decidedBy(g.Name) {
		env, _ := r.plan.Environment(name)
		in.Planned = append(in.Planned, env)
		in.Rollouts[name] = r.plan.Rollout(name)
	}
	var a *activities.Activities
	var found activities.VouchResult
	name, opened := g.Name, g.Opened
	if err := quick(ctx, summary("Who is %.40s, and is what gate %s shows still so?", m.By, name), a.Vouch, in, &found); err != nil {
		return release.Voter{}, err
	}
	switch {
	case found.Refusal != "":
		return release.Voter{}, release.Refusal(found.Refusal)
	case found.Changed == "":
		return found.Voter, nil
	}
	if open := r.record.Gate(name); open.Opened.Equal(opened) && open.Decision == release.Pending && r.interrupt == nil {
		r.interrupt, r.voiding, r.stale = errAgain, found.Changed, true
	}
	return release.Voter{}, release.Refusef("what gate %s shows is not so any more: %s; it is asked again, read that and vote on it", name, found.Changed)
}

// vouchAsPlanned knows voters by the roster of the plan, as plans of older
// histories do.
func (r *run) vouchAsPlanned(m *release.Authorization) release.Voter {
	person, known := r.plan.Authority().Person(m.By)
	if !known {
		return release.Voter{}
	}
	return release.Voter{Seats: []release.Seat{person.Seat()}}
}

// decidedBy lists the environments that a gate decides about: its own, or at the
// plan and build gates all.
func (r *run) decidedBy(gate string) []string {
	var names []string
	for _, e := range r.plan.Environments {
		if gate == release.GatePlan || gate == release.GateBuild || gate == release.DeployGate(e.Name) {
			names = append(names, e.Name)
		}
	}
	return names
}

func (r *run) openGates() string {
	for _, g := range r.record.Gates {
		if g.Decision == release.Pending {
			return "gate " + g.Name + " is"
		}
	}
	return "no gate is, the release is in " + string(r.record.Phase)
}

// enterLedger writes a vote into the audit trail, whether it counted or not.
func (r *run) enterLedger(ctx workflow.Context, data []byte, message release.Message, refusal error) {
	e := release.LedgerEntry{At: workflow.Now(ctx), Counted: refusal == nil}
	if refusal != nil {
		e.Refusal = refusal.Error()
	}
	if m, read := message.(*release.Authorization); read {
		e.Gate, e.Decision, e.By, e.Signature = m.Gate, m.Decision, m.By, m.Signature
		e = r.asVoted(e)
	}
	entry, err := r.record.Ledger.Append(e, data)
	if err != nil {
		workflow.GetLogger(ctx).Error("a vote was not entered into the ledger", "error", err)
		return
	}
	r.journal.add(ctx, summary("ballot/%d", entry.Seq), func(e *release.Entry) {
		e.Ballot = &release.BallotEntry{Started: r.record.Started, Entry: entry}
	})
}

// asVoted fills in what the gate knows of a vote.
func (r *run) asVoted(e release.LedgerEntry) release.LedgerEntry {
	g := r.record.Gate(e.Gate)
	if g == nil {
		return e
	}
	e.Shown = g.Digest
	for _, v := range g.Votes {
		if e.Counted && v.By == e.By {
			e.Key, e.At = v.Key, v.At
		}
	}
	return e
}

// voided says why a gate was voided.
func (r *run) voided(err error) string {
	var ended *ending
	switch {
	case errors.As(err, &ended):
		return ended.Error()
	case r.voiding != "":
		return r.voiding
	}
	return reasonOf(err)
}
