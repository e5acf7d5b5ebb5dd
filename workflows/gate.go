package workflows

import (
	"fmt"
	"slices"
	"strings"

	"go.temporal.io/sdk/workflow"

	"slipway/release"
)

// gate asks for the authorization of a content and waits for the decision. It
// gives nil when it is authorized, by votes or beforehand by the model.
func (r *run) gate(ctx workflow.Context, name string, content release.GateContent) error {
	policy, asked := r.plan.Gate(name)
	return r.ask(ctx, name, policy, asked, content)
}

func (r *run) ask(ctx workflow.Context, name string, policy release.GatePolicy, asked bool, content release.GateContent) error {
	now := workflow.Now(ctx).UTC()
	content.Release, content.Gate = r.record.ID, name
	if r.bound() {
		content.Started = r.record.Ledger.Started
	}
	opened, err := release.OpenGate(name, policy, content, r.excluded(), now)
	if err != nil {
		return err
	}
	if !asked {
		opened.Close(release.PreAuthorized, now)
	}
	r.record.Gates = append(r.record.Gates, opened)
	gate := len(r.record.Gates) - 1
	defer func() { r.noteGate(ctx, r.record.Gates[gate]) }()
	if !asked {
		return nil
	}
	r.tellVoters(ctx, release.NoticeAsked, &opened)
	decided, err := r.awaitDecision(ctx, gate)
	return r.decision(ctx, &r.record.Gates[gate], decided, err)
}

// decision says what follows from how a gate ended.
func (r *run) decision(ctx workflow.Context, g *release.Gate, decided bool, err error) error {
	now := workflow.Now(ctx).UTC()
	switch {
	case err != nil:
		g.Close(release.VoidedGate, now)
		r.tellVoided(ctx, g, err)
		return err
	case !decided:
		g.Close(release.ExpiredGate, now)
		r.tell(ctx, release.NoticeExpired, g.Name, r.steerers(), "Gate "+g.Name+" was not decided in time: "+g.Progress()+".")
		return end(release.Expired, "gate "+g.Name+" was not decided in time: "+g.Progress()+r.stays())
	case g.Decision == release.ReviseIt, g.Decision == release.Reject && g.Policy.OnReject == release.OnRejectRevise:
		return r.awaitRevision(ctx, *g)
	case g.Decision == release.Reject:
		return end(release.Rejected, "gate "+g.Name+" was rejected by "+voters(*g, release.Reject)+r.stays())
	}
	return nil
}

// bound tells that the plan resolves its gates and binds votes to more than the
// plans of older histories did.
func (r *run) bound() bool { return r.plan.Gates != nil }

// excluded lists who never counts at this release's gates: those of the plan, and
// whoever had a hand in what is voted on since.
func (r *run) excluded() []release.Exclusion {
	return slices.Concat(r.plan.Excluded(), r.hands)
}

// handIn notes that somebody changed what is voted on.
func (r *run) handIn(person, why string) {
	excluded := func(e release.Exclusion) bool { return e.Person == person }
	if !slices.ContainsFunc(r.excluded(), excluded) {
		r.hands = append(r.hands, release.Exclusion{Person: person, Why: why})
	}
}

// stays says what goes on running though the release ends: nothing is undone that
// was authorized and done.
func (r *run) stays() string {
	var live []string
	for _, e := range r.record.Environments {
		if _, undoable := r.undo[e.Name]; undoable {
			live = append(live, e.Name)
		}
	}
	if len(live) == 0 {
		return ""
	}
	return "; " + r.record.Version + " stays live in " + strings.Join(live, ", ")
}

// awaitDecision waits until a gate is decided, reminds those who are needed, and
// escalates where the policy says so. It gives false when the gate expired.
func (r *run) awaitDecision(ctx workflow.Context, gate int) (bool, error) {
	key := r.record.Gates[gate].Name
	over := r.announce(ctx, r.gateWait(&r.record.Gates[gate]))
	defer func() { over(whoVoted(&r.record.Gates[gate])...) }()
	for {
		g := &r.record.Gates[gate]
		summary := "Waiting for " + key + ", " + g.Needs(r.plan.Authority())
		met, err := r.rest(ctx, g.Wakes(workflow.Now(ctx)), summary, func() bool {
			return r.record.Gates[gate].Decision != release.Pending
		})
		if met || err != nil {
			return met, err
		}
		g = &r.record.Gates[gate]
		now := workflow.Now(ctx).UTC()
		switch over := !g.Deadline.IsZero() && !now.Before(g.Deadline); {
		case !over:
			r.tellVoters(ctx, release.NoticeReminder, g)
		case g.MayEscalate():
			g.Escalate(now)
			r.tellVoters(ctx, release.NoticeEscalated, g)
			r.updateWait(g)
		default:
			return false, nil
		}
		r.show(ctx)
	}
}

func (r *run) gateWait(g *release.Gate) release.Awaiting {
	wait := release.Awaiting{
		Kind: release.WaitGate, Gate: g.Name, Digest: g.Digest, Deadline: g.Deadline, About: r.about(g.Name),
		Needs: g.Needs(r.plan.Authority()), Action: release.ActAuthorize,
	}
	if g.Policy.Signed {
		wait.Command = fmt.Sprintf("starter authorize %s --gate %s --digest %s --by %s --sign YOUR-KEY --print",
			r.record.ID, g.Name, g.Digest.Short(), release.YourID)
		return wait
	}
	wait.Payload = release.Example(release.Authorization{
		Sender: release.Sender{By: release.YourID}, Gate: g.Name, Decision: release.Authorize, Digest: g.Digest.Short(),
	})
	return wait
}

// updateWait says of an open gate what is needed now.
func (r *run) updateWait(g *release.Gate) {
	for i := range r.waits {
		if r.waits[i].Gate == g.Name {
			r.waits[i].Needs, r.waits[i].Deadline = g.Needs(r.plan.Authority()), g.Deadline
		}
	}
}

// about says in one line what a gate lets happen.
func (r *run) about(gate string) string {
	var parts []string
	for _, e := range r.plan.Environments {
		if stem := release.DeployGate(e.Name); strings.HasPrefix(gate, "deploy:") && gate != stem {
			continue
		}
		was := "nothing"
		if e.Previous != nil {
			was = e.Previous.Version
		}
		targets := "1 target"
		if n := len(e.Targets()); n != 1 {
			targets = fmt.Sprintf("%d targets", n)
		}
		parts = append(parts, fmt.Sprintf("%s from %s to %s on %s", e.Name, was, r.record.Version, targets))
	}
	return strings.Join(parts, ", ")
}

// awaitRevision waits for a revised definition after the gate asked for one, as
// long as the gate would have stayed open.
func (r *run) awaitRevision(ctx workflow.Context, g release.Gate) error {
	wait := release.Awaiting{
		Kind: release.WaitRevision, Action: release.ActRevise,
		Needs: "a revised definition from " + steerers(r.definition) + ", asked for by " + voters(g, g.Decision),
	}
	if g.Policy.Deadline > 0 {
		wait.Deadline = workflow.Now(ctx).UTC().Add(g.Policy.Deadline.Std())
	}
	if _, err := r.waitFor(ctx, wait, func() bool { return false }); err != nil {
		return err
	}
	return end(release.Expired, "no revised definition came in time")
}

// voters says who voted so, and why.
func voters(g release.Gate, d release.Decision) string {
	var all []string
	for _, v := range g.Votes {
		switch {
		case v.Decision != d:
		case v.Comment != "":
			all = append(all, v.By+" ("+v.Comment+")")
		default:
			all = append(all, v.By)
		}
	}
	return strings.Join(all, ", ")
}

func (r *run) noteGate(ctx workflow.Context, g release.Gate) {
	key := summary("gate/%s/%s/%s", g.Name, g.Digest.Short(), g.Opened.Format("20060102T150405.000000000"))
	if g.Decision == release.LapsedGate { // it was noted before, as authorized
		key += "/lapsed"
	}
	r.journal.add(ctx, key, func(e *release.Entry) { e.Gate = &g })
	r.show(ctx)
}
